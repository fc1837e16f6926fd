"""The records behind a feature of one case, in the order of :mod:`certloan.features.evidence`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

from certloan.expressions.evaluate import Evaluator, evaluator
from certloan.features.aggregates import Latest, Max, Min, Share
from certloan.features.columns import expression
from certloan.features.direct.counting import Counted, choosing
from certloan.features.direct.known import Asked, Known, Row
from certloan.features.direct.preparing import plan
from certloan.features.evidence import columns_shown, telling
from certloan.features.reading import columns_wanted
from certloan.features.spec import FeatureSpec

#: Sorts rows in place; the last sort decides first.
_Sort = Callable[[list[Row]], None]


def evidence_rows(
    known: Known, application_id: str | None, day: date, spec: FeatureSpec, most: int | None = None
) -> list[Row]:
    """Give the records that ``spec`` counted, the most telling first, with the columns of :func:`telling` and the days."""
    wanted, shown, sorts = _planned(spec)
    rows = plan(spec.table, wanted).rows(Asked(known, application_id, day))
    found = list(choosing(spec)(Counted(rows, day))) if rows else []
    for sort in sorts:
        sort(found)
    first = 1 if isinstance(spec.aggregate, Latest) else most
    return [{name: row[name] for name in shown} for row in found[:first]]


@cache
def _planned(spec: FeatureSpec) -> tuple[frozenset[str], tuple[str, ...], tuple[_Sort, ...]]:
    shown = columns_shown(spec)
    ordering = expression(spec.table, spec.order) if spec.order else None
    wanted = {*columns_wanted(spec), *telling(spec), *(ordering.columns if ordering else ())} - {"as_of"}
    sorts = [_by(_column(name)) for name in reversed(shown)]
    sorts += [_by(_column(name), downward=True) for name in ("known_on", "happened_on")]
    if ordering is not None:
        sorts.append(_by(evaluator(ordering)))
    match spec.aggregate:
        case Share(holds):
            holding = evaluator(expression(spec.table, holds))
            sorts.append(_by(lambda row: holding(row) is not True))
        case Max(value) | Min(value):
            read = evaluator(expression(spec.table, value))
            sorts.append(_by(read, downward=isinstance(spec.aggregate, Max)))
    return frozenset(wanted), shown, tuple(sorts)


def _column(name: str) -> Evaluator:
    return lambda row: row[name]


def _by(value: Evaluator, *, downward: bool = False) -> _Sort:
    """Sort by a value, up or down; what is unknown comes last either way."""

    def sort(rows: list[Row]) -> None:
        there: list[tuple[Any, Row]] = [(value(row), row) for row in rows]
        known = [pair for pair in there if pair[0] is not None]
        known.sort(key=lambda pair: pair[0], reverse=downward)
        rows[:] = [row for _, row in known] + [row for told, row in there if told is None]

    return sort
