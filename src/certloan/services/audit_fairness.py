"""Whether groups of applicants fare alike: approval rates by size, county and ownership."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from certloan.domain.decision import Outcome
from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.fairness.rates import PRACTICAL_RATIO, AttributeRates, GroupRate, Verdict, approval_rates
from certloan.features.catalog import by_name
from certloan.services.build_features import build_matrix
from certloan.services.ports import Warehouse

__all__ = ["ATTRIBUTES", "CONFIDENCE", "AttributeRates", "FairnessReport", "GroupRate", "Verdict", "audit"]

#: The groups that matter here (FIELD §6): no feature of the model or the policy reads any of them.
ATTRIBUTES = ("size_class", "county_group", "ownership")
CONFIDENCE = 0.95
_SUBJECT = ["application_id", "uscc", "as_of"]


@dataclass(frozen=True)
class FairnessReport:
    """Approval rates by attribute. A screening with its uncertainty, never a legal finding.

    ``people`` counts applications; an enterprise that applied twice counts twice.
    """

    people: int
    approved: int
    threshold: float
    confidence: float
    attributes: tuple[AttributeRates, ...]

    def as_json(self) -> dict[str, object]:
        """Give the report as plain values, without any applicant."""
        attributes = [
            {
                **asdict(attribute),
                "groups": [
                    {**asdict(group), "verdict": group.verdict.value, "zh": group.label("zh"), "en": group.label("en")}
                    for group in attribute.groups
                ],
            }
            for attribute in self.attributes
        ]
        return {
            "people": self.people,
            "approved": self.approved,
            "threshold": self.threshold,
            "confidence": self.confidence,
            "screening_only": True,
            "attributes": attributes,
        }


def audit(warehouse: Warehouse, decisions: pa.Table, actor: Actor) -> FairnessReport:
    """Compare approval rates; ``decisions`` holds application_id, uscc, as_of and outcome.

    Groups are those of the day of each decision, as known then. Raises ``InputError`` ``audit-columns``.
    """
    actor.require(Permission.AUDIT)
    lacking = sorted({*_SUBJECT, "outcome"} - set(decisions.column_names))
    if lacking:
        raise InputError("audit-columns", found=", ".join(decisions.column_names), expected=", ".join(lacking))
    specs = [by_name(name) for name in ATTRIBUTES]
    matrix = build_matrix(warehouse, decisions.select(_SUBJECT), specs)
    approved = np.array([outcome == Outcome.APPROVE for outcome in decisions.column("outcome").to_pylist()], dtype=bool)
    rates = [
        approval_rates(
            spec.name, (spec.zh, spec.en), matrix.column(spec.name).to_pylist(), approved, spec.levels,
            confidence=CONFIDENCE,
        )
        for spec in specs
    ]  # fmt: skip
    return FairnessReport(decisions.num_rows, int(approved.sum()), PRACTICAL_RATIO, CONFIDENCE, tuple(rates))
