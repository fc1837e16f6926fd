"""What a certificate is worth on the day: the expressions behind the relation ``certificate_state``.

Two voices tell of a certificate: the events that became known by the day, replayed here, and the state that the
register itself states (``state_stated``, as of the day on which that statement became known). Where they contradict
each other the worse for the firm holds. ``docs/evidence.md`` words every rule with its source and an example.
"""

from __future__ import annotations

from collections.abc import Mapping

from certloan.expressions import Type
from certloan.features.relations.shape import Previous
from certloan.features.spec import Lookup

#: A0101 and A01 are one scheme: the register's codes grow by two digits for the edition of the standard.
SCHEME_ROOT = "case when scheme like 'A0___' then substring(scheme, 1, 3) else scheme end"
#: How long before the register's own statement an event must have happened for the two to be compared: bodies report
#: within weeks, so a younger event may simply not have reached the register.
_REPORTING_DAYS = 31

_ALIVE_FROM = "greatest(issued_on, coalesce(reissued_on, issued_on))"
# What happened in a former life of the paper does not count; what happened before any life of it is impossible, and
# believed, because it speaks against the firm.
_ENDED = "ended_on is not null and (ended_on >= alive_from or ended_on < held_from)"
_SUSPENDED = (
    "suspended_on is not null and (suspended_on >= alive_from or suspended_on < held_from)"
    " and (restored_on is null or restored_on <= suspended_on)"
)
_REPLAYED = (
    f"case when {_ENDED} then ended_by when ends_on < as_of then 'expired'"
    " when told_expired_on >= alive_from then 'expired'"
    f" when {_SUSPENDED} then 'suspended' when issued_on > as_of then 'not_yet' else 'valid' end"
)
_STATED = "state_stated is not null and (changed_on is null or changed_on <= known_on)"
_REGISTER = (
    "case when not stated_counts or replayed = 'replaced' or stated_gravity <= replayed_gravity then replayed"
    " else state_stated end"
)
_SINCE = "case when replayed = 'suspended' then suspended_on else known_on end"
_STATE = (
    "case when register_state = 'suspended' and add_months(suspended_since, suspension_months) < as_of then 'lapsed'"
    " when register_state = 'valid' and overdue then 'overdue' else register_state end"
)


def _gravity(state: str) -> str:
    return (
        f"case {state} when 'withdrawn' then 5 when 'cancelled' then 4 when 'expired' then 3 when 'replaced' then 3"
        " when 'suspended' then 2 else 0 end"
    )


_STATED_OTHERWISE = (
    f"certificate_event_delivered and state_stated is not null"
    f" and (changed_on is null or changed_on <= add_days(known_on, -{_REPORTING_DAYS}))"
    " and (state_stated = 'valid' and (replayed in ('withdrawn', 'cancelled', 'suspended') or ends_on < known_on)"
    " or state_stated = 'suspended' and replayed = 'valid'"
    " or state_stated in ('withdrawn', 'cancelled') and ended_on is null"
    " or state_stated = 'expired' and ends_on >= known_on and told_expired_on is null)"
)
_CONTRADICTION = (
    "case when first_event_on < held_from then 'event-before-issue'"
    " when last_activity_on > ends_on then 'event-after-expiry'"
    " when first_restored_on is not null and (first_suspended_on is null or first_restored_on < first_suspended_on)"
    " then 'restored-without-suspension'"
    " when restored_on > ended_on and ended_by <> 'replaced' then 'restored-after-end'"
    f" when {_STATED_OTHERWISE} then 'stated-otherwise' end"
)

# Bodies are approved for fields (管理体系, 产品, 服务), some registers list schemes by code.
_FIELD = (
    "case when scheme_class = 'management_system' then '管理体系' when scheme_class in ('ccc', 'product', 'green')"
    " then '产品' when scheme_class = 'service' then '服务' end"
)

