"""A test that a validator can read: what was tested, on what, by which source, and one of three verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

#: A hypothesis is rejected where chance would show as much less often than this, all tests of a family together.
SIGNIFICANCE = 0.05
#: A test that would overlook a rate this many times what was promised more often than once in five has no voice.
WORTH_SEEING = 1.5
POWER = 0.8


class Verdict(StrEnum):
    """What a test says: silence of a test that could not have spoken is no pass."""

    PASSES = "passes"
    FAILS = "fails"
    TOO_LITTLE = "too_little"


@dataclass(frozen=True)
class TestRecord:
    """One test. ``subject`` is what it looked at (a grade, a cohort, ``all``); ``hypothesis`` names H0.

    ``p`` is how often chance alone shows as much; ``p_adjusted`` allows for the other tests of the family (Holm);
    ``power`` is how often the test would notice a rate of ``WORTH_SEEING`` times what was promised. Texts are
    ``calibration.test.<test>`` and ``calibration.h0.<hypothesis>``.
    """

    __test__ = False

    test: str
    subject: str
    hypothesis: str
    statistic: float
    p: float
    p_adjusted: float
    power: float
    n: int
    defaults: int
    source: str
    freedom: int | None = None

    @property
    def verdict(self) -> Verdict:
        """Fails on evidence, passes where a wrong rate would have been seen, and else too little evidence."""
        if self.p_adjusted < SIGNIFICANCE:
            return Verdict.FAILS
        return Verdict.PASSES if self.power >= POWER else Verdict.TOO_LITTLE

    def as_json(self) -> dict[str, float | int | str | None]:
        """Give plain values, rounded so that they agree between machines."""
        return {
            "test": self.test,
            "subject": self.subject,
            "hypothesis": self.hypothesis,
            "statistic": round(self.statistic, 6),
            "p": round(self.p, 6),
            "p_adjusted": round(self.p_adjusted, 6),
            "power": round(self.power, 6),
            "n": self.n,
            "defaults": self.defaults,
            "freedom": self.freedom,
            "source": self.source,
            "verdict": str(self.verdict),
        }


def adjusted(records: Sequence[TestRecord]) -> tuple[TestRecord, ...]:
    """Adjust the tests of one family for their number, in their order."""
    return tuple(replace(one, p_adjusted=p) for one, p in zip(records, holm([one.p for one in records]), strict=True))


def holm(ps: Sequence[float]) -> list[float]:
    """Give Holm's adjusted p-values (1979), in the order of ``ps``.

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(ps)), key=lambda at: ps[at])
    found, least = [0.0] * len(ps), 0.0
    for rank, at in enumerate(order):
        least = max(least, min(1.0, (len(ps) - rank) * ps[at]))
        found[at] = least
    return found
