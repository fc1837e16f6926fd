"""The outer frame: how far an AUC could move if nothing at all were assumed about some rows' outcomes.

Bounds without assumptions are Manski's (Nonparametric Bounds on Treatment Effects, American Economic Review 80:2, 1990):
every unknown outcome may be either. For a rate that is all 0 or all 1. For an AUC, with any number of unknown rows taken
for defaults, the least follows when they are the ones with the lowest risk and the greatest when they are those with the
highest, so a walk over that number finds both ends exactly (with equal weights, and no ties among the unknown rows; ties
are counted so that the frame can only be too wide).
"""

from __future__ import annotations

import numpy as np

from certloan.scoring.matrix import Floats


def auc_frame(
    risk: Floats, defaulted: Floats, weights: Floats, unknown: Floats, unknown_weights: Floats
) -> tuple[float, float]:
    """Give the least and the greatest AUC over all outcomes of the rows whose risk is ``unknown``.

    ``risk``, ``defaulted`` and ``weights`` are those of the rows with known outcomes, of which both kinds must exist.

    >>> risk, bad = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.0, 0.0, 1.0, 1.0])
    >>> auc_frame(risk, bad, np.ones(4), np.array([0.0, 1.0]), np.ones(2))
    (0.4444444444444444, 1.0)
    """
    good_weight, bad_weight = weights * (1.0 - defaulted), weights * defaulted
    order = np.argsort(risk, kind="stable")
    sorted_risk = risk[order]
    goods, bads = (np.concatenate([[0.0], np.cumsum(held[order])]) for held in (good_weight, bad_weight))

    def below(at: Floats, sums: Floats) -> Floats:
        left, right = (sums[np.searchsorted(sorted_risk, at, side=side)] for side in ("left", "right"))
        return np.asarray(0.5 * (left + right))

    known = float(np.sum(bad_weight * below(risk, goods)))
    ends = []
    for sign in (1.0, -1.0):
        turn = np.argsort(sign * unknown, kind="stable")
        at, own = unknown[turn], unknown_weights[turn]
        as_bad = np.concatenate([[0.0], np.cumsum(own * below(at, goods))])
        as_good = np.concatenate([[0.0], np.cumsum(own * (bads[-1] - below(at, bads)))])
        taken = np.concatenate([[0.0], np.cumsum(own)])
        rest = taken[-1] - taken
        won = known + as_bad + (as_good[-1] - as_good) + (taken * rest if sign < 0 else 0.0)
        area = won / ((bads[-1] + taken) * (goods[-1] + rest))
        ends.append(float(area.min() if sign > 0 else area.max()))
    return ends[0], ends[1]
