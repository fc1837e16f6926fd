"""A validation stands in the ledger with the digest of its report, and never signs what somebody edited."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from certloan.domain.people import Actor, Role
from certloan.errors import PermissionDeniedError
from certloan.ledger.entry import Kind
from certloan.report.validation.report import ValidationReport
from certloan.services.validate_model import AREAS
from certloan.services.validation_record import keep_validation
from certloan.storage.journal import SqlJournal

CHEN = Actor("陈", Role.RISK)
MODEL = "ab" * 32


def report(seconds: float = 1.0) -> ValidationReport:
    """One that asked for nothing."""
    return ValidationReport(MODEL, "ensemble", {}, True, CHEN.name, {}, AREAS, seconds)


def test_the_entry_names_the_model_the_person_and_the_bytes_that_were_written(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path / "ledger.db")
    _, (page, held) = keep_validation(report(), tmp_path / MODEL, CHEN, journal)
    (entry,) = journal.entries()
    told = json.loads(entry.payload)
    assert (entry.kind, entry.actor, told["model"], told["evidence_unchanged"]) == (
        Kind.MODEL_VALIDATED,
        "陈",
        MODEL,
        True,
    )
    assert told["validation_sha256"] == hashlib.sha256(held.read_bytes()).hexdigest()
    assert page.suffix == ".html"


def test_areas_that_were_written_into_a_report_afterwards_are_not_taken_over(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path / "ledger.db")
    _, (_, held) = keep_validation(report(), tmp_path / MODEL, CHEN, journal)
    edited = {**json.loads(held.read_text(encoding="utf-8")), "leakage": {"verdict": "passes"}}
    held.write_text(json.dumps(edited), encoding="utf-8")
    written, _ = keep_validation(report(2.0), tmp_path / MODEL, CHEN, journal)
    assert dict(written.areas) == {}
    assert "leakage" not in json.loads(held.read_text(encoding="utf-8"))


def test_whoever_may_not_validate_writes_nothing(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path / "ledger.db")
    with pytest.raises(PermissionDeniedError):
        keep_validation(report(), tmp_path / MODEL, Actor("信贷员", Role.OFFICER), journal)
    assert not (tmp_path / MODEL).exists()
    assert not (tmp_path / "ledger.db").exists()
