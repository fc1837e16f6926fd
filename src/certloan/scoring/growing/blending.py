"""How much each part of a bag may say, learnt on rows that none of the parts had seen.

Any sum of table models, each times a number, is a table model, so a blend costs nothing to explain: it is compiled
like a single one. Weights are never negative (a monotone part stays monotone) and are drawn towards equal ones by as
much as a handful of rows: few rows average the parts, which is hard to beat, and many rows pick their own mixture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats

#: How firmly weights are held to equal ones, in rows of evidence.
_FIRMNESS = 10.0
_SWEEPS, _CONVERGED = 200, 1e-9


def blend(unseen: Sequence[Floats], sample: Sample) -> Floats:
    """Give the weight of each part: non-negative, adding up to one (the calibrator sets the scale).

    ``unseen`` are the parts' margins of rows they had not seen, NaN where there are none. The weighted log-loss is
    minimised by Newton's method, one coordinate at a time.

    >>> part = np.array([-1.0, 1.0, -2.0, 2.0] * 50)
    >>> sample = Sample(part[:, None], (part > 0).astype(float), np.ones(200))
    >>> blend([part], sample).tolist()
    [1.0]
    """
    equal = np.full(len(unseen), 1.0 / len(unseen))
    if len(unseen) == 1:
        return equal
    margins = np.array(unseen)
    known = np.isfinite(margins).all(axis=0)
    margins, defaulted, weights = margins[:, known], sample.defaulted[known], sample.weights[known]
    found = equal.copy()
    margin = np.sum(equal[:, None] * margins, axis=0)
    for _ in range(_SWEEPS):
        moved = 0.0
        for at in range(-1, len(found)):
            p = probability(margin)
            column = 1.0 if at < 0 else margins[at]
            pull, curvature = weights * (defaulted - p) * column, weights * p * (1.0 - p) * column * column
            if at < 0:
                step = float(np.sum(pull) / np.sum(curvature))
            else:
                pulled = float(np.sum(pull)) - _FIRMNESS * (found[at] - equal[at])
                wanted = max(found[at] + pulled / (float(np.sum(curvature)) + _FIRMNESS), 0.0)
                step, found[at] = wanted - found[at], wanted
            margin = margin + step * column
            moved = max(moved, abs(step))
        if moved < _CONVERGED:
            break
    return np.asarray(found / found.sum()) if found.sum() > 0 else equal