# What the certificate says of itself goes before what its scheme is usually worth (see reference/certificates.py).
_STRENGTH = (
    "case when proof = 'self_declared' then 1"
    " when body_unknown or body_unapproved or (scheme = 'CR' and expires_on is null)"
    " then least(coalesce(scheme_strength, 1), 2)"
    " when accreditation = 'cnas' then 4 when accreditation = 'unaccredited' and scheme_strength < 4 then 2"
    " else scheme_strength end"
)
_UNLICENSED = (
    "body_known and (issued_on < licensed_first_on or (not licensed_openly and licensed_until < issued_on)"
    " or (body_revoked_on < issued_on and licensed_again_on <= body_revoked_on))"
)
_IN_TIME = (
    "issued_on <= add_months(previous_ends_on, coalesce(issue_recert_grace_months, 0))"
    # The audit must end before the certificate does; the body may need some days more to write the new one.
    " or (first_issued_on < issued_on and issued_on <= add_days(previous_ends_on, issue_grace_days))"
)

# The register shows the track of systems and services (监督次数, 证书变化历史轨迹), not that of product certificates: of
# those its silence says nothing.
_TRACKED = (
    "certificate_event_delivered"
    " and (coalesce(scheme_class, '') in ('management_system', 'service') or scheme in ('FSMS', 'HACCP'))"
)

#: Product certificates are about one product each; a system has one certificate at a time.
_CHAIN = (
    "case when scheme_class = 'management_system' or scheme in ('FSMS', 'HACCP') then scheme_root"
    " else concat(scheme_root, ' ', coalesce(product_category, scope, certificate_no)) end"
)

PREVIOUS = (
    Previous("previous_ends_on", Type.DATE, "effective_end", ("chain",), "issued_on", where="trusted"),
    # Seen backwards in time: whether a later certificate that proves the same has taken this one's place.
    Previous(
        "next_issued_on",
        Type.DATE,
        "issued_on",
        ("chain", "strength", "coalesce(accreditation, '')", "unfit"),
        "add_days('2000-01-01', days_between(issued_on, '2000-01-01'))",
        where="weighs",
    ),
)

