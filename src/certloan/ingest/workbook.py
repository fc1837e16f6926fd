"""Tables in workbooks (.xlsx, .xls, .ods), every sheet of them, as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Final

import python_calamine as calamine

from certloan.ingest.container import OLE_MAGIC, magic, refuse
from certloan.ingest.delimited import first_cells
from certloan.ingest.encoding import BLOCK_ROWS
from certloan.ingest.headings import HeaderIndex
from certloan.ingest.layout import HEADER_ROWS, find_layout
from certloan.ingest.projection import FileProblem, Severity
from certloan.ingest.sheet import RawSheet, TableBuilder

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

#: Digits that a spreadsheet shows and keeps of a number.
_DIGITS: Final = 15


def read_workbook(path: Path, file: str, known: HeaderIndex) -> Iterator[RawSheet | FileProblem]:
    """Read the sheets of one workbook; ``file`` is what reports call it."""
    if (problem := refuse(path, file)) is not None:
        yield problem
        return
    try:
        workbook = _opened(path)
    except calamine.PasswordError:
        yield FileProblem(file, "", "password-protected", "")
        return
    except calamine.CalamineError as error:
        yield FileProblem(file, "", "unreadable-workbook", str(error))
        return
    with workbook:
        yield from _sheets(workbook, file, known)


def _opened(path: Path) -> calamine.CalamineWorkbook:
    """Open a workbook by its content where its name says something else: by path it goes by the name alone."""
    if (magic(path) == OLE_MAGIC) == (path.suffix.casefold() == ".xls"):
        return calamine.CalamineWorkbook.from_path(str(path))
    with path.open("rb") as handle:
        return calamine.CalamineWorkbook.from_filelike(handle)


def _sheets(workbook: calamine.CalamineWorkbook, file: str, known: HeaderIndex) -> Iterator[RawSheet | FileProblem]:
    """Give every sheet with a header; then those without, which are an error only if no other sheet has one."""
    strangers: list[tuple[str, str]] = []
    recognised = damaged = False
    for name in workbook.sheet_names:
        try:
            sheet = workbook.get_sheet_by_name(name)
        except calamine.CalamineError as error:
            yield FileProblem(file, name, "unreadable-workbook", str(error))
            damaged = True
            continue
        rows = _rows(sheet)
        head = list(islice(rows, HEADER_ROWS + 2))
        layout = find_layout(head, known)
        if layout is None:
            if any(any(row) for row in head):
                strangers.append((name, first_cells(head)))
            continue
        recognised = True
        raw = RawSheet(file, name, layout.header, iter(()), unit=layout.unit)
        builder = TableBuilder(raw, ragged=False)
        if layout.second is not None:
            builder.report(layout.second + 1, "second-header-row", first_cells(head[layout.second :]), warning=True)
        yield from builder.sheet_or_nothing(_batches(chain(head[layout.first :], rows), builder, layout.first + 1))
        if builder.outside:
            facts = {"rows": builder.outside}
            yield FileProblem(file, name, "cells-outside-table", str(builder.outside), facts, Severity.WARNING)
    for name, found in strangers:
        severity = Severity.WARNING if recognised else Severity.QUARANTINE
        yield FileProblem(file, name, "unrecognised-sheet", found, {}, severity)
    if not (recognised or strangers or damaged):
        yield FileProblem(file, "", "empty-file", "")


def _batches(rows: Iterator[list[str]], builder: TableBuilder, first: int) -> Iterator[object]:
    while block := list(islice(rows, BLOCK_ROWS)):
        batch = builder.batch(block, first)
        first += len(block)
        if batch.num_rows or builder.reported:
            yield batch


def _rows(sheet: calamine.CalamineSheet) -> Iterator[list[str]]:
    """The rows from the first of the sheet on, so that positions are row numbers."""
    for row in sheet.iter_rows():
        yield [cell if isinstance(cell, str) else as_text(cell) for cell in row]


def as_text(cell: Cell) -> str:
    """Write a cell as a person would type it; dates in ISO, no ``.0`` behind a whole number, an exponent only where
    digits were lost.

    >>> as_text(3.0), as_text(0.1 + 0.2), as_text(True), as_text(dt.datetime(2024, 3, 1)), as_text(1e-7), as_text(9.11e17)
    ('3', '0.3', 'true', '2024-03-01', '0.0000001', '9.11000000000000E+17')
    """
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, dt.datetime):
        whole_day = cell.time() == dt.time()
        return cell.date().isoformat() if whole_day else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _number(value: float) -> str:
    if value.is_integer():
        # More digits than are kept were lost: the exponent shows it, where a row of noughts would look like a code.
        return str(int(value)) if abs(value) < 10**_DIGITS else f"{value:.{_DIGITS - 1}E}"
    return format(Decimal(f"{value:.{_DIGITS}g}"), "f")
