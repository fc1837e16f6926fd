"""A model becomes the champion: by another person than its maker, past the gate, with a reason, on record."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from certloan.domain.people import Actor, Permission, same_person
from certloan.errors import CertLoanError, InputError, PermissionDeniedError
from certloan.governance.gate import Checked, GateResult, examine
from certloan.governance.thresholds import Thresholds, Verdict, in_force
from certloan.ledger.chain import verify
from certloan.ledger.entry import Kind, Plain
from certloan.scoring.bundle import Bundle
from certloan.services.compare_models import compare_models
from certloan.services.journal_port import Journal
from certloan.services.model_history import acts_of, makers
from certloan.services.model_ports import ModelStore
from certloan.services.ports import SILENT, Progress, Warehouse
from certloan.services.validation_record import validation_of

__all__ = ["Checked", "Evidence", "GateResult", "Promotion", "challenge", "gate_of", "promote"]

_LONGEST_REASON = 500


@dataclass(frozen=True)
class Evidence:
    """What the gate may read beside the model's own record.

    ``validation`` is the folder of the validators' reports, one folder for each model; ``warehouse`` holds the loans
    on which the model is compared with the champion. ``thresholds`` are those in force today unless given.
    """

    validation: Path | None = None
    warehouse: Warehouse | None = None
    thresholds: Thresholds | None = None
    progress: Progress = SILENT


@dataclass(frozen=True)
class Promotion:
    """What was decided about a model. ``before`` is the champion that it replaces, ``makers`` whoever made it."""

    fingerprint: str
    before: str | None
    actor: str
    makers: tuple[str, ...]
    reason: str
    gate: GateResult

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {**vars(self), "makers": list(self.makers), "gate": self.gate.as_json()}


def promote(
    store: ModelStore, fingerprint: str, actor: Actor, journal: Journal, reason: str, evidence: Evidence | None = None
) -> Promotion:
    """Put a kept model in use, or refuse; either is recorded, and after a refusal the champion is what it was.

    Raises ``PermissionDeniedError`` for a role that may not (``role-not-allowed``) and for whoever had a hand in the
    model (``maker-is-checker``); ``InputError`` for a reason that says nothing (``promotion-reason``), a model that is
    unknown, altered, of no recorded maker (``maker-unknown``), in use already (``already-champion``), whose validation
    report is not what was recorded (``validation-edited``, ``validation-superseded``, ``validation-unreadable``), or
    refused by the gate (``gate-refused``), and where the ledger does not hold (``ledger-broken``). What names no kept model, or
    comes from a role that may not promote, is not recorded.
    """
    actor.require(Permission.PROMOTE)
    why = _reason(reason)
    whole, before = store.find(fingerprint), store.champion()
    used = evidence or Evidence()
    facts: dict[str, Plain] = {"from": before, "to": whole, "reason": why}
    try:
        made_by = _made_by_others(journal, whole, actor)
        if whole == before:
            raise InputError("already-champion", found=whole[:12])
        gate, digest = gate_of(store, whole, used, journal)
        facts |= {"gate": _canonical(gate.as_json()), "gate_sha256": gate.sha256, "validation_sha256": digest}
        if not gate.passed:
            raise InputError("gate-refused", found=whole[:12], version=gate.version, problems=_problems(gate))
    except CertLoanError as refusal:
        journal.append(actor, Kind.PROMOTION_REFUSED, {**facts, "code": refusal.code})
        raise
    journal.append(actor, Kind.MODEL_PROMOTED, facts)
    store.promote(whole)
    return Promotion(whole, before, actor.name, made_by, why, gate)


def challenge(store: ModelStore, fingerprint: str | None, actor: Actor, journal: Journal) -> str | None:
    """Set a kept model beside the champion, to score whatever it scores; None: none any more. Either is recorded.

    Raises ``no-such-challenger`` where the champion would stand beside itself, and what loading raises.
    """
    actor.require(Permission.PROMOTE)
    whole = None if fingerprint is None else store.load(fingerprint).fingerprint
    if whole is not None and whole == store.champion():
        raise InputError("no-such-challenger", found=whole[:12])
    journal.append(actor, Kind.MODEL_CHALLENGED, {"from": store.champion(), "to": whole})
    store.challenge(whole)
    return whole


def gate_of(store: ModelStore, fingerprint: str, evidence: Evidence, journal: Journal) -> tuple[GateResult, str | None]:
    """Hold a kept model against the gate, changing nothing; give the digest of the validation report that was read.

    The ``journal`` tells who validated the model, whether that person had a hand in it, and whether the report is
    still what was recorded; raises what :func:`validation_of` raises where it is not.
    """
    bundle, champion = store.load(fingerprint), store.champion()
    validation = validation_of(evidence.validation, bundle.fingerprint, journal)
    facts: dict[str, Any] = {"provenance": bundle.provenance, **validation.facts()}
    if champion is not None and champion != bundle.fingerprint and evidence.warehouse is not None:
        facts["comparison"] = _compared(store, champion, bundle, evidence.warehouse, evidence.progress)
    thresholds = evidence.thresholds or in_force(dt.datetime.now(tz=dt.UTC).date())
    return examine(facts, thresholds), validation.digest


def _reason(reason: str) -> str:
    told = " ".join(reason.split())
    if not told or len(told) > _LONGEST_REASON:
        raise InputError("promotion-reason", found=len(told), expected=_LONGEST_REASON)
    return told


def _made_by_others(journal: Journal, fingerprint: str, actor: Actor) -> tuple[str, ...]:
    """Name the makers, from a ledger that holds; refuse one of them."""
    entries = tuple(journal.entries())
    broken = verify(entries).broken
    if broken is not None:
        raise InputError("ledger-broken", found=broken.place)
    made_by = makers(acts_of(entries), fingerprint)
    if not made_by:
        raise InputError("maker-unknown", found=fingerprint[:12])
    if any(same_person(actor.name, name) for name in made_by):
        raise PermissionDeniedError("maker-is-checker", found=fingerprint[:12], actor=actor.name)
    return made_by


def readable(store: ModelStore, champion: str) -> Bundle | None:
    """Give the champion, or ``None``: one that cannot be read any more cannot hold up the one that replaces it."""
    try:
        return store.load(champion)
    except InputError:
        return None


def _compared(
    store: ModelStore, champion: str, bundle: Bundle, warehouse: Warehouse, progress: Progress
) -> dict[str, Any]:
    present = readable(store, champion)
    if present is None:
        return {"unreadable": champion}
    found = compare_models(warehouse, present, bundle, progress)
    return {} if found is None else found.as_json()


def _problems(gate: GateResult) -> tuple[InputError, ...]:
    return tuple(_problem(one) for one in gate.blocking)


def _problem(one: Checked) -> InputError:
    code = {Verdict.FAILS: "gate-fails", Verdict.TOO_LITTLE: "gate-too-little"}.get(one.verdict, "gate-missing")
    return InputError(code, name=one.check.name, found=one.told, expected=one.check.expected)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
