"""Laws that hold whatever the records are, on the real engine and for every feature of the catalog."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.features.histories import ENTERPRISES, SUBJECTS, Area, History, Record, areas

from certloan.contracts import CONTRACTS
from certloan.domain.evidence import Family
from certloan.features.catalog import CATALOG

LAST_ASKED = max(SUBJECTS["as_of"].to_pylist())
LAW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    made = History()
    yield made
    made.warehouse.close()


def _later(record: Record, days: int) -> Record:
    """Give the same record, first known ``days`` after everybody has been asked about."""
    table, row = record
    known = LAST_ASKED + dt.timedelta(days=days)
    return table, row | {"known_on": known, "void_on": None}


@LAW
@given(data=st.data(), area=areas, days=st.integers(1, 400))
def test_what_is_known_after_the_day_changes_nothing_even_in_tables_that_were_empty(
    history: History, data: Any, area: Area, days: int
) -> None:
    told, later = data.draw(area.records()), data.draw(area.records())
    before = history.matrix(told, area.specs)
    assert history.matrix([*told, *(_later(record, days) for record in later)], area.specs).equals(before)


@LAW
@given(data=st.data(), area=areas)
def test_the_order_of_the_records_never_matters(history: History, data: Any, area: Area) -> None:
    told = data.draw(area.records())
    before = history.matrix(told, area.specs)
    assert history.matrix(told[::-1], area.specs).equals(before)
    assert history.matrix(data.draw(st.permutations(told)), area.specs).equals(before)


@LAW
@given(data=st.data(), area=areas, row=st.integers(0, SUBJECTS.num_rows - 1))
def test_an_applicant_alone_is_as_she_is_among_all(history: History, data: Any, area: Area, row: int) -> None:
    told = data.draw(area.records())
    together = history.matrix(told, area.specs)
    assert history.matrix(told, area.specs, SUBJECTS.slice(row, 1)).equals(together.slice(row, 1))


@LAW
@given(data=st.data(), area=areas)
def test_a_voided_record_is_as_if_it_had_never_been_said(history: History, data: Any, area: Area) -> None:
    told, voided = data.draw(area.records()), data.draw(area.records())
    # One record of a stranger in every table, so that only what was said of the applicants differs.
    first = min(SUBJECTS["as_of"].to_pylist())
    told += [(table, _stranger(table, first)) for table in area.tables]
    void: list[Record] = [(table, row | {"known_on": first, "void_on": first}) for table, row in voided]
    assert history.matrix([*told, *void], area.specs).equals(history.matrix(told, area.specs))


@LAW
@given(data=st.data(), area=areas, day=st.integers(0, 1000))
def test_another_day_of_the_same_enterprise_never_changes_the_first(
    history: History, data: Any, area: Area, day: int
) -> None:
    told = data.draw(area.records())
    asked = dt.date(2022, 1, 1) + dt.timedelta(days=day)
    other = pa.table({"application_id": ["A9", "A9"], "uscc": list(ENTERPRISES), "as_of": [asked, asked]})
    together = history.matrix(told, area.specs, pa.concat_tables([other, SUBJECTS]))
    assert together.slice(2).equals(history.matrix(told, area.specs))


@settings(parent=LAW, max_examples=5)
@given(data=st.data())
def test_all_families_together_are_as_each_alone(history: History, data: Any) -> None:
    every = [Area(family) for family in Family]
    told = [record for area in every for record in data.draw(area.records())]
    together = history.matrix(told, CATALOG)
    for area in every:
        alone = history.matrix(told, area.specs)
        assert together.select(alone.column_names).equals(alone)


def _stranger(table: str, day: dt.date) -> dict[str, Any]:
    who = {name: at for name, at in {"application_id": "A0", "uscc": "U0"}.items() if name in CONTRACTS[table].names}
    return who | {"happened_on": day, "known_on": day, "void_on": None}
