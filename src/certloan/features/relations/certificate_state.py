"""What a certificate is worth on the day: the expressions behind the relation ``certificate_state``.

Two voices tell of a certificate: the events that became known by the day, replayed here, and the state that the
register itself states (``state_stated``, as of the day on which that statement became known). Where they contradict
each other the worse for the firm holds. ``docs/evidence.md`` words every rule with its source and an example.
"""

from __future__ import annotations

from collections.abc import Mapping

from certloan.expressions import Type
from certloan.features.relations.certificate_worth import FIELD, STRENGTH, UNLICENSED
from certloan.features.relations.shape import Previous

#: A0101 and A01 are one scheme: the register's codes grow by two digits for the edition of the standard.
SCHEME_ROOT = "case when scheme like 'A0___' then substring(scheme, 1, 3) else scheme end"
#: How much longer than its rule allows a certificate may run: recertified early, it keeps the months left of the old one.
_EARLY_MONTHS = 6
#: What one body issues to one holder at no longer intervals than this comes from one audit.
AUDIT_DAYS = 30
#: How long before the register's own statement an event must have happened for the two to be compared: bodies report
#: within weeks, so a younger event may simply not have reached the register.
_REPORTING_DAYS = 31

_ALIVE_FROM = "greatest(issued_on, coalesce(reissued_on, issued_on))"
# What happened in a former life of the paper does not count; what happened before any life of it is impossible, and
# believed, because it speaks against the firm.
_ENDED = "ended_on is not null and (ended_on >= alive_from or ended_on < held_from)"
# A suspension that has run out must end in withdrawal: nothing is left that could be restored.
_RESTORED = "case when first_restored_on > suspended_on then first_restored_on else restored_on end"
_TOO_LATE = f"{_RESTORED} > add_months(suspended_on, suspension_months)"
_SUSPENDED = (
    "suspended_on is not null and (suspended_on >= alive_from or suspended_on < held_from)"
    f" and (restored_on is null or restored_on <= suspended_on or coalesce({_TOO_LATE}, false))"
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
    f" when restored_on > suspended_on and suspended_on >= alive_from and {_TOO_LATE} then 'restored-too-late'"
    " when ends_on < expires_on then 'expiry-too-far'"
    f" when {_STATED_OTHERWISE} then 'stated-otherwise' end"
)


def _on_site_in_time(day: str) -> str:
    return f"{day} <= before_ends_on and {day} >= add_months(before_ends_on, -12)"


