"""A relation's records prepared in memory: the same parts as :mod:`certloan.features.prepare` compiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from certloan.expressions import Type
from certloan.expressions.evaluate import Evaluator, evaluator
from certloan.features.aggregates import Count, CountDistinct, Exists, Latest, Max, Min, Sum
from certloan.features.columns import expression, layers, read_by, relation
from certloan.features.direct.known import Asked, Row
from certloan.features.relations import Previous, Summary, Told
from certloan.features.spec import Lookup

#: What is done to all rows of a relation: each step adds columns.
Step = Callable[[list[Row], Asked], None]


@dataclass(frozen=True, eq=False)
class Plan:
    """How the records of a relation are prepared."""

    table: str
    keys: tuple[str, ...]
    steps: tuple[Step, ...]

    def rows(self, asked: Asked) -> list[Row]:
        """Give the prepared records that count; prepared once however many ask."""
        found = asked.prepared.get(self)
        if found is None:
            found = asked.prepared[self] = asked.counting(self.table, self.keys)
            if found:
                for step in self.steps:
                    step(found, asked)
        return found


@cache
def plan(name: str, wanted: frozenset[str], lookups: tuple[Lookup, ...] = ()) -> Plan:
    """Plan a relation with some of its columns."""
    about = relation(name, lookups)
    needed, stacked = layers(name, wanted, lookups)

    def read(source: str) -> Evaluator:
        return evaluator(expression(name, source, None, lookups))

    steps: list[Step] = []
    for made in (made for layer in stacked for made in layer):
        part = made.part
        taken = [column for column in made.gives if column in needed]
        match part:
            case Lookup():
                steps.append(_looking_up(part, taken, read(part.key)))
            case Summary():
                steps.append(_summing_up(part, taken, [read(ours) for ours in part.on]))
            case Previous():
                steps.append(_looking_back(part, read))
            case _ if part in about.computed:
                steps.append(_computing(part, read(about.computed[part][0])))
            case _:
                steps.append(_delivering(part))
    return Plan(about.table, about.keys, tuple(steps))


def _computing(column: str, value: Evaluator) -> Step:
    def step(rows: list[Row], asked: Asked) -> None:
        for row in rows:
            row[column] = value(row)

    return step


def _delivering(column: str) -> Step:
    def step(rows: list[Row], asked: Asked) -> None:
        delivered = asked.delivered(column.removesuffix("_delivered"))
        for row in rows:
            row[column] = delivered

    return step


def _looking_up(lookup: Lookup, taken: Sequence[str], key: Evaluator) -> Step:
    columns = [(column, column.removeprefix(lookup.prefix)) for column in taken]

    def step(rows: list[Row], asked: Asked) -> None:
        for row in rows:
            told = asked.reference(lookup.relation, key(row), row[lookup.day])
            for column, theirs in columns:
                row[column] = told.get(theirs)

    return step


def _summing_up(summary: Summary, taken: Sequence[str], ours: Sequence[Evaluator]) -> Step:
    others = plan(summary.table, read_by(summary, taken), summary.lookups)
    theirs = tuple(summary.on.values())
    columns = [(column, telling(summary, summary.columns[column])) for column in taken]
    absent = {column: _without_records(summary.columns[column]) for column in taken}

    def step(rows: list[Row], asked: Asked) -> None:
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for other in others.rows(asked):
            groups.setdefault(tuple(other[column] for column in theirs), []).append(other)
        told: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            key = tuple(part(row) for part in ours)
            if key not in groups or None in key:
                row.update(absent)
                continue
            if key not in told:
                told[key] = {column: value(groups[key]) for column, value in columns}
            row.update(told[key])

    return step


def _without_records(told: Told) -> Any:  # noqa: ANN401 (a value of any type)
    if isinstance(told.aggregate, Count | CountDistinct | Sum):
        return 0
    return False if isinstance(told.aggregate, Exists) else None


def telling(summary: Summary, told: Told) -> Callable[[list[Row]], Any]:
    """Give what computes one column of a summary from the records of a group."""

    def read(source: str, expect: Type | None = None) -> Evaluator:
        return evaluator(expression(summary.table, source, expect, summary.lookups))

    aggregate, where = told.aggregate, read(told.where, Type.BOOLEAN) if told.where else None

    def kept(rows: list[Row]) -> list[Row]:
        return rows if where is None else [row for row in rows if where(row) is True]

    if isinstance(aggregate, Count):
        return lambda rows: len(kept(rows))
    if isinstance(aggregate, Exists):
        return lambda rows: bool(kept(rows))
    value = read(aggregate.value)
    if isinstance(aggregate, Latest):
        return newest(value, kept, read(told.rank) if told.rank else None)

    def values(rows: list[Row]) -> list[Any]:
        return [found for row in kept(rows) if (found := value(row)) is not None]

    match aggregate:
        case CountDistinct():
            return lambda rows: len(set(values(rows)))
        case Max():
            return lambda rows: max(values(rows), default=None)
        case Min():
            return lambda rows: min(values(rows), default=None)
        case Sum():
            return lambda rows: sum(values(rows))


def newest(
    value: Evaluator, kept: Callable[[list[Row]], list[Row]], rank: Evaluator | None = None
) -> Callable[[list[Row]], Any]:
    """Give what finds the value of the newest record, as :func:`certloan.features.dialect.newest_first` orders them."""

    def order(row: Row) -> tuple[Any, ...]:
        told = value(row)
        weight = rank(row) if rank is not None else 0
        return (row["happened_on"] or date.min, row["known_on"], weight, told is not None, 0 if told is None else told)

    def found(rows: list[Row]) -> Any:  # noqa: ANN401 (a value of any type)
        chosen = max(kept(rows), key=order, default=None)
        return None if chosen is None else value(chosen)

    return found


def _looking_back(previous: Previous, read: Callable[[str], Evaluator]) -> Step:
    value, order, by = read(previous.value), read(previous.order), [read(source) for source in previous.by]
    where = read(previous.where) if previous.where else None

    def step(rows: list[Row], asked: Asked) -> None:
        placed = [(row, order(row), tuple(part(row) for part in by)) for row in rows]
        groups: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
        for row, place, group in placed:
            if place is not None and (where is None or where(row) is True):
                told = value(row)
                groups.setdefault(group, []).append((place, told is not None, 0 if told is None else told, told))
        for row, place, group in placed:
            before = [found for found in groups.get(group, ()) if place is not None and found[0] < place]
            row[previous.name] = max(before)[3] if before else None

    return step
