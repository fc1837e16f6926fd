"""A validation of some areas beside an earlier one of others: neither erases what the other found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from certloan.report.validation.report import ValidationReport


def beside_earlier(report: ValidationReport, folder: Path, areas: Sequence[str]) -> ValidationReport:
    """Take over, from the report in ``folder``, the areas that were not asked for this time.

    Only from a report of the same form on the same model, on the same evidence, by the same person: nobody's name
    covers another's work. ``areas`` names every area in the order of the report.
    """
    earlier = _read(folder / "validation.json")
    same = ("fingerprint", "operator", "evidence_unchanged", "form")
    now = report.as_json()
    if any(earlier.get(name) != now[name] for name in same):
        return report
    held = {name: report.areas.get(name, earlier.get(name)) for name in areas}
    found = {name: area for name, area in held.items() if area is not None}
    return replace(report, areas=found, left_out=tuple(name for name in areas if name not in found))


def _read(file: Path) -> dict[str, Any]:
    """Give what the file holds; nothing where there is none, or where it is no report."""
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}