COMPUTED: Mapping[str, tuple[str, Type]] = {
    "scheme_root": (SCHEME_ROOT, Type.TEXT),
    "chain": (_CHAIN, Type.TEXT),
    "ends_on": ("coalesce(expires_on, add_months(issued_on, issue_validity_months))", Type.DATE),
    "held_from": ("coalesce(first_issued_on, issued_on)", Type.DATE),
    "alive_from": (_ALIVE_FROM, Type.DATE),
    "changed_on": ("greatest(ended_on, suspended_on, restored_on, reissued_on)", Type.DATE),
    "replayed": (_REPLAYED, Type.TEXT),
    "replayed_gravity": (_gravity("replayed"), Type.NUMBER),
    "stated_gravity": (_gravity("state_stated"), Type.NUMBER),
    "stated_counts": (_STATED, Type.BOOLEAN),
    "register_state": (_REGISTER, Type.TEXT),
    "suspended_since": (_SINCE, Type.DATE),
    # An audit: the body's own number for it, else what one body issued to one holder on one day.
    "audit": ("coalesce(audit_id, concat(to_text(issued_on), ' ', coalesce(body_no, '')))", Type.TEXT),
    # A suspension for a late audit is lifted by that audit. A restoration from nothing proves none.
    "lifted_on": ("case when restored_on > first_suspended_on then restored_on end", Type.DATE),
    "last_audit_on": ("greatest(issued_on, audited_on, lifted_on)", Type.DATE),
    "audit_due_on": (
        "add_months(last_audit_on, case when last_audit_on > issued_on then gap_months else first_gap_months end)",
        Type.DATE,
    ),
    "next_audit_on": ("case when audit_due_on is not null then least(audit_due_on, ends_on) end", Type.DATE),
    "tracked": (_TRACKED, Type.BOOLEAN),
    "gap_days": ("case when tracked then days_between(last_audit_on, as_of) end", Type.NUMBER),
    "gap_used": ("ratio(gap_days, days_between(last_audit_on, next_audit_on))", Type.NUMBER),
    "overdue": (
        "tracked and coalesce(add_days(audit_due_on, coalesce(grace_days, 0)) < as_of"
        " and (ends_on is null or audit_due_on < ends_on), false)",
        Type.BOOLEAN,
    ),
    "special_audit_missed": (
        "add_days(failure_notified_on, failure_special_audit_days + coalesce(grace_days, 0)) < as_of"
        " and greatest(issued_on, special_audit_on) < failure_notified_on",
        Type.BOOLEAN,
    ),
    "state": (_STATE, Type.TEXT),
    "contradiction": (_CONTRADICTION, Type.TEXT),
    "state_contradiction": ("contradiction is not null", Type.BOOLEAN),
    "proof": ("coalesce(assurance, scheme_assurance)", Type.TEXT),
    "body_unknown": ("certification_body_delivered and body_no is not null and not body_known", Type.BOOLEAN),
    "body_unapproved": (
        f"body_known and coalesce(not contains(body_schemes, scheme) and not contains(body_schemes, {_FIELD}), false)",
        Type.BOOLEAN,
    ),
    "body_unlicensed": (f"coalesce({_UNLICENSED}, false)", Type.BOOLEAN),
    "body_struck": ("coalesce(body_struck_on >= issued_on, false)", Type.BOOLEAN),
    "body_fined": ("coalesce(body_fined_on >= issued_on, false)", Type.BOOLEAN),
    "strength": (_STRENGTH, Type.NUMBER),
    "trusted": (
        "not body_struck and not body_unlicensed and not coalesce(contested, false)"
        " and coalesce(role, 'client') <> 'factory'",
        Type.BOOLEAN,
    ),
    "weighs": ("state = 'valid' and trusted", Type.BOOLEAN),
    "counts": ("weighs and next_issued_on is null", Type.BOOLEAN),
    "late": ("state = 'overdue' and trusted and next_issued_on is null", Type.BOOLEAN),
    "effective_end": (
        "case when register_state in ('withdrawn', 'cancelled') then least(ends_on, coalesce(ended_on, known_on))"
        " else ends_on end",
        Type.DATE,
    ),
    "recertified_in_time": (f"previous_ends_on is not null and coalesce({_IN_TIME}, false)", Type.BOOLEAN),
    "restarted": ("previous_ends_on is not null and not recertified_in_time", Type.BOOLEAN),
    "held_since": ("case when restarted then issued_on else held_from end", Type.DATE),
    "holder_division": (
        "case when to_number(substring(holder_industry, 1, 1)) is null then substring(holder_industry, 2, 2)"
        " else substring(holder_industry, 1, 2) end",
        Type.TEXT,
    ),
    "scheme_fits": ("fits", Type.BOOLEAN),
    "scope_fits": ("contains(scope_divisions, concat(' ', holder_division, ' '))", Type.BOOLEAN),
    "unfit": ("not coalesce(scheme_fits, true) or not coalesce(scope_fits, true)", Type.BOOLEAN),
    # 4 (year) + 2 (body) + 4 (category) + 6 (serial): the number of a CCC certificate names its kind of product.
    "ccc_category": (
        "case when scheme_class = 'ccc' then coalesce(product_category,"
        " case when length(certificate_no) = 16 then substring(certificate_no, 7, 4) end) end",
        Type.TEXT,
    ),
    "in_force": ("register_state = 'valid'", Type.BOOLEAN),
}

LOOKUPS = (
    Lookup("reference_scheme", "scheme"),
    Lookup("reference_rule", "scheme"),
    Lookup("reference_rule", "scheme", day="issued_on", prefix="issue_"),
    Lookup("reference_rule", "scheme", day="failure_notified_on", prefix="failure_"),
    Lookup("reference_scheme_fit", "concat(scheme, ' ', holder_division)"),
    Lookup("certificate_clash", "certificate_no"),
    Lookup("scope_match", "scope"),
)
