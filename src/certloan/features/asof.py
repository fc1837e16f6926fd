"""Time, cut in one place: what was known of an applicant on the day, and no record more.

Every statement of :mod:`certloan.features` reads its records through :func:`known`; no feature writes a cut of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from certloan.features.spec import Window

#: The relation of those who are asked about: subject (a number), application_id, uscc, as_of.
SUBJECTS = "feature_subjects"
#: The relation of one row whose columns are named like tables: the day on which the table's source was delivered.
SOURCES = "feature_sources"


def counts(record: str, day: str) -> str:
    """Say that a record counts on a day: known by then, and not yet void.

    >>> counts("r", "s.as_of")
    'r.known_on <= s.as_of and (r.void_on is null or s.as_of < r.void_on)'
    """
    return f"{record}.known_on <= {day} and ({record}.void_on is null or {day} < {record}.void_on)"


def counts_here(record: Mapping[str, Any], day: date) -> bool:
    """Tell whether a record counts on a day, as :func:`counts` says it to an engine."""
    void: date | None = record["void_on"]
    known: date = record["known_on"]
    return known <= day and (void is None or day < void)


def valid(reference: str, day: str) -> str:
    """Say that a version of a reference row is in force on a day; an open end is null."""
    return (
        f"({reference}.valid_from is null or {reference}.valid_from <= {day})"
        f" and ({reference}.valid_to is null or {day} < {reference}.valid_to)"
    )


def valid_here(valid_from: date | None, valid_to: date | None, day: date | None) -> bool:
    """Tell whether a version is in force on a day, as :func:`valid` says it to an engine."""
    after = valid_from is None or (day is not None and valid_from <= day)
    return after and (valid_to is None or (day is not None and day < valid_to))


def start(window: Window) -> str:
    """Name the column of the day after which a window begins."""
    return f"after_{window.months + window.lag}m"


def end(window: Window) -> str:
    """Name the column of the day at which a window ends."""
    return f"to_{window.lag}m" if window.lag else "as_of"


def within(window: Window) -> str:
    """Say that a record happened inside the window."""
    return f"happened_on > {start(window)} and happened_on <= {end(window)}"


def subjects(windows: Iterable[Window]) -> str:
    """Give the subjects with the bounds of every window, computed once per subject and not once per record."""
    bounds: dict[str, int] = {}
    for window in windows:
        bounds[start(window)] = window.months + window.lag
        if window.lag:
            bounds[end(window)] = window.lag
    columns = ["subject", "application_id", "uscc", "as_of"]
    columns += [f"cast(as_of - interval '{months}' month as date) as {name}" for name, months in bounds.items()]
    return f"select {', '.join(columns)} from {SUBJECTS}"


def days() -> str:
    """Give each day that is asked about once, for registers that say the same of it to everybody."""
    return f"select distinct as_of from {SUBJECTS}"


def sources(tables: Iterable[str]) -> str:
    """Give the one row of :data:`SOURCES`.

    A source counts as delivered from the day its first record was known: later deliveries cannot change that.
    """
    first = [f"(select min(known_on) from {table}) as {table}" for table in dict.fromkeys(tables)]
    return "select " + ", ".join(["0 as nothing", *first])


def delivered(source: str, table: str, day: str) -> str:
    """Say that a table's source had been delivered by a day; ``source`` is the alias of :data:`SOURCES`."""
    return f"{source}.{table} <= {day}"


def known(table: str, keys: Sequence[str], columns: Mapping[str, str], bounds: Iterable[str], people: str) -> str:
    """Give the records of ``table`` that count for each subject: the only join between subjects and records.

    ``columns`` maps quoted columns to themselves or to an alias, ``bounds`` are columns of ``people`` to keep.
    ``people`` is the statement of :func:`subjects`, or of :func:`days` for a table without ``keys``.
    """
    kept = [f"s.{name}" for name in ("subject", *bounds)] if keys else []
    kept += ["s.as_of", *(f"r.{column} as {alias}" for column, alias in columns.items())]
    same = " and ".join([*(f"r.{key} = s.{key}" for key in keys), counts("r", "s.as_of")])
    return f"select {', '.join(kept)} from ({people}) as s join {table} as r on {same}"
