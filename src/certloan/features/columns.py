"""The columns of a relation: what each is called, of which type it is, what it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from certloan.contracts import CONTRACTS
from certloan.contracts.contract import Kind
from certloan.contracts.contract import types as types_of
from certloan.expressions import Expression, Type, parse
from certloan.features.aggregates import Count, CountDistinct, Latest, Sum
from certloan.features.relations import REFERENCES, RELATIONS, Previous, Relation, Summary, Told
from certloan.features.spec import Lookup

#: What takes further columns to a relation; a computed column stands by its name.
Part = Lookup | Summary | Previous | str

_EXACT = (Kind.MONEY, Kind.INTEGER)


@dataclass(frozen=True)
class Made:
    """A part of a prepared relation with the columns that it brings and those that it is made of."""

    part: Part
    gives: tuple[str, ...]
    inputs: frozenset[str]


@cache
def relation(name: str, lookups: tuple[Lookup, ...] = ()) -> Relation:
    """Give a relation by name, with further lookups; a table that no family describes stands for itself."""
    found = RELATIONS.get(name) or Relation(name, name)
    more = tuple(lookup for lookup in lookups if lookup not in found.lookups)
    return replace(found, lookups=(*found.lookups, *more)) if more else found


@cache
def types(name: str, lookups: tuple[Lookup, ...] = ()) -> Mapping[str, Type]:
    """Give every column that expressions over a relation may read, ``as_of`` included.

    A name that two parts give is refused, because nobody could tell which one is meant.
    """
    about = relation(name, lookups)
    found = {**types_of(CONTRACTS[about.table]), "as_of": Type.DATE}
    for column, type_ in _prepared_types(about):
        if column in found:
            raise ValueError(f"{name} has two columns called {column}")
        found[column] = type_
    return found


def _prepared_types(about: Relation) -> Iterator[tuple[str, Type]]:
    yield from ((delivered_column(table), Type.BOOLEAN) for table in about.delivered)
    for lookup in about.lookups:
        yield from zip(lookup_columns(lookup), REFERENCES[lookup.relation].values(), strict=True)
    for summary in about.summaries:
        yield from ((column, told.type) for column, told in summary.columns.items())
    yield from ((previous.name, previous.type) for previous in about.previous)
    yield from ((column, type_) for column, (_, type_) in about.computed.items())


def delivered_column(table: str) -> str:
    """Name the column that tells whether a source had been delivered."""
    return f"{table}_delivered"


@cache
def expression(name: str, source: str, expect: Type | None = None, lookups: tuple[Lookup, ...] = ()) -> Expression:
    """Read an expression over the columns of a relation; ``InputError`` if it names anything else."""
    return parse(source, types(name, lookups), expect=expect)


def lookup_columns(lookup: Lookup) -> tuple[str, ...]:
    """Name the columns that a lookup brings."""
    return tuple(lookup.prefix + column for column in REFERENCES[lookup.relation])


def stored(about: Relation, wanted: Iterable[str]) -> list[str]:
    """Give the columns among ``wanted`` that the table itself holds, in its order."""
    asked = set(wanted)
    return [column for column in types_of(CONTRACTS[about.table]) if column in asked]


@cache
def parts(name: str, lookups: tuple[Lookup, ...] = ()) -> tuple[Made, ...]:
    """Give everything that a relation is prepared with."""
    about = relation(name, lookups)

    def read(*sources: str) -> frozenset[str]:
        return frozenset().union(*(expression(name, source, None, lookups).columns for source in sources if source))

    found = [Made(_delivered(table), (delivered_column(table),), frozenset({"as_of"})) for table in about.delivered]
    for lookup in about.lookups:
        found.append(Made(lookup, lookup_columns(lookup), read(lookup.key, lookup.day)))
    found += [Made(summary, tuple(summary.columns), read(*summary.on)) for summary in about.summaries]
    for previous in about.previous:
        inputs = read(previous.value, previous.order, previous.where, *previous.by)
        found.append(Made(previous, (previous.name,), inputs))
    found += [Made(column, (column,), read(source)) for column, (source, _) in about.computed.items()]
    return tuple(found)


def _delivered(table: str) -> str:
    return delivered_column(table)


def layers(
    name: str, wanted: Iterable[str], lookups: tuple[Lookup, ...] = ()
) -> tuple[frozenset[str], list[list[Made]]]:
    """Give ``wanted`` with all that they are made of, and the parts to be added, each layer on top of the one before.

    Raises ``ValueError`` for parts that are made of each other.
    """
    needed = frozenset(wanted)
    while True:
        used = [made for made in parts(name, lookups) if needed & set(made.gives)]
        more = needed.union(*(made.inputs for made in used))
        if more == needed:
            break
        needed = more
    there = set(stored(relation(name, lookups), needed)) | {"as_of"}
    stacked: list[list[Made]] = []
    while used:
        ready = [made for made in used if made.inputs <= there]
        if not ready:
            raise ValueError(f"{name}: {', '.join(made.gives[0] for made in used)} are made of each other")
        stacked.append(ready)
        there.update(column for made in ready for column in made.gives)
        used = [made for made in used if made not in ready]
    return needed, stacked


def summarised(summary: Summary, wanted: Iterable[str]) -> dict[str, Told]:
    """Give the columns of a summary that are among ``wanted``."""
    asked = set(wanted)
    return {column: told for column, told in summary.columns.items() if column in asked}


def read_by(summary: Summary, columns: Iterable[str]) -> frozenset[str]:
    """Give the columns of the other relation that some columns of a summary are made of, joining ones included."""
    read = set(summary.on.values())
    for told in summarised(summary, columns).values():
        sources = [told.where, told.rank, *vars(told.aggregate).values()]
        for source in sources:
            if source:
                read |= expression(summary.table, source, None, summary.lookups).columns
        if isinstance(told.aggregate, Latest):
            read |= {"happened_on", "known_on"}
    return frozenset(read - {"as_of"})


def exact(name: str, column: str, lookups: tuple[Lookup, ...] = ()) -> bool:
    """Tell whether sums of a column are the same in every order of the rows: whole numbers and decimals are."""
    about = relation(name, lookups)
    kinds = {own.name: own.kind for own in CONTRACTS[about.table].columns}
    if column in kinds:
        return kinds[column] in _EXACT
    told = {key: told for summary in about.summaries for key, told in summary.columns.items()}
    return column in told and isinstance(told[column].aggregate, Count | CountDistinct | Sum)
