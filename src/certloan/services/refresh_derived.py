"""Tables computed from the evidence follow it: after each load, and in a warehouse that was filled by other means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from itertools import islice

from certloan.features.asof import sources
from certloan.features.relations.references import DERIVED as COLUMNS
from certloan.services.certificate_tables import CERTIFICATE_CLASH, CERTIFICATE_RENEWAL, SCOPE_MATCH
from certloan.services.derived_table import DerivedTable, Rows
from certloan.services.inspection_prior import inspection_priors
from certloan.services.number_shape import NUMBER_SHAPE
from certloan.services.ports import Warehouse

#: Every derived table, in the order in which they are computed: a later one may look up an earlier one.
DERIVED: tuple[DerivedTable, ...] = (
    CERTIFICATE_CLASH,
    CERTIFICATE_RENEWAL,
    SCOPE_MATCH,
    NUMBER_SHAPE,
    DerivedTable(
        "inspection_prior",
        ("inspection", "enterprise"),
        lambda warehouse, after: map(astuple, inspection_priors(warehouse, after)),
    ),
)

_ROWS_AT_ONCE = 500


def refresh_derived(warehouse: Warehouse, loaded: Iterable[str] | None = None) -> None:
    """Bring every derived table up to date with the evidence, all or none.

    ``loaded`` names the tables of which something new has come, all of them by default.
    """
    touched = None if loaded is None else set(loaded)
    with warehouse.transaction():
        for table in DERIVED:
            if touched is None or touched & set(table.reads):
                refresh(warehouse, table)


def copy_derived(source: Warehouse, target: Warehouse) -> None:
    """Give a scratch warehouse the derived tables of the one that it stands for."""
    with target.transaction():
        for name in COLUMNS:
            held = source.query(f"select * from derived.{name}")
            target.execute(f"delete from derived.{name}")
            with target.attached("derived_copied", held):
                target.execute(f"insert into derived.{name} by name select * from derived_copied")


def refresh(warehouse: Warehouse, table: DerivedTable) -> None:
    """Bring one derived table up to date with the evidence."""
    basis = _basis(warehouse, table)
    after = _ended(warehouse, table) if table.dated and basis == _basis_before(warehouse, table) else dt.date.min
    held = f"derived.{table.name}"
    rows = table.rows(warehouse, after)
    warehouse.execute(f"delete from {held} where valid_from is null or valid_from > ?", (after,))
    _insert(warehouse, held, rows)
    warehouse.execute("insert or replace into derived.refreshed values (?, ?)", (table.name, basis))


def _basis(warehouse: Warehouse, table: DerivedTable) -> str:
    """Word since when each source is known: with a source that is new, or reaches further back, all is computed anew."""
    (since,) = warehouse.query(sources(table.reads)).to_pylist()
    return ", ".join(f"{name} {since[name] or '-'}" for name in table.reads)


def _basis_before(warehouse: Warehouse, table: DerivedTable) -> str | None:
    found = warehouse.query("select basis from derived.refreshed where name = ?", (table.name,))
    return str(found["basis"][0].as_py()) if found.num_rows else None


def _ended(warehouse: Warehouse, table: DerivedTable) -> dt.date:
    """Give the day on which the newest rows that have ended began."""
    sql = f"select max(valid_from) as day from derived.{table.name} where valid_to is not null"
    day: dt.date | None = warehouse.query(sql)["day"][0].as_py()
    return day or dt.date.min


def _insert(warehouse: Warehouse, held: str, rows: Rows) -> None:
    if isinstance(rows, str):
        warehouse.execute(f"insert into {held} {rows}")
        return
    waiting = iter(rows)
    while some := list(islice(waiting, _ROWS_AT_ONCE)):
        marks = ", ".join(f"({', '.join('?' for _ in row)})" for row in some)
        cells: Sequence[object] = [cell for row in some for cell in row]
        warehouse.execute(f"insert into {held} values {marks}", cells)
