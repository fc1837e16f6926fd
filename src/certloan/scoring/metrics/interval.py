"""A figure with its interval, and the intervals of a mean, a rate and a sum of weights.

Weights count rows in every value: a row of weight 2 tells as much as two rows. They do not in the width of an interval,
which takes the rows as independent draws: unequal weights tell less than their sum (Kish 1965, the effective number).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import betaincinv

from certloan.scoring.matrix import Floats

#: Two-sided confidence of every interval.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A figure with the bounds that it keeps in 95 of 100 samples."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """Give plain values, rounded so that they agree between machines."""
        return {"value": round(self.value, 6), "low": round(self.low, 6), "high": round(self.high, 6)}


def z_value() -> float:
    """Give how many standard errors an interval reaches to each side."""
    return NormalDist().inv_cdf(0.5 + CONFIDENCE / 2.0)


def effective(weights: Floats) -> float:
    """Give how many rows of equal weight would tell as much: ``(sum w)^2 / sum w^2``.

    >>> effective(np.array([2.0, 2.0, 2.0]))
    3.0
    """
    squares = float(np.sum(weights**2))
    return float(np.sum(weights)) ** 2 / squares if squares > 0 else 0.0


def jeffreys(hits: float, n: float) -> Interval:
    """Give a rate with Jeffreys' interval, the equal tails of Beta(hits + 1/2, n - hits + 1/2).

    ``hits`` and ``n`` need not be whole (effective numbers). The bound is 0 without a hit and 1 without a miss, and the
    value is 0 when ``n`` is 0 (Brown, Cai and DasGupta 2001).

    >>> found = jeffreys(0, 100)
    >>> found.value, found.low, round(found.high, 3)
    (0.0, 0.0, 0.025)
    """
    tail = (1.0 - CONFIDENCE) / 2.0
    low = float(betaincinv(hits + 0.5, n - hits + 0.5, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 0.5, n - hits + 0.5, 1.0 - tail)) if hits < n or n == 0 else 1.0
    value = hits / n if n > 0 else 0.0
    return Interval(value, min(low, value), max(high, value))


def rate_interval(defaulted: Floats, weights: Floats) -> Interval:
    """Give the weighted rate of default with Jeffreys' interval over the effective number of rows."""
    total = float(np.sum(weights))
    rate = float(np.sum(weights * defaulted)) / total if total > 0 else 0.0
    n = effective(weights)
    bounds = jeffreys(rate * n, n)
    return Interval(rate, bounds.low, bounds.high)


def mean_interval(values: Floats, weights: Floats) -> Interval:
    """Give a weighted mean of independent rows with its normal interval."""
    total = float(np.sum(weights))
    mean = float(np.sum(weights * values)) / total
    width = z_value() * mean_error(values, weights)
    return Interval(mean, mean - width, mean + width)


def mean_error(values: Floats, weights: Floats) -> float:
    """Give the standard error of a weighted mean of independent rows; without weights, that of the textbook."""
    total, n = float(np.sum(weights)), int(np.count_nonzero(weights))
    mean = float(np.sum(weights * values)) / total
    correction = n / (n - 1) if n > 1 else 1.0
    return float(np.sqrt(np.sum((weights * (values - mean)) ** 2) * correction)) / total
