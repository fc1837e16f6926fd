"""How a scorecard's workbook is written: rows of texts and numbers that no spreadsheet takes for formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

HEADER = PatternFill("solid", fgColor="DDE6F0")
INPUT = PatternFill("solid", fgColor="FFF7CC")
RESULT = PatternFill("solid", fgColor="E5F2EA")
POINTS, SHARE, WHOLE = "+0.0;-0.0;0.0", "0.0%", "#,##0"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Formula:
    """What a spreadsheet shall work out; every other text is a text."""

    source: str


Value = str | int | float | Formula | None


def put(sheet: Worksheet, row: int, column: int, value: Value, shape: str = "") -> Cell:
    """Write one cell, in a number format where one is given."""
    cell = cast("Cell", sheet.cell(row, column))
    if isinstance(value, Formula):
        cell.value = value.source
    elif isinstance(value, str):
        cell.value = _CONTROL.sub("", value)
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in "=+-@"
    else:
        cell.value = value
    if shape:
        cell.number_format = shape
    return cell


def header(sheet: Worksheet, row: int, names: Sequence[str], widths: Sequence[int]) -> None:
    """Write the heads of columns and set their widths."""
    for column, (name, width) in enumerate(zip(names, widths, strict=True), 1):
        cell = put(sheet, row, column, name)
        cell.font, cell.fill = Font(bold=True), HEADER
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = width


def rows(sheet: Worksheet, first: int, lines: Sequence[Sequence[Value]], shapes: Sequence[str]) -> None:
    """Write lines of values, each column in its number format."""
    for number, line in enumerate(lines):
        for column, (value, shape) in enumerate(zip(line, shapes, strict=True), 1):
            put(sheet, first + number, column, value, shape)


def span(sheet: Worksheet, column: str, first: int, last: int) -> str:
    """Name a part of a column from anywhere in the workbook."""
    title = sheet.title.replace("'", "''")
    return f"'{title}'!${column}${first}:${column}${last}"
