"""The functions of the language as they answer without an engine; unknown arguments never reach most of them."""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any

Value = Any

_NUMERAL = re.compile(r" *([+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?) *", re.ASCII)
_EIGHT = re.compile("[0-9]{8}")
_SMALL = 1 << 15


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if value is not None), None)


def _nullif(value: Value, other: Value) -> Value:
    return None if value is not None and value == other else value


def _greatest(*values: Value) -> Value:
    return max((value for value in values if value is not None), default=None)


def _least(*values: Value) -> Value:
    return min((value for value in values if value is not None), default=None)


def _nearest(value: float) -> float:
    """Round half away from zero."""
    whole = math.floor(abs(value))
    return math.copysign(whole + (abs(value) - whole >= 0.5), value)


def _round(value: float, digits: float = 0.0) -> float:
    scale = float(f"1e{int(digits)}")
    return _nearest(value * scale) / scale


def _substring(text: str, start: float, length: float | None = None) -> str:
    first = int(start) - 1
    return text[first:] if length is None else text[first : first + int(length)]


def _split_part(text: str, separator: str, place: float) -> str:
    pieces = text.split(separator)
    return pieces[int(place) - 1] if int(place) <= len(pieces) else ""


def _small(number: float) -> int | None:
    """Give the whole number below, if it fits sixteen bits: what the engines add to a day."""
    whole = math.floor(number)
    return whole if -_SMALL <= whole < _SMALL else None


def _add_days(day: date, number: float) -> date | None:
    days = _small(number)
    return None if days is None else day + timedelta(days=days)


def add_months(day: date, number: float) -> date | None:
    """Give the same day of another month, or its last day where it has no such day."""
    months = _small(number)
    if months is None:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _make_date(year: float, month: float, day: float) -> date | None:
    try:
        return date(math.floor(year), math.floor(month), math.floor(day))
    except (ValueError, OverflowError):  # beyond the calendar, or beyond what a date's parts can hold
        return None


def _to_number(text: str) -> float | None:
    found = _NUMERAL.fullmatch(text)
    return float(found[1]) if found else None


def _to_date(text: str, pattern: str) -> date | None:
    if pattern == "%Y%m%d" and not _EIGHT.fullmatch(text):
        return None  # without separators, fewer digits could be read in two ways
    try:
        return datetime.strptime(text, pattern).date()
    except ValueError:
        return None


def _to_text(value: Value) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        try:
            with localcontext() as context:
                context.prec = 38
                found = Decimal(repr(value)).quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)
        except InvalidOperation:
            return None
        return re.sub(r"[.]?0+$", "", f"{found:f}")
    return value.isoformat() if isinstance(value, date) else str(value)


FUNCTIONS_HERE: Mapping[str, Callable[..., Value]] = {
    "coalesce": _coalesce,
    "nullif": _nullif,
    "greatest": _greatest,
    "least": _least,
    "abs": abs,
    "floor": lambda value: float(math.floor(value)),
    "round": _round,
    "ln": lambda value: math.log(value) if value > 0 else None,
    "sqrt": lambda value: math.sqrt(value) if value >= 0 else None,
    "ratio": lambda value, over: value / over if over else None,
    "lower": str.lower,
    "upper": str.upper,
    "trim": lambda text: text.strip(" "),
    "length": lambda text: float(len(text)),
    "concat": lambda *texts: "".join(texts),
    "substring": _substring,
    "split_part": _split_part,
    "replace": lambda text, old, new: text.replace(old, new),
    "contains": lambda text, part: part in text,
    "starts_with": lambda text, start: text.startswith(start),
    "year": lambda day: float(day.year),
    "month": lambda day: float(day.month),
    "month_end": lambda day: day.replace(day=calendar.monthrange(day.year, day.month)[1]),
    "make_date": _make_date,
    "add_days": _add_days,
    "add_months": add_months,
    "days_between": lambda start, end: float((end - start).days),
    "months_between": lambda start, end: float((end.year - start.year) * 12 + end.month - start.month),
    "to_number": _to_number,
    "to_date": _to_date,
    "to_text": _to_text,
}
