"""A figure with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

#: Two-sided confidence of every interval.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A figure with the bounds that it keeps in 95 of 100 samples."""

    value: float
    low: float
    high: float


def z_value() -> float:
    """Give how many standard errors an interval reaches to each side."""
    return NormalDist().inv_cdf(0.5 + CONFIDENCE / 2.0)
