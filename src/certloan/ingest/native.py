"""Cells that have a type already: which of them need no reading, and how the others look as text, in SQL (DuckDB).

A typed cell means exactly what its text would mean: a day is a day, a number a number, in the column's own unit. So a
file with types and the same table as text load alike.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from certloan.contracts import Column, Kind

#: China has one time and no summer time: an instant is a day there.
_CHINA_AHEAD_US = 8 * 3600 * 1_000_000
#: How "no end" is written as a day.
_NO_END = "date '9999-12-31'"


class Staged(StrEnum):
    """What the cells of a column are in their file."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"  # a day and a time of day, wherever it is
    INSTANT = "instant"  # a moment of the world's time
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    OTHER = "other"
    NESTED = "nested"


_DAYS = (Staged.DATE, Staged.MOMENT, Staged.INSTANT)
_FITTING: dict[Kind, tuple[Staged, ...]] = {
    Kind.DATE: _DAYS,
    Kind.MONTH: _DAYS,
    Kind.MONEY: (Staged.INTEGER, Staged.DECIMAL),
    # A floating-point number may be infinite or none at all; its text tells.
    Kind.NUMBER: (Staged.INTEGER, Staged.DECIMAL),
    Kind.INTEGER: (Staged.INTEGER,),
    Kind.BOOLEAN: (Staged.BOOLEAN,),
}


def fits(column: Column, staged: Staged) -> bool:
    """Tell whether the cells hold the column's values already."""
    return staged in _FITTING.get(column.kind, ())


def cell(name: str, staged: Staged) -> str:
    """Compile a cell as reports show it and :func:`told` takes it: an instant is told in China's time."""
    if staged is Staged.INSTANT:
        return f"make_timestamp(epoch_us({name}) + {_CHINA_AHEAD_US})"
    if staged is Staged.BYTES:
        # Old writers leave text unmarked. What is no text is shown byte by byte.
        return f"coalesce(try(decode({name})), cast({name} as varchar))"
    return name


def told(name: str, column: Column) -> str:
    """Compile what a cell that :func:`fits` tells: the day that stands for "no end" tells nothing."""
    ends = column.kind is Kind.DATE and column.future
    return f"case when cast({name} as date) = {_NO_END} then null else {name} end" if ends else name


def typed(name: str, column: Column, staged: Staged, unit: Decimal = Decimal(1)) -> str:
    """Compile the value of a cell that :func:`fits`; null where it is too large for the column."""
    day = name if staged is Staged.DATE else f"cast({name} as date)"
    match column.kind:
        case Kind.DATE:
            return f"case when isfinite({day}) then {day} end"
        case Kind.MONTH:
            return f"case when isfinite({day}) then cast(date_trunc('month', {day}) as date) end"
        case Kind.MONEY if unit == 1:
            return f"try_cast({name} as decimal(18,2))"
        case Kind.MONEY:
            return f"try_cast(try_cast({name} as decimal(27,10)) * cast({unit} as decimal(11,2)) as decimal(18,2))"
        case Kind.NUMBER:
            return f"cast({name} as double)"
        case Kind.INTEGER:
            return f"cast({name} as bigint)"
        case _:
            return name
