"""Brier score and logarithmic loss: what a probability costs that is not the truth, alone and against another's.

Both are proper: only the true probability has the lowest expected cost (Brier 1950; Good 1952). Each is a mean over
rows, so its interval is that of a mean, and a difference on the same rows is a mean of differences.
"""

from __future__ import annotations

import numpy as np

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, mean_interval

#: Probabilities closer to 0 or 1 than this are taken as this in the logarithmic loss.
EDGE = 1e-15


def brier_interval(defaulted: Floats, pd: Floats, weights: Floats | None = None) -> Interval:
    """Give the mean squared error of the probability; 0: always right, 0.25: a coin's."""
    return _not_below_zero(mean_interval((pd - defaulted) ** 2, _ones(pd, weights)))


def log_loss_interval(defaulted: Floats, pd: Floats, weights: Floats | None = None) -> Interval:
    """Give the mean surprise ``-log p(outcome)`` in nats; 0: always right, 0.693: a coin's."""
    return _not_below_zero(mean_interval(surprise(defaulted, pd), _ones(pd, weights)))


def brier_difference(defaulted: Floats, pd: Floats, other: Floats, weights: Floats | None = None) -> Interval:
    """Give by how much the squared error of ``pd`` exceeds that of ``other`` on the same rows; negative: it is better."""
    return mean_interval((pd - defaulted) ** 2 - (other - defaulted) ** 2, _ones(pd, weights))


def log_loss_difference(defaulted: Floats, pd: Floats, other: Floats, weights: Floats | None = None) -> Interval:
    """Give by how much the surprise of ``pd`` exceeds that of ``other`` on the same rows; negative: it is better."""
    return mean_interval(surprise(defaulted, pd) - surprise(defaulted, other), _ones(pd, weights))


def surprise(defaulted: Floats, pd: Floats) -> Floats:
    """Give the logarithmic loss of each row, in nats.

    >>> surprise(np.array([1.0, 0.0]), np.array([0.5, 0.5])).round(4).tolist()
    [0.6931, 0.6931]
    """
    sure = np.clip(pd, EDGE, 1.0 - EDGE)
    return np.asarray(-np.where(defaulted > 0, np.log(sure), np.log1p(-sure)))


def _not_below_zero(found: Interval) -> Interval:
    return Interval(found.value, max(0.0, found.low), found.high)


def _ones(pd: Floats, weights: Floats | None) -> Floats:
    return np.ones_like(pd) if weights is None else weights
