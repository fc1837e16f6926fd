"""Which stored columns a feature reads: for its documentation, and to find columns that nothing reads."""

from __future__ import annotations

from certloan.features.matrix import parts
from certloan.features.reading import columns_behind
from certloan.features.spec import Spec


def columns_read(spec: Spec) -> frozenset[str]:
    """Give the stored columns behind a feature, as ``table.column``.

    >>> from certloan.features.catalog import by_name
    >>> sorted(columns_read(by_name("credit_dpd_max_6m")))
    ['credit_month.days_past_due', 'credit_month.happened_on']
    """
    return frozenset().union(*(columns_behind(part) for part in parts(spec)))
