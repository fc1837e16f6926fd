"""Validation reports as the gate reads them, written and recorded without measuring anything."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from certloan.domain.people import Actor
from certloan.ledger.entry import Kind
from certloan.services.journal_port import Journal

#: What the gate asks of a report, all well: the areas of a quick validation and the leakage gate.
SOUND: dict[str, Any] = {
    "evidence_unchanged": True,
    "performance": {"auc": 0.75, "auc_low": 0.72, "auc_high": 0.78},
    "calibration": {"verdict": "passes"},
    "stability": {"psi_beyond_chance": 0.01, "psi_low": 0.0, "psi_high": 0.03, "verdict": "passes"},
    "monotonicity": {"violations": 0, "verdict": "passes"},
    "leakage": {"verdict": "passes"},
}


def report_on(folder: Path, fingerprint: str, by: Actor, journal: Journal | None, **changed: Any) -> Path:
    """Write what ``by`` found of a model below ``folder``; recorded where there is a journal. None leaves an area out."""
    held = {"fingerprint": fingerprint, "operator": by.name, **SOUND, **changed}
    content = json.dumps({name: value for name, value in held.items() if value is not None}, ensure_ascii=False)
    file = folder / fingerprint / "validation.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    if journal is not None:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        journal.append(
            by, Kind.MODEL_VALIDATED, {"model": fingerprint, "verdict": "passes", "validation_sha256": digest}
        )
    return file
