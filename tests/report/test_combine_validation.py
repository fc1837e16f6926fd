"""A narrower validation never erases what a wider one found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from certloan.report.validation.combine import beside_earlier
from certloan.report.validation.page import write_validation
from certloan.report.validation.report import ValidationReport

AREAS = ("calibration", "monotonicity", "leakage")
FIRST = ValidationReport(
    fingerprint="f" * 64,
    kind="ensemble",
    window={},
    evidence_unchanged=True,
    operator="王",
    areas={"calibration": {"verdict": "fails"}, "leakage": {"verdict": "passes"}},
    left_out=("monotonicity",),
    seconds=1.0,
)
LATER = replace(FIRST, areas={"monotonicity": {"verdict": "passes"}}, left_out=("calibration", "leakage"))


def _kept(report: ValidationReport, folder: Path) -> None:
    import json

    folder.mkdir(exist_ok=True)
    (folder / "validation.json").write_text(json.dumps(report.as_json()), encoding="utf-8")


def test_what_failed_before_still_fails_when_something_else_is_asked(tmp_path: Path) -> None:
    _kept(FIRST, tmp_path)
    both = beside_earlier(LATER, tmp_path, AREAS)
    assert list(both.areas) == list(AREAS)
    assert both.verdict == "fails"
    assert both.left_out == ()


def test_an_area_that_is_asked_again_is_replaced(tmp_path: Path) -> None:
    _kept(FIRST, tmp_path)
    again = replace(FIRST, areas={"calibration": {"verdict": "passes"}})
    assert beside_earlier(again, tmp_path, AREAS).verdict == "passes"


@pytest.mark.parametrize("other", [{"operator": "李"}, {"fingerprint": "0" * 64}, {"evidence_unchanged": False}])
def test_nothing_is_taken_over_from_another_person_model_or_evidence(tmp_path: Path, other: dict[str, object]) -> None:
    _kept(FIRST, tmp_path)
    alone = replace(LATER, **other)  # type: ignore[arg-type]
    assert beside_earlier(alone, tmp_path, AREAS) is alone


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_without_a_readable_earlier_report_the_new_one_stands_alone(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "validation.json").write_text(content, encoding="utf-8")
    assert beside_earlier(LATER, tmp_path, AREAS) is LATER


def test_a_report_in_which_nothing_could_fail_has_passed_nothing() -> None:
    assert replace(FIRST, areas={"performance": {"auc": 0.8}}).verdict == "too_little"


def test_writing_is_whole(tmp_path: Path) -> None:
    empty = replace(FIRST, areas={})
    html, held = write_validation(empty, tmp_path / "new")
    assert html.is_file()
    assert held.is_file()
    assert [path.name for path in sorted((tmp_path / "new").iterdir())] == ["validation.html", "validation.json"]
