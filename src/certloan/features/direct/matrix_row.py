"""One row of the matrix: every feature of one enterprise on one day, as :mod:`certloan.features.matrix` gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from certloan.expressions.evaluate import double, evaluator
from certloan.features.columns import relation
from certloan.features.direct.counting import Counted, Counting, counting
from certloan.features.direct.known import Asked, Known
from certloan.features.direct.preparing import Plan, plan
from certloan.features.matrix import derived_expression, lookup_key, stored
from certloan.features.reading import columns_behind, columns_wanted
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Spec

_Finish = Callable[[Mapping[str, Any], Asked], Any]


@dataclass(frozen=True, eq=False)
class _Stage:
    """The features of one relation: how its records are prepared, out of which tables, and what is counted."""

    prepared: Plan
    tables: frozenset[str]
    countings: tuple[tuple[FeatureSpec, Counting], ...]


def matrix_row(
    known: Known,
    application_id: str | None,
    day: date,
    specs: tuple[Spec, ...],
    changed: frozenset[str] | None = None,
    base: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Give the features of ``specs`` by name: doubles, texts where categorical, None where unknown.

    Of many variants of one case that differ in the tables ``changed`` alone, ``base`` keeps what they share.
    """
    asked = Asked(known, application_id, day)
    stages, finishes = _planned(specs)
    found: dict[str, Any] = {}
    for stage in stages:
        shared = base is not None and changed is not None and not stage.tables & changed
        if shared and stage.countings[0][0].name in base:  # type: ignore[operator]
            found |= {spec.name: base[spec.name] for spec, _ in stage.countings}  # type: ignore[index]
            continue
        counted = Counted(stage.prepared.rows(asked), day)
        told = {spec.name: _told(spec, value, counted, asked) for spec, value in stage.countings}
        found |= told
        if shared:
            base |= told  # type: ignore[operator]
    return {name: finish(found, asked) for name, finish in finishes}


def _told(spec: FeatureSpec, value: Counting, counted: Counted, asked: Asked) -> Any:  # noqa: ANN401 (a number or a text)
    told = value(counted) if counted.rows else None
    if told is None and spec.missing is Missing.ZERO_IF_DELIVERED and asked.delivered(relation(spec.table).table):
        return 0.0
    return told if spec.categorical else double(told)


@cache
def _planned(specs: tuple[Spec, ...]) -> tuple[tuple[_Stage, ...], tuple[tuple[str, _Finish], ...]]:
    by_relation: dict[str, list[FeatureSpec]] = {}
    for spec in stored(specs):
        by_relation.setdefault(spec.table, []).append(spec)
    stages = tuple(_stage(name, found) for name, found in by_relation.items())
    return stages, tuple((spec.name, _finish(spec)) for spec in specs)


def _stage(name: str, specs: Sequence[FeatureSpec]) -> _Stage:
    columns = frozenset(column for spec in specs for column in columns_wanted(spec))
    tables = {column.split(".")[0] for spec in specs for column in columns_behind(spec)}
    return _Stage(
        plan(name, columns),
        frozenset({relation(name).table, *tables}),
        tuple((spec, counting(spec)) for spec in specs),
    )


def _finish(spec: Spec) -> _Finish:
    if isinstance(spec, FeatureSpec):
        return lambda found, asked: found[spec.name]
    return _derived(spec)


def _derived(spec: DerivedSpec) -> _Finish:
    value, lookup = evaluator(derived_expression(spec)), spec.lookup
    key = evaluator(lookup_key(lookup)) if lookup is not None else None

    def finish(found: Mapping[str, Any], asked: Asked) -> Any:  # noqa: ANN401 (a number or a text)
        row = found
        if lookup is not None and key is not None:
            told = asked.reference(lookup.relation, key(found), asked.day)
            row = _Joined(found, told)
        answer = value(row)
        return answer if spec.categorical else double(answer)

    return finish


class _Joined(dict[str, Any]):
    """The features with the columns of a reference row beside them; what the row does not tell is unknown."""

    def __init__(self, found: Mapping[str, Any], told: Mapping[str, Any]) -> None:
        super().__init__({**found, **told})

    def __missing__(self, name: str) -> None:
        return None
