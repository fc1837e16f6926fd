"""Certificates as an officer doubts them: the number, the head-count, and how lately they were bought."""

from __future__ import annotations

from collections.abc import Mapping

from certloan.expressions import Type
from certloan.features.aggregates import Latest
from certloan.features.relations.certificate_sources import LOOKUPS, SUMMARIES
from certloan.features.relations.certificate_state import COMPUTED, PREVIOUS
from certloan.features.relations.shape import Relation, Summary, Told
from certloan.features.spec import Lookup

_REPORT = Summary(
    "report",
    "annual_report",
    on={},
    columns={"staff_reported": Told(Latest("employees"), Type.NUMBER, where="employees is not null")},
)
# 4 digits of the year of the first issue, 2 of the body, 4 of the product category, 6 of a serial.
_CCC_YEAR = "to_number(substring(certificate_no, 1, 4))"
_CCC_WRONG = (
    "scheme_class = 'ccc' and length(certificate_no) = 16"
    f" and (case when first_issued_on is not null then {_CCC_YEAR} <> year(first_issued_on)"
    f" else {_CCC_YEAR} > year(issued_on) end"
    " or length(product_category) = 4 and substring(certificate_no, 7, 4) <> product_category)"
)
# A system is audited for a time that follows its head-count: far too few people buy a shorter audit, far too many lend
# one firm's certificate to others. A product certificate says nothing of all who work there.
_HEADCOUNT = (
    "scheme_class = 'management_system' and (headcount_covered > 2 * staff_reported + 10"
    " or headcount_covered * 4 + 10 < staff_reported)"
)
_LATELY = "held_from > add_days(as_of, -90) and held_from <= as_of and previous_ends_on is null"

RELATIONS = (
    Relation(
        "certificate_doubt",
        "certificate",
        (
            *("certificate_no", "scheme", "issued_on", "body_no", "headcount_covered", "staff_reported"),
            *("scope", "holder_industry"),
        ),
        delivered=("certificate_event", "certification_body", "inspection"),
        lookups=(*LOOKUPS, Lookup("number_shape", "concat(scheme, ' ', certificate_no)")),
        summaries=(*SUMMARIES, _REPORT),
        previous=PREVIOUS,
        computed={
            **COMPUTED,
            "number_wrong": (f"coalesce(malformed, false) or coalesce({_CCC_WRONG}, false)", Type.BOOLEAN),
            "headcount_far": (f"coalesce({_HEADCOUNT}, false)", Type.BOOLEAN),
            "bought_lately": (f"coalesce({_LATELY}, false)", Type.BOOLEAN),
            "standing": ("state in ('valid', 'suspended', 'overdue')", Type.BOOLEAN),
        },
    ),
)

UNUSED: Mapping[str, str] = {}
