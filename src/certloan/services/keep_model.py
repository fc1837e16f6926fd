"""A model that somebody made is kept, and the ledger knows who made it."""

from __future__ import annotations

from pathlib import Path

from certloan.domain.people import Actor, Permission
from certloan.ledger.entry import Kind, Plain
from certloan.scoring.bundle import Bundle
from certloan.services.journal_port import Journal
from certloan.services.model_ports import ModelStore


def keep_model(store: ModelStore, bundle: Bundle, actor: Actor, journal: Journal | None) -> Path:
    """Record that ``actor`` made this model (trained, or recalibrated from its parent), then keep it.

    The name stands in the ledger and not in the bundle: whoever repeats a training gets the same fingerprint, and
    nobody can rewrite who was the first. A model kept without a ``journal`` has no maker and is never promoted.
    """
    actor.require(Permission.TRAIN)
    if journal is not None:
        journal.append(actor, Kind.MODEL_TRAINED, _entry(bundle))
    return store.save(bundle)


def _entry(bundle: Bundle) -> dict[str, Plain]:
    held = bundle.provenance
    window, digest = held.get("window", {}), held.get("digest")
    return {
        "model": bundle.fingerprint,
        "parent": getattr(bundle, "parent", None),
        "train_sha256": None if digest is None else str(digest),
        **{
            name: int(window[name])
            for name in ("n_train", "defaults_train", "n_test", "defaults_test")
            if name in window
        },
    }
