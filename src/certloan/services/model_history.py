"""What was done with models: made, validated, set beside the champion, put in use, refused; read from the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from certloan.domain.people import Actor, Permission, same_person
from certloan.errors import NotReadyError
from certloan.ledger.entry import Entry, Kind
from certloan.services.journal_port import Journal

#: The acts that are about models.
_ACTS = (
    Kind.MODEL_TRAINED,
    Kind.MODEL_VALIDATED,
    Kind.MODEL_CHALLENGED,
    Kind.MODEL_PROMOTED,
    Kind.PROMOTION_REFUSED,
)


@dataclass(frozen=True)
class ModelAct:
    """One entry of the ledger about a model.

    ``before`` is the champion it met, ``gate`` the gate's results as recorded, ``validation`` the SHA-256 of the report
    that was made or read.
    """

    seq: int
    at: str
    kind: Kind
    actor: str
    role: str
    model: str | None
    before: str | None
    parent: str | None
    reason: str | None
    code: str | None
    gate: dict[str, Any] | None
    validation: str | None

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {**vars(self), "kind": self.kind.value}


def model_history(journal: Journal, actor: Actor, fingerprint: str | None = None) -> tuple[ModelAct, ...]:
    """Give every act in its order, or those about one model: made, judged, put in use or refused, and what replaced it."""
    actor.require(Permission.AUDIT)
    acts = acts_of(journal.entries())
    return tuple(act for act in acts if fingerprint is None or fingerprint in (act.model, act.before))


def acts_of(entries: Iterable[Entry]) -> tuple[ModelAct, ...]:
    """Read the entries that are about models; the others say nothing here."""
    return tuple(_act(entry) for entry in entries if entry.kind in _ACTS)


def acts_known(journal: Journal) -> tuple[ModelAct, ...]:
    """Give the acts on record, none where no ledger has been begun."""
    try:
        return acts_of(journal.entries())
    except NotReadyError as absent:
        if absent.code != "no-ledger":
            raise
        return ()


def makers(acts: Iterable[ModelAct], fingerprint: str) -> tuple[str, ...]:
    """Name whoever made this model or one that it descends from, in the order of the ledger."""
    made = [act for act in acts if act.kind is Kind.MODEL_TRAINED]
    line, names = {fingerprint}, list[str]()
    for act in reversed(made):  # a parent is made before its child
        if act.model in line and act.parent is not None:
            line.add(act.parent)
    for act in made:
        if act.model in line and not any(same_person(act.actor, name) for name in names):
            names.append(act.actor)
    return tuple(names)


def _act(entry: Entry) -> ModelAct:
    held = json.loads(entry.payload)
    gate = held.get("gate")
    return ModelAct(
        seq=entry.seq,
        at=entry.at,
        kind=Kind(entry.kind),
        actor=entry.actor,
        role=entry.role,
        model=held.get("to", held.get("model")),
        before=held.get("from"),
        parent=held.get("parent"),
        reason=held.get("reason"),
        code=held.get("code"),
        gate=None if gate is None else json.loads(gate),
        validation=held.get("validation_sha256"),
    )
