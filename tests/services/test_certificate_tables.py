"""Tables that no single firm's records could tell: from when to when two firms hold one number; what scopes say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from certloan.services.refresh_derived import refresh_derived
from certloan.storage.warehouse import DuckWarehouse

D = dt.date


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    made = DuckWarehouse.open(None)
    yield made
    made.close()


def _hold(warehouse: DuckWarehouse, uscc: str, known: dt.date, **cells: Any) -> None:
    row: dict[str, Any] = {
        "uscc": uscc, "certificate_no": "N1", "scheme": "CCC", "role": "client", "issued_on": D(2024, 1, 1),
        "expires_on": D(2028, 12, 31), "happened_on": D(2024, 1, 1), "known_on": known,
    }  # fmt: skip
    row |= cells
    names, marks = ", ".join(row), ", ".join("?" for _ in row)
    warehouse.execute(f"insert into history.certificate ({names}) values ({marks})", list(row.values()))


def _clashes(warehouse: DuckWarehouse) -> list[tuple[Any, ...]]:
    refresh_derived(warehouse)
    rows = warehouse.query("select code, valid_from, valid_to from derived.certificate_clash order by all").to_pylist()
    return [tuple(row.values()) for row in rows]


def test_a_number_is_contested_from_the_day_on_which_the_second_holder_became_known(warehouse: DuckWarehouse) -> None:
    _hold(warehouse, "U1", D(2024, 1, 16))
    _hold(warehouse, "U2", D(2024, 6, 1))
    assert _clashes(warehouse) == [("N1", D(2024, 6, 1), None)]


def test_it_is_contested_until_one_of_the_records_is_withdrawn(warehouse: DuckWarehouse) -> None:
    _hold(warehouse, "U1", D(2024, 1, 16))
    _hold(warehouse, "U2", D(2024, 6, 1), void_on=D(2024, 9, 1))
    assert _clashes(warehouse) == [("N1", D(2024, 6, 1), D(2024, 9, 1))]


def test_the_three_organisations_on_one_product_certificate_contest_nothing(warehouse: DuckWarehouse) -> None:
    for uscc, role in (("U1", "client"), ("U2", "producer"), ("U3", "factory")):
        _hold(warehouse, uscc, D(2024, 1, 16), role=role)
    assert _clashes(warehouse) == []


def test_one_firms_corrected_record_contests_nothing(warehouse: DuckWarehouse) -> None:
    _hold(warehouse, "U1", D(2024, 1, 16), superseded_on=D(2024, 6, 1))
    _hold(warehouse, "U1", D(2024, 6, 1), scope="线缆")
    assert _clashes(warehouse) == []


def test_a_number_that_passed_to_another_firm_after_its_end_is_not_contested(warehouse: DuckWarehouse) -> None:
    _hold(warehouse, "U1", D(2024, 1, 16), expires_on=D(2024, 12, 31))
    _hold(warehouse, "U2", D(2025, 3, 1), issued_on=D(2025, 2, 1))
    assert _clashes(warehouse) == []


def test_many_holders_and_statements_leave_one_row_for_each_day(warehouse: DuckWarehouse) -> None:
    _hold(warehouse, "U1", D(2024, 1, 16), superseded_on=D(2024, 8, 1))
    _hold(warehouse, "U1", D(2024, 8, 1), scope="线缆")
    _hold(warehouse, "U2", D(2024, 6, 1), void_on=D(2024, 12, 1))
    _hold(warehouse, "U3", D(2024, 7, 1), void_on=D(2025, 1, 1))
    _hold(warehouse, "U4", D(2025, 6, 1))
    assert _clashes(warehouse) == [("N1", D(2024, 6, 1), D(2025, 1, 1)), ("N1", D(2025, 6, 1), None)]


def test_every_scope_that_says_something_is_read_once(warehouse: DuckWarehouse) -> None:
    for number, scope in enumerate(("锂离子电池的生产", "锂离子电池的生产", "详见附件", None)):
        _hold(warehouse, "U1", D(2024, 1, 16), certificate_no=f"N{number}", scope=scope)
    refresh_derived(warehouse)
    refresh_derived(warehouse)
    read = warehouse.query("select code, scope_divisions from derived.scope_match").to_pylist()
    assert [row["code"] for row in read] == ["锂离子电池的生产"]
    assert " 38 " in read[0]["scope_divisions"]
