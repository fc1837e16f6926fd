"""What can be recommended."""

from __future__ import annotations

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
