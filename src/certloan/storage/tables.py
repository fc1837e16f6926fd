"""The tables of the warehouse, as SQL compiled from their contracts."""

from __future__ import annotations

from collections.abc import Iterator

from certloan.contracts import CONTRACTS, Contract, Kind
from certloan.expressions import Type
from certloan.features.relations.references import DERIVED

SQL_TYPES: dict[Kind, str] = {
    Kind.TEXT: "varchar",
    Kind.CODE: "varchar",
    Kind.USCC: "varchar",
    Kind.DATE: "date",
    Kind.MONTH: "date",
    Kind.MONEY: "decimal(18,2)",
    Kind.NUMBER: "double",
    Kind.INTEGER: "bigint",
    Kind.BOOLEAN: "boolean",
    Kind.CATEGORY: "varchar",
}

_DERIVED_TYPES = {Type.TEXT: "varchar", Type.NUMBER: "double", Type.BOOLEAN: "boolean", Type.DATE: "date"}
_DERIVED_BASIS = "create table if not exists derived.refreshed (name varchar primary key, basis varchar not null)"

#: What a delivery was: the account of every load, kept for as long as the rows that came with it.
_DELIVERY = """create table if not exists history.delivery (
    delivery_id varchar primary key, delivered_on date not null, loaded_at timestamp not null, actor varchar not null,
    source varchar not null, rows_accepted bigint not null, rows_quarantined bigint not null)"""

#: What became of the rows of each table of a delivery, and what was wrong with them: the state of the evidence as it
#: came in, which the rows that were accepted no longer show.
_DELIVERY_TABLE = """create table if not exists history.delivery_table (
    delivery_id varchar, table_name varchar, rows_read bigint, rows_accepted bigint, rows_quarantined bigint,
    rows_duplicate bigint, rows_superseding bigint, rows_unchanged bigint, primary key (delivery_id, table_name))"""
_DELIVERY_PROBLEM = """create table if not exists history.delivery_problem (
    delivery_id varchar, code varchar, severity varchar, table_name varchar, rows bigint,
    primary key (delivery_id, code, severity, table_name))"""


def physical_columns(contract: Contract) -> dict[str, str]:
    """Give the columns of ``history.<table>`` with their SQL types, in order.

    >>> list(physical_columns(CONTRACTS["tax_grade"]))[-6:]
    ['happened_on', 'known_on', 'void_on', 'superseded_on', 'delivery_id', 'row_digest']
    """
    columns = {column.name: SQL_TYPES[column.kind] for column in contract.columns}
    columns |= dict.fromkeys(("happened_on", "known_on", "void_on", "superseded_on"), "date")
    return columns | {"delivery_id": "varchar", "row_digest": "uuid"}


def visible_columns(contract: Contract) -> tuple[str, ...]:
    """Give the columns of the view ``<table>``, in order."""
    return (*contract.names, "happened_on", "known_on", "void_on")


def read() -> dict[str, frozenset[str]]:
    """Give what statements read of a warehouse: every relation with its columns, ``schema.name`` where it has a schema."""
    shown = {contract.table: frozenset(visible_columns(contract)) for contract in CONTRACTS.values()}
    derived = {name: frozenset(("code", "valid_from", "valid_to", *told)) for name, told in DERIVED.items()}
    kept = {f"history.{contract.table}": frozenset(physical_columns(contract)) for contract in CONTRACTS.values()}
    accounts = ("history.delivery", "history.delivery_table", "history.delivery_problem", "derived.refreshed")
    return shown | derived | kept | dict.fromkeys(accounts, frozenset())


def statements() -> Iterator[str]:
    """Give the statements that make every table and view; run on a warehouse that has them, they change nothing."""
    yield "create schema if not exists history"
    yield _DELIVERY
    yield _DELIVERY_TABLE
    yield _DELIVERY_PROBLEM
    for contract in CONTRACTS.values():
        columns = ", ".join(f'"{name}" {type_}' for name, type_ in physical_columns(contract).items())
        yield f'create table if not exists history."{contract.table}" ({columns})'
        for name, type_ in physical_columns(contract).items():
            # A warehouse from before a contract grew: the new column is unknown for what was loaded then.
            yield f'alter table history."{contract.table}" add column if not exists "{name}" {type_}'
        shown = ", ".join(f'"{name}"' for name in visible_columns(contract)[:-1])
        yield (
            f'create or replace view "{contract.table}" as select {shown}, '
            f'least(void_on, superseded_on) as void_on from history."{contract.table}"'
        )
    yield from _derived()


def _derived() -> Iterator[str]:
    """Give the tables that are computed from the evidence, and views by which features read them."""
    yield "create schema if not exists derived"
    yield _DERIVED_BASIS
    for name, told in DERIVED.items():
        columns = {"code": "varchar", "valid_from": "date", "valid_to": "date"}
        columns |= {column: _DERIVED_TYPES[type_] for column, type_ in told.items()}
        yield f"create table if not exists derived.{name} ({', '.join(' '.join(item) for item in columns.items())})"
        for column, type_ in columns.items():
            yield f"alter table derived.{name} add column if not exists {column} {type_}"
        yield f"create or replace view {name} as select * from derived.{name}"
