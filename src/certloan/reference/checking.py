"""Whether rows keep the contract of their table: every problem with its file, row and column."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date

from certloan.errors import CertLoanError, InputError
from certloan.reference.contract import Cell, Field, ReferenceTable
from certloan.reference.loading import Row, key_of, listed

#: The codes that each ``table.column`` holds, for the fields that refer to it.
Known = Mapping[str, Collection[str]]
_HEADING_ROWS = 1


def problems_of(
    table: ReferenceTable, rows: Sequence[Row], columns: Sequence[str], known: Known, file: str
) -> Iterator[CertLoanError]:
    """Give every problem of the rows of one file, in the order of the file; rows count as a spreadsheet counts them."""
    own = [field.name for field in table.fields]
    for name in columns:
        if name not in own:
            yield InputError("reference-unknown-column", file=file, column=name, expected=", ".join(own))
    absent = [field.name for field in table.fields if field.required and field.name not in columns]
    for name in absent:
        yield InputError("reference-missing-column", file=file, column=name)
    fields = [field for field in table.fields if field.name in columns]
    clean = True
    for number, row in enumerate(rows, start=1 + _HEADING_ROWS):
        found = list(_row_problems(fields, row, known, file, number))
        clean = clean and not found
        yield from found
    if clean and not absent:
        yield from _clashes(table, rows, file)


def _row_problems(fields: Sequence[Field], row: Row, known: Known, file: str, number: int) -> Iterator[CertLoanError]:
    if None in row:  # how csv.DictReader keeps the cells that no heading names
        yield InputError("reference-too-many-cells", file=file, row=number)
    for field in fields:
        yield from _cell_problems(field, row[field.name] or "", known, file, number)
    start, end = row.get("valid_from") or "", row.get("valid_to") or ""
    if _is_day(start) and _is_day(end) and end <= start:
        yield InputError("reference-span", file=file, row=number, column="valid_to", found=end, expected=start)


def _cell_problems(field: Field, text: str, known: Known, file: str, number: int) -> Iterator[CertLoanError]:
    where = {"file": file, "row": number, "column": field.name, "found": text}
    if not text:
        if field.required:
            yield InputError("reference-empty", file=file, row=number, column=field.name)
        return
    if not _READ[field.cell](text):
        yield InputError("reference-kind", **where, expected=_EXPECTED[field.cell])
        return
    if field.levels and text not in field.levels:
        yield InputError("reference-level", **where, expected=", ".join(level for level in field.levels if level))
    if (field.low is not None and float(text) < field.low) or (field.high is not None and float(text) > field.high):
        yield InputError("reference-range", **where, low=field.low, high=_shown(field.high))
    if field.refers:
        for code in listed(text) if field.cell is Cell.LIST else (text,):
            if code not in known[field.refers]:
                yield InputError("reference-dangling", **{**where, "found": code}, expected=field.refers)


def _clashes(table: ReferenceTable, rows: Sequence[Row], file: str) -> Iterator[CertLoanError]:
    """Give the rows of one key that hold on the same day: a look-up would find both."""
    numbered = sorted(
        (key_of(table, row), row.get("valid_from") or "", number, row.get("valid_to") or "")
        for number, row in enumerate(rows, start=1 + _HEADING_ROWS)
    )
    for (left_key, _, left, ends), (right_key, starts, right, _) in itertools.pairwise(numbered):
        if left_key == right_key and (not ends or not starts or starts < ends):
            yield InputError("reference-overlap", file=file, row=right, other=left, found=" ".join(right_key))


def shared_codes(table: ReferenceTable, rows: Sequence[Row], file: str) -> Iterator[CertLoanError]:
    """Give the codes of exclusive lists that two rows in force on one day both name, among all rows of a table."""
    for field in (field for field in table.fields if field.exclusive):
        holders: dict[str, list[Row]] = {}
        for row in rows:
            for code in listed(row.get(field.name) or ""):
                others = [other for other in holders.get(code, []) if _meet(row, other)]
                if others:
                    names = f"{' '.join(key_of(table, others[0]))}, {' '.join(key_of(table, row))}"
                    yield InputError("reference-code-twice", file=file, column=field.name, found=code, rows=names)
                holders.setdefault(code, []).append(row)


def _meet(left: Row, right: Row) -> bool:
    """Tell whether some day lies in the times of both rows; dates as text sort like dates."""
    return all(
        not one.get("valid_to") or not other.get("valid_from") or other["valid_from"] < one["valid_to"]
        for one, other in ((left, right), (right, left))
    )


def _shown(bound: float | None) -> str:
    return "" if bound is None else f"{bound:g}"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _is_integer(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii()


def _is_code(text: str) -> bool:
    return text == text.strip()


_READ: Mapping[Cell, Callable[[str], bool]] = {
    Cell.TEXT: bool,
    Cell.CODE: _is_code,
    Cell.DATE: _is_day,
    Cell.INTEGER: _is_integer,
    Cell.NUMBER: _is_number,
    Cell.BOOLEAN: {"true", "false"}.__contains__,
    Cell.LIST: bool,
}
_EXPECTED = {
    Cell.CODE: "A01",
    Cell.DATE: "YYYY-MM-DD",
    Cell.INTEGER: "12",
    Cell.NUMBER: "3.45",
    Cell.BOOLEAN: "true, false",
}
