"""The stages become the matrix: what absence means, then the derived features, in catalog order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from certloan.expressions import Expression, Type, parse
from certloan.features import asof
from certloan.features.catalog import CATALOG
from certloan.features.compile import stage_name, stage_sql
from certloan.features.reading import sources_behind
from certloan.features.relations import REFERENCES, RELATIONS
from certloan.features.spec import DerivedSpec, FeatureSpec, Lookup, Missing, Spec


def parts(spec: Spec) -> tuple[FeatureSpec, ...]:
    """Give the features that come straight from records and that ``spec`` is made of.

    >>> from certloan.features.catalog import by_name
    >>> [part.name for part in parts(by_name("cert_headcount_share"))]
    ['cert_headcount', 'ent_employees']
    """
    if isinstance(spec, FeatureSpec):
        return (spec,)
    names = derived_expression(spec).columns
    if spec.lookup is not None:
        names |= lookup_key(spec.lookup).columns
    return tuple(found for found in CATALOG if isinstance(found, FeatureSpec) and found.name in names)


def derived_expression(spec: DerivedSpec) -> Expression:
    """Read the expression of a derived feature."""
    return _over_features(spec.expression, spec.lookup.relation if spec.lookup else None)


def lookup_key(lookup: Lookup) -> Expression:
    """Read the key by which a derived feature looks a reference up."""
    return _over_features(lookup.key, None)


@cache
def _over_features(source: str, reference: str | None) -> Expression:
    types = {s.name: Type.TEXT if s.categorical else Type.NUMBER for s in CATALOG if isinstance(s, FeatureSpec)}
    return parse(source, types | dict(REFERENCES[reference] if reference else {}), expect=None)


def stages(specs: Sequence[Spec], dialect: str = "duckdb") -> dict[str, str]:
    """Give the statement of each stage that ``specs`` need, by the name of its temporary relation."""
    by_relation: dict[str, list[FeatureSpec]] = {}
    for spec in stored(specs):
        by_relation.setdefault(spec.table, []).append(spec)
    return {stage_name(name): stage_sql(name, found, dialect) for name, found in by_relation.items()}


def sources_read(specs: Sequence[Spec]) -> tuple[str, ...]:
    """Give the tables of which ``specs`` ask whether they had been delivered (:data:`certloan.features.asof.SOURCES`)."""
    return tuple(sorted({table for spec in stored(specs) for table in sources_behind(spec)}))


def matrix_sql(specs: Sequence[Spec], dialect: str = "duckdb") -> str:
    """Give the statement that reads the stages: one row per subject, in the subjects' order."""
    parts_ = stored(specs)
    relations = list(dict.fromkeys(spec.table for spec in parts_))
    columns = [
        "s.subject",
        "s.application_id",
        "s.uscc",
        "s.as_of",
        *(f"{_or_zero(spec)} as {spec.name}" for spec in parts_),
    ]
    joins = [f"left join {stage_name(name)} as {name}_ on {name}_.subject = s.subject" for name in relations]
    if any(spec.missing is Missing.ZERO_IF_DELIVERED for spec in parts_):
        joins.append(f"cross join {asof.SOURCES} as sources")
    base = f"select {', '.join(columns)} from {asof.SUBJECTS} as s {' '.join(joins)}"
    shown = ["b.application_id", "b.uscc", "b.as_of"]
    rules: dict[Lookup, str] = {}
    for spec in specs:
        if isinstance(spec, FeatureSpec):
            shown.append(f"b.{spec.name}")
            continue
        value = derived_expression(spec).sql(dialect)
        shown.append(f"{value if spec.categorical else f'cast({value} as double)'} as {spec.name}")
        if spec.lookup is not None:
            rules.setdefault(spec.lookup, f"{spec.name}_rule")
    lookups = []
    for lookup, alias in rules.items():
        key = _over_features(lookup.key, None).sql(dialect, qualify="b")
        lookups.append(
            f"left join {lookup.relation} as {alias} on {alias}.code = {key} and {asof.valid(alias, 'b.as_of')}"
        )
    return f"select {', '.join(shown)} from ({base}) as b {' '.join(lookups)} order by b.subject"


def stored(specs: Sequence[Spec]) -> tuple[FeatureSpec, ...]:
    """Give the stored features that ``specs`` name or are made of, each once."""
    return tuple(dict.fromkeys(part for spec in specs for part in parts(spec)))


def _or_zero(spec: FeatureSpec) -> str:
    value = f"{spec.table}_.{spec.name}"
    if spec.missing is Missing.UNKNOWN_IF_NO_COVERAGE:
        return value
    delivered = asof.delivered("sources", RELATIONS[spec.table].table, "s.as_of")
    return f"coalesce({value}, case when {delivered} then cast(0 as double) end)"
