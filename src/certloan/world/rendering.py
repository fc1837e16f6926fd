"""How clean values become the text of a bank's file: date styles, units, words, and what stands for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.contracts import KNOWN_ON, VOID_ON, Column, Contract, Kind
from certloan.world.draws import Arrow, Ints, calendar, digits, joined

_EXCEL_EPOCH = 25569  # days from 1899-12-30 to 1970-01-01
_WAN = 10_000


class DateStyle(StrEnum):
    """How a file writes its dates."""

    ISO = "2024-03-01"
    CHINESE = "2024年3月1日"
    SLASHES = "2024/3/1"
    COMPACT = "20240301"
    SERIAL = "45352"  # an Excel serial number without a date format
    CELL = "cell"  # a real date cell of a workbook


class Cell(StrEnum):
    """What a workbook makes of a value."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True)
class Field:
    """One column of a file: the contract's column and the header that this file gives it."""

    column: str
    header: str
    wan: bool = False  # money in 万元


@dataclass
class Rendered:
    """A sheet as cells, one array per field, beside the clean values it came from. Null is an empty cell.

    The cells are text, or where ``typed`` the values themselves: dates, numbers, yes or no.
    """

    contract: Contract
    fields: tuple[Field, ...]
    cells: list[Arrow]
    kinds: list[Cell]
    clean: pa.Table
    dates: DateStyle
    typed: bool = False


def column_of(contract: Contract, name: str) -> Column:
    """Give a column of the contract, or one of the two dates that every table has."""
    if name == KNOWN_ON.name:
        return KNOWN_ON
    return VOID_ON if name == VOID_ON.name else contract.column(name)


def render(
    contract: Contract, fields: tuple[Field, ...], clean: pa.Table, dates: DateStyle, alias: int, missing: str
) -> Rendered:
    """Write a clean table as a file would; ``alias`` says which of a level's words the file uses."""
    cells, kinds = [], []
    for entry in fields:
        column = column_of(contract, entry.column)
        text, kind = _text(column, clean[entry.column].combine_chunks(), entry, dates, alias)
        if missing and not column.required and column.kind is not Kind.MONTH:
            text = pc.fill_null(text, missing)
        cells.append(text)
        kinds.append(kind)
    return Rendered(contract, fields, cells, kinds, clean, dates)


def as_values(contract: Contract, fields: tuple[Field, ...], clean: pa.Table) -> Rendered:
    """Write a clean table as a file with types would: only levels become the words that a file uses."""
    cells = []
    for entry in fields:
        column = column_of(contract, entry.column)
        values = clean[entry.column].combine_chunks()
        cells.append(_in_words(column, values, 0) if column.kind is Kind.CATEGORY else values)
    return Rendered(contract, fields, cells, [Cell.TEXT] * len(cells), clean, DateStyle.ISO, typed=True)


def _text(column: Column, values: Arrow, entry: Field, style: DateStyle, alias: int) -> tuple[Arrow, Cell]:
    match column.kind:
        case Kind.DATE:
            return date_text(values, style), _date_cell(style)
        case Kind.MONTH:
            return pc.utf8_slice_codeunits(pc.cast(values, pa.string()), 0, 7), Cell.TEXT
        case Kind.MONEY:
            return (_in_wan(values) if entry.wan else pc.cast(values, pa.string())), Cell.NUMBER
        case Kind.INTEGER | Kind.NUMBER:
            return pc.cast(values, pa.string()), Cell.NUMBER
        case Kind.BOOLEAN:
            return pc.if_else(values, "是", "否"), Cell.TEXT
        case Kind.CATEGORY:
            return _in_words(column, values, alias), Cell.TEXT
        case _:
            return values, Cell.TEXT


def _date_cell(style: DateStyle) -> Cell:
    if style is DateStyle.CELL:
        return Cell.DATE
    return Cell.NUMBER if style is DateStyle.SERIAL else Cell.TEXT


def date_text(values: Arrow, style: DateStyle) -> Arrow:
    """Write dates in a style; null stays null."""
    if style is DateStyle.ISO:
        return pc.cast(values, pa.string())
    days = pc.cast(pc.cast(values, pa.int32()), pa.int64())
    if style in (DateStyle.SERIAL, DateStyle.CELL):
        return pc.cast(pc.add(days, _EXCEL_EPOCH), pa.string())
    year, month, of_month = calendar(np.asarray(pc.fill_null(days, 0)))
    if style is DateStyle.COMPACT:
        text = digits(year * 10_000 + month * 100 + of_month, 8)
    else:
        marks = ("年", "月", "日") if style is DateStyle.CHINESE else ("/", "/", "")
        parts = [pc.cast(pa.array(part), pa.string()) for part in (year, month, of_month)]
        text = joined(parts[0], marks[0], parts[1], marks[1], parts[2], marks[2])
    return pc.if_else(pc.is_valid(values), text, pa.scalar(None, pa.string()))


def _in_wan(yuan: Arrow) -> Arrow:
    """Write whole yuan in 万元, exactly, without trailing zeros."""
    known = pc.is_valid(yuan)
    amount = np.asarray(pc.fill_null(yuan, 0))
    sign = pc.if_else(pa.array(amount < 0), "-", "")
    size: Ints = np.abs(amount)
    text = joined(sign, pc.cast(pa.array(size // _WAN), pa.string()), ".", digits(size % _WAN, 4))
    text = pc.utf8_rtrim(pc.utf8_rtrim(text, "0"), ".")
    return pc.if_else(known, text, pa.scalar(None, pa.string()))


def _in_words(column: Column, codes: Arrow, alias: int) -> Arrow:
    known = list(column.levels)
    words = pa.array([column.levels[code][min(alias, len(column.levels[code]) - 1)] for code in known], pa.string())
    return words.take(pc.index_in(codes, pa.array(known, pa.string())))


def to_full_width(text: str) -> str:
    """Write digits as full-width characters, as some input methods do.

    >>> [f"{ord(digit):X}" for digit in to_full_width("20")]
    ['FF12', 'FF10']
    """
    return text.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})
