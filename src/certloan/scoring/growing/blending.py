"""How much each part of a bag may say, learnt on rows that none of the parts had seen.

Any sum of table models, each times a number, is a table model, so a blend costs nothing to explain: it is compiled
like a single one. Weights are never negative (a monotone part stays monotone) and are drawn towards equal ones by as
much as a handful of rows: few rows average the parts, which is hard to beat, and many rows pick their own mixture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from certloan.scoring.calibration import fitted_line, probability
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats

#: How firmly weights are held to equal ones, in rows of evidence.
_FIRMNESS = 10.0
_SWEEPS, _CONVERGED = 200, 1e-7


def blend(unseen: Sequence[Floats], sample: Sample) -> Floats:
    """Give the weight of each part: non-negative, adding up to one (the calibrator sets the scale).

    ``unseen`` are the parts' margins of rows they had not seen, NaN where there are none. Where the pull towards equal
    weights costs more than one standard error against the best part alone, that part has all the weight.

    >>> part = np.array([-1.0, 1.0, -2.0, 2.0] * 50)
    >>> sample = Sample(part[:, None], (part > 0).astype(float), np.ones(200))
    >>> blend([part], sample).tolist()
    [1.0]
    """
    if len(unseen) == 1:
        return np.ones(1)
    margins = np.array(unseen)
    known = np.asarray(np.isfinite(margins).all(axis=0))
    margins, heard = margins[:, known], sample.take(known)
    weights = _weights(margins, heard)
    mixed = _told(np.sum(weights[:, None] * margins, axis=0), heard)
    alone = [_told(margin, heard) for margin in margins]
    best = int(np.argmin([np.sum(surprise) for surprise in alone]))
    lost = mixed - alone[best]
    if np.mean(lost) > np.std(lost) / len(lost) ** 0.5:
        return np.asarray(np.arange(len(margins)) == best, dtype=np.float64)
    return weights


def _weights(margins: Floats, heard: Sample) -> Floats:
    """Minimise the log-loss and the pull towards equal weights by Newton's method, one coordinate at a time."""
    equal = np.full(len(margins), 1.0 / len(margins))
    found, margin = equal.copy(), np.sum(equal[:, None] * margins, axis=0)
    for _ in range(_SWEEPS):
        moved = 0.0
        for at in range(-1, len(found)):
            p = probability(margin)
            column = np.ones_like(margin) if at < 0 else margins[at]
            pull = float(np.sum(heard.weights * (heard.defaulted - p) * column))
            curvature = float(np.sum(heard.weights * p * (1.0 - p) * column * column))
            if at < 0:
                step = pull / curvature
            else:
                pull -= _FIRMNESS * (found[at] - equal[at])
                wanted = max(found[at] + pull / (curvature + _FIRMNESS), 0.0)
                step, found[at] = wanted - found[at], wanted
            margin = margin + step * column
            moved = max(moved, abs(step))
        if moved < _CONVERGED:
            break
    return np.asarray(found / found.sum()) if found.sum() > 0 else equal


def _told(margin: Floats, heard: Sample) -> Floats:
    """Give each row's log-loss after the best line through the margin."""
    return heard.surprise(fitted_line(margin, heard.defaulted, heard.weights, prior=1.0).apply(margin))
