"""Invoices in circles: firms that invoice each other in a ring of two to four, nearly the same amount, within weeks.

Goods seldom come back to where they were sold from. Compiled SQL by the one cut in time; only the applicant's invoices
and those of its partners are read, so one case stays cheap however many invoices there are.
"""

from __future__ import annotations

from certloan.features.asof import counts
from certloan.features.integrity_teams import ASKED

#: How far back invoices are looked at, in months.
MONTHS = 24
#: The days between the first and the last invoice of a ring, at most.
DAYS = 45
#: How far the amounts of a ring may lie apart, as a share of the applicant's own.
APART = 0.06
#: Invoices below this many yuan make no ring.
SMALLEST = 1_000
#: Rings of the same firms that make a pattern: trade both ways happens to match now and then.
OFTEN = {2: 4, 3: 2, 4: 2}

#: Both sides of an edge in logarithms: a bucket and its neighbours hold all amounts that are near enough.
_STEP = APART


def _edges(who: str, person: str) -> str:
    """The invoices of ``person`` of relation ``who`` as edges from seller to buyer; a partner is known by name or code."""
    return f"""
        select application_id, as_of, invoice_no, day, net, cast(floor(ln(net) / {_STEP}) as integer) as size,
            if(direction = 'sale', person, coalesce(code, counterparty)) as seller,
            if(direction = 'sale', coalesce(code, counterparty), person) as buyer
        from (
            select w.application_id, w.as_of, w.{person} as person, i.invoice_no, i.invoiced_on as day,
                cast(i.net as double) as net, i.direction, i.counterparty, min(e.uscc) as code
            from {who} as w join invoice as i on i.uscc = w.{person} and {counts("i", "w.as_of")}
            left join enterprise as e on e.name = i.counterparty and {counts("e", "w.as_of")}
            where i.counterparty is not null and i.net >= {SMALLEST} and coalesce(i.status, 'valid') = 'valid'
                and i.invoiced_on > cast(w.as_of - interval '{MONTHS}' month as date) and i.invoiced_on <= w.as_of
            group by all
        )"""


def _near(of: str, to: str) -> str:
    return f"{of}.net between {to}.net * {1 - APART} and {to}.net * {1 + APART}"


def _within(*edges: str) -> str:
    days = ", ".join(f"{edge}.day" for edge in edges)
    return f"greatest({days}) - least({days}) <= {DAYS}"


def rings() -> str:
    """Compile (application_id, firms, partners, n, sale_no, purchase_no, net, day): one row for each circle of firms.

    ``n`` counts its rounds, and the rest tells the newest of them by the applicant's own two invoices.
    """
    often = " ".join(f"when {firms} then {n}" for firms, n in OFTEN.items())
    return f"""
        with own as materialized ({_edges(ASKED, "uscc")}),
        partners as materialized (
            select distinct application_id, as_of, other as uscc from (
                select application_id, as_of, unnest([seller, buyer]) as other from own
            ) where other in (select uscc from invoice)
        ),
        theirs as materialized ({_edges("partners", "uscc")}),
        sold as (select o.* from own as o join {ASKED} as s using (application_id) where o.seller = s.uscc),
        bought as (select o.*, unnest([size - 1, size, size + 1]) as near from own as o
            join {ASKED} as s using (application_id) where o.buyer = s.uscc),
        ends as materialized (
            select o.application_id, o.invoice_no as sale_no, i.invoice_no as purchase_no, o.net, o.size, o.day,
                i.day as back_on, o.seller as me, o.buyer as first, i.seller as last
            from sold as o join bought as i on i.application_id = o.application_id and i.near = o.size
            where {_near("i", "o")} and {_within("o", "i")} and o.buyer <> o.seller and i.seller <> i.buyer
        ),
        links as materialized (
            select application_id, seller, buyer, net, day, unnest([size - 1, size, size + 1]) as near from theirs
        ),
        found as (
            select application_id, 2 as firms, [first] as partners, sale_no, purchase_no, net, day
            from ends where first = last
            union all
            select e.application_id, 3, [e.first, e.last], e.sale_no, e.purchase_no, e.net, e.day
            from ends as e join links as a
                on a.application_id = e.application_id and a.near = e.size and a.seller = e.first and a.buyer = e.last
            where e.first <> e.last and {_near("a", "e")}
                and greatest(e.day, e.back_on, a.day) - least(e.day, e.back_on, a.day) <= {DAYS}
            union all
            select e.application_id, 4, [e.first, a.buyer, e.last], e.sale_no, e.purchase_no, e.net, e.day
            from ends as e join links as a
                on a.application_id = e.application_id and a.near = e.size and a.seller = e.first
            join links as b
                on b.application_id = e.application_id and b.near = e.size and b.seller = a.buyer and b.buyer = e.last
            where e.first <> e.last and a.buyer not in (e.me, e.first, e.last)
                and {_near("a", "e")} and {_near("b", "e")}
                and greatest(e.day, e.back_on, a.day, b.day) - least(e.day, e.back_on, a.day, b.day) <= {DAYS}
        ),
        circles as (
            select application_id, firms, partners, count(distinct sale_no) as n,
                max(struct_pack(day := day, sale_no := sale_no, purchase_no := purchase_no, net := net)) as newest
            from found group by application_id, firms, partners
        )
        select application_id, firms, partners, n, unnest(newest) from circles where n >= case firms {often} end
        order by application_id, firms, n desc, partners"""


def ring_records() -> str:
    """Compile the applicant's own invoices named in ``integrity_invoices`` (application_id, invoice_no, direction)."""
    return f"""
        select distinct s.application_id, r.invoice_no, r.direction, r.counterparty, r.invoiced_on, r.net
        from {ASKED} as s join integrity_invoices as n using (application_id)
        join invoice as r on r.uscc = s.uscc and r.invoice_no = n.invoice_no and r.direction = n.direction
            and {counts("r", "s.as_of")}
        order by s.application_id, r.invoiced_on desc, r.direction, r.invoice_no"""
