"""Every worked example of ``docs/evidence.md`` is run: its records fill a warehouse, its days are asked about."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from certloan.contracts import CONTRACTS, Contract
from certloan.contracts.contract import types
from certloan.expressions import Type, parse
from certloan.features.catalog import CATALOG
from certloan.policy.policy import in_force
from certloan.services.build_features import build_matrix
from certloan.services.refresh_derived import refresh_derived
from certloan.storage.tables import SQL_TYPES
from certloan.storage.warehouse import DuckWarehouse

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "evidence.md"
FIRM = "U1"
#: What an example may say of a record beside its contract's columns.
DATES = ("happened_on", "known_on", "void_on", "superseded_on")
SPECS = {spec.name: spec for spec in CATALOG}
#: Somebody else's record of long ago, by which a source counts as delivered.
STRANGER = {"uscc": "STRANGER", **dict.fromkeys(("happened_on", "known_on"), dt.date(2000, 1, 1))}

Example = Mapping[str, Any]
Row = Mapping[str, Any]


def examples() -> Iterator[tuple[str, str]]:
    """Give each fenced TOML block under the heading that it stands under."""
    heading, inside = "", False
    block: list[str] = []
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if inside and line == "```":
            yield heading, "\n".join(block)
            inside = False
        elif inside:
            block.append(line)
        elif line == "```toml":
            block, inside = [], True
        elif line.startswith("#"):
            heading = line.lstrip("# ")


def sections() -> dict[str, str]:
    """Give the text of each rule: what stands under a heading of the third level."""
    parts = re.split(r"^### ", DOCUMENT.read_text(encoding="utf-8"), flags=re.M)[1:]
    return {part.split("\n", 1)[0]: re.split(r"^## ", part, flags=re.M)[0] for part in parts}


EXAMPLES = list(examples())


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    made = DuckWarehouse.open(None)
    yield made
    made.close()


@pytest.mark.parametrize(("heading", "block"), EXAMPLES, ids=[heading for heading, _ in EXAMPLES])
def test_a_worked_example_comes_out_as_it_is_written(warehouse: DuckWarehouse, heading: str, block: str) -> None:
    example = tomllib.loads(block)
    _check(example)
    for table in example.get("delivered", ()):
        _insert(warehouse, CONTRACTS[table], [STRANGER])
    for table, rows in _records(example):
        _insert(warehouse, CONTRACTS[table], rows)
    refresh_derived(warehouse)
    for day in example["day"]:
        told = {**day["features"], **dict.fromkeys(day.get("unknown", ()))}
        assert _asked(warehouse, day["on"], tuple(told)) == told, day["on"]
        if "gates" in day:
            assert _gates(warehouse, day["on"]) == sorted(day["gates"])


def test_every_rule_names_its_source_and_has_a_worked_example() -> None:
    told = sections()
    assert len(told) >= 18
    assert [heading for heading, text in told.items() if "```toml" not in text] == []
    assert [heading for heading, text in told.items() if "*Source:*" not in text] == []


def _records(example: Example) -> Iterator[tuple[str, Sequence[Row]]]:
    yield from ((table, rows) for table, rows in example.items() if table not in ("day", "delivered"))


def _check(example: Example) -> None:
    """Refuse an example that no delivery could bring, or that asks for what is not in the catalog."""
    assert example["day"]
    for table, rows in _records(example):
        contract = CONTRACTS[table]
        for row in rows:
            assert set(row) <= {*contract.names, *DATES}, row
            for column in contract.columns:
                assert not column.required or column.name == "uscc" or column.name in row, (table, column.name)
                assert not column.levels or row.get(column.name) in {None, *column.levels}, (table, row)
    for day in example["day"]:
        assert set(day) <= {"on", "features", "unknown", "gates"}, day
        assert day["features"] or day.get("unknown")
        assert {*day["features"], *day.get("unknown", ())} <= SPECS.keys()


def _insert(warehouse: DuckWarehouse, contract: Contract, rows: Sequence[Row]) -> None:
    """Write the records with the day on which they happened and, by the contract's usual lag, became known."""
    stated = {**{column.name: SQL_TYPES[column.kind] for column in contract.columns}, **dict.fromkeys(DATES, "date")}
    happened = parse(contract.happened_on, types(contract), expect=Type.DATE).sql(qualify="r")
    cells = ", ".join(f'cast(? as {kind}) as "{name}"' for name, kind in stated.items())
    names = ", ".join(f'"{name}"' for name in contract.names)
    for row in rows:
        usual = {"uscc": FIRM} if "uscc" in contract.names else {}
        day = f"coalesce(r.happened_on, cast({happened} as date), r.known_on)"
        warehouse.execute(
            f"insert into history.{contract.table} ({names}, happened_on, known_on, void_on, superseded_on) "
            f"select {names}, {day}, coalesce(r.known_on, {day} + {contract.known_lag_days}), r.void_on, r.superseded_on "
            f"from (select {cells}) as r",
            [(usual | dict(row)).get(name) for name in stated],
        )


def _asked(warehouse: DuckWarehouse, day: dt.date, names: Sequence[str]) -> dict[str, Any]:
    found = _matrix(warehouse, day, names).to_pylist()[0]
    return {name: round(found[name], 4) if isinstance(found[name], float) else found[name] for name in names}


def _matrix(warehouse: DuckWarehouse, day: dt.date, names: Sequence[str]) -> pa.Table:
    subjects = pa.table({"application_id": ["A1"], "uscc": [FIRM], "as_of": [day]})
    return build_matrix(warehouse, subjects, tuple(SPECS[name] for name in names))


def _gates(warehouse: DuckWarehouse, day: dt.date) -> list[str]:
    """Give the gates of the newest policy that fire on the day."""
    policy = in_force(dt.date.max)
    needed = {name for gate in policy.gates for name in gate.when.columns} - {"as_of"}
    with warehouse.attached("asked", _matrix(warehouse, day, sorted(needed))):
        shown = ", ".join(f'{gate.when.sql()} as "{gate.code}"' for gate in policy.gates)
        fired = warehouse.query(f"select {shown} from asked").to_pylist()[0]
    return sorted(code for code, fires in fired.items() if fires)
