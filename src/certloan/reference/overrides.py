"""A workspace's own rows in the place of the package's: read whole, checked whole, used whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from certloan.errors import CertLoanError, InputError
from certloan.reference.checking import problems_of, shared_codes
from certloan.reference.loading import Row, listed, merged, put_in_place, shipped
from certloan.reference.tables import TABLES

_ENCODINGS = ("utf-8-sig", "gb18030")  # what people and what a Chinese spreadsheet program write
_Stamp = tuple[tuple[str, int, int], ...]


@dataclass
class _Used:
    """Which files are in use, so that asking again costs a look at their dates."""

    stamp: _Stamp = ()
    empty: tuple[str, ...] = ()


_USED = _Used()


def use_overrides(folder: Path | None) -> None:
    """Let ``<table>.csv`` of a folder override the package's tables; no folder, or an empty one, takes all back.

    A file of no bytes overrides nothing.
    ``InputError`` lists every problem of every file, and then none of them is used.
    """
    stamp = _stamp(folder)
    if stamp == _USED.stamp:
        return
    put_in_place(read_overrides(folder) if folder else {})
    _USED.stamp = stamp
    _USED.empty = tuple(Path(path).name for path, _, size in stamp if not size)


def read_overrides(folder: Path) -> Mapping[str, Sequence[Row]]:
    """Read and check every file of a folder; ``InputError`` lists all that is wrong."""
    found: dict[str, Sequence[Row]] = {}
    headings: dict[str, Sequence[str]] = {}
    problems: list[CertLoanError] = []
    for path in _files(folder):
        if path.stem not in TABLES:
            problems.append(InputError("reference-unknown-table", file=path.name, expected=", ".join(sorted(TABLES))))
            continue
        try:
            headings[path.stem], found[path.stem] = _read(path)
        except InputError as error:
            problems.append(error)
    whole = {name: merged(TABLES[name], rows) for name, rows in found.items()}
    known = references(whole)
    for name, rows in found.items():
        problems += problems_of(TABLES[name], rows, headings[name], known, f"{name}.csv")
        problems += shared_codes(TABLES[name], whole[name], f"{name}.csv")
    if problems:
        raise InputError("reference-override", folder=folder, count=len(problems), problems=tuple(problems))
    return found


def references(changed: Mapping[str, Sequence[Row]]) -> Mapping[str, Collection[str]]:
    """Give the codes of every column that another table refers to, with the tables that are ``changed``."""
    wanted = {field.refers for table in TABLES.values() for field in table.fields if field.refers}
    held = {}
    for name in wanted:
        table, column = name.split(".")
        rows = changed[table] if table in changed else shipped(table)
        held[name] = frozenset(code for row in rows for code in listed(row.get(column, "")))
    return held


def empty_files() -> tuple[str, ...]:
    """Name the files of the workspace that hold nothing at all and so override nothing.

    A shell that redirects into ``lpr.csv`` empties it before the command starts; that must not stop the command.
    """
    return _USED.empty


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in _all_files(folder) if path.stat().st_size)


def _all_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.csv") if path.is_file())


def _stamp(folder: Path | None) -> _Stamp:
    if folder is None or not folder.is_dir():
        return ()
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in _all_files(folder))


def _read(path: Path) -> tuple[Sequence[str], Sequence[Row]]:
    """Read a CSV file; cells left out at the end of a row are empty, and so are columns that a table may lack."""
    held = path.read_bytes()
    for encoding in _ENCODINGS:
        try:
            text = held.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            reader = csv.DictReader(io.StringIO(text, newline=""), restval="", strict=True)
            return tuple(reader.fieldnames or ()), tuple(row for row in reader if any(row.values()))
        except csv.Error as error:
            raise InputError("reference-unreadable", file=path.name, why=str(error)) from error
    raise InputError("reference-unreadable", file=path.name, why="UTF-8, GB18030")
