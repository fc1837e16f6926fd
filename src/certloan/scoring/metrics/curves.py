"""Curves to draw: the ROC curve, the gains curve, and a smooth line of reliability with its band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certloan.scoring.calibration import probability
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import effective, z_value
from certloan.scoring.metrics.line import log_odds

#: Points of a drawn curve; more cannot be told apart on a page.
_POINTS = 200
_CELLS = 1000


@dataclass(frozen=True, eq=False)
class Curve:
    """Points of a line from left to right; ``low`` and ``high`` bound it pointwise where that is known."""

    x: Floats
    y: Floats
    low: Floats | None = None
    high: Floats | None = None

    def as_json(self) -> dict[str, list[float]]:
        """Give plain values, rounded so that they agree between machines."""
        held = {"x": self.x, "y": self.y, "low": self.low, "high": self.high}
        return {name: np.round(values, 6).tolist() for name, values in held.items() if values is not None}


def roc_curve(defaulted: Floats, risk: Floats, weights: Floats | None = None) -> Curve:
    """Give the share of the others (x) and of the defaults (y) at or above each risk, from (0, 0) to (1, 1)."""
    bad, good = _from_the_riskiest(defaulted, risk, weights)
    return _thinned(good, bad)


def gains_curve(defaulted: Floats, risk: Floats, weights: Floats | None = None) -> Curve:
    """Give the share of all rows (x) and of the defaults (y) at or above each risk, from (0, 0) to (1, 1)."""
    bad, good = _from_the_riskiest(defaulted, risk, weights)
    counted = np.ones_like(risk) if weights is None else weights
    prior = float(np.sum(counted * (defaulted > 0)) / counted.sum())
    return _thinned(prior * bad + (1.0 - prior) * good, bad)


def smooth_reliability(defaulted: Floats, pd: Floats, weights: Floats | None = None, points: int = 60) -> Curve:
    """Give the observed rate as a smooth function of the probability, with a pointwise band of 95 %.

    The difference of outcome and probability is smoothed over log-odds by a normal kernel (Silverman's bandwidth) and
    added to the probability: a model that is right shows the diagonal up to noise, at the ends too. Ends are the
    percentiles 0.5 and 99.5 of the rows.
    """
    weights = np.ones_like(pd) if weights is None else weights
    margin = log_odds(pd)
    order = np.argsort(margin, kind="stable")
    share = (np.cumsum(weights[order]) - 0.5 * weights[order]) / weights.sum()
    left, right = (float(np.interp(at, share, margin[order])) for at in (0.005, 0.995))
    grid = np.linspace(left, right, points) if right > left else np.array([left])
    middle = np.average(margin, weights=weights)
    spread = float(np.sqrt(np.average((margin - middle) ** 2, weights=weights)))
    width = 1.06 * max(spread, 1e-3) * effective(weights) ** -0.2
    cell = np.minimum((share * _CELLS).astype(np.int64), _CELLS - 1)
    counted = weights[order]
    mass, squares = (np.bincount(cell, part, _CELLS) for part in (counted, counted**2))
    used = mass > 0
    off = np.bincount(cell, counted * (defaulted - pd)[order], _CELLS)[used] / mass[used]
    noise = np.bincount(cell, counted**2 * (pd * (1.0 - pd))[order], _CELLS)[used]
    place = np.bincount(cell, counted * margin[order], _CELLS)[used] / mass[used]
    kernel = np.exp(-0.5 * ((grid[:, None] - place) / width) ** 2)
    total = np.sum(kernel * mass[used], axis=1)
    away = np.sum(kernel * mass[used] * off, axis=1) / total
    error = np.sqrt(np.sum(kernel**2 * np.maximum(noise, 1e-12 * squares[used]), axis=1)) / total
    said, reach = probability(grid), z_value() * error
    y = np.clip(said + away, 0.0, 1.0)
    return Curve(said, y, np.clip(said + away - reach, 0.0, 1.0), np.clip(said + away + reach, 0.0, 1.0))


def _from_the_riskiest(defaulted: Floats, risk: Floats, weights: Floats | None) -> tuple[Floats, Floats]:
    weights = np.ones_like(risk) if weights is None else weights
    levels, at = np.unique(-risk, return_inverse=True)
    is_bad = defaulted > 0
    bad, good = (np.cumsum(np.bincount(at, weights * side, len(levels))) for side in (is_bad, ~is_bad))
    return np.concatenate([[0.0], bad / bad[-1]]), np.concatenate([[0.0], good / good[-1]])


def _thinned(x: Floats, y: Floats) -> Curve:
    """Keep the first and last point and those that lie evenly along the line between them."""
    along = x + y
    wanted = np.linspace(0.0, along[-1], _POINTS)
    kept = np.unique(np.concatenate([[0], np.searchsorted(along, wanted), [len(x) - 1]]).clip(max=len(x) - 1))
    return Curve(x[kept], y[kept])
