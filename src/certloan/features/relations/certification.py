"""Certificates with what they are worth on the day, their events, the credit report's copy, and what needs a CCC."""

from __future__ import annotations

from collections.abc import Mapping

from certloan.expressions import Type
from certloan.features.aggregates import Count, Exists, Max, Min
from certloan.features.relations.certificate_sources import LOOKUPS, SUMMARIES
from certloan.features.relations.certificate_state import AUDIT_DAYS, COMPUTED, PREVIOUS, SCHEME_ROOT
from certloan.features.relations.shape import Previous, Relation, Summary, Told
from certloan.features.spec import Lookup

#: How far the credit report may be off: banks type months, registers days.
_TOLERANCE = 45

_STATE = Relation(
    "certificate_state",
    "certificate",
    ("certificate_no", "scheme", "expires_on", "state", "issued_on", "accreditation"),
    delivered=("certificate_event", "certification_body", "inspection"),
    lookups=LOOKUPS,
    summaries=SUMMARIES,
    previous=PREVIOUS,
    computed=COMPUTED,
)

_EPISODE = ("its_audit", "kind")

_EVENT = Relation(
    "certificate_event",
    "certificate_event",
    ("certificate_no", "event", "event_on", "reason_code"),
    lookups=(Lookup("reference_replacement", "reason_code"),),
    summaries=(
        Summary(
            "of",
            "certificate_state",
            on={"certificate_no": "certificate_no"},
            columns={
                "its_audit": Told(Max("audit"), Type.TEXT, where="own"),
                "its_trust": Told(Exists(), Type.BOOLEAN, where="trusted"),
                "its_from": Told(Min("held_from"), Type.DATE, where="trusted"),
                "its_until": Told(Max("ends_on"), Type.DATE, where="trusted"),
                "its_end": Told(Max("ended_on"), Type.DATE, where="trusted"),
                "its_revival": Told(Max("reissued_on"), Type.DATE, where="trusted"),
            },
        ),
    ),
    previous=(
        Previous("told_before", Type.DATE, "event_on", _EPISODE, "event_on"),
        Previous("episode_before", Type.DATE, "event_on", _EPISODE, "event_on", where="opens_episode"),
    ),
    # One audit's event is told on each of its papers, not always on one day, and is one event. What befalls a
    # certificate that the firm does not hold is no event of the firm's.
    computed={
        "kind": (
            "case event when 'special_audit_passed' then 'surveillance_passed' else event end",
            Type.TEXT,
        ),
        "opens_episode": (f"coalesce(days_between(told_before, event_on) > {AUDIT_DAYS}, true)", Type.BOOLEAN),
        "occasion": (
            "concat(its_audit, ' ', to_text(case when opens_episode then event_on else episode_before end))",
            Type.TEXT,
        ),
        "possible": (
            "its_trust and event_on >= its_from and coalesce(event_on <= its_until, true)"
            " and coalesce(event_on <= its_end or event_on >= its_revival and its_revival > its_end, its_end is null)",
            Type.BOOLEAN,
        ),
    },
)

# The register may not reach back as far as the credit report does; beyond its end, it speaks.
_TOO_EARLY = f"certified_on < add_days(register_from, -{_TOLERANCE})"
_TOO_LATE = f"not register_open and greatest(certified_on, ends_on) > add_days(register_to, {_TOLERANCE})"
_GONE = "ends_on >= as_of and certified_on <= as_of and not register_alive"

_REPORTED = Relation(
    "reported_certificate",
    "reported_certificate",
    ("scheme", "certified_by", "certified_on", "ends_on", "agreement"),
    delivered=("certificate",),
    summaries=(
        Summary(
            "register",
            "certificate_state",
            on={"scheme_root": "scheme_root"},
            columns={
                "register_n": Told(Count(), Type.NUMBER),
                "register_from": Told(Min("held_from"), Type.DATE),
                "register_to": Told(Max("ends_on"), Type.DATE),
                "register_open": Told(Exists(), Type.BOOLEAN, where="ends_on is null"),
                "register_alive": Told(
                    Exists(), Type.BOOLEAN, where="state in ('valid', 'suspended', 'overdue', 'not_yet')"
                ),
            },
        ),
    ),
    computed={
        "scheme_root": (SCHEME_ROOT, Type.TEXT),
        "agreement": (
            "case when not certificate_delivered then null when register_n = 0 then 'unconfirmed'"
            f" when {_TOO_LATE} or {_GONE} then 'contradicted' when {_TOO_EARLY} then 'unconfirmed'"
            " else 'confirmed' end",
            Type.TEXT,
        ),
    },
)

_PRODUCT = Relation(
    "ccc_product",
    "product",
    ("product_no", "name", "product_category", "since", "until", "ccc"),
    delivered=("certificate",),
    lookups=(Lookup("reference_ccc", "product_category", prefix="ccc_"),),
    summaries=(
        Summary(
            "certificates",
            "certificate_state",
            on={"product_category": "ccc_category"},
            columns={
                "has_third_party": Told(
                    Exists(),
                    Type.BOOLEAN,
                    where="in_force and proof = 'third_party' and coalesce(role, 'client') <> 'factory'",
                ),
                "has_declared": Told(
                    Exists(),
                    Type.BOOLEAN,
                    where="in_force and proof = 'self_declared' and coalesce(role, 'client') <> 'factory'",
                ),
                "made_for_holder": Told(Exists(), Type.BOOLEAN, where="in_force and role = 'factory'"),
            },
        ),
    ),
    computed={
        "ccc": (
            "case when not coalesce(ccc_required, false) or since > as_of or until < as_of then 'not_required'"
            " when not certificate_delivered then null"
            " when has_third_party or (ccc_self_declared and has_declared) then 'held'"
            " when made_for_holder then 'held_by_another' else 'missing' end",
            Type.TEXT,
        ),
    },
)

RELATIONS = (
    _STATE,
    _EVENT,
    _REPORTED,
    _PRODUCT,
    Relation("certification_body", "certification_body", ("body_no", "name", "licensed_from"), keys=()),
)

UNUSED: Mapping[str, str] = {
    "certificate.standard": "the edition of a standard is told by the day of issue; rules go by scheme and day",
    "certificate_event.team": "whose audits go wrong later is a flag for the officer, no number of the firm's",
    "certification_body.name": "identifies the body, for the officer",
    "certification_body.sanction_article": "for the officer; what weighs is the sanction itself",
    "reported_certificate.certified_by": "free text, for the officer",
    "reported_certificate.content": "free text, for the officer",
}
