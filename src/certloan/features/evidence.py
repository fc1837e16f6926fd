"""The records behind a feature: those that it counted, with the same condition and the same cut in time."""

from __future__ import annotations

from certloan.expressions import Type
from certloan.features import asof
from certloan.features.aggregates import Max, Min
from certloan.features.dialect import DIALECTS
from certloan.features.prepare import expression, prepared
from certloan.features.relations import RELATIONS
from certloan.features.spec import FeatureSpec


def evidence_sql(spec: FeatureSpec, dialect: str = "duckdb") -> str:
    """Give the statement of the records that ``spec`` counted for each subject, the most telling first.

    Columns: ``subject``, the relation's telling columns, ``happened_on``, ``known_on``. Where the feature is an
    extreme, the record that set it comes first; else the newest. A derived feature's evidence is that of its parts
    (:func:`certloan.features.matrix.parts`).
    """
    engine, relation = DIALECTS[dialect], RELATIONS[spec.table]
    shown = (*relation.telling, *(day for day in ("happened_on", "known_on") if day not in relation.telling))
    order, needed = "", set(shown)
    if isinstance(spec.aggregate, Max | Min):
        value = expression(relation.name, spec.aggregate.value)
        needed |= value.columns
        order = f"{value.sql(dialect)} {'desc' if isinstance(spec.aggregate, Max) else 'asc'} nulls last, "
    conditions = []
    if spec.where:
        condition = expression(relation.name, spec.where, Type.BOOLEAN)
        needed |= condition.columns
        conditions.append(condition.sql(dialect))
    if spec.window is not None:
        conditions.append(asof.within(spec.window))
    windows = [] if spec.window is None else [spec.window]
    rows = prepared(relation, sorted(needed - {"as_of"}), windows, engine)
    kept = f" where {' and '.join(conditions)}" if conditions else ""
    names = [engine.quote(name) for name in shown]
    newest = ", ".join(f"{engine.quote(name)} desc nulls last" for name in ("happened_on", "known_on"))
    ties = ", ".join(names)
    return f"select subject, {', '.join(names)} from ({rows}) as p{kept} order by subject, {order}{newest}, {ties}"
