"""What a model did on rows that it had not seen: never without n and defaults, never a figure without its interval."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.calibration_error import expected_calibration_error
from certloan.scoring.metrics.decomposition import brier_parts
from certloan.scoring.metrics.interval import Interval, rate_interval
from certloan.scoring.metrics.line import calibration_line, spiegelhalter
from certloan.scoring.metrics.proper import brier_interval, log_loss_interval
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.metrics.separation import ks_interval


@dataclass(frozen=True)
class Performance:
    """What a model did on rows that it had not seen; ``<figure>_low`` and ``<figure>_high`` bound each figure (95 %).

    ``auc`` is the chance that a default has the higher probability of the two in a random pair (0.5: no ranking);
    ``gini`` is ``2 auc - 1``; ``ks`` the largest distance between the two distributions (0: none); ``brier`` the mean
    squared error, which is ``reliability - resolution + uncertainty``; ``log_loss`` the mean surprise (0: always
    right); ``slope`` and ``intercept`` are 1 and 0 when probabilities are neither too extreme nor too high, and the
    slope is below 0 when they rank the wrong way round; ``ece`` is the mean distance of probability and rate, freed of
    chance; ``expected`` and ``observed`` are the mean probability, a fact of these rows, and the rate of default;
    ``spiegelhalter_z`` tests with ``spiegelhalter_p`` whether every probability is true.
    """

    n: int
    defaults: int
    auc: float
    auc_low: float
    auc_high: float
    gini: float
    gini_low: float
    gini_high: float
    ks: float
    ks_low: float
    ks_high: float
    brier: float
    brier_low: float
    brier_high: float
    reliability: float
    reliability_low: float
    reliability_high: float
    resolution: float
    resolution_low: float
    resolution_high: float
    uncertainty: float
    uncertainty_low: float
    uncertainty_high: float
    log_loss: float
    log_loss_low: float
    log_loss_high: float
    slope: float
    slope_low: float
    slope_high: float
    intercept: float
    intercept_low: float
    intercept_high: float
    ece: float
    ece_low: float
    ece_high: float
    expected: float
    observed: float
    observed_low: float
    observed_high: float
    spiegelhalter_z: float
    spiegelhalter_p: float

    def interval(self, figure: str) -> Interval:
        """Give a figure with its bounds; ``AttributeError`` if it has none."""
        return Interval(getattr(self, figure), getattr(self, f"{figure}_low"), getattr(self, f"{figure}_high"))

    def as_json(self) -> dict[str, float | int]:
        """Give plain values, rounded so that they agree between machines."""
        # Adding 0 makes a rounded -0.0 a plain 0.0.
        return {
            name: value if isinstance(value, int) else round(value, 6) + 0.0 for name, value in asdict(self).items()
        }


def measure(defaulted: Floats, pd: Floats, weights: Floats | None = None) -> Performance:
    """Measure probabilities against outcomes; both classes must be present."""
    weights = np.ones_like(pd) if weights is None else weights
    auc = auc_interval(defaulted, pd, weights)
    parts, line = brier_parts(defaulted, pd, weights), calibration_line(defaulted, pd, weights)
    truth = spiegelhalter(defaulted, pd, weights)
    figures = {
        "auc": auc,
        "gini": Interval(*(2.0 * bound - 1.0 for bound in (auc.value, auc.low, auc.high))),
        "ks": ks_interval(defaulted, pd, weights),
        "brier": brier_interval(defaulted, pd, weights),
        "reliability": parts.reliability,
        "resolution": parts.resolution,
        "uncertainty": parts.uncertainty,
        "log_loss": log_loss_interval(defaulted, pd, weights),
        "slope": line.slope,
        "intercept": line.intercept,
        "ece": expected_calibration_error(defaulted, pd, weights),
        "observed": rate_interval(defaulted, weights),
    }
    return Performance(
        n=len(pd),
        defaults=int(np.count_nonzero(defaulted)),
        expected=float(np.average(pd, weights=weights)),
        spiegelhalter_z=truth.z,
        spiegelhalter_p=truth.p,
        **_flat(figures),
    )


def _flat(figures: dict[str, Interval]) -> dict[str, float]:
    flat: dict[str, float] = {}
    for name, found in figures.items():
        flat |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    return flat
