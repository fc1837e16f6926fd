"""The columns of the dated tables that relations may look up: reference tables, and tables derived from the evidence.

Each also has ``code`` (text), ``valid_from`` and ``valid_to`` (dates, an open end is null). A service lets the
statements read them; a test holds this list to what it gives.
"""

from __future__ import annotations

from collections.abc import Mapping

from certloan.expressions import Type

_METRICS = ("staff", "revenue", "assets")
_SIZES = ("large", "medium", "small")

#: Tables that stand still between two versions of the package, or of the user's own.
REFERENCE: Mapping[str, Mapping[str, Type]] = {
    "reference_scheme": {
        "scheme_class": Type.TEXT,
        "scheme_strength": Type.NUMBER,
        "scheme_assurance": Type.TEXT,
        "scheme_dimension": Type.TEXT,
        "scheme_advanced": Type.BOOLEAN,
        "scheme_parent": Type.TEXT,
        "scheme_sector_specific": Type.BOOLEAN,
    },
    "reference_rule": {
        "rule_version": Type.TEXT,
        "validity_months": Type.NUMBER,
        "first_gap_months": Type.NUMBER,
        "gap_months": Type.NUMBER,
        "grace_days": Type.NUMBER,
        "must_suspend": Type.BOOLEAN,
        "suspension_months": Type.NUMBER,
        "must_withdraw": Type.BOOLEAN,
        "recert_grace_months": Type.NUMBER,
        "renew_days": Type.NUMBER,
        "special_audit_days": Type.NUMBER,
        "keeps_number": Type.BOOLEAN,
    },
    "reference_scheme_fit": {"fits": Type.BOOLEAN},
    "reference_ccc": {"required": Type.BOOLEAN, "self_declared": Type.BOOLEAN, "priority": Type.BOOLEAN},
    "reference_honour": {
        "honour_weight": Type.NUMBER,
        "honour_dimension": Type.TEXT,
        "honour_axis": Type.TEXT,
        "honour_holder": Type.TEXT,
        "honour_self_reported": Type.BOOLEAN,
    },
    "reference_publication": {
        "published": Type.BOOLEAN,
        "publish_min_months": Type.NUMBER,
        "publish_max_months": Type.NUMBER,
        "repair_months": Type.NUMBER,
    },
    "reference_mountain_county": {"mountain": Type.BOOLEAN},
    "reference_replacement": {"replaced": Type.BOOLEAN},
    "reference_size": {
        "covered": Type.BOOLEAN,
        **{f"{metric}_{size}": Type.NUMBER for metric in _METRICS for size in _SIZES},
    },
}

#: Tables of the warehouse that are computed from the evidence after each load.
DERIVED: Mapping[str, Mapping[str, Type]] = {
    "inspection_prior": {"prior_mean": Type.NUMBER, "prior_safety": Type.NUMBER, "prior_strength": Type.NUMBER},
    "scope_match": {"scope_divisions": Type.TEXT},
    "certificate_clash": {"contested": Type.BOOLEAN},
    "certificate_renewal": {
        "earlier_first_on": Type.DATE,
        "earlier_since": Type.DATE,
        "earlier_ends_on": Type.DATE,
        "earlier_broken": Type.BOOLEAN,
    },
    "number_shape": {"malformed": Type.BOOLEAN},
}

#: Everything that a lookup may name.
REFERENCES: Mapping[str, Mapping[str, Type]] = {**REFERENCE, **DERIVED}
