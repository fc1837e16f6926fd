"""Tables in text files: delimiters, quotes, rows that are too long or too short.

The :mod:`csv` module parses blocks of lines and pyarrow holds the columns: on one core that is about half a million
rows of ten columns a second, in the memory of one block. Row numbers count records, as a spreadsheet does after
opening the file: a quoted field may hold line breaks without changing them, and blank lines count.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

import pyarrow as pa

from certloan.ingest.encoding import UNDECODABLE, TextFile, UnreadableText, examine, open_bytes
from certloan.ingest.headings import HeaderIndex
from certloan.ingest.layout import HEADER_ROWS, find_layout
from certloan.ingest.projection import FileProblem, Severity
from certloan.ingest.sheet import RawSheet, TableBuilder

DELIMITERS: Final = (",", ";", "\t", "|")
#: A quoted field that runs on for more lines than this was never closed.
_LONGEST_RECORD: Final = 500
_SENTINEL: Final = "\x1e\n"
#: Bytes that could not be read, and characters that a terminal would obey instead of showing them.
_UNSHOWN: Final = re.compile("[\udc80-\udcff\x00-\x08\x0b-\x1f\x7f-\x9f]+")
#: The most of a bad line that a report shows.
_SHOWN: Final = 200


def read_delimited(path: Path, file: str, known: HeaderIndex) -> Iterator[RawSheet | FileProblem]:
    """Read one text file; ``file`` is what reports call it."""
    try:
        text = examine(path)
    except UnreadableText as error:
        yield FileProblem(file, "", error.code, "", error.facts)
        return
    if text.empty:
        yield FileProblem(file, "", "unreadable-file" if text.cut else "empty-file", "")
        return
    with open_bytes(path) as handle, closing(text.blocks(handle)) as blocks:
        yield from _read(_Source(text, blocks), file, known)
    if text.cut:
        yield FileProblem(file, "", "truncated-file", "")
    if text.mixed:
        counts = {"utf8_lines": text.utf8_lines, "gb18030_lines": text.gb18030_lines}
        yield FileProblem(file, "", "mixed-encodings", "UTF-8 + GB18030", counts, Severity.WARNING)


class _Source:
    """The lines of a file in blocks, with a first look at them."""

    def __init__(self, text: TextFile, blocks: Iterator[list[str]]) -> None:
        self.text = text
        first = next(blocks, [])
        self.head = [UNDECODABLE.sub("\ufffd", line) for line in first[: 2 * HEADER_ROWS]]
        self.blocks: Iterator[list[str]] = chain((first,), blocks)


def _read(source: _Source, file: str, known: HeaderIndex) -> Iterator[RawSheet | FileProblem]:
    delimiter = sniff(source.head, known)
    head = parse(source.head, delimiter).rows
    layout = find_layout(head, known)
    if layout is None:
        yield FileProblem(file, "", "unrecognised-sheet", first_cells(head))
        return
    sheet = RawSheet(file, "", layout.header, iter(()), unit=layout.unit)
    builder = TableBuilder(sheet, ragged=True)
    if layout.second is not None:
        builder.report(layout.second + 1, "second-header-row", first_cells(head[layout.second :]), warning=True)
    batches = _batches(source, delimiter, builder, skip=layout.first)
    yield from builder.sheet_or_nothing(batches)


def sniff(lines: list[str], known: HeaderIndex) -> str:
    r"""Choose the delimiter that makes most known headers out of one line, or else most fields.

    >>> sniff(["企业代号;金额\n"], HeaderIndex.from_names(["企业代号", "金额"]))
    ';'
    """

    def merit(delimiter: str) -> tuple[int, int]:
        rows = parse(lines, delimiter).rows[:HEADER_ROWS]
        return max((known.count(row) for row in rows), default=0), sum(len(row) - 1 for row in rows if row)

    return max(DELIMITERS, key=merit)


def _batches(source: _Source, delimiter: str, builder: TableBuilder, skip: int) -> Iterator[pa.RecordBatch]:
    """Turn every record after the first ``skip`` into batches."""
    number = 1
    for parsed in _parsed(source, delimiter, builder.width):
        for at, code, found in parsed.bad:
            if number + at > skip:
                builder.report(number + at, code, found)
        drop = max(0, min(len(parsed.rows), skip + 1 - number))
        batch = builder.batch(parsed.rows[drop:], number + drop)
        number += len(parsed.rows)
        if batch.num_rows or builder.reported:
            yield batch


@dataclass
class Parsed:
    """Records of a block of lines. A bad one stands in its place, empty, so that numbers stay right.

    ``bad`` gives its index, the problem's code and what was found; ``rest`` the lines of a record that goes on in the
    next block.
    """

    rows: list[list[str]] = field(default_factory=list)
    bad: list[tuple[int, str, str]] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    def spoil(self, at: int, code: str, found: str) -> None:
        """Put a record aside."""
        self.rows[at] = []
        self.bad.append((at, code, shown(found)))


def _parsed(source: _Source, delimiter: str, width: int) -> Iterator[Parsed]:
    rest: list[str] = []
    for lines in source.blocks:
        parsed = parse([*rest, *lines] if rest else lines, delimiter, width, final=False)
        rest = parsed.rest
        if source.text.undecodable_lines:
            _put_aside_undecodable(parsed)
        yield parsed
    if rest:
        parsed = parse(rest, delimiter, width)
        _put_aside_undecodable(parsed)
        yield parsed


def _put_aside_undecodable(parsed: Parsed) -> None:
    for at, row in enumerate(parsed.rows):
        if any(UNDECODABLE.search(cell) for cell in row):
            parsed.spoil(at, "undecodable-row", "".join(row))


def parse(lines: list[str], delimiter: str, width: int | None = None, *, final: bool = True) -> Parsed:
    r"""Split lines into records.

    >>> parse(['a,"b\n', 'c",d\n', '\n', 'e,f,g\n'], ",").rows
    [['a', 'b\nc', 'd'], [], ['e', 'f', 'g']]
    """
    try:
        rows = list(csv.reader(chain(lines, (_SENTINEL,)), delimiter=delimiter))
    except csv.Error:
        return _parse_carefully(lines, delimiter, width, final)
    if len(rows) == len(lines) + 1 and rows.pop() == [_SENTINEL.strip("\n")]:
        return Parsed(rows)
    return _parse_carefully(lines, delimiter, width, final)


def _parse_carefully(lines: list[str], delimiter: str, width: int | None, final: bool) -> Parsed:
    """Parse records one by one: some span lines, or have a quote that was never closed and must not swallow others."""
    parsed = Parsed()
    at = 0
    while at < len(lines):
        line = lines[at]
        if (row := _alone(line, delimiter)) is not None:
            parsed.rows.append(row)
            at += 1
            continue
        row, used = _spanning(lines[at : at + _LONGEST_RECORD], delimiter, width)
        if row is None and not final and len(lines) - at < _LONGEST_RECORD and used == 0:
            parsed.rest = lines[at:]
            break
        parsed.rows.append(row or [])
        if row is None:
            too_long = len(line) > csv.field_size_limit()
            parsed.spoil(len(parsed.rows) - 1, "field-too-long" if too_long else "unclosed-quote", line)
        at += used if row is not None else 1
    return parsed


def _alone(line: str, delimiter: str) -> list[str] | None:
    """The record of a line that is one by itself, or None if a quoted field runs on."""
    if '"' not in line:
        bare = line.rstrip("\r\n")
        return bare.split(delimiter) if bare else []
    try:
        rows = list(csv.reader((line, _SENTINEL), delimiter=delimiter))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 2 else None


def _spanning(lines: list[str], delimiter: str, width: int | None) -> tuple[list[str] | None, int]:
    """The record that begins with the first line, and how many lines it takes; ``(None, 0)`` if they do not suffice.

    A quote that was never closed seems to end at the next quote, some rows further on. It is found out by what follows
    that quote, which can only be a delimiter or a line end, or by a swallowed line that is a whole row by itself.
    """
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        row = next(reader)
    except csv.Error:
        return None, 0 if reader.line_num >= len(lines) else 1
    used = reader.line_num
    if width is not None and len(row) != width:
        inner = (_alone(line, delimiter) for line in lines[1:used])
        if any(alone is not None and len(alone) == width for alone in inner):
            return None, 1
    return row, used


def shown(text: str) -> str:
    """What a report shows of a bad line: its beginning, with a mark for what could not be read."""
    return _UNSHOWN.sub("\ufffd", text.strip())[:_SHOWN]


def first_cells(rows: Sequence[Sequence[str]]) -> str:
    """The first row that is not blank, for a report."""
    first = next((row for row in rows if any(row)), ())
    return shown(" | ".join(cell for cell in first if cell))
