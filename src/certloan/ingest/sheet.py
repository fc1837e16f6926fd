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

from certloan.ingest.headings import heading
from certloan.ingest.layout import Row
from certloan.ingest.projection import FileProblem, RowProblem, Severity

#: The word that says what a row is, if it is not a record, stands in one of its first cells.
_TELLING_COLUMNS: Final = 3
_TOTAL: Final = r"(?i)^(?:本[页月年])?[合总小累共]\s*计[:：]?$|^(?:sub|grand)?[ -]?total:?$"
_FOOTNOTE: Final = r"^(?:(?:备?注|说明|附注|数据来源|资料来源|制表人?|填报人?|审核人?|填表人?|导出时间)\s*[:：\d]|共\s*\d+\s*[条行]|[Nn]ote:)"
# How spreadsheets are kept from taking a code for a number: ="0012", '0012.
_ARMOUR: Final = r"""^(?:="(.*)"|'(\w+))$"""


@dataclass
class RawSheet:
    """The rows of one table as text, before anybody asked what they mean.

    ``batches`` can be read once, and before the next sheet is asked for; each holds ``_row`` (int64, counted as a
    spreadsheet counts, titles and blank rows included) and ``c0`` … ``cN`` (string, trimmed, null where empty), at
    most 65,536 rows. ``problems`` fills while they are read, and may be
    emptied between batches: a batch can be empty where it only brings problems. ``unit`` is what one unit of money is in yuan where a
    line above the table says so.
    """

    file: str
    sheet: str
    header: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]
    problems: list[RowProblem] = field(default_factory=list)
    unit: Decimal | None = None


class TableBuilder:
    """Turns blocks of rows into batches, putting aside what is not a row of the table.

    ``ragged`` says that the rows come from a text file, where a row's length shows whether a field was lost or cut in
    two. Too many fields are always an error, unless the surplus is empty. Too few are an error unless the last field
    present is empty: then the writer has left out empty fields at the end, and the row is filled up with nulls.
    A workbook's rows all have the sheet's width; cells outside the table are counted in ``outside`` and left out.
    """

    def __init__(self, sheet: RawSheet, *, ragged: bool) -> None:
        self.outside = 0
        self._put_aside = 0
        self._sheet = sheet
        self._ragged = ragged
        self.width = len(sheet.header)
        self._mark = next(i for i, cell in enumerate(sheet.header) if cell)
        self._schema = pa.schema([("_row", pa.int64()), *((f"c{i}", pa.string()) for i in range(self.width))])

    def sheet_or_nothing(self, batches: Iterator[pa.RecordBatch]) -> Iterator[RawSheet | FileProblem]:
        """Give the sheet with its batches, or say that there is nothing under its header."""
        sheet = self._sheet
        first = next(batches, None)
        while first is not None and not first.num_rows and not self._put_aside:
            first = next(batches, None)
        if first is None and not self._put_aside:
            facts = {"columns": self.width}
            yield FileProblem(sheet.file, sheet.sheet, "no-rows", "", facts, Severity.WARNING)
            return
        sheet.batches = batches if first is None else chain((first,), batches)
        yield sheet

    @property
    def reported(self) -> bool:
        """Whether problems wait to be taken. A batch is then given even if it is empty, so that they never pile up."""
        return bool(self._sheet.problems)

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
        if self._ragged and row[-1].strip() and not (_is_total(row) or _is_footnote(row)):
            self.report(number, "too-few-fields", len(row), wanted=width)
            return None
        return [*row, *[""] * (width - len(row))]

    def report(self, number: int, code: str, found: object, *, warning: bool = False, **facts: object) -> None:
        """Note a problem of one row."""
        severity = Severity.WARNING if warning else Severity.QUARANTINE
        self._put_aside += not warning
        self._sheet.problems.append(
            RowProblem(self._sheet.file, self._sheet.sheet, number, "", "", code, str(found), facts, severity)
        )

    def _without_marked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Leave out totals and repeated headers; only rows with a telling cell are looked at one by one."""
        suspects = pc.equal(batch.column(self._mark + 1), self._sheet.header[self._mark])
        for column in batch.columns[1 : 1 + _TELLING_COLUMNS]:
            suspects = pc.or_kleene(suspects, pc.match_substring_regex(column, f"{_TOTAL}|{_FOOTNOTE}"))
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
        if _is_footnote(row):
            self.report(number, "footnote-row", next(cell for cell in row if cell), warning=True)
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


def _is_footnote(row: Row) -> bool:
    """Whether the only cell that is filled is a remark on the table."""
    filled = [cell.strip() for cell in row if cell.strip()]
    return len(filled) == 1 and re.search(_FOOTNOTE, filled[0]) is not None


def _column(values: Sequence[str]) -> pa.Array:
    """A column of trimmed text, null where nothing is left."""
    column = pc.utf8_trim_whitespace(pa.array(values, pa.string()))
    if pc.any(pc.or_(pc.starts_with(column, '="'), pc.starts_with(column, "'"))).as_py():
        column = pc.replace_substring_regex(column, _ARMOUR, r"\1\2")
    return pc.if_else(pc.equal(column, ""), None, column)
