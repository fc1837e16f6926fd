"""The request itself, and the consents that let the lender look."""

from __future__ import annotations

from collections.abc import Mapping

from certloan.features.relations.shape import Relation

RELATIONS = (
    Relation(
        "application",
        "application",
        ("application_id", "applied_on", "amount", "purpose", "product"),
        keys=("uscc", "application_id"),
    ),
    Relation("consent", "consent", ("purpose", "granted_on", "expires_on")),
)

UNUSED: Mapping[str, str] = {
    "application.applied_on": "is the day itself",
    "application.status": "the lender's own answer, given later: it tells which applications are open, never how risky one is",
    "outcome.*": "what became of the loan: the label, never a feature",
}
