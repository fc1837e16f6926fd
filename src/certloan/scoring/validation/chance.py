"""From intervals to how likely chance alone is, so that many tests can be allowed for."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, z_value

_NORMAL = NormalDist()


def error_of(difference: Interval) -> float:
    """Give the standard error behind a symmetric interval."""
    return (difference.high - difference.low) / (2.0 * z_value())


def p_above(difference: Interval) -> float:
    """Give the one-sided p-value of "no more than 0".

    >>> round(p_above(Interval(1.0, 1.0 - z_value(), 1.0 + z_value())), 3)
    0.159
    """
    error = error_of(difference)
    if error <= 0.0:
        return 0.0 if difference.value > 0.0 else 1.0
    return _NORMAL.cdf(-difference.value / error)


def lower_at(auc: Interval, alpha: float) -> float:
    """Give the lower bound of an AUC at the one-sided level ``alpha``, on the log-odds as its interval is.

    A sample ranked perfectly has no spread to go by; its bound is scaled as if it had.
    """
    if auc.value >= 1.0:
        # The bound of a perfect ranking is a power of the tail; another tail is another power.
        return float(auc.low ** (np.log(alpha) / np.log(1.0 - _NORMAL.cdf(z_value()))))
    if auc.value <= 0.0:
        return 0.0
    centre, low = _log_odds(auc.value), _log_odds(auc.low)
    at = centre - (centre - low) * _NORMAL.inv_cdf(1.0 - alpha) / z_value()
    return float(1.0 / (1.0 + np.exp(-at)))


def error_of_auc(auc: Interval) -> float:
    """Give the standard error of an AUC (not of its log-odds)."""
    if not 0.0 < auc.low <= auc.high < 1.0 or not 0.0 < auc.value < 1.0:
        return float("nan")
    spread = (_log_odds(auc.high) - _log_odds(auc.low)) / (2.0 * z_value())
    return float(auc.value * (1.0 - auc.value) * spread)


def mean_of_firms(values: Floats, weights: Floats, firms: NDArray[np.int64]) -> Interval:
    """Give a weighted mean with its normal interval where enterprises, not rows, were drawn independently.

    ``firms`` numbers the enterprise of each row. Rows of one enterprise move together, and the interval allows for it
    (linearised ratio of sums: Cochran, Sampling Techniques, 1977, ch. 6). Fewer than two enterprises tell nothing.
    """
    mean = float(np.average(values, weights=weights))
    away = np.bincount(np.unique(firms, return_inverse=True)[1], weights * (values - mean))
    n = len(away)
    if n < 2:
        return Interval(mean, float("-inf"), float("inf"))
    error = float(np.sqrt(np.sum(away**2) * n / (n - 1)) / weights.sum())
    return Interval(mean, mean - z_value() * error, mean + z_value() * error)


def _log_odds(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))
