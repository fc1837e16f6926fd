"""How well a probability of default ranks and how true it is; never without its n and its defaults.

Weights count rows: a row of weight 2 is two rows in every figure. Intervals treat rows as independent.
"""

from __future__ import annotations

import numpy as np

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import CONFIDENCE, Interval, z_value


def auc_interval(defaulted: Floats, risk: Floats, weights: Floats | None = None) -> Interval:
    """Give the area under the ROC curve with DeLong's interval, taken on the log-odds so that it stays within 0 and 1.

    A sample ranked perfectly has no variance to go by: its lower bound is the smallest area under which so few rows of
    the rarer class would all fall in place with a chance of 2.5 %.
    """
    weights = np.ones_like(risk) if weights is None else weights
    auc, bad, good = _placements(defaulted, risk, weights)
    variance = _variance(bad) + _variance(good)
    if not 0.0 < auc < 1.0 or variance <= 0.0:
        tail = ((1.0 - CONFIDENCE) / 2.0) ** (1.0 / min(len(bad[0]), len(good[0])))
        return Interval(auc, min(auc, tail), max(auc, 1.0 - tail))
    centre, width = np.log(auc / (1.0 - auc)), z_value() * np.sqrt(variance) / (auc * (1.0 - auc))
    low, high = 1.0 / (1.0 + np.exp(-(centre - width))), 1.0 / (1.0 + np.exp(-(centre + width)))
    return Interval(auc, float(low), float(high))


def auc_difference(defaulted: Floats, risk: Floats, other: Floats, weights: Floats | None = None) -> Interval:
    """Give by how much ``risk`` ranks better than ``other`` on the same rows (paired DeLong); 0 when they rank alike."""
    weights = np.ones_like(risk) if weights is None else weights
    auc, bad, good = _placements(defaulted, risk, weights)
    auc_other, bad_other, good_other = _placements(defaulted, other, weights)
    paired_bad = (bad[0] - bad_other[0], bad[1])
    paired_good = (good[0] - good_other[0], good[1])
    difference = auc - auc_other
    width = z_value() * float(np.sqrt(_variance(paired_bad) + _variance(paired_good)))
    return Interval(difference, difference - width, difference + width)


_Placed = tuple[Floats, Floats]


def _placements(defaulted: Floats, risk: Floats, weights: Floats) -> tuple[float, _Placed, _Placed]:
    """Give the AUC and, for each class, the share of the other that a row outranks (ties half) beside its weight."""
    is_bad = defaulted > 0
    levels, at = np.unique(risk, return_inverse=True)
    bad = np.bincount(at[is_bad], weights[is_bad], len(levels))
    good = np.bincount(at[~is_bad], weights[~is_bad], len(levels))
    goods_below = (np.cumsum(good) - 0.5 * good) / good.sum()
    bads_above = 1.0 - (np.cumsum(bad) - 0.5 * bad) / bad.sum()
    of_bad, of_good = goods_below[at[is_bad]], bads_above[at[~is_bad]]
    auc = float(np.average(of_bad, weights=weights[is_bad]))
    return auc, (of_bad, weights[is_bad]), (of_good, weights[~is_bad])


def _variance(placed: _Placed) -> float:
    """The variance of a weighted mean of independent placements; without weights, DeLong's own term."""
    values, weights = placed
    if len(values) < 2:
        return 0.25
    away = weights * (values - np.average(values, weights=weights))
    return float(away @ away / weights.sum() ** 2 * len(values) / (len(values) - 1))
