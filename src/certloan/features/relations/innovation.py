"""Rights and standards, honours, and what protects the lender."""

from __future__ import annotations

from collections.abc import Mapping

from certloan.expressions import Type
from certloan.features.relations.shape import Relation
from certloan.features.spec import Lookup

_STANDARD_LEVEL = (
    "case level when 'international' then 6 when 'national' then 5 when 'industry' then 4 when 'province' then 3"
    " when 'group' then 2 else 1 end"
)
_HONOUR_LEVEL = "case level when 'national' then 4 when 'province' then 3 when 'city' then 2 else 1 end"

RELATIONS = (
    Relation(
        "innovation",
        "innovation",
        ("number", "kind", "role", "level", "granted_on", "ends_on"),
        computed={
            "in_force": ("ends_on is null or ends_on >= as_of", Type.BOOLEAN),
            "standard_level": (_STANDARD_LEVEL, Type.NUMBER),
        },
    ),
    Relation(
        "honour",
        "honour",
        ("kind", "level", "granted_on", "valid_to"),
        lookups=(Lookup("reference_honour", "concat(kind, ' ', coalesce(level, ''))"),),
        computed={
            "in_force": ("valid_to is null or valid_to >= as_of", Type.BOOLEAN),
            "level_rank": (_HONOUR_LEVEL, Type.NUMBER),
            "post": ("kind in ('chief_quality_officer', 'standards_director', 'quality_engineer')", Type.BOOLEAN),
            "by_itself": ("coalesce(honour_self_reported, false)", Type.BOOLEAN),
        },
    ),
    Relation(
        "mitigant",
        "mitigant",
        ("mitigant_no", "kind", "insured_amount", "starts_on", "ends_on"),
        computed={"covers": ("starts_on <= as_of and (ends_on is null or ends_on >= as_of)", Type.BOOLEAN)},
    ),
)

UNUSED: Mapping[str, str] = {
    "innovation.number": "identifies the right",
    "mitigant.mitigant_no": "identifies the mitigant",
}
