"""Inspections and incidents, what the enterprise makes, and the programmes it takes part in.

A check speaks only when its verdict is final. Whoever is told of a failure may object within 15 days of receiving the
result (产品质量法 第十五条): until they have passed, or while an objection is being decided, a failure is no evidence;
when the objection is upheld it never was one. Where no file tells the day of receipt, the day on which the result
became known stands for it, at the latest the 45 days that results usually take, so that a later correction of the
record never opens the window again.
"""

from __future__ import annotations

from collections.abc import Mapping

from certloan.expressions import Type
from certloan.features.relations.shape import Previous, Relation
from certloan.features.spec import Lookup

#: The days in which the result may be objected to (产品质量法 第十五条), and those that a result usually takes.
OBJECTION_DAYS, RESULT_DAYS = 15, 45

# Monitoring looks for dangers that no standard forbids yet, where they are suspected: it gives no verdict on a batch.
_SAMPLE = "verdict in ('no_nonconformity', 'nonconforming') and coalesce(kind, 'spot_check') <> 'risk_monitoring'"
_RECEIVED = f"coalesce(notified_on, least(known_on, add_days(inspected_on, {RESULT_DAYS})))"
# What comes after the window (a rejected objection, rectification, its re-check) says that the window is over.
_FINAL = (
    "coalesce(objection, 'none') not in ('pending', 'upheld') and (coalesce(objection, 'none') = 'rejected' or recheck is not null"
    f" or rectified_on is not null or as_of > add_days({_RECEIVED}, {OBJECTION_DAYS}))"
)
# The highest level first; of checks at one level the first number, so that exactly one speaks.
_TURN = (
    "concat(case level when 'national' then '1' when 'province' then '2' when 'city' then '3' when 'county' then '4'"
    " else '5' end, inspection_no)"
)
# One batch is typed in many ways: neither the case nor the spaces of its number mean anything, nor the width of a dash.
_BATCH = (
    "replace(upper(product), ' ', '')",
    "coalesce(replace(replace(upper(batch_no), ' ', ''), '－', '-'), inspection_no)",
)
# There is no official grade of severity. Ours follows what failed; where nobody says, the common case is assumed.
_SEVERITY = (
    "case when not failed then 0 when safety_item or failed_item = 'safety' then 4 when failed_item = 'mandatory' then 3"
    " when failed_item = 'labelling' then 1 else 2 end"
)

_INSPECTION = Relation(
    "inspection",
    "inspection",
    (
        "inspection_no", "inspected_on", "product", "verdict", "level", "failed_item", "safety_item", "notified_on",
        "objection", "recheck", "rectified_on",
    ),
    lookups=(Lookup("reference_ccc", "product_category", day="inspected_on"),),
    previous=(
        # What a higher level checked is not to be checked again below (第十五条): of one batch the highest level speaks.
        Previous("checked_above", Type.TEXT, "inspection_no", _BATCH, _TURN, where=_SAMPLE),
    ),
    computed={
        "final": (_FINAL, Type.BOOLEAN),
        "sampled": (f"({_SAMPLE}) and checked_above is null", Type.BOOLEAN),
        "failed": ("sampled and verdict = 'nonconforming' and final", Type.BOOLEAN),
        "undecided": (
            "sampled and verdict = 'nonconforming' and not final and coalesce(objection, 'none') <> 'upheld'",
            Type.BOOLEAN,
        ),
        "severity": (_SEVERITY, Type.NUMBER),
        "put_right": (
            "failed and (coalesce(recheck, '') = 'passed' or (recheck is null and coalesce(rectified_on <= as_of, false)))",
            Type.BOOLEAN,
        ),
        "put_right_on": ("case when put_right then least(coalesce(rectified_on, known_on), as_of) end", Type.DATE),
        "compulsory": ("coalesce(required, false)", Type.BOOLEAN),
    },
)  # fmt: skip

# A penalty is shown for as long as its severity allows, by the rule in force on its day, whether or not a feed tells the
# end. What stops production or revokes a licence is serious whatever it is called; a severity that nobody tells may be.
_SHOWN_AS = (
    "case when kind = 'penalty' then concat('penalty ', case when severity is null or form in ('suspension', 'revocation')"
    " then 'serious' else severity end) end"
)
_PUBLISHED = "coalesce(as_of < add_months(happened_on, rule_publish_max_months), true)"
# A dispute counts once it was found true; a tip-off is handled apart and proves nothing (投诉举报处理暂行办法 第三条).
_EVIDENT = "published and kind <> 'report' and (kind <> 'complaint' or coalesce(result, 'pending') = 'upheld')"
_FORM = (
    "case form when 'criticism' then 1 when 'fine' then 2 when 'confiscation' then 3 when 'suspension' then 4"
    " when 'revocation' then 5 else 2 end"
)

_INCIDENT = Relation(
    "incident",
    "incident",
    ("incident_no", "kind", "occurred_on", "category", "form", "result", "severity", "amount", "ordered"),
    lookups=(Lookup("reference_publication", _SHOWN_AS, day="happened_on", prefix="rule_"),),
    computed={
        "published": (_PUBLISHED, Type.BOOLEAN),
        "penalty": ("kind = 'penalty' and published", Type.BOOLEAN),
        "evident": (_EVIDENT, Type.BOOLEAN),
        # Where the case is not named it is taken for one of product quality, as a lender would have to.
        "of_quality": (
            "penalty and coalesce(category, 'product_quality') in"
            " ('product_quality', 'certification_fraud', 'compulsory_certification', 'food_safety', 'licence')",
            Type.BOOLEAN,
        ),
        "form_level": (_FORM, Type.NUMBER),
    },
)

RELATIONS = (
    _INSPECTION,
    _INCIDENT,
    Relation(
        "product",
        "product",
        ("product_no", "name", "product_category", "since", "until", "output_share"),
        computed={"made": ("since <= as_of and (until is null or until >= as_of)", Type.BOOLEAN)},
    ),
    Relation(
        "programme", "programme", ("programme", "joined_on", "ended_on", "problems_found", "problems_closed", "reports")
    ),
)

UNUSED: Mapping[str, str] = {
    "inspection.authority": "identifies the inspector, for the officer",
    "inspection.testing_body": "identifies the laboratory, for the officer; its own standing is told by no register yet",
    "incident.incident_no": "identifies the incident",
    "product.product_no": "identifies the product",
    "product.name": "identifies the product, for the officer",
    "programme.ended_on": "what was found and closed tells more than how long a programme took",
}
