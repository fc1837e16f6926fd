"""The records behind a feature: those that it counted, with the same condition and the same cut in time."""

from __future__ import annotations

from certloan.expressions import Type
from certloan.features import asof
from certloan.features.aggregates import Latest, Max, Min, NewestWorst, Share
from certloan.features.columns import expression, lookup_columns, relation, types
from certloan.features.dialect import DIALECTS
from certloan.features.prepare import prepared
from certloan.features.spec import FeatureSpec

#: The days of a record and the day itself: shown beside what a record tells, not as a part of it.
_DAYS = ("happened_on", "known_on", "void_on", "as_of")


def evidence_sql(spec: FeatureSpec, dialect: str = "duckdb", most: int | None = None) -> str:
    """Give the statement of the records that ``spec`` counted for each subject, the most telling first.

    Columns: ``subject``, ``place`` (from 1), those of :func:`telling`, ``happened_on``, ``known_on``; at most
    ``most`` records per subject. Where the feature is an extreme, the record that set it comes first; where it is a
    share, those that make it up; else the newest. A derived feature's evidence is that of its parts
    (:func:`certloan.features.matrix.parts`).
    """
    engine, about = DIALECTS[dialect], relation(spec.table)
    shown = columns_shown(spec)
    needed = {*shown, "happened_on", "known_on"}
    conditions = []
    if spec.where:
        condition = expression(about.name, spec.where, Type.BOOLEAN)
        needed |= condition.columns
        conditions.append(condition.sql(dialect))
    if spec.window is not None:
        conditions.append(asof.within(spec.window))
    first, read = _first(spec, dialect)
    if spec.order:
        by = expression(about.name, spec.order)
        first.append(f"{by.sql(dialect)} asc nulls last")
        read |= by.columns
    windows = [] if spec.window is None else [spec.window]
    rows = prepared(about, sorted((needed | read) - {"as_of"}), windows, engine)
    kept = f" where {' and '.join(conditions)}" if conditions else ""
    names = [engine.quote(name) for name in shown]
    order = ", ".join([*first, *(f"{day} desc nulls last" for day in ("happened_on", "known_on")), *names])
    placed = f"row_number() over (partition by subject order by {order}) as place"
    ranked = f"select subject, {placed}, {', '.join(names)} from ({rows}) as p{kept}"
    if isinstance(spec.aggregate, Latest):
        most = 1
    cut = f" where place <= {most}" if most is not None else ""
    return f"select subject, place, {', '.join(names)} from ({ranked}) as e{cut} order by subject, place"


def columns_shown(spec: FeatureSpec) -> tuple[str, ...]:
    """Give the columns of a record behind a feature: those of :func:`telling`, then its days."""
    return tuple(dict.fromkeys((*telling(spec), "happened_on", "known_on")))


def telling(spec: FeatureSpec) -> tuple[str, ...]:
    """Give the columns that show a person what was counted: which record it is, what the feature reads, what else tells.

    A number whose record does not show the cell that it comes from would be contradicted by its own evidence.

    >>> from certloan.features.catalog import by_name
    >>> telling(by_name("cert_first_issue_months"))[:3]
    ('certificate_no', 'held_from', 'held_since')
    """
    about = relation(spec.table)
    identity, *others = about.telling
    referred = {column for lookup in about.lookups for column in lookup_columns(lookup)}
    own = [name for name in types(spec.table) if name not in _DAYS and name not in referred]
    reading = [source for source in (*vars(spec.aggregate).values(), spec.where) if source]
    read = [name for source in reading for name in _in_order(expression(spec.table, source).columns, own)]
    return tuple(dict.fromkeys((identity, *read, *others)))


def _in_order(names: frozenset[str], order: list[str]) -> list[str]:
    return [name for name in order if name in names]


def _first(spec: FeatureSpec, dialect: str) -> tuple[list[str], frozenset[str]]:
    """Give what orders the most telling records first, and the columns that it reads."""
    if isinstance(spec.aggregate, Share):
        holds = expression(spec.table, spec.aggregate.holds, Type.BOOLEAN)
        return [f"case when {holds.sql(dialect)} then 0 else 1 end"], holds.columns
    if isinstance(spec.aggregate, NewestWorst):
        value = expression(spec.table, spec.aggregate.value)
        return ["happened_on desc nulls last", f"{value.sql(dialect)} desc nulls last"], value.columns
    if isinstance(spec.aggregate, Max | Min):
        value = expression(spec.table, spec.aggregate.value)
        way = "desc" if isinstance(spec.aggregate, Max) else "asc"
        return [f"{value.sql(dialect)} {way} nulls last"], value.columns
    return [], frozenset()
