"""The timeline words every kind of record that a contract allows, and says how it weighs."""

from __future__ import annotations

import datetime as dt

import pytest

from certloan.contracts import CONTRACTS
from certloan.services.read_timeline import timeline
from certloan.storage.warehouse import DuckWarehouse

DAY = dt.date(2025, 1, 1)
KINDS = (
    ("certificate_event", "event", "event_on"),
    ("inspection", "verdict", "inspected_on"),
    ("incident", "kind", "occurred_on"),
    ("list_entry", "list", "listed_on"),
    ("honour", "kind", "granted_on"),
)


@pytest.mark.parametrize(("table", "column", "day"), KINDS)
def test_every_kind_of_record_is_worded_in_both_languages(table: str, column: str, day: str) -> None:
    warehouse = DuckWarehouse.open(None)
    levels = CONTRACTS[table].column(column).levels
    for level in levels:
        warehouse.execute(
            f'insert into history.{table} (uscc, "{column}", {day}, happened_on, known_on) values (?, ?, ?, ?, ?)',
            ["U", level, DAY, DAY, DAY],
        )
    told = timeline(warehouse, "U", DAY)
    warehouse.close()
    assert len(told) == len(levels)
    assert len({item.zh for item in told}) == len(levels)
    assert all(item.zh.strip() != item.en.strip() for item in told)


def test_a_tip_off_and_an_undated_penalty_stand_in_the_timeline_each_with_its_weight() -> None:
    warehouse = DuckWarehouse.open(None)
    for number, kind in (("1", "report"), ("2", "penalty")):
        warehouse.execute(
            "insert into history.incident (uscc, incident_no, kind, happened_on, known_on) values ('U', ?, ?, ?, ?)",
            [number, kind, DAY, DAY],
        )
    told = timeline(warehouse, "U", DAY)
    warehouse.close()
    assert {item.tone for item in told} == {"neutral", "bad"}
    assert {item.starts_on for item in told} == {DAY}
