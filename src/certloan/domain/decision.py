"""What a decision is: a recommendation with its whole account, and nothing that cannot be replayed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Outcome(StrEnum):
    """What is recommended to the officer; the bank decides."""

    APPROVE = "approve"
    REFER = "refer"
    DECLINE = "decline"

    @property
    def severity(self) -> int:
        """0 for approve, 1 for refer, 2 for decline: of several outcomes the severest holds.

        >>> max(Outcome.APPROVE, Outcome.DECLINE, Outcome.REFER, key=lambda outcome: outcome.severity)
        <Outcome.DECLINE: 'decline'>
        """
        return list(Outcome).index(self)


@dataclass(frozen=True)
class Decision:
    """One recommendation: what it says, and out of what exactly.

    The three layers keep their own codes: ``gates`` (hard rules), ``reasons`` (features that moved the score) and
    ``ladder`` (limit and product). ``limit`` is in yuan; None where it is unknown or nothing is lent.
    """

    application_id: str
    as_of: date
    outcome: Outcome
    score: int
    grade: str
    pd: float
    gates: tuple[str, ...]
    reasons: tuple[str, ...]
    ladder: tuple[str, ...]
    limit: Decimal | None
    features_digest: str
    bundle_fingerprint: str
    policy_hash: str
    reference_version: str
