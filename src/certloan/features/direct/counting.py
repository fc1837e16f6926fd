"""One feature out of prepared records: the same aggregates as :mod:`certloan.features.statement` words in SQL."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from certloan.expressions import Type
from certloan.expressions.evaluate import Evaluator, double, evaluator
from certloan.expressions.functions_here import add_months
from certloan.features.aggregates import (
    BothWays,
    Count,
    CountDistinct,
    CountMonths,
    Exists,
    FirstSeen,
    Herfindahl,
    LastSeen,
    Latest,
    Max,
    Mean,
    Min,
    NewestWorst,
    PerMonth,
    Ratio,
    Share,
    Sum,
    TopShare,
    Variation,
)
from certloan.features.columns import expression
from certloan.features.compile import MONTHS_IN_SET
from certloan.features.direct.known import Row
from certloan.features.direct.preparing import newest
from certloan.features.spec import FeatureSpec, Window

_WHOLE = Decimal(1)


@dataclass
class Counted:
    """The prepared records of one relation on one day, with the choices that features share."""

    rows: list[Row]
    day: date
    chosen: dict[object, list[Row]] = field(default_factory=dict)
    bounds: dict[Window, tuple[date, date]] = field(default_factory=dict)

    def within(self, window: Window) -> tuple[date, date]:
        """Give the day after which a window begins and the one at which it ends."""
        if window not in self.bounds:
            first, last = (add_months(self.day, -months) for months in (window.months + window.lag, window.lag))
            self.bounds[window] = (first or date.min, last or date.min)
        return self.bounds[window]


#: What gives a feature's value; the records are not empty.
Counting = Callable[[Counted], Any]


def counting(spec: FeatureSpec) -> Counting:
    """Give what computes a feature's value of records; a number is not yet a double."""
    kept = choosing(spec)
    match spec.aggregate:
        case Count():
            return lambda counted: len(kept(counted))
        case Exists():
            return lambda counted: min(len(kept(counted)), 1)
        case CountMonths():
            return lambda counted: _months(kept(counted), counted.day)
        case Latest(value):
            found = newest(_read(spec, value), lambda rows: rows)
            return lambda counted: found(kept(counted))
        case NewestWorst(value):
            return _newest_worst(spec, value)
        case Share(holds):
            holding = choosing(spec, holds)
            return lambda counted: _over(float(len(holding(counted))), len(kept(counted)))
        case Max(value) | Min(value):
            extreme, read = max if isinstance(spec.aggregate, Max) else min, _read(spec, value)
            return lambda counted: extreme(_values(kept(counted), read), default=None)
        case Sum() | PerMonth() | Mean() | Ratio():
            return _summing(spec, spec.aggregate, kept)
        case _:
            return _per_group(spec, kept)


def _read(spec: FeatureSpec, source: str, expect: Type | None = None) -> Evaluator:
    return evaluator(expression(spec.table, source, expect))


@cache
def choosing(spec: FeatureSpec, *more: str) -> Callable[[Counted], list[Row]]:
    """Give what chooses the records that a feature counts; features with the same condition share the choice."""
    sources = tuple(source for source in (spec.where, *more) if source)
    holds = [_read(spec, source, Type.BOOLEAN) for source in sources]
    window, key = spec.window, (spec.window, sources)

    def chosen(counted: Counted) -> list[Row]:
        if key not in counted.chosen:
            rows = counted.rows
            if window is not None:
                first, last = counted.within(window)
                rows = [row for row in rows if row["happened_on"] and first < row["happened_on"] <= last]
            counted.chosen[key] = [row for row in rows if all(hold(row) is True for hold in holds)]
        return counted.chosen[key]

    return chosen


def _values(rows: Sequence[Row], read: Callable[[Row], Any]) -> list[Any]:
    return [value for row in rows if (value := read(row)) is not None]


def _sum(values: Sequence[Any]) -> Any:  # noqa: ANN401 (a whole number or money)
    return sum(values) if values else None


def _over(value: float | None, divisor: float | None) -> float | None:
    return value / divisor if value is not None and divisor else None


def _months(rows: Sequence[Row], day: date) -> int:
    back = {_month(day) - _month(row["happened_on"]) for row in rows if row["happened_on"]}
    return sum(0 <= months <= MONTHS_IN_SET for months in back)


def _month(day: date) -> int:
    return day.year * 12 + day.month


