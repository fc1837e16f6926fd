"""Reference tables as package data, with the rows that a workspace puts in their place.

A file of the workspace named as a table holds rows in the table's own columns. For every key that it names, its rows
take the place of *all* rows of that key, whatever their dates; other keys stay, new keys are added.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from certloan.reference.contract import ReferenceTable
from certloan.reference.tables import TABLES

Row = Mapping[str, str]
_F = TypeVar("_F", bound=Callable[..., Any])
_CLEARERS: list[Callable[[], None]] = []
_overrides: dict[str, tuple[Row, ...]] = {}


def cached(function: _F) -> _F:
    """Keep what a look-up gave until the overrides change."""
    kept = cache(function)
    _CLEARERS.append(kept.cache_clear)
    return kept  # type: ignore[return-value]  # functools.cache keeps the signature; typeshed does not say so


def put_in_place(overrides: Mapping[str, Sequence[Row]]) -> None:
    """Let these rows take the place of the package's, for every look-up from now on."""
    _overrides.clear()
    _overrides.update({name: tuple(_whole(TABLES[name], row) for row in rows) for name, rows in overrides.items()})
    for clear in _CLEARERS:
        clear()


def overridden() -> Mapping[str, int]:
    """Tell how many rows the workspace gives for each table that it overrides."""
    return {name: len(rows) for name, rows in _overrides.items()}


def rows(name: str) -> Sequence[Row]:
    """Give the rows of a table as they hold in this workspace; an empty cell is an empty text."""
    return merged(TABLES[name], _overrides[name]) if name in _overrides else shipped(name)


def shipped(name: str) -> tuple[Row, ...]:
    """Give the package's own rows of a table."""
    text = resources.files(__package__).joinpath("data", f"{name}.csv").read_text(encoding="utf-8-sig")
    return tuple(_whole(TABLES[name], row) for row in csv.DictReader(io.StringIO(text), restval=""))


def _whole(table: ReferenceTable, row: Row) -> Row:
    """Give every column of the table; those that a file leaves out are empty."""
    return {field.name: row.get(field.name, "") for field in table.fields}


def merged(table: ReferenceTable, override: Sequence[Row]) -> tuple[Row, ...]:
    """Put rows in the place of the package's rows of the same keys."""
    named = {key_of(table, row) for row in override}
    kept = tuple(row for row in shipped(table.name) if key_of(table, row) not in named)
    return (*kept, *override)


def key_of(table: ReferenceTable, row: Row) -> tuple[str, ...]:
    """Give what identifies a row, its dates aside."""
    return tuple(row.get(name, "") for name in table.key)


@cached
def reference_digest() -> str:
    """Give a digest of every table as it holds here: what a decision cites, so that it can be told what it rested on.

    One cell changes it; the order of rows does not.
    """
    whole = hashlib.sha256()
    for name in sorted(TABLES):
        whole.update(name.encode())
        for line in sorted(_lines(name)):
            whole.update(line.encode())
    return whole.hexdigest()


def _lines(name: str) -> Iterator[str]:
    for row in rows(name):
        yield json.dumps({column: cell for column, cell in row.items() if cell}, ensure_ascii=False, sort_keys=True)


def day(text: str) -> date | None:
    """Read a date; an empty text is an open end.

    >>> day("2024-08-21"), day("")
    (datetime.date(2024, 8, 21), None)
    """
    return date.fromisoformat(text) if text else None


def listed(text: str) -> tuple[str, ...]:
    """Read a cell that holds several codes.

    >>> listed("A; 13"), listed("")
    (('A', '13'), ())
    """
    return tuple(part.strip() for part in text.split(";") if part.strip())


def in_force(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """Tell whether a version of a row is in force on a day: from ``valid_from``, until before ``valid_to``."""
    return (valid_from is None or valid_from <= on) and (valid_to is None or on < valid_to)
