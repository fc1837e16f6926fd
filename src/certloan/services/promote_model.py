"""A model becomes the champion."""

from __future__ import annotations

from certloan.domain.people import Actor, Permission
from certloan.ledger.entry import Kind
from certloan.services.journal_port import Journal
from certloan.services.model_ports import ModelStore


def promote(store: ModelStore, fingerprint: str, actor: Actor, journal: Journal | None = None) -> str:
    """Put a kept model in use and give its whole fingerprint; a model that cannot be loaded is refused unrecorded."""
    actor.require(Permission.PROMOTE)
    chosen, before = store.load(fingerprint).fingerprint, store.champion()
    if journal is not None:
        journal.append(actor, Kind.MODEL_PROMOTED, {"from": before, "to": chosen})
    store.promote(chosen)
    return chosen
