"""Where in a sheet its table begins: titles above the header, headers in two rows, a second header below the first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from certloan.ingest.headings import SPANS, HeaderIndex, describes, unit_line

#: The header is looked for in this many rows.
HEADER_ROWS: Final = 30

Row = Sequence[str]


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
    spans = any(a.strip() and not b.strip() for a, b in zip(above, below, strict=True))
    filled = [cell for cell in below if cell.strip()]
    if not spans or 2 * sum(map(known.knows, filled)) < len(filled):
        return ()  # the lower row is a header of its own, or data
    return _cells([b if b and known.knows(b) else a or b for a, b in zip(above, below, strict=True)])


def _is_second_header(row: Row, header: tuple[str, ...], known: HeaderIndex) -> bool:
    filled = [cell for cell in row if cell.strip()]
    if not filled:
        return False
    telling = sum(1 for cell in filled if known.knows(cell) or describes(cell))
    if 2 * telling > len(filled) and (telling > 1 or len(header) == 1):
        return True
    return _is_translation(filled, header) or _is_numbering(filled)


def _is_numbering(filled: Sequence[str]) -> bool:
    """The numbers of the columns, as official forms print them below a header: 甲 乙 1 2 3."""
    numbers = [cell.strip() for cell in filled if cell.strip() not in ("甲", "乙", "丙", "丁", "A", "B", "C")]
    return len(filled) > 2 and numbers == [str(n) for n in range(1, len(numbers) + 1)]


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
        f"{cell}（{unit}）" if cell and (unit in SPANS or unit_line(f"单位：{unit}") is not None) else cell
        for cell, unit in zip(header, units, strict=True)
    )
