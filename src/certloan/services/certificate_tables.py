"""Tables about certificates that no single firm's records could tell: numbers held twice, and what scopes speak for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from certloan.reference.scope_match import read_scope
from certloan.services.derived_table import DerivedTable, Rows
from certloan.services.ports import Warehouse

# One CCC certificate rightly stands with three organisations (委托人, 生产者, 生产企业), so two holders contest a number
# only in the same role, and only where the two certificates were in force at the same time: a firm that changed its
# code is no second holder. A number is contested from the day on which the second holder became known until one of
# the two records is withdrawn. Overlapping spans are joined, so that a day finds one row.
_CLASHES = """
    with held as (
        select certificate_no as code, uscc, coalesce(role, 'client') as role, issued_on,
            coalesce(expires_on, date '9999-12-31') as ends_on, known_on, coalesce(void_on, date '9999-12-31') as void_on
        from certificate
    ),
    several as (select code from held group by code having count(distinct uscc) > 1),
    spans as (
        select a.code, greatest(a.known_on, b.known_on) as since, least(a.void_on, b.void_on) as until
        from held as a join several using (code) join held as b
          on a.code = b.code and a.role = b.role and a.uscc < b.uscc and a.issued_on <= b.ends_on and b.issued_on <= a.ends_on
        where greatest(a.known_on, b.known_on) < least(a.void_on, b.void_on)
    ),
    marked as (
        select *, coalesce(since > max(until) over (
            partition by code order by since, until rows between unbounded preceding and 1 preceding), true) as begins
        from spans
    ),
    joined as (
        select *, sum(cast(begins as integer)) over (partition by code order by since, until) as island from marked
    )
    select code, min(since) as valid_from, nullif(max(until), date '9999-12-31') as valid_to, true as contested
    from joined group by code, island
"""


def _clashes(warehouse: Warehouse, after: dt.date) -> Rows:
    return _CLASHES


def _readings(warehouse: Warehouse, after: dt.date) -> Iterator[Sequence[object]]:
    """Read every scope that certificates have; what a text says does not depend on when it was told."""
    scopes = warehouse.query("select distinct scope from certificate where scope is not null order by scope")
    for scope in scopes["scope"].to_pylist():
        reading = read_scope(scope)
        if reading is not None:
            yield scope, None, None, f" {' '.join(reading.fitting)} "


#: Certificate numbers that two firms hold, and from when to when.
CERTIFICATE_CLASH = DerivedTable("certificate_clash", ("certificate",), _clashes, dated=False)
#: The industry divisions that a scope fits, each between two blanks.
SCOPE_MATCH = DerivedTable("scope_match", ("certificate",), _readings, dated=False)
