"""From log-odds of default to points, and to whole points that add up on paper."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats


@dataclass(frozen=True)
class Scale:
    """How log-odds become points: ``points`` at good:bad odds of ``odds``, and ``doubles`` more for twice the odds.

    Higher is better.

    >>> scale = Scale()
    >>> round(float(scale.points_of(np.array([-np.log(20)]))[0]), 9), round(float(scale.points_of(np.array([-np.log(40)]))[0]), 9)
    (600.0, 640.0)
    """

    points: float = 600.0
    odds: float = 20.0
    doubles: float = 40.0

    @property
    def factor(self) -> float:
        """Points per unit of log-odds."""
        return self.doubles / log(2.0)

    @property
    def offset(self) -> float:
        """Points at even odds."""
        return self.points - self.factor * log(self.odds)

    def points_of(self, margin: Floats) -> Floats:
        """Give the exact points of calibrated log-odds of default."""
        return self.offset - self.factor * margin


def rounded(points: Floats) -> NDArray[np.int64]:
    """Give the score: points to the nearest integer, halves up."""
    return np.floor(points + 0.5).astype(np.int64)


def displayed(base: float, contributions: Floats, score: int) -> tuple[int, list[int]]:
    """Give whole points for the base and each feature whose sum is exactly ``score``, by largest remainder.

    Every whole number lies within one point of its exact value. ``ValueError`` when the exact values are not those
    of this score (their sum is more than half a point away).

    >>> displayed(500.5, np.array([60.4, 39.3]), 600)
    (501, [60, 39])
    """
    exact = [float(base), *(float(value) for value in contributions)]
    if not abs(sum(exact) - score) <= 0.5 + 1e-6:
        raise ValueError(f"the points add up to {sum(exact)}, not to {score}")
    whole = [floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: (whole[at] - exact[at], at))
    for at in by_remainder[: score - sum(whole)]:
        whole[at] += 1
    return whole[0], whole[1:]
