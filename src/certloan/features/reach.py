"""Which stored columns a feature reads: for its documentation, and to find columns that nothing reads."""

from __future__ import annotations

from certloan.contracts import CONTRACTS
from certloan.contracts.contract import types as types_of
from certloan.features.dialect import DUCKDB
from certloan.features.matrix import parts
from certloan.features.prepare import columns_of, needed
from certloan.features.relations import RELATIONS
from certloan.features.spec import FeatureSpec, Spec
from certloan.features.statement import Statement


def columns_read(spec: Spec) -> frozenset[str]:
    """Give the stored columns behind a feature, as ``table.column``.

    >>> from certloan.features.catalog import by_name
    >>> sorted(columns_read(by_name("credit_dpd_max_6m")))
    ['credit_month.days_past_due', 'credit_month.happened_on']
    """
    return frozenset().union(*(_read(part) for part in parts(spec)))


def _read(spec: FeatureSpec) -> set[str]:
    relation = RELATIONS[spec.table]
    statement = Statement(relation, DUCKDB)
    statement.add(spec)
    wanted = needed(relation, statement.columns)
    found = {f"{relation.table}.{name}" for name in types_of(CONTRACTS[relation.table]) if name in wanted}
    for newest in relation.newest:
        if newest.name in wanted:
            found |= {f"{newest.table}.{name}" for name in columns_of(newest)}
    return found
