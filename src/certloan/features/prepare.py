"""The records that a relation's features read, cut at the day and prepared: references, summaries, computed columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from certloan.features import asof
from certloan.features.columns import Made, expression, layers, read_by, relation, stored
from certloan.features.dialect import Dialect
from certloan.features.relations import Previous, Relation, Summary
from certloan.features.spec import Lookup, Window
from certloan.features.summary import told_sql, without_records

__all__ = ["expression", "prepared"]


def prepared(
    about: Relation,
    columns: Iterable[str],
    windows: Iterable[Window],
    dialect: Dialect,
    lookups: tuple[Lookup, ...] = (),
    *,
    by_subject: bool = True,
) -> str:
    """Give the statement whose rows are (subject, as_of, window bounds, ``columns``): the records that count.

    Without ``by_subject`` the rows are (as_of, ``columns``), for each day that is asked about.
    """
    windows = tuple(dict.fromkeys(windows))
    wanted, stacked = layers(about.name, columns, lookups)
    bounds = dict.fromkeys(bound for w in windows for bound in (asof.start(w), asof.end(w)) if bound != "as_of")
    quoted = {dialect.quote(name): dialect.quote(name) for name in stored(about, wanted)}
    people, keys = (asof.subjects(windows), about.keys) if by_subject else (asof.days(), ())
    rows = asof.known(about.table, keys, quoted, bounds, people)
    for layer in stacked:
        rows = _on_top(rows, layer, wanted, about, lookups, dialect)
    return rows


def _on_top(
    rows: str, layer: list[Made], wanted: frozenset[str], about: Relation, lookups: tuple[Lookup, ...], dialect: Dialect
) -> str:
    """Add the parts of one layer to the rows below it."""
    columns, joins = ["k.*"], []

    def key(source: str) -> str:
        return expression(about.name, source, None, lookups).sql(dialect.name, qualify="k")

    for place, made in enumerate(layer):
        alias, part = f"p{place}", made.part
        taken = [name for name in made.gives if name in wanted]
        match part:
            case Lookup():
                columns += [f"{alias}.{name.removeprefix(part.prefix)} as {name}" for name in taken]
                in_force = asof.valid(alias, f"k.{dialect.quote(part.day)}")
                joins.append(f"left join {part.relation} as {alias} on {alias}.code = {key(part.key)} and {in_force}")
            case Summary():
                columns += [f"{without_records(part.columns[name], f'{alias}.{name}')} as {name}" for name in taken]
                same = [f"{alias}.{who} = k.{who}" for who in (_who(part),)]
                same += [f"{alias}.j{at} = {key(ours)}" for at, ours in enumerate(part.on)]
                joins.append(f"left join ({_summary(part, taken, dialect)}) as {alias} on {' and '.join(same)}")
            case Previous():
                columns.append(f"{_previous(part, about, key, dialect)} as {part.name}")
            case _ if part in about.computed:
                columns.append(f"{key(about.computed[part][0])} as {part}")
            case _:
                table = part.removesuffix("_delivered")
                columns.append(f"coalesce({asof.delivered(alias, table, 'k.as_of')}, false) as {part}")
                joins.append(f"cross join {asof.SOURCES} as {alias}")
    return f"select {', '.join(columns)} from ({rows}) as k {' '.join(joins)}"


def _who(summary: Summary) -> str:
    """Name the column that both sides share: the enterprise on its day, or the day alone."""
    return "subject" if summary.by_subject else "as_of"


def _summary(summary: Summary, taken: list[str], dialect: Dialect) -> str:
    """Give what the other relation says, one row for each joined value; the columns to join by are ``j0``, ``j1`` and so on."""
    other = relation(summary.table, summary.lookups)
    rows = prepared(other, read_by(summary, taken), (), dialect, summary.lookups, by_subject=summary.by_subject)
    groups = [f"e.{_who(summary)}", *(f"e.{dialect.quote(theirs)}" for theirs in summary.on.values())]
    names = [_who(summary), *(f"j{at}" for at in range(len(summary.on)))]
    columns = [f"{group} as {name}" for group, name in zip(groups, names, strict=True)]
    columns += [f"{told_sql(summary, summary.columns[name], dialect)} as {name}" for name in taken]
    return f"select {', '.join(columns)} from ({rows}) as e group by {', '.join(groups)}"


def _previous(part: Previous, about: Relation, key: Callable[[str], str], dialect: Dialect) -> str:
    """Look back over the records before; among those with an equal order, which one is before would be an accident."""
    order, value = key(part.order), key(part.value)
    # Engines differ in whether an unknown value is the greatest or the least: here a known one goes before it.
    packed = dialect.record({"before": order, "known": f"{value} is not null", "told": value})
    counted = f"case when {key(part.where)} then {packed} end" if part.where else packed
    group = ", ".join(["k.subject", *(key(by) for by in part.by)])
    return f"case when {order} is not null then {dialect.newest_before(counted, group, order)}.told end"
