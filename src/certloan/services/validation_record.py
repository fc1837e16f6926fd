"""A validation on record: the report that is kept, the entry that proves it, and what the gate may read of both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from certloan.domain.people import Actor, Permission, same_person
from certloan.errors import InputError
from certloan.ledger.entry import Kind
from certloan.report.validation.report import ValidationReport
from certloan.services.journal_port import Journal
from certloan.services.model_history import ModelAct, acts_known, makers
from certloan.services.validate_model import AREAS, beside_earlier, write_validation

_REPORT = "validation.json"


@dataclass(frozen=True)
class Validation:
    """What stands in the report on one model, the SHA-256 of its file, and who made it when.

    ``state`` is ``recorded`` or ``unrecorded``; ``by`` is ``other``, ``maker`` or ``unknown``; ``order`` tells whether it was
    made ``after`` or ``before`` the model was last made. Everything is empty where there is no report.
    """

    held: Mapping[str, Any] = field(default_factory=dict)
    digest: str | None = None
    state: str | None = None
    by: str | None = None
    order: str | None = None

    def facts(self) -> dict[str, Any]:
        """Give what the gate reads, as nested plain values."""
        if self.digest is None:
            return {}
        evidence = {True: "unchanged", False: "changed"}.get(self.held.get("evidence_unchanged", ""), "unknown")
        report = {"state": self.state, "by": self.by, "order": self.order, "evidence": evidence}
        return {"validation": self.held, "report": report}


def keep_validation(
    report: ValidationReport, folder: Path, actor: Actor, journal: Journal
) -> tuple[ValidationReport, tuple[Path, Path]]:
    """Write page and JSON into ``folder`` and record that ``actor`` made them; give what was written and both paths.

    Areas of an earlier report in the folder are taken over only where that report is as it was recorded: what somebody
    edited would otherwise be signed by the next validation. The entry holds the digest of the JSON as it was written,
    so it comes after: a crash in between leaves a report that nobody has recorded, which the gate refuses.
    """
    actor.require(Permission.VALIDATE)
    earlier = folder / _REPORT
    if earlier.is_file():
        digest = _sha256(earlier.read_bytes())
        if any(act.validation == digest for act in _validations(acts_known(journal), report.fingerprint)):
            report = beside_earlier(report, folder, AREAS)
    page, held = write_validation(report, folder)
    verdicts = json.dumps(report.verdicts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    journal.append(
        actor,
        Kind.MODEL_VALIDATED,
        {
            "model": report.fingerprint,
            "verdict": report.verdict,
            "verdicts": verdicts,
            "evidence_unchanged": report.evidence_unchanged,
            "validation_sha256": _sha256(held.read_bytes()),
        },
    )
    return report, (page, held)


def validation_of(folder: Path | None, fingerprint: str, journal: Journal) -> Validation:
    """Give the report on this model with what the ledger knows of it.

    Raises ``validation-unreadable`` when the file is no report, or another model's; ``validation-edited`` when
    validations of the model are on record and none is of this file; ``validation-superseded`` when a later one is.
    """
    held, digest = read_validation(folder, fingerprint)
    if digest is None:
        return Validation()
    acts = acts_known(journal)
    done = _validations(acts, fingerprint)
    ours = [act for act in done if act.validation == digest]
    if done and not ours:
        raise InputError("validation-edited", found=digest[:12], expected=str(done[-1].validation)[:12])
    if not ours:
        return Validation(held, digest, "unrecorded", "unknown")
    if ours[-1] is not done[-1]:
        raise InputError("validation-superseded", found=ours[-1].seq, expected=done[-1].seq, actor=done[-1].actor)
    return Validation(held, digest, "recorded", _by(ours[-1], held, acts), _order(ours[-1], acts))


def read_validation(folder: Path | None, fingerprint: str) -> tuple[Mapping[str, Any], str | None]:
    """Give the report on this model with its SHA-256, empty where there is none.

    Raises ``validation-unreadable`` when the file is no report, or another model's.
    """
    file = None if folder is None else folder / fingerprint / _REPORT
    if file is None or not file.is_file():
        return {}, None
    content = file.read_bytes()
    try:
        held = json.loads(content)
    except ValueError as broken:
        raise InputError("validation-unreadable", file=f"{fingerprint[:12]}/{_REPORT}") from broken
    if not isinstance(held, dict) or held.get("fingerprint") != fingerprint:
        raise InputError("validation-unreadable", file=f"{fingerprint[:12]}/{_REPORT}")
    return held, _sha256(content)


def _by(act: ModelAct, held: Mapping[str, Any], acts: Iterable[ModelAct]) -> str:
    """Tell whose report it is: whoever recorded it has to be the one who signed it."""
    signed = held.get("operator")
    if not isinstance(signed, str) or not same_person(signed, act.actor):
        return "unknown"
    made_by = makers(acts, str(act.model))
    return "maker" if any(same_person(signed, name) for name in made_by) else "other"


def _order(act: ModelAct, acts: Iterable[ModelAct]) -> str | None:
    made = [one.seq for one in acts if one.kind is Kind.MODEL_TRAINED and one.model == act.model]
    return None if not made else "after" if act.seq > made[-1] else "before"


def _validations(acts: Iterable[ModelAct], fingerprint: str) -> list[ModelAct]:
    return [act for act in acts if act.kind is Kind.MODEL_VALIDATED and act.model == fingerprint]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
