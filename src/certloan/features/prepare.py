"""The records that a relation's features read, cut at the day and prepared: state, references, computed columns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from certloan.contracts import CONTRACTS
from certloan.contracts.contract import types as types_of
from certloan.expressions import Expression, Type, parse
from certloan.features import asof
from certloan.features.dialect import Dialect
from certloan.features.relations import REFERENCES, RELATIONS, Newest, Relation
from certloan.features.spec import Window


@cache
def expression(relation: str, source: str, expect: Type | None = None) -> Expression:
    """Read an expression over the columns of a relation; ``InputError`` if it names anything else."""
    return parse(source, RELATIONS[relation].types(), expect=expect)


def prepared(relation: Relation, columns: Iterable[str], windows: Iterable[Window], dialect: Dialect) -> str:
    """Give the statement whose rows are (subject, as_of, window bounds, ``columns``): the records that count."""
    windows = tuple(dict.fromkeys(windows))
    wanted = needed(relation, columns)
    stored = [name for name in types_of(CONTRACTS[relation.table]) if name in wanted]
    bounds = dict.fromkeys(bound for w in windows for bound in (asof.start(w), asof.end(w)) if bound != "as_of")
    quoted = {dialect.quote(name): dialect.quote(name) for name in stored}
    rows = asof.known(relation.table, relation.keys, quoted, bounds, asof.subjects(windows))
    joined, joins = [], []
    for place, lookup in enumerate(relation.lookups):
        taken = [name for name in REFERENCES[lookup.relation] if name in wanted]
        if taken:
            alias = f"l{place}"
            key = expression(relation.name, lookup.key).sql(dialect.name, qualify="k")
            joined += [f"{alias}.{name}" for name in taken]
            joins.append(
                f"left join {lookup.relation} as {alias} on {alias}.code = {key} and {asof.valid(alias, 'k.as_of')}"
            )
    for place, newest in enumerate(relation.newest):
        if newest.name in wanted:
            alias = f"n{place}"
            joined.append(f"{alias}.{newest.name}")
            joins.append(
                f"left join ({_newest(newest, dialect)}) as {alias}"
                f" on {alias}.subject = k.subject and {alias}.{newest.on} = k.{newest.on}"
            )
    if joins:
        rows = f"select {', '.join(['k.*', *joined])} from ({rows}) as k {' '.join(joins)}"
    for name, (source, _) in relation.computed.items():
        if name in wanted:
            value = expression(relation.name, source).sql(dialect.name)
            rows = f"select c.*, {value} as {name} from ({rows}) as c"
    return rows


def needed(relation: Relation, columns: Iterable[str]) -> frozenset[str]:
    """Give ``columns`` and all that they are prepared from."""
    wanted = set(columns)
    for name, (source, _) in reversed(list(relation.computed.items())):
        if name in wanted:
            wanted |= expression(relation.name, source).columns
    for lookup in relation.lookups:
        if wanted & REFERENCES[lookup.relation].keys():
            wanted |= expression(relation.name, lookup.key).columns
    wanted |= {newest.on for newest in relation.newest if newest.name in wanted}
    return frozenset(wanted)


def columns_of(newest: Newest) -> frozenset[str]:
    """Give the stored columns of the other table that the newest event of each record is made of."""
    types = newest.types()
    sources = [newest.value, newest.where, newest.rank, *([newest.lookup.key] if newest.lookup else [])]
    read = frozenset().union(*(parse(source, types, expect=None).columns for source in sources))
    return (read | {newest.on, "happened_on", "known_on"}) & types_of(CONTRACTS[newest.table]).keys()


def _newest(newest: Newest, dialect: Dialect) -> str:
    """Give the last event of each record, cut at the day like everything else."""
    types = newest.types()
    value, counting = parse(newest.value, types, expect=Type.TEXT), parse(newest.where, types)
    rank = parse(newest.rank, types, expect=Type.NUMBER)
    quoted = {dialect.quote(name): dialect.quote(name) for name in sorted(columns_of(newest))}
    rows = asof.known(newest.table, ("uscc",), quoted, (), asof.subjects(()))
    if newest.lookup is not None:
        joined = ", ".join(f"l.{name}" for name in REFERENCES[newest.lookup.relation])
        key = parse(newest.lookup.key, types, expect=Type.TEXT).sql(dialect.name, qualify="k")
        on = f"l.code = {key} and {asof.valid('l', 'k.as_of')}"
        rows = f"select k.*, {joined} from ({rows}) as k left join {newest.lookup.relation} as l on {on}"
    order = {
        "happened": "happened_on",
        "known": "known_on",
        "weight": rank.sql(dialect.name),
        "told": value.sql(dialect.name),
    }
    last = f"max({dialect.record(order)}) filter (where {counting.sql(dialect.name)})"
    return (
        f"select e.subject, e.{newest.on}, ({last}).told as {newest.name}"
        f" from ({rows}) as e group by e.subject, e.{newest.on}"
    )
