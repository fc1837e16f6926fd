"""What other tables tell of a certificate: its events, its body, its holder, and the holder's last failed check."""

from __future__ import annotations

from certloan.expressions import Type
from certloan.features.aggregates import Count, Exists, Latest, Max, Min
from certloan.features.relations.shape import Summary, Told
from certloan.features.spec import Lookup

# A certificate that ends because a new one replaced it takes nothing away: the new one says what holds.
_REPLACED = "event in ('withdrawn', 'cancelled') and coalesce(replaced, false)"


def _days(which: str) -> str:
    return f"event in ({which}) and happened_on <= as_of"


EVENTS = Summary(
    "events",
    "certificate_event",
    on={"certificate_no": "certificate_no"},
    columns={
        "ended_by": Told(
            Latest(f"case when {_REPLACED} then 'replaced' else event end"),
            Type.TEXT,
            where=_days("'withdrawn', 'cancelled'"),
            rank=f"case when {_REPLACED} then 1 when event = 'withdrawn' then 3 else 2 end",
        ),
        "ended_on": Told(Max("event_on"), Type.DATE, where=_days("'withdrawn', 'cancelled'")),
        "told_expired_on": Told(Max("event_on"), Type.DATE, where=_days("'expired'")),
        "suspended_on": Told(Max("event_on"), Type.DATE, where=_days("'suspended'")),
        "restored_on": Told(Max("event_on"), Type.DATE, where=_days("'restored'")),
        "reissued_on": Told(Max("event_on"), Type.DATE, where=_days("'recertified', 'issued'")),
        "recertified_on": Told(Max("event_on"), Type.DATE, where=_days("'recertified'")),
        "first_recertified_on": Told(Min("event_on"), Type.DATE, where=_days("'recertified'")),
        "audited_on": Told(
            Max("event_on"), Type.DATE, where=_days("'surveillance_passed', 'special_audit_passed', 'recertified'")
        ),
        "special_audit_on": Told(Max("event_on"), Type.DATE, where=_days("'special_audit_passed'")),
        "recertified_n": Told(Count(), Type.NUMBER, where=_days("'recertified'")),
        "first_suspended_on": Told(Min("event_on"), Type.DATE, where=_days("'suspended'")),
        "first_restored_on": Told(Min("event_on"), Type.DATE, where=_days("'restored'")),
        "first_event_on": Told(Min("event_on"), Type.DATE, where="event <> 'changed' and happened_on <= as_of"),
        "last_activity_on": Told(
            Max("event_on"),
            Type.DATE,
            where=_days("'surveillance_passed', 'special_audit_passed', 'suspended', 'restored'"),
        ),
    },
    lookups=(Lookup("reference_replacement", "reason_code"),),
)

#: The body's own record: one register for all, told by nobody's certificate.
BODY = Summary(
    "body",
    "certification_body",
    on={"body_no": "body_no"},
    columns={
        "body_known": Told(Exists(), Type.BOOLEAN),
        "licensed_first_on": Told(Min("licensed_from"), Type.DATE),
        "licensed_again_on": Told(Max("licensed_from"), Type.DATE),
        "licensed_until": Told(Max("licensed_to"), Type.DATE),
        "licensed_openly": Told(Exists(), Type.BOOLEAN, where="licensed_to is null"),
        "body_struck_on": Told(
            Max("sanctioned_on"),
            Type.DATE,
            where="sanction in ('revoked', 'suspended') and sanctioned_on <= as_of",
        ),
        "body_revoked_on": Told(
            Max("sanctioned_on"), Type.DATE, where="sanction = 'revoked' and sanctioned_on <= as_of"
        ),
        "body_fined_on": Told(
            Max("sanctioned_on"), Type.DATE, where="sanction in ('fined', 'warned') and sanctioned_on <= as_of"
        ),
        "body_schemes": Told(Latest("schemes"), Type.TEXT, where="schemes is not null"),
    },
    by_subject=False,
)

#: Who holds it, and the last time that a national spot check found its product wanting.
HOLDER = Summary(
    "holder",
    "enterprise",
    on={},
    columns={"holder_industry": Told(Latest("industry_code"), Type.TEXT, where="industry_code is not null")},
)
FAILURE = Summary(
    "failure",
    "inspection",
    on={},
    columns={
        "failure_notified_on": Told(
            Max("coalesce(notified_on, known_on)"),
            Type.DATE,
            where="level = 'national' and kind = 'spot_check' and verdict = 'nonconforming'"
            " and coalesce(objection, 'none') in ('none', 'rejected')",
        )
    },
)

SUMMARIES = (EVENTS, BODY, HOLDER, FAILURE)

#: What the reference tables and the derived ones tell of it.
LOOKUPS = (
    Lookup("reference_scheme", "scheme"),
    Lookup("reference_scheme", "scheme", day="issued_on", prefix="issue_"),
    Lookup("reference_rule", "scheme"),
    Lookup("reference_rule", "scheme", day="issued_on", prefix="issue_"),
    Lookup("reference_rule", "scheme", day="failure_notified_on", prefix="failure_"),
    Lookup("reference_rule", "scheme", day="last_audit_on", prefix="then_"),
    Lookup("reference_scheme_fit", "concat(scheme, ' ', holder_division)"),
    Lookup("certificate_clash", "certificate_no"),
    Lookup("certificate_renewal", "concat(uscc, ' ', certificate_no)"),
    Lookup("scope_match", "scope"),
)
