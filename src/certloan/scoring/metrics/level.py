"""The level of the whole portfolio: as many defaults as were promised, ranking aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from certloan.scoring.calibration import probability
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, z_value
from certloan.scoring.metrics.line import log_odds
from certloan.scoring.metrics.rates import Outcome, binomial_tests, outcomes
from certloan.scoring.metrics.record import TestRecord

_STEPS = 60
#: Log-odds by which the level may be moved: a factor of e^30 is beyond any portfolio.
_FARTHEST = 30.0


@dataclass(frozen=True)
class Level:
    """What was promised of all rows together and what became of them.

    ``ratio`` is observed over expected (1: as promised) with the bounds of the observed rate (Jeffreys'), ``shift`` the
    log-odds that would have to be added to every probability for the level to be right (0: none; calibration in the
    large with the slope held at 1, Cox 1958), ``test`` the two-sided exact binomial test of H0 "observed is expected".
    The test takes one rate for all; different probabilities vary a little less, so it rejects rather too seldom.
    """

    outcome: Outcome
    ratio: Interval
    shift: Interval
    test: TestRecord

    def as_json(self) -> dict[str, Any]:
        """Give plain values, rounded so that they agree between machines."""
        bounds = {
            name if end == "value" else f"{name}_{end}": round(getattr(held, end), 6)
            for name, held in (("ratio", self.ratio), ("shift", self.shift))
            for end in ("value", "low", "high")
        }
        return {**self.outcome.as_json(), **bounds, "test": self.test.as_json()}


def level_of(defaulted: Floats, pd: Floats, weights: Floats | None = None) -> Level:
    """Hold the level of probabilities against outcomes.

    >>> found = level_of(np.repeat([1.0, 0.0], [8, 92]), np.full(100, 0.04))
    >>> round(found.ratio.value, 6), round(found.test.p, 3)
    (2.0, 0.095)
    """
    weights = np.ones_like(pd) if weights is None else weights
    (whole,) = outcomes(["all"], np.zeros(len(pd), dtype=np.int64), defaulted, pd, weights)
    (test,) = binomial_tests([whole])
    seen, promised = whole.observed, max(whole.expected, np.finfo(float).tiny)
    ratio = Interval(*(float(bound / promised) for bound in (seen.value, seen.low, seen.high)))
    return Level(whole, ratio, _shift(defaulted, pd, weights), test)


def _shift(defaulted: Floats, pd: Floats, weights: Floats) -> Interval:
    """Solve for the offset at which expected is observed; weights count rows as robust errors do."""
    margin, wanted = log_odds(pd), float(np.sum(weights * defaulted))
    low, high = -_FARTHEST, _FARTHEST
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        enough = float(np.sum(weights * probability(margin + middle))) >= wanted
        low, high = (low, middle) if enough else (middle, high)
    level = probability(margin + high)
    noise = level * (1.0 - level)
    error = float(np.sqrt(np.sum(weights**2 * noise)) / max(float(np.sum(weights * noise)), np.finfo(float).tiny))
    return Interval(high, high - z_value() * error, high + z_value() * error)
