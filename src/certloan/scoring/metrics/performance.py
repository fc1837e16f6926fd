"""What a model did on rows that it had not seen: never without n and defaults."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from certloan.scoring.calibration import fitted_line
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.ranking import auc_interval, kolmogorov_smirnov

#: Probabilities closer to 0 or 1 than this are taken as this in the logarithmic loss.
_EDGE = 1e-15


@dataclass(frozen=True)
class Performance:
    """What a model did on rows that it had not seen.

    ``auc`` is the chance that a default has the higher probability of the two in a random pair (0.5: no ranking);
    ``gini`` is ``2 auc - 1``; ``ks`` the largest distance between the two distributions (0: none); ``brier`` the mean
    squared error and ``log_loss`` the mean surprise of the probability (0: always right); ``slope`` and ``intercept``
    are 1 and 0 when probabilities are neither too extreme nor too high, and the slope is below 0 when they rank the
    wrong way round; ``expected`` and ``observed`` are the mean probability and the rate of default.
    """

    n: int
    defaults: int
    auc: float
    auc_low: float
    auc_high: float
    gini: float
    ks: float
    brier: float
    log_loss: float
    slope: float
    intercept: float
    expected: float
    observed: float

    def as_json(self) -> dict[str, float | int]:
        """Give plain values, rounded so that they agree between machines."""
        return {name: value if isinstance(value, int) else round(value, 6) for name, value in asdict(self).items()}


def measure(defaulted: Floats, pd: Floats, weights: Floats | None = None) -> Performance:
    """Measure probabilities against outcomes; both classes must be present."""
    weights = np.ones_like(pd) if weights is None else weights
    auc = auc_interval(defaulted, pd, weights)
    sure = np.clip(pd, _EDGE, 1.0 - _EDGE)
    margin = np.log(sure) - np.log1p(-sure)
    surprise = -np.where(defaulted > 0, np.log(sure), np.log1p(-sure))
    line = fitted_line(margin, defaulted, weights)
    return Performance(
        n=len(pd),
        defaults=int(np.count_nonzero(defaulted)),
        auc=auc.value,
        auc_low=auc.low,
        auc_high=auc.high,
        gini=2.0 * auc.value - 1.0,
        ks=kolmogorov_smirnov(defaulted, pd, weights),
        brier=float(np.average((pd - defaulted) ** 2, weights=weights)),
        log_loss=float(np.average(surprise, weights=weights)),
        slope=line.slope,
        intercept=line.offset,
        expected=float(np.average(pd, weights=weights)),
        observed=float(np.average(defaulted, weights=weights)),
    )
