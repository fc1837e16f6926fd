"""What a reference table must hold, said once as data: loading, checking, showing and overriding share it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Cell(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    CODE = "code"  # without spaces around it: what other tables and records refer to
    DATE = "date"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"  # true or false
    LIST = "list"  # several codes, separated by semicolons


@dataclass(frozen=True)
class Field:
    """One column. ``levels`` are the only texts allowed; ``refers`` names the ``table.column`` that must hold each code.

    ``low`` and ``high`` bound numbers, both ends included. Each code of an ``exclusive`` list stands in one row only on
    any day, because records are looked up by it.
    """

    name: str
    cell: Cell = Cell.TEXT
    required: bool = False
    levels: tuple[str, ...] = ()
    refers: str = ""
    low: float | None = None
    high: float | None = None
    exclusive: bool = False


#: Columns that a dated table has beside its own: from when until before when a row holds, and where it comes from.
#: ``unconfirmed`` names cells of a verified row for which that cannot be said.
DATES = (Field("valid_from", Cell.DATE), Field("valid_to", Cell.DATE))
SOURCES = (Field("source", required=True), Field("verified", Cell.BOOLEAN, required=True))
UNCONFIRMED = Field("unconfirmed", Cell.LIST)


@dataclass(frozen=True)
class ReferenceTable:
    """One table: ``key`` with the dates identifies a row, and on each day one row of a key is in force.

    A table that was taken over whole, such as GB/T 4754, says ``source``, ``verified`` and ``valid_from`` once.
    ``code`` is the column by which people look a row up.
    """

    name: str
    zh: str
    en: str
    own: tuple[Field, ...]
    key: tuple[str, ...]
    source: str = ""
    verified: bool = True
    valid_from: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every column that a file may hold, in the order in which the package writes them."""
        return self.own if self.source else (*self.own, *DATES, *SOURCES, UNCONFIRMED)

    @property
    def code(self) -> str:
        """The first column of the key."""
        return self.key[0]

    @property
    def dated(self) -> bool:
        """Whether rows come and go; a table that was taken over whole changes with its edition only."""
        return not self.source

    def field(self, name: str) -> Field | None:
        """Give the column called ``name``, or None."""
        return next((field for field in self.fields if field.name == name), None)


def named(tables: Iterable[ReferenceTable]) -> dict[str, ReferenceTable]:
    """Give the tables by their names."""
    return {table.name: table for table in tables}
