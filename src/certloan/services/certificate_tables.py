"""Tables about certificates that no single firm's records could tell: numbers held twice, earlier cycles, and what scopes speak for."""

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

# Some schemes keep the number when they certify anew (organic products, year by year): the new statement supersedes the
# old one, and what was held before is told by the history alone. An earlier statement speaks of an earlier cycle if it
# was known before the new issue; one that a correction dates anew was known only after it. A cycle that began more than
# 30 days after the end of the one before started again.
_RENEWALS = """
    with said as (
        select concat(uscc, ' ', certificate_no) as code, issued_on, coalesce(first_issued_on, issued_on) as first_on,
            expires_on, known_on, void_on, superseded_on
        from history.certificate
    ),
    now as (select * from said where code in (select code from said group by code having count(distinct issued_on) > 1)),
    earlier as (
        select n.code, n.known_on as said_on, n.issued_on as said_issued_on, o.issued_on,
            min(o.first_on) as first_on, max(o.expires_on) as ends_on
        from now as n join now as o on o.code = n.code and o.issued_on < n.issued_on and o.known_on < n.issued_on
            and (o.void_on is null or n.known_on < o.void_on)
        group by all
    ),
    marked as (
        select *, coalesce(issued_on > max(ends_on) over (
            partition by code, said_on, said_issued_on order by issued_on
            rows between unbounded preceding and 1 preceding) + 30, false) as broken
        from earlier
    ),
    cycles as (
        select code, said_on, said_issued_on, min(first_on) as first_on, max(ends_on) as ends_on,
            coalesce(max(issued_on) filter (broken), min(issued_on)) as since, bool_or(broken) as broken
        from marked group by code, said_on, said_issued_on
    ),
    -- Client and producer may stand on papers of one number: of two statements in force at once, the later one speaks.
    told as (
        select n.code, n.known_on as valid_from,
            nullif(max(coalesce(least(n.void_on, n.superseded_on), date '9999-12-31')), date '9999-12-31') as valid_to,
            max(c.first_on) as earlier_first_on, max(c.since) as earlier_since, max(c.ends_on) as earlier_ends_on,
            bool_or(c.broken) as earlier_broken
        from now as n join cycles as c
          on c.code = n.code and c.said_on = n.known_on and c.said_issued_on = n.issued_on
        group by n.code, n.known_on
    )
    select code, valid_from, least(valid_to, lead(valid_from) over (partition by code order by valid_from)) as valid_to,
        earlier_first_on, earlier_since, earlier_ends_on, earlier_broken
    from told
"""


def _clashes(warehouse: Warehouse, after: dt.date) -> Rows:
    return _CLASHES


def _renewals(warehouse: Warehouse, after: dt.date) -> Rows:
    return _RENEWALS


def _readings(warehouse: Warehouse, after: dt.date) -> Iterator[Sequence[object]]:
    """Read every scope that certificates have; what a text says does not depend on when it was told."""
    scopes = warehouse.query("select distinct scope from certificate where scope is not null order by scope")
    for scope in scopes["scope"].to_pylist():
        reading = read_scope(scope)
        if reading is not None:
            yield scope, None, None, f" {' '.join(reading.fitting)} "


#: Certificate numbers that two firms hold, and from when to when.
CERTIFICATE_CLASH = DerivedTable("certificate_clash", ("certificate",), _clashes, dated=False)
#: What a certificate that was renewed under its number was before, by holder and number: since when, and until when.
CERTIFICATE_RENEWAL = DerivedTable("certificate_renewal", ("certificate",), _renewals, dated=False)
#: The industry divisions that a scope fits, each between two blanks.
SCOPE_MATCH = DerivedTable("scope_match", ("certificate",), _readings, dated=False)