_IN_TIME = (
    "issued_on <= add_months(before_ends_on, coalesce(issue_recert_grace_months, 0))"
    # The audit must end before the certificate does; the body may need some days more to write the new one.
    " or (held_from < issued_on and issued_on <= add_days(before_ends_on, issue_grace_days))"
    # Where the register tells the day of the audit itself, the writing may take longer.
    f" or (issued_on <= add_months(before_ends_on, {_EARLY_MONTHS})"
    f" and (coalesce({_on_site_in_time('first_recertified_on')}, false)"
    f" or coalesce({_on_site_in_time('previous_recertified_on')}, false)))"
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

_BODY = "coalesce(body_no, '')"
_ENDS = "add_months(alive_from, issue_validity_months)"

#: ISO 9001, its upgraded edition and the sector schemes that rest on it (IATF 16949) are one system held in one line.
_LINE = "case when scheme_class = 'management_system' then family else chain end"
_BACKWARDS = "add_days('2000-01-01', days_between(issued_on, '2000-01-01'))"
# What is held stands before what is lost, so that every loss looks back on it, whenever it was issued.
_HELD_FIRST = "case when held then 0 else 1 end"
_CCC_HELD = "held and scheme_class = 'ccc'"
_UPGRADE = "weighs and strength >= 3 and scheme_root <> family"

#: For how long a loss speaks against a firm, and how long before its licence ends a CCC may take the licence's place.
_LOSS_MONTHS, _CHANGEOVER_MONTHS = 36, 12
_LOST_ON = (
    "case when state in ('withdrawn', 'cancelled') then coalesce(ended_on, known_on)"
    " when state = 'expired' then least(ends_on, told_expired_on)"
    " when state = 'lapsed' then add_months(suspended_since, suspension_months) end"
)
_LOST = (
    f"trusted and lost_on > add_months(as_of, -{_LOSS_MONTHS}) and family_kept_on is null and family_again_on is null"
    # A scheme that was abolished cannot be renewed: nobody lost it.
    " and not (scheme_class is null and issue_scheme_class is not null)"
    f" and not coalesce(scheme_class = 'licence' and licence_became_on >= add_months(lost_on, -{_CHANGEOVER_MONTHS}), false)"
)

PREVIOUS = (
    Previous("previous_ends_on", Type.DATE, "effective_end", ("line",), "issued_on", where="trusted"),
    Previous("line_started_on", Type.DATE, "started_on", ("line",), "issued_on", where="trusted and not in_line"),
    # Whether the firm has the scheme still, by whichever certificate; and since when something compulsory is certified.
    Previous("family_kept_on", Type.DATE, "issued_on", ("family",), _HELD_FIRST, where="held"),
    Previous(
        "licence_became_on",
        Type.DATE,
        "issued_on",
        ("scheme_class in ('ccc', 'licence')",),
        _HELD_FIRST,
        where=_CCC_HELD,
    ),
    # Seen backwards in time: a later certificate of the family, and one of a scheme that includes this one.
    Previous(
        "family_again_on", Type.DATE, "issued_on", ("family",), _BACKWARDS, where="trusted and issued_on <= as_of"
    ),
    Previous("upgraded_on", Type.DATE, "issued_on", ("line",), _BACKWARDS, where=_UPGRADE),
    Previous("previous_recertified_on", Type.DATE, "recertified_on", ("line",), "issued_on", where="trusted"),
    # Without a number of the audit: what the body had issued before, and with what this audit began.
    Previous("body_issued_before", Type.DATE, "issued_on", (_BODY,), "issued_on", where="audit_id is null"),
    Previous("body_audit_before", Type.DATE, "issued_on", (_BODY,), "issued_on", where="opens_audit"),
    # Seen backwards in time: whether a later certificate that proves the same has taken this one's place.
    Previous(
        "next_issued_on",
        Type.DATE,
        "issued_on",
        ("chain", "strength", "coalesce(accreditation, '')", "unfit"),
        _BACKWARDS,
        where="weighs",
    ),
)

COMPUTED: Mapping[str, tuple[str, Type]] = {
    "scheme_root": (SCHEME_ROOT, Type.TEXT),
    "chain": (_CHAIN, Type.TEXT),
    "family": ("coalesce(scheme_parent, scheme_root)", Type.TEXT),
    "line": (_LINE, Type.TEXT),
    "ends_on": (
        f"case when expires_on > add_months({_ENDS}, {_EARLY_MONTHS}) then {_ENDS}"
        " else coalesce(expires_on, add_months(issued_on, issue_validity_months)) end",
        Type.DATE,
    ),
    "renewed": ("coalesce(keeps_number, true) and earlier_first_on is not null", Type.BOOLEAN),
    "held_from": (
        "least(coalesce(first_issued_on, issued_on), case when renewed then earlier_first_on end)",
        Type.DATE,
    ),
    "alive_from": (_ALIVE_FROM, Type.DATE),
    "changed_on": ("greatest(ended_on, suspended_on, restored_on, reissued_on)", Type.DATE),
    "replayed": (_REPLAYED, Type.TEXT),
    "replayed_gravity": (_gravity("replayed"), Type.NUMBER),
    "stated_gravity": (_gravity("state_stated"), Type.NUMBER),
    "stated_counts": (_STATED, Type.BOOLEAN),
    "register_state": (_REGISTER, Type.TEXT),
    "suspended_since": (_SINCE, Type.DATE),
    "opens_audit": (
        f"audit_id is null and coalesce(days_between(body_issued_before, issued_on) > {AUDIT_DAYS}, true)",
        Type.BOOLEAN,
    ),
    # An audit: the body's own number for it, else what one body issued to one holder without a longer pause.
    "audit": (
        "coalesce(audit_id, concat(to_text(case when opens_audit then issued_on else body_audit_before end),"
        f" ' ', {_BODY}))",
        Type.TEXT,
    ),
    "own": ("coalesce(role, 'client') <> 'factory'", Type.BOOLEAN),
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
    # Overdue by the rule of the day, and still within what the rule allowed when its last audit was made.
    "in_transition": (
        "overdue and add_days(add_months(last_audit_on, case when last_audit_on > issued_on then then_gap_months"
        " else then_first_gap_months end), coalesce(grace_days, 0)) >= as_of",
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
        f"body_known and coalesce(not contains(body_schemes, scheme) and not contains(body_schemes, {FIELD}), false)",
        Type.BOOLEAN,
    ),
    "body_unlicensed": (f"coalesce({UNLICENSED}, false)", Type.BOOLEAN),
    "body_struck": ("coalesce(body_struck_on >= issued_on, false)", Type.BOOLEAN),
    "body_fined": ("coalesce(body_fined_on >= issued_on, false)", Type.BOOLEAN),
    "strength": (STRENGTH, Type.NUMBER),
    "trusted": (
        "not body_struck and not body_unlicensed and not coalesce(contested, false) and own",
        Type.BOOLEAN,
    ),
    "weighs": ("state = 'valid' and trusted", Type.BOOLEAN),
    "counts": ("weighs and next_issued_on is null", Type.BOOLEAN),
    "late": (
        "state = 'overdue' and trusted and next_issued_on is null and (upgraded_on is null or scheme_root <> family)",
        Type.BOOLEAN,
    ),
    "effective_end": (
        "case when register_state in ('withdrawn', 'cancelled') then least(ends_on, coalesce(ended_on, known_on))"
        " else ends_on end",
        Type.DATE,
    ),
    "before_ends_on": ("greatest(previous_ends_on, case when renewed then earlier_ends_on end)", Type.DATE),
    "recertified_in_time": (f"before_ends_on is not null and coalesce({_IN_TIME}, false)", Type.BOOLEAN),
    "restarted": ("before_ends_on is not null and not recertified_in_time", Type.BOOLEAN),
    # A number that was renewed in time continues itself: what was before it is a question of its first cycle.
    "begun_anew": (
        f"renewed and (earlier_broken or coalesce(earlier_since > add_months(previous_ends_on, {_EARLY_MONTHS}), false))",
        Type.BOOLEAN,
    ),
    "in_line": ("previous_ends_on is not null and recertified_in_time and not begun_anew", Type.BOOLEAN),
    "started_on": (
        "case when restarted then issued_on when begun_anew then earlier_since else held_from end",
        Type.DATE,
    ),
    "held_since": ("case when in_line then least(started_on, line_started_on) else started_on end", Type.DATE),
    "held": ("state in ('valid', 'suspended', 'overdue', 'not_yet') and trusted", Type.BOOLEAN),
    "lost_on": (_LOST_ON, Type.DATE),
    "lost": (f"coalesce({_LOST}, false)", Type.BOOLEAN),
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