def _summing(
    spec: FeatureSpec, aggregate: Sum | PerMonth | Mean | Ratio, kept: Callable[[Counted], list[Row]]
) -> Counting:
    read = _read(spec, aggregate.value)
    match aggregate:
        case Sum():
            return lambda counted: _sum(_values(kept(counted), read)) or 0
        case PerMonth():
            return lambda counted: _over(
                double(_sum(_values(kept(counted), read))), _months(kept(counted), counted.day)
            )
        case Mean():
            return lambda counted: _mean(_values(kept(counted), read))
        case Ratio(_, over):
            below = _read(spec, over)
            return lambda counted: _over(
                double(_sum(_values(kept(counted), read))), double(_sum(_values(kept(counted), below)))
            )


def _mean(values: Sequence[Any]) -> float | None:
    return _over(double(_sum(values)), len(values))


def _newest_worst(spec: FeatureSpec, value: str) -> Counting:
    kept, read = choosing(spec, f"({value}) is not null"), _read(spec, value)

    def found(counted: Counted) -> Any:  # noqa: ANN401 (a value of any type)
        placed = [(row["happened_on"] or date.min, read(row)) for row in kept(counted)]
        return max(placed)[1] if placed else None

    return found


def _per_group(spec: FeatureSpec, kept: Callable[[Counted], list[Row]]) -> Counting:
    match spec.aggregate:
        case CountDistinct(value):
            read = _read(spec, value)
            return lambda counted: len(set(_values(kept(counted), read)))
        case BothWays(by, other):
            read, others = _read(spec, by), choosing(replace(spec, where=other))
            return lambda counted: len(set(_values(kept(counted), read)) & set(_values(others(counted), read)))
        case FirstSeen(by) | LastSeen(by):
            return _seen(spec, by)
        case TopShare(value, by) | Herfindahl(value, by):
            return _shares(spec, value, by, kept)
        case Variation(value):
            return _variation(spec, value, kept)
        case _:
            raise TypeError(f"{spec.name}: {spec.aggregate} is not known here")


def _seen(spec: FeatureSpec, by: str) -> Counting:
    extreme = min if isinstance(spec.aggregate, FirstSeen) else max
    kept, read, window = choosing(replace(spec, window=None), "happened_on <= as_of"), _read(spec, by), spec.window
    if window is None:
        raise ValueError(f"{spec.name}: a first or last record needs a window to lie in")

    def found(counted: Counted) -> int:
        days: dict[Any, date] = {}
        for row in kept(counted):
            if (group := read(row)) is not None:
                days[group] = extreme(days.get(group, row["happened_on"]), row["happened_on"])
        first, last = counted.within(window)
        return sum(first < day <= last for day in days.values())

    return found


def _totals(
    rows: Sequence[Row], chosen: Sequence[Row], group: Callable[[Row], Any], value: Evaluator
) -> dict[Any, Any]:
    """Give the sum of each group; a group without a chosen record is there, without a sum."""
    parts: dict[Any, list[Any]] = {key: [] for key in _values(rows, group)}
    for row in chosen:
        key, told = group(row), value(row)
        if key is not None and told is not None:
            parts[key].append(told)
    return {key: _sum(told) for key, told in parts.items()}


def _shares(spec: FeatureSpec, value: str, by: str, kept: Callable[[Counted], list[Row]]) -> Counting:
    read, group = _read(spec, value), _read(spec, by)

    def found(counted: Counted) -> float | None:
        totals = _totals(counted.rows, kept(counted), group, read)
        parts = [max(total or 0, 0) for total in totals.values()]
        if isinstance(spec.aggregate, TopShare):
            return _over(double(max(parts)), double(_sum(parts))) if parts else None
        whole_units = [_whole(part) for part in parts]
        whole = double(_sum(whole_units)) or None
        return double(_sum([part * part for part in whole_units])) / (whole * whole) if whole else None  # type: ignore[operator]

    return found


def _variation(spec: FeatureSpec, value: str, kept: Callable[[Counted], list[Row]]) -> Counting:
    read, window = _read(spec, value), spec.window
    if window is None:
        raise ValueError(f"{spec.name}: a variation needs a window")

    def month(row: Row) -> int | None:
        return _month(row["happened_on"]) if row["happened_on"] else None

    def found(counted: Counted) -> float | None:
        totals = _totals(counted.rows, kept(counted), month, read)
        parts = [_whole(total) for total in totals.values() if total is not None]
        total = double(_sum(parts)) or 0.0
        if total <= 0:
            return None
        squares = double(_sum([part * part for part in parts])) or 0.0
        return math.sqrt(max(max(window.months, len(parts)) * squares / (total * total) - 1, 0))

    return found


def _whole(amount: Any) -> int:  # noqa: ANN401 (a whole number or money)
    return int(Decimal(amount).quantize(_WHOLE, rounding=ROUND_HALF_UP))
