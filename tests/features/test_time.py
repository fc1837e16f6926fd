"""The one cut in time, and what absence means."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from tests.features.conftest import DAY

import certloan

D = dt.date
_BEFORE, _AFTER = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)


@pytest.mark.parametrize(("known_on", "counted"), [(_BEFORE, 1), (DAY, 1), (_AFTER, None)])
def test_a_record_counts_from_the_day_on_which_it_was_known(records: Any, known_on: dt.date, counted: int) -> None:
    records.put("inspection", known_on=known_on)
    assert records.ask("insp_36m_n") == counted


@pytest.mark.parametrize(("void_on", "counted"), [(_BEFORE, None), (DAY, None), (_AFTER, 1), (None, 1)])
def test_a_void_record_has_no_effect_from_its_day_on(records: Any, void_on: dt.date | None, counted: int) -> None:
    records.put("inspection", void_on=void_on)
    assert records.ask("insp_36m_n") == counted


@pytest.mark.parametrize("column", ["void_on", "superseded_on"])
def test_a_corrected_record_counts_once_with_what_was_said_last(records: Any, column: str) -> None:
    records.put("inspection", inspection_no="I1", verdict="nonconforming", **{column: D(2024, 3, 1)})
    records.put("inspection", inspection_no="I1", verdict="no_nonconformity", known_on=D(2024, 3, 1))
    assert records.ask("insp_failed_36m_n", day=D(2024, 2, 29)) == 1
    assert records.ask("insp_failed_36m_n", day=D(2024, 3, 1)) == 0
    assert records.ask("insp_36m_n", day=D(2024, 3, 1)) == 1


@pytest.mark.parametrize(("happened_on", "counted"), [(D(2021, 6, 15), 0), (D(2021, 6, 16), 1), (DAY, 1), (_AFTER, 0)])
def test_a_window_leaves_out_its_first_day_and_takes_in_its_last(
    records: Any, happened_on: dt.date, counted: int
) -> None:
    records.put("inspection", inspected_on=happened_on, known_on=_BEFORE)
    assert records.ask("insp_36m_n") == counted


def test_windows_follow_the_calendar_at_the_end_of_february(records: Any) -> None:
    records.put("incident", kind="penalty", occurred_on=D(2021, 2, 28))
    assert records.ask("quality_penalty_36m_n", day=D(2024, 2, 27)) == 1
    assert records.ask("quality_penalty_36m_n", day=D(2024, 2, 28)) == 0
    assert records.ask("quality_penalty_36m_n", day=D(2024, 2, 29)) == 0


def test_a_source_that_was_never_delivered_is_unknown_and_never_zero(records: Any) -> None:
    row = records.ask()
    known = {name: value for name, value in row.items() if value is not None}
    assert known == {"application_id": "A1", "uscc": "U1", "as_of": DAY}


def test_a_public_list_without_the_applicant_is_zero_once_it_was_delivered(records: Any) -> None:
    records.put("list_entry", uscc="somebody", list="enforcement", listed_on=D(2024, 1, 1), known_on=D(2024, 2, 1))
    assert records.ask("list_enforcement_n", day=D(2024, 1, 31)) is None
    assert records.ask("list_enforcement_n", day=D(2024, 2, 1)) == 0


def test_somebody_who_was_never_inspected_is_unknown_and_not_clean(records: Any) -> None:
    records.put("inspection", uscc="somebody")
    found = records.ask("insp_known", "insp_failed_36m_n", "insp_fail_share_36m")
    assert (found["insp_known"], found["insp_failed_36m_n"], found["insp_fail_share_36m"]) == (0, None, None)


def test_an_unresolved_list_entry_stands_until_the_day_of_removal(records: Any) -> None:
    records.put("list_entry", list="abnormal_operation", listed_on=D(2023, 1, 1), removed_on=DAY)
    assert records.ask("list_abnormal_operation_n", day=_BEFORE) == 1
    assert records.ask("list_abnormal_operation_n", day=DAY) == 0


def test_the_cut_is_written_in_one_place() -> None:
    """A second cut would be a second truth."""
    package = Path(certloan.__file__).parent
    sources = [
        *package.glob("features/**/*.py"),
        *(package / "services" / f"{name}.py" for name in ("build_features", "dossier")),
    ]
    cuts = re.compile(r"known_on\s*<=|void_on\s+is\s+null\s+or\b")
    assert [source.name for source in sources if cuts.search(source.read_text(encoding="utf-8"))] == ["asof.py"]
