"""ECE: how far, on average, what was said lies from what became of it, once chance is taken off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import chdtri, ndtr

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import CONFIDENCE, Interval
from certloan.scoring.metrics.reliability import Bin, reliability

_SEED = 20260102
_RESAMPLES = 1000
#: A bin that was promised certainty was promised this little of the contrary.
_EDGE = 1e-9


def expected_calibration_error(defaulted: Floats, pd: Floats, weights: Floats | None = None) -> Interval:
    """Give the expected calibration error over bins of equal mass, debiased, with its interval.

    Chance alone moves the rate of every bin off its expectation, so the plain mean of the absolute gaps is too large.
    What chance adds is known (each gap is normal to first order, its absolute value folded) and is taken off (Kumar,
    Liang and Ma 2019). The interval is the basic bootstrap of the gaps; its lower bound is 0 wherever a chi-square test
    of all gaps does not reject that every one is 0, so that a model is called miscalibrated only on evidence.
    """
    return ece_of(reliability(defaulted, pd, weights))


def plain_calibration_error(bins: Sequence[Bin]) -> float:
    """Give the usual, biased figure: the mean absolute gap, by mass."""
    return float(sum(one.share * abs(one.gap) for one in bins))


def ece_of(bins: Sequence[Bin]) -> Interval:
    """Give :func:`expected_calibration_error` of bins that are there already."""
    share, gap = np.array([one.share for one in bins]), np.array([one.gap for one in bins])
    error = np.sqrt([one.variance for one in bins])
    plain = float(np.sum(share * np.abs(gap)))
    value = max(0.0, 2.0 * plain - float(np.sum(share * _folded(gap, error))))
    drawn = gap + error * np.random.default_rng(_SEED).normal(size=(_RESAMPLES, len(gap)))
    again = np.maximum(0.0, np.sum(share * (2.0 * np.abs(drawn) - _folded(drawn, error)), axis=1)) - plain
    tail = (1.0 - CONFIDENCE) / 2.0
    above, below = np.quantile(again, [1.0 - tail, tail])
    low = max(0.0, value - float(above)) if _miscalibrated(bins) else 0.0
    return Interval(value, min(low, value), max(value, value - float(below)))


def _folded(mean: Floats, error: Floats) -> Floats:
    """The expected absolute value of a normal figure."""
    z = mean / error
    return np.asarray(error * np.sqrt(2.0 / np.pi) * np.exp(-0.5 * z**2) + mean * (1.0 - 2.0 * ndtr(-z)))


def _miscalibrated(bins: Sequence[Bin]) -> bool:
    """Whether the gaps together are more than probabilities that were right would show once in twenty times."""
    promised = np.clip([one.expected for one in bins], _EDGE, 1.0 - _EDGE)
    counted, gaps = np.array([one.effective for one in bins]), np.array([one.gap for one in bins])
    statistic = float(np.sum(counted * gaps**2 / (promised * (1.0 - promised))))
    return statistic > float(chdtri(len(bins), 1.0 - CONFIDENCE))
