"""What may contradict what in the evidence, declared: the questions of the data-quality report.

Each is one SELECT over tables cut to what counted on the day, ``{table}``; ``{day}`` is that day. They are asked of
whole tables, so each is one join over aggregates, never a look at single records. Their sentences are
``quality.<group>.<code>.{title,meaning,treatment}``; how a contradiction is treated stands in docs/evidence.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from certloan.services.check_across import LIVING


@dataclass(frozen=True)
class Contradiction:
    """``found`` gives the rows that are wrong, alias ``r``, after ``from``; ``key`` names them.

    ``tables`` must all have been delivered, else nothing can be asked. ``asked`` narrows which records of the first
    table were asked about at all. Where a feature counts the very records, it is named (``feature``) instead of
    ``found``: one rule, so that the report and the feature cannot tell different numbers.
    """

    code: str
    tables: tuple[str, ...]
    key: tuple[str, ...]
    found: str = ""
    asked: str = "true"
    feature: str = ""


_CERTIFICATE = "join {certificate} as c on c.uscc = r.uscc and c.certificate_no = r.certificate_no"
#: The last change of state of each certificate, as the history tells it.
_LAST_EVENT = (
    "(select uscc, certificate_no, arg_max(event, event_on) as event, max(event_on) as event_on from {certificate_event} "
    "where event in ('suspended', 'restored', 'withdrawn', 'cancelled', 'expired', 'recertified') group by all)"
)
_OVER = "('suspended', 'withdrawn', 'cancelled', 'expired')"
#: The newest annual report of each enterprise by year.
_STAFF = (
    "(select uscc, year, max(employees) as employees from {annual_report} where employees is not null group by all)"
)
#: A failed batch that nobody has overturned.
_FAILED = "r.verdict = 'nonconforming' and coalesce(r.objection, 'none') in ('none', 'rejected')"

CONTRADICTIONS = (
    Contradiction(
        "register-better-than-events", ("certificate", "certificate_event"), ("uscc", "certificate_no"),
        f"{{certificate}} as r join {_LAST_EVENT} as e on e.uscc = r.uscc and e.certificate_no = r.certificate_no "
        f"where r.state_stated = 'valid' and e.event in {_OVER} and e.event_on <= r.known_on",
        asked="r.state_stated is not null",
    ),
    Contradiction(
        "register-worse-than-events", ("certificate", "certificate_event"), ("uscc", "certificate_no"),
        f"{{certificate}} as r left join {_LAST_EVENT} as e on e.uscc = r.uscc and e.certificate_no = r.certificate_no "
        "where r.state_stated in ('suspended', 'withdrawn', 'cancelled') "
        "and coalesce(e.event, 'none') in ('none', 'restored', 'recertified')",
        asked="r.state_stated is not null",
    ),
    Contradiction(
        "event-before-issue", ("certificate_event", "certificate"), ("uscc", "certificate_no", "event_on"),
        f"{{certificate_event}} as r {_CERTIFICATE} where r.event_on < coalesce(c.first_issued_on, c.issued_on)",
    ),
    Contradiction(
        "event-after-expiry", ("certificate_event", "certificate"), ("uscc", "certificate_no", "event_on"),
        f"{{certificate_event}} as r {_CERTIFICATE} where r.event in {LIVING} and r.event_on > c.expires_on",
    ),
    Contradiction(
        "event-after-end", ("certificate_event",), ("uscc", "certificate_no", "event_on"),
        "{certificate_event} as r join (select uscc, certificate_no, min(event_on) as ended_on from {certificate_event} "
        "where event in ('withdrawn', 'cancelled') group by all) as e "
        f"on e.uscc = r.uscc and e.certificate_no = r.certificate_no where r.event in {LIVING} and r.event_on > e.ended_on",
    ),
    Contradiction(
        "certificate-number-shared", ("certificate",), ("certificate_no", "uscc"),
        "{certificate} as r join (select certificate_no, coalesce(role, 'client') as role from {certificate} "
        "group by all having count(distinct uscc) > 1) as t "
        "on t.certificate_no = r.certificate_no and t.role = coalesce(r.role, 'client')",
    ),
    Contradiction(
        "certificate-body-unknown", ("certificate", "certification_body"), ("certificate_no", "body_no"),
        "{certificate} as r where r.body_no is not null "
        "and not exists (select 1 from {certification_body} as b where b.body_no = r.body_no)",
        asked="r.body_no is not null",
    ),
    Contradiction(
        "issued-outside-licence", ("certificate", "certification_body"), ("certificate_no", "body_no", "issued_on"),
        "{certificate} as r where exists (select 1 from {certification_body} as b where b.body_no = r.body_no) "
        "and not exists (select 1 from {certification_body} as b where b.body_no = r.body_no "
        "and b.licensed_from <= r.issued_on and r.issued_on <= coalesce(b.licensed_to, r.issued_on))",
        asked="r.body_no is not null",
    ),
    Contradiction(
        "fewer-surveillances-stated", ("certificate", "certificate_event"), ("uscc", "certificate_no"),
        "{certificate} as r join (select uscc, certificate_no, list(event_on) as days from {certificate_event} "
        "where event = 'surveillance_passed' group by all) as e "
        "on e.uscc = r.uscc and e.certificate_no = r.certificate_no "
        "where r.surveillance_n < len(list_filter(e.days, lambda d: d between r.issued_on and r.known_on))",
        asked="r.surveillance_n is not null",
    ),
    Contradiction(
        "report-unconfirmed", ("reported_certificate", "certificate"), ("uscc", "scheme", "certified_on"),
        feature="cert_reported_unconfirmed_n",
    ),
    Contradiction(
        "report-contradicted", ("reported_certificate", "certificate"), ("uscc", "scheme", "certified_on"),
        feature="cert_reported_contradicted_n",
    ),
    Contradiction(
        "headcount-far-from-report", ("certificate", "annual_report"), ("uscc", "certificate_no", "headcount_covered"),
        f"{{certificate}} as r join {_STAFF} as a on a.uscc = r.uscc and a.year = year(r.issued_on) - 1 "
        "where r.headcount_covered > 2 * a.employees + 10",
        asked="r.headcount_covered is not null",
    ),
    Contradiction(
        # CNCA-QMS-01:2025: a short-notice audit within 30 days of the notice; another 30 for the news to arrive.
        "failed-without-special-audit", ("inspection", "certificate", "certificate_event"), ("uscc", "inspection_no"),
        f"{{inspection}} as r where r.level = 'national' and {_FAILED} "
        "and coalesce(r.notified_on, r.inspected_on) between date '2026-01-01' and {day} - 60 "
        "and exists (select 1 from {certificate} as c where c.uscc = r.uscc and starts_with(c.scheme, 'A01') "
        "and c.issued_on <= r.inspected_on and c.expires_on > coalesce(r.notified_on, r.inspected_on) + 30) "
        "and not exists (select 1 from {certificate_event} as e where e.uscc = r.uscc "
        "and e.event in ('special_audit_passed', 'suspended', 'withdrawn', 'cancelled') "
        "and e.event_on between r.inspected_on and coalesce(r.notified_on, r.inspected_on) + 60)",
        asked="r.level = 'national' and r.verdict = 'nonconforming' and r.inspected_on >= date '2026-01-01'",
    ),
    Contradiction(
        "overdue-but-normal", ("credit_month",), ("uscc", "account_no", "month"),
        "{credit_month} as r where r.days_past_due > 90 and r.five_class in ('normal', 'special_mention')",
        asked="r.days_past_due > 90 and r.five_class is not null",
    ),
    Contradiction(
        "arrears-without-days", ("credit_month",), ("uscc", "account_no", "month"),
        "{credit_month} as r where r.overdue_amount > 0 and r.days_past_due = 0",
        asked="r.overdue_amount is not null and r.days_past_due is not null",
    ),
    Contradiction(
        "balance-above-limit", ("credit_month",), ("uscc", "account_no", "month"),
        "{credit_month} as r where r.balance > r.credit_limit",
        asked="r.balance is not null and r.credit_limit is not null",
    ),
    Contradiction(
        "whitelisted-and-blacklisted", ("list_entry",), ("uscc", "listed_on"),
        "{list_entry} as r where r.\"list\" = 'quality_whitelist' and coalesce(r.removed_on, {day}) >= {day} "
        "and exists (select 1 from {list_entry} as b where b.uscc = r.uscc and coalesce(b.removed_on, {day} + 1) > {day} "
        "and b.\"list\" in ('abnormal_operation', 'serious_violation', 'dishonest_debtor'))",
        asked="r.\"list\" = 'quality_whitelist'",
    ),
    Contradiction(
        "arrears-with-grade-a", ("tax_grade", "list_entry"), ("uscc", "year"),
        "{tax_grade} as r where r.grade = 'A' and exists (select 1 from {list_entry} as b where b.uscc = r.uscc "
        "and b.\"list\" = 'tax_arrears' and year(b.listed_on) = r.year and year(coalesce(b.removed_on, {day})) > r.year)",
        asked="r.grade = 'A'",
    ),
    Contradiction(
        "tax-a-under-three-years", ("tax_grade", "enterprise"), ("uscc", "year"),
        "{tax_grade} as r join (select uscc, max(registered_on) as registered_on from {enterprise} group by all) as e "
        "on e.uscc = r.uscc where r.grade = 'A' and e.registered_on + interval 36 months > make_date(r.year, 12, 31)",
        asked="r.grade = 'A'",
    ),
    Contradiction(
        # No scheme runs longer than six years; what its own rule allows is asked where a certificate is judged.
        "certificate-without-end", ("certificate",), ("uscc", "certificate_no", "issued_on", "expires_on"),
        "{certificate} as r where r.expires_on > r.issued_on + interval 78 months",
        asked="r.expires_on is not null",
    ),
    Contradiction(
        "active-after-deregistration", ("enterprise",), ("uscc", "known_on"),
        "{enterprise} as r where r.status in ('deregistered', 'revoked') "
        "and (exists (select 1 from {certificate} as c where c.uscc = r.uscc and c.issued_on > r.known_on) "
        "or exists (select 1 from {application} as a where a.uscc = r.uscc and a.applied_on > r.known_on))",
        asked="r.status in ('deregistered', 'revoked')",
    ),
    Contradiction(
        "invoices-above-revenue", ("annual_report", "invoice"), ("uscc", "year"),
        "{annual_report} as r join (select uscc, year(invoiced_on) as year, sum(net) as net from {invoice} "
        "where direction = 'sale' and status is distinct from 'void' group by all) as i "
        "on i.uscc = r.uscc and i.year = r.year where i.net > 1.2 * r.revenue",
        asked="r.revenue is not null and r.uscc in (select uscc from {invoice})",
    ),
    Contradiction(
        "equity-not-the-difference", ("annual_report",), ("uscc", "year"),
        "{annual_report} as r where abs(r.assets - r.liabilities - r.equity) > 0.01 * r.assets + 1000",
        asked="r.assets is not null and r.liabilities is not null and r.equity is not null",
    ),
    Contradiction(
        "incident-without-date", ("incident",), ("uscc", "incident_no"),
        "{incident} as r where r.occurred_on is null",
    ),
)  # fmt: skip


def _lost(code: str, table: str, target: str, key: tuple[str, ...], shown: tuple[str, ...]) -> Contradiction:
    """Records of ``table`` that point to no record of ``target``."""
    same = " and ".join(f"t.{name} = r.{name}" for name in key)
    return Contradiction(
        code,
        (table, target),
        shown,
        f"{{{table}}} as r where not exists (select 1 from {{{target}}} as t where {same})",
    )


_OF_ENTERPRISE = (
    "certificate", "reported_certificate", "annual_report", "list_entry", "inspection", "incident", "product", "programme",
    "credit_account", "tax_grade", "utility_bill", "invoice", "innovation", "honour", "mitigant", "application", "consent",
)  # fmt: skip

MISMATCHES = (
    _lost("event-without-certificate", "certificate_event", "certificate", ("uscc", "certificate_no"), ("uscc", "certificate_no")),
    _lost("month-without-account", "credit_month", "credit_account", ("uscc", "account_no"), ("uscc", "account_no")),
    _lost("outcome-without-application", "outcome", "application", ("application_id",), ("application_id",)),
    *(
        _lost(f"{table.replace('_', '-')}-without-enterprise", table, "enterprise", ("uscc",), ("uscc",))
        for table in _OF_ENTERPRISE
    ),
)  # fmt: skip
