"""Histories of two enterprises, drawn by Hypothesis: a few records in any of the tables, of any content."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from certloan.contracts import CONTRACTS, Column, Contract, Kind
from certloan.domain.evidence import Family
from certloan.features.catalog import CATALOG
from certloan.features.reach import columns_read
from certloan.features.spec import Spec
from certloan.services.build_features import build_matrix
from certloan.storage.tables import SQL_TYPES
from certloan.storage.warehouse import DuckWarehouse

#: A record: its table, then its columns.
Record = tuple[str, dict[str, Any]]

FIRST_DAY, LAST_DAY = dt.date(2021, 1, 1), dt.date(2024, 12, 31)
ENTERPRISES = ("U1", "U2")
SUBJECTS = pa.table(
    {
        "application_id": ["A1", "A2", "A3"],
        "uscc": ["U1", "U2", "U1"],
        "as_of": [dt.date(2023, 2, 28), dt.date(2023, 9, 1), dt.date(2024, 2, 29)],
    }
)
_WORDS = {
    "scheme": ("A01", "A02", "CCC", "GREEN", "PZB", "ZZZ"),
    "certificate_no": ("C1", "C2"),
    "reason_code": ("0101", "0120", "0199"),
    "account_no": ("L1", "L2"),
    "region_code": ("330127", "330326", "440106"),
    "industry_code": ("3491", "C3491", "6130", "5920", "6620"),
    "application_id": ("A1", "A2", "A3"),
}
_DAYS = st.integers(0, (LAST_DAY - FIRST_DAY).days).map(lambda days: FIRST_DAY + dt.timedelta(days=days))
_TEXT = st.sampled_from(("x", "y", "中"))


def _cell(column: Column) -> st.SearchStrategy[Any]:
    kinds: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.DATE: _DAYS,
        Kind.MONTH: _DAYS.map(lambda day: day.replace(day=1)),
        Kind.MONEY: st.integers(-(10**9), 10**11).map(lambda cents: Decimal(cents) / 100),
        Kind.NUMBER: st.integers(0, 1000).map(lambda n: n / 1000),
        Kind.INTEGER: st.integers(2018, 2024) if column.name == "year" else st.integers(0, 400),
        Kind.BOOLEAN: st.booleans(),
        Kind.CATEGORY: st.sampled_from(sorted(column.levels) or ["x"]),
        Kind.USCC: st.sampled_from(ENTERPRISES),
    }
    drawn = st.sampled_from(_WORDS[column.name]) if column.name in _WORDS else kinds.get(column.kind, _TEXT)
    return drawn if column.required else st.none() | drawn


def _rows(contract: Contract) -> st.SearchStrategy[Record]:
    cells = {column.name: _cell(column) for column in contract.columns}
    days = st.fixed_dictionaries(
        {"happened": _DAYS, "late": st.integers(0, 300), "void": st.none() | st.integers(0, 400)}
    )

    def dated(drawn: tuple[dict[str, Any], dict[str, Any]]) -> Record:
        row, told = drawn
        happened = row.get(contract.happened_on) or told["happened"]
        known = happened + dt.timedelta(days=told["late"])
        void = None if told["void"] is None else known + dt.timedelta(days=told["void"])
        return contract.table, row | {"happened_on": happened, "known_on": known, "void_on": void}

    return st.tuples(st.fixed_dictionaries(cells), days).map(dated)


def records(tables: Sequence[str], most: int = 20) -> st.SearchStrategy[list[Record]]:
    """Draw up to ``most`` records."""
    return st.lists(st.one_of([_rows(CONTRACTS[table]) for table in tables]), max_size=most)


@dataclass(frozen=True)
class Area:
    """One family's features, the tables that they read, and records in those tables."""

    family: Family

    @property
    def specs(self) -> tuple[Spec, ...]:
        """Give the family's features."""
        return tuple(spec for spec in CATALOG if spec.family is self.family)

    @property
    def tables(self) -> tuple[str, ...]:
        """Give the tables behind them."""
        return tuple(sorted({column.split(".")[0] for spec in self.specs for column in columns_read(spec)}))

    def records(self) -> st.SearchStrategy[list[Record]]:
        """Draw records in a few of those tables: many of a kind tell more than one of each."""
        few = st.lists(st.sampled_from(self.tables), min_size=1, max_size=2, unique=True)
        return few.flatmap(records)


areas = st.sampled_from(Family).map(Area)


class History:
    """A warehouse in memory whose content is replaced for each example."""

    def __init__(self) -> None:
        self.warehouse = DuckWarehouse.open(None)
        self._filled: set[str] = set()

    def matrix(self, told: Sequence[Record], specs: Sequence[Spec], subjects: pa.Table = SUBJECTS) -> pa.Table:
        """Give the matrix of a history that holds ``told`` and nothing else, in this order."""
        for table in self._filled:
            self.warehouse.execute(f"truncate history.{table}")
        by_table: dict[str, list[dict[str, Any]]] = {}
        for table, row in told:
            by_table.setdefault(table, []).append(row)
        self._filled = set(by_table)
        for table, rows in by_table.items():
            self._insert(table, rows)
        return build_matrix(self.warehouse, subjects, specs)

    def _insert(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        names = list(dict.fromkeys(name for row in rows for name in row))
        kinds = {column.name: SQL_TYPES[column.kind] for column in CONTRACTS[table].columns}
        marks = ", ".join(f"cast(? as {kinds.get(name, 'date')})" for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join([f"({marks})"] * len(rows))
        cells = [row.get(name) for row in rows for name in names]
        self.warehouse.execute(f"insert into history.{table} ({columns}) values {values}", cells)


def dense_history() -> list[Record]:
    """Give a history with many records in every table, so that every feature has something to count."""
    draw = random.Random(20)  # noqa: S311 (no secret: the same history every time)
    told: list[Record] = []
    for table, contract in CONTRACTS.items():
        if table not in ("outcome", "certification_body"):
            told += [(table, _drawn(contract, draw)) for _ in range(60)]
    return told


def _any_day(draw: random.Random) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=draw.randrange((LAST_DAY - FIRST_DAY).days))


def _drawn(contract: Contract, draw: random.Random) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in contract.columns:
        drawn: Any = {
            Kind.DATE: _any_day(draw),
            Kind.MONTH: _any_day(draw).replace(day=1),
            Kind.MONEY: draw.randrange(10**8),
            Kind.NUMBER: draw.randrange(100) / 100,
            Kind.INTEGER: draw.randrange(2018, 2025) if column.name == "year" else draw.randrange(200),
            Kind.BOOLEAN: draw.random() < 0.5,
            Kind.CATEGORY: draw.choice(sorted(column.levels) or ["x"]),
            Kind.USCC: draw.choice(ENTERPRISES),
        }.get(column.kind, draw.choice("xyz"))
        drawn = draw.choice(_WORDS[column.name]) if column.name in _WORDS else drawn
        row[column.name] = drawn if column.required or draw.random() < 0.9 else None
    happened = row.get(contract.happened_on) or _any_day(draw)
    known = happened + dt.timedelta(days=draw.randrange(90))
    void = known + dt.timedelta(days=draw.randrange(900)) if draw.random() < 0.2 else None
    return row | {"happened_on": happened, "known_on": known, "void_on": void}
