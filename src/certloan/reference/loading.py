"""Reference tables as package data: small, dated, each row with its source."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import resources


def rows(file: str) -> Iterator[Mapping[str, str]]:
    """Give the rows of a table in ``reference/data``; an empty cell is an empty text."""
    with resources.files(__package__).joinpath("data", file).open(encoding="utf-8-sig") as opened:
        yield from csv.DictReader(opened)


def day(text: str) -> date | None:
    """Read a date; an empty text is an open end.

    >>> day("2024-08-21"), day("")
    (datetime.date(2024, 8, 21), None)
    """
    return date.fromisoformat(text) if text else None


def in_force(valid_from: date | None, valid_to: date | None, on: date) -> bool:
    """Tell whether a version of a row is in force on a day: from ``valid_from``, until before ``valid_to``."""
    return (valid_from is None or valid_from <= on) and (valid_to is None or on < valid_to)
