"""An inverse power law through a learning curve, and how sure its asymptote is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.validation.judgement import told

#: Learning curves of classifiers fall between the fourth root and a little faster than the inverse of the rows.
_RATES = np.geomspace(0.25, 1.5, 26)


@dataclass(frozen=True, eq=False)
class Law:
    """``asymptote - gap * share ** -rate``; the gap is what all rows (share 1) still lack.

    Intervals are percentiles over redrawn curves, which ``draws`` keeps (asymptote, gap, rate in each row).
    """

    asymptote: Interval
    gap: Interval
    rate: Interval
    draws: Floats

    def share_within(self, distance: float) -> tuple[float, float, float]:
        """Give the share at which the curve lacks ``distance``, and its percentiles; infinite where it never does."""
        own = _share(self.gap.value, self.rate.value, distance)
        drawn = np.array([_share(gap, rate, distance) for _, gap, rate in self.draws])
        return own, float(np.quantile(drawn, _TAIL)), float(np.quantile(drawn, 1.0 - _TAIL))

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {"asymptote": told(self.asymptote), "gap": told(self.gap), "rate": told(self.rate)}


_TAIL = 0.025


def fit_law(shares: Floats, curve: Floats, redrawn: Floats, tail: float = _TAIL) -> Law:
    """Fit the law to ``curve`` over ``shares``, and to each row of ``redrawn`` for the percentiles."""
    own = _fitted(shares, curve)
    draws = np.array([_fitted(shares, one) for one in redrawn])
    low, high = np.quantile(draws, tail, axis=0), np.quantile(draws, 1.0 - tail, axis=0)
    asymptote, gap, rate = (
        Interval(own[at], min(own[at], float(low[at])), max(own[at], float(high[at]))) for at in range(3)
    )
    return Law(asymptote, gap, rate, draws)


def _fitted(shares: Floats, curve: Floats) -> tuple[float, float, float]:
    """Least squares for each rate, the gap never negative (more rows do no harm); the rate that fits best."""
    best, found = np.inf, (float(np.mean(curve)), 0.0, float(_RATES[0]))
    for rate in _RATES:
        falls = shares**-rate
        away = falls - falls.mean()
        gap = max(0.0, -float(away @ curve) / float(away @ away))
        asymptote = float(np.mean(curve)) + gap * float(falls.mean())
        if asymptote > 1.0:
            # The best law below a ceiling of 1: through the ceiling.
            asymptote = 1.0
            gap = max(0.0, float(falls @ (1.0 - curve)) / float(falls @ falls))
        lost = float(np.sum((asymptote - gap * falls - curve) ** 2))
        if lost < best - 1e-15:
            best, found = lost, (asymptote, gap, float(rate))
    return found


def _share(gap: float, rate: float, distance: float) -> float:
    return float((gap / distance) ** (1.0 / rate)) if gap > 0.0 else 0.0
