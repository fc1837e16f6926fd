"""One table of a file: where its header is, which rows below are data, and the data in blocks.

Workbooks and text files come here alike, as blocks of rows of text, so that both obey the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from certloan.ingest.headings import HeaderIndex, describes, heading, unit_line
from certloan.ingest.projection import FileProblem, RowProblem, Severity

#: The header is looked for in this many rows.
HEADER_ROWS: Final = 30
#: Totals carry their word in one of the first cells of the row.
_TOTAL_COLUMNS: Final = 3
_TOTAL: Final = r"(?i)^(本[页月年])?[合总小累共]\s*计[:：]?$|^(sub|grand)?[ -]?total:?$"

Row = Sequence[str]


@dataclass
class RawSheet:
    """The rows of one table as text, before anybody asked what they mean.

    ``batches`` can be read once, and before the next sheet is asked for; each holds ``_row`` (int64, counted as a
    spreadsheet counts, titles and blank rows included) and ``c0`` … ``cN`` (string, trimmed, null where empty), at
    most 65,536 rows. ``problems`` fills while they are read. ``unit`` is what one unit of money is in yuan where a
    line above the table says so.
    """

    file: str
    sheet: str
    header: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]
    problems: list[RowProblem] = field(default_factory=list)
    unit: Decimal | None = None


@dataclass(frozen=True)
class Layout:
    """Where the table begins. ``first`` is the index of the first row of data; ``second`` the skipped second header."""

    header: tuple[str, ...]
    first: int
    unit: Decimal | None = None
    second: int | None = None


def find_layout(rows: Sequence[Row], known: HeaderIndex) -> Layout | None:
    """Find the header among the first rows: the row, or the two rows of a header with merged cells, that names most.

    A row counts from two known headers on, or one if it holds nothing else. Where a second row repeats the header in
    another language, or gives units or types, it is skipped; units found there join the header cells above them.
    """
    best: tuple[int, int, tuple[str, ...]] | None = None
    score = 0
    for at, row in enumerate(rows[:HEADER_ROWS]):
        below = rows[at + 1] if at + 1 < len(rows) else ()
        for header, last in ((_cells(row), at), (_stacked(row, below, known), at + 1)):
            count = known.count(header)
            if count > score and (count >= 2 or count == sum(1 for cell in header if cell)):
                best, score = (at, last, header), count
    if best is None:
        return None
    at, last, header = best
    unit = next((u for row in rows[:at] for cell in row if cell and (u := unit_line(cell)) is not None), None)
    after = last + 1
    if after < len(rows) and _is_second_header(rows[after], header, known):
        return Layout(_with_units(header, rows[after]), after + 1, unit, after)
    return Layout(header, after, unit)


def _cells(row: Row) -> tuple[str, ...]:
    """A header row's cells, trimmed, without the empty ones at its end."""
    cells = [" ".join(cell.split()) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _stacked(upper: Row, lower: Row, known: HeaderIndex) -> tuple[str, ...]:
    """A header in two rows, groups above names: the lower cell where it is a known header, else the upper."""
    width = max(len(upper), len(lower))
    above, below = ([*row, *[""] * (width - len(row))] for row in (upper, lower))
    if not any(a and not b.strip() for a, b in zip(above, below, strict=True)):
        return ()  # without a cell that spans both rows, the lower row is a header or data of its own
    return _cells([b if b and known.knows(b) else a or b for a, b in zip(above, below, strict=True)])


def _is_second_header(row: Row, header: tuple[str, ...], known: HeaderIndex) -> bool:
    filled = [cell for cell in row if cell.strip()]
    if not filled:
        return False
    telling = sum(1 for cell in filled if known.knows(cell) or describes(cell))
    if 2 * telling > len(filled) and (telling > 1 or len(header) == 1):
        return True
    return _is_translation(filled, header)


def _is_translation(filled: Sequence[str], header: tuple[str, ...]) -> bool:
    """English words under Chinese headers in nearly every column: data would hold a code, a date or a number."""
    named = [cell for cell in header if cell]
    chinese = sum(1 for cell in named if not cell.isascii())
    return (
        len(filled) >= max(3, 0.8 * len(named))
        and 2 * chinese > len(named)
        and len(set(filled)) == len(filled)
        and all(re.fullmatch(r"[A-Za-z][A-Za-z _./()'&-]+", cell.strip()) for cell in filled)
    )


def _with_units(header: tuple[str, ...], below: Row) -> tuple[str, ...]:
    units = [cell.strip().strip("()（）[]【】") for cell in below[: len(header)]]
    units += [""] * (len(header) - len(units))
    return tuple(
        f"{cell}（{unit}）" if cell and unit_line(f"单位：{unit}") is not None else cell
        for cell, unit in zip(header, units, strict=True)
    )


class TableBuilder:
    """Turns blocks of rows into batches, putting aside what is not a row of the table.

    ``ragged`` says that the rows come from a text file, where a row's length shows whether a field was lost or cut in
    two. Too many fields are always an error, unless the surplus is empty. Too few are an error unless the last field
    present is empty: then the writer has left out empty fields at the end, and the row is filled up with nulls.
    A workbook's rows all have the sheet's width; cells outside the table are counted in ``outside`` and left out.
    """

    def __init__(self, sheet: RawSheet, *, ragged: bool) -> None:
        self.outside = 0
        self._sheet = sheet
        self._ragged = ragged
        self.width = len(sheet.header)
        self._mark = next(i for i, cell in enumerate(sheet.header) if cell)
        self._schema = pa.schema([("_row", pa.int64()), *((f"c{i}", pa.string()) for i in range(self.width))])

    def sheet_or_nothing(self, batches: Iterator[pa.RecordBatch]) -> Iterator[RawSheet | FileProblem]:
        """Give the sheet with its batches, or say that there is nothing under its header."""
        sheet = self._sheet
        first = next(batches, None)
        if first is None and not any(problem.severity is Severity.QUARANTINE for problem in sheet.problems):
            facts = {"columns": self.width}
            yield FileProblem(sheet.file, sheet.sheet, "no-rows", "", facts, Severity.WARNING)
            return
        sheet.batches = batches if first is None else chain((first,), batches)
        yield sheet

    def batch(self, rows: Sequence[Row], first: int) -> pa.RecordBatch:
        """Make one batch of rows, the first of which has the row number ``first``."""
        kept: Sequence[Row] = rows
        numbers: Sequence[int] = range(first, first + len(rows))
        if set(map(len, rows)) != {self.width}:
            kept, numbers = self._even(rows, first)
        columns = [_column(values) for values in zip(*kept, strict=True)] if kept else []
        if not columns:
            return pa.RecordBatch.from_pylist([], schema=self._schema)
        batch = pa.RecordBatch.from_arrays([pa.array(numbers, pa.int64()), *columns], schema=self._schema)
        return self._without_blank(self._without_marked(batch))

    def _even(self, rows: Sequence[Row], first: int) -> tuple[list[Row], list[int]]:
        kept: list[Row] = []
        numbers: list[int] = []
        for number, row in enumerate(rows, first):
            if (fitted := self._fitted(row, number)) is not None:
                kept.append(fitted)
                numbers.append(number)
        return kept, numbers

    def _fitted(self, row: Row, number: int) -> Row | None:
        width = self.width
        if len(row) == width:
            return row
        if len(row) > width:
            if any(cell.strip() for cell in row[width:]):
                if self._ragged:
                    self.report(number, "too-many-fields", len(row), wanted=width)
                    return None
                self.outside += 1
            return row[:width]
        if not row or not any(row):
            return None
        if self._ragged and row[-1].strip() and not _is_total(row):
            self.report(number, "too-few-fields", len(row), wanted=width)
            return None
        return [*row, *[""] * (width - len(row))]

    def report(self, number: int, code: str, found: object, *, warning: bool = False, **facts: object) -> None:
        """Note a problem of one row."""
        severity = Severity.WARNING if warning else Severity.QUARANTINE
        self._sheet.problems.append(
            RowProblem(self._sheet.file, self._sheet.sheet, number, "", "", code, str(found), facts, severity)
        )

    def _without_marked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Leave out totals and repeated headers; only rows with a telling cell are looked at one by one."""
        suspects = pc.equal(batch.column(self._mark + 1), self._sheet.header[self._mark])
        for column in batch.columns[1 : 1 + _TOTAL_COLUMNS]:
            suspects = pc.or_kleene(suspects, pc.match_substring_regex(column, _TOTAL))
        suspects = pc.fill_null(suspects, False)
        if not pc.any(suspects).as_py():
            return batch
        keep = suspects.to_pylist()
        for at, suspect in enumerate(keep):
            keep[at] = not suspect or not self._is_marked(batch.slice(at, 1))
        return batch.filter(pa.array(keep))

    def _is_marked(self, one: pa.RecordBatch) -> bool:
        number, *cells = (column[0].as_py() for column in one.columns)
        row = [cell or "" for cell in cells]
        if _is_total(row):
            self.report(number, "total-row", next(cell for cell in row if cell), warning=True)
            return True
        pairs = [(cell, head) for cell, head in zip(row, self._sheet.header, strict=True) if cell]
        if len(pairs) > self.width / 2 and all(heading(cell).key == heading(head).key for cell, head in pairs):
            self.report(number, "repeated-header", row[self._mark], warning=True)
            return True
        return False

    def _without_blank(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        blank = batch.column(1).is_null()
        for column in batch.columns[2:]:
            if not pc.any(blank).as_py():
                return batch
            blank = pc.and_(blank, column.is_null())
        return batch.filter(pc.invert(blank))


def _is_total(row: Row) -> bool:
    """Whether the first cell that is filled is a word for a sum."""
    first = next((cell.strip() for cell in row if cell.strip()), "")
    return re.search(_TOTAL, first) is not None


def _column(values: Sequence[str]) -> pa.Array:
    """A column of trimmed text, null where nothing is left."""
    column = pc.utf8_trim_whitespace(pa.array(values, pa.string()))
    return pc.if_else(pc.equal(column, ""), None, column)
