"""What stands behind one feature: the stored columns of every table that it reads, and the sources it asks about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from certloan.features.columns import Made, expression, layers, read_by, relation, stored
from certloan.features.dialect import DUCKDB
from certloan.features.relations import Summary
from certloan.features.spec import FeatureSpec, Lookup, Missing
from certloan.features.statement import Statement

_DELIVERED = "_delivered"


def columns_behind(spec: FeatureSpec) -> frozenset[str]:
    """Give the stored columns, as ``table.column``."""
    return frozenset(_columns(spec.table, columns_wanted(spec)))


def sources_behind(spec: FeatureSpec) -> frozenset[str]:
    """Give the tables of which the feature, or what is shown of its records, asks whether they had been delivered."""
    about = relation(spec.table)
    own = {about.table} if spec.missing is Missing.ZERO_IF_DELIVERED else set()
    order = expression(spec.table, spec.order).columns - {"as_of"} if spec.order else frozenset()
    return frozenset(own | set(_sources(spec.table, [*columns_wanted(spec), *about.telling, *order])))


def columns_wanted(spec: FeatureSpec) -> list[str]:
    """Give the columns of its relation, stored or prepared, that the feature names."""
    statement = Statement(relation(spec.table), DUCKDB)
    statement.add(spec)
    return list(statement.columns)


def _columns(name: str, wanted: Iterable[str], lookups: tuple[Lookup, ...] = ()) -> Iterator[str]:
    needed, stacked = layers(name, wanted, lookups)
    about = relation(name, lookups)
    yield from (f"{about.table}.{column}" for column in stored(about, needed))
    for summary, taken in _summaries(stacked, needed):
        yield from _columns(summary.table, read_by(summary, taken), summary.lookups)


def _sources(name: str, wanted: Iterable[str], lookups: tuple[Lookup, ...] = ()) -> Iterator[str]:
    needed, stacked = layers(name, wanted, lookups)
    computed = relation(name, lookups).computed
    for made in (made for layer in stacked for made in layer):
        if isinstance(made.part, str) and made.part not in computed:
            yield made.part.removesuffix(_DELIVERED)
    for summary, taken in _summaries(stacked, needed):
        yield from _sources(summary.table, read_by(summary, taken), summary.lookups)


def _summaries(stacked: list[list[Made]], needed: frozenset[str]) -> Iterator[tuple[Summary, list[str]]]:
    for made in (made for layer in stacked for made in layer):
        if isinstance(made.part, Summary):
            yield made.part, [name for name in made.gives if name in needed]
