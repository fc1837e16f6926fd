"""Audit teams whose other clients should make an officer ask: compiled SQL over all firms, by the one cut in time.

An audit takes days at the firm, and a team's clients are otherwise strangers. That many of them lose their certificates,
that many were certified by bodies that have been struck since, or that one day saw more audits than a week has room
for, says something about the team, and only so about the firm.
"""

from __future__ import annotations

from certloan.features.asof import counts

#: The relation of those who are asked about: application_id, uscc, as_of.
ASKED = "integrity_asked"
#: How far back a team's work is looked at, in months.
MONTHS = 36
#: Fewer other clients than these tell nothing.
FEWEST = 8
#: A team is asked about when so many of its other clients, and such a share, lost a certificate (of all holders, about
#: one in thirty does in three years) …
LOST, LOST_SHARE = 3, 0.1
#: … or fewer did, but most are certified by bodies that were struck since; by itself that is the body's doing …
LOST_TOO, STRUCK_SHARE = 2, 0.5
#: … or when more firms than this passed its audits on one day.
BUSIEST = 5

_AUDITS = "('surveillance_passed', 'special_audit_passed', 'recertified', 'issued', 'restored')"
_SINCE = f"cast({{day}} - interval '{MONTHS}' month as date)"


def suspicious_teams() -> str:
    """Compile (application_id, team, others, lost, struck, busiest, busiest_on): one row for each team to ask about.

    Reads :data:`ASKED` and the relation ``reference_replacement`` of reasons for which a certificate is replaced.
    """
    return f"""
        with teams as materialized (
            select distinct s.application_id, s.uscc as me, s.as_of, r.team
            from {ASKED} as s join certificate_event as r on r.uscc = s.uscc and {counts("r", "s.as_of")}
            where r.team is not null and r.event in {_AUDITS} and r.event_on > {_SINCE.format(day="s.as_of")}
        ),
        work as materialized (
            select t.application_id, t.me, t.as_of, t.team, r.uscc, r.event_on
            from teams as t join certificate_event as r on r.team = t.team and {counts("r", "t.as_of")}
            where r.event in {_AUDITS} and r.event_on > {_SINCE.format(day="t.as_of")} and r.event_on <= t.as_of
        ),
        days as (
            select application_id, team, max(n) as busiest, max(event_on) filter (where n = most) as busiest_on from (
                select *, max(n) over (partition by application_id, team) as most
                from (select application_id, team, event_on, count(distinct uscc) as n from work group by all)
            ) group by all
        ),
        others as materialized (
            select distinct application_id, as_of, team, uscc from work where uscc <> me
        ),
        clients as (
            select distinct as_of, uscc from others
        ),
        lost as (
            select distinct o.as_of, o.uscc
            from clients as o join certificate_event as r on r.uscc = o.uscc and {counts("r", "o.as_of")}
            left join reference_replacement as l on l.code = r.reason_code
            where r.event = 'withdrawn' and l.replaced is null and r.event_on > {_SINCE.format(day="o.as_of")}
        ),
        struck as (
            select distinct o.as_of, o.uscc
            from clients as o join certificate as r on r.uscc = o.uscc and {counts("r", "o.as_of")}
            join certification_body as b on b.body_no = r.body_no and {counts("b", "o.as_of")}
            where b.sanction in ('revoked', 'suspended') and b.sanctioned_on between r.issued_on and o.as_of
        ),
        told as (
            select o.application_id, o.team, count(*) as others, count(l.uscc) as lost, count(k.uscc) as struck
            from others as o left join lost as l on l.as_of = o.as_of and l.uscc = o.uscc
            left join struck as k on k.as_of = o.as_of and k.uscc = o.uscc
            group by o.application_id, o.team
        )
        select application_id, team, coalesce(others, 0) as others, coalesce(lost, 0) as lost,
            coalesce(struck, 0) as struck, busiest, busiest_on
        from days left join told using (application_id, team)
        where others >= {FEWEST} and (lost >= {LOST} and lost >= {LOST_SHARE} * others
            or lost >= {LOST_TOO} and struck >= {STRUCK_SHARE} * others) or busiest > {BUSIEST}
        order by application_id, lost desc, struck desc, busiest desc, team"""


def team_records() -> str:
    """Compile the applicant's own events with the teams in ``integrity_teams`` (application_id, team)."""
    return f"""
        select s.application_id, r.team, r.certificate_no, r.event, r.event_on
        from {ASKED} as s join integrity_teams as t using (application_id)
        join certificate_event as r on r.uscc = s.uscc and r.team = t.team and {counts("r", "s.as_of")}
        where r.event in {_AUDITS} and r.event_on > {_SINCE.format(day="s.as_of")}
        order by s.application_id, r.event_on desc, r.certificate_no"""
