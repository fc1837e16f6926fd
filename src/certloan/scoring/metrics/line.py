"""Whether probabilities are too extreme or too high: the calibration line, and Spiegelhalter's test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from certloan.scoring.calibration import Calibrator, fitted_line
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, z_value
from certloan.scoring.metrics.proper import EDGE


@dataclass(frozen=True)
class CalibrationLine:
    """Log-odds of the outcome = ``intercept`` + ``slope`` x log-odds of the probability (Cox 1958).

    A slope of 1 and an intercept of 0 are right. A slope below 1: probabilities are too extreme; below 0: they rank the
    wrong way round.
    """

    slope: Interval
    intercept: Interval


def calibration_line(defaulted: Floats, pd: Floats, weights: Floats | None = None) -> CalibrationLine:
    """Fit the line by maximum likelihood, with Wald's intervals."""
    weights = np.ones_like(pd) if weights is None else weights
    return line_of(fitted_line(log_odds(pd), defaulted, weights))


def line_of(line: Calibrator) -> CalibrationLine:
    """Give a fitted calibrator's own slope and offset with Wald's intervals; without an error they are points."""
    return CalibrationLine(_wald(line.slope, line.slope_error), _wald(line.offset, line.offset_error))


def calibrator_told(line: Calibrator, shift: float = 0.0) -> dict[str, float | bool | None]:
    """Give slope and offset, less ``shift``, as plain values with standard errors and 95 % intervals (Wald).

    What was set and not estimated has neither error nor interval (``None``). A slope that was refused stands beside the
    one in use, as ``refused_slope`` with its interval.
    """
    told: dict[str, float | bool | None] = {"fitted": line.fitted}
    values = [("slope", line.slope, line.slope_error), ("offset", line.offset - shift, line.offset_error)]
    if line.refused_slope is not None:
        values.append(("refused_slope", line.refused_slope, line.refused_slope_error or 0.0))
    for name, value, error in values:
        found = _wald(value, error)
        told |= {name: round(value, 6), f"{name}_error": round(error, 6) if error > 0 else None}
        told |= {
            f"{name}_{end}": round(at, 6) if error > 0 else None
            for end, at in (("low", found.low), ("high", found.high))
        }
    return told


def log_odds(pd: Floats) -> Floats:
    """Give the log-odds of a probability, finite at 0 and 1 too.

    >>> log_odds(np.array([0.5])).tolist()
    [0.0]
    """
    sure = np.clip(pd, EDGE, 1.0 - EDGE)
    return np.asarray(np.log(sure) - np.log1p(-sure))


@dataclass(frozen=True)
class Spiegelhalter:
    """A test of H0 "every probability is true": ``z`` is standard normal under it, ``p`` two-sided."""

    z: float
    p: float


def spiegelhalter(defaulted: Floats, pd: Floats, weights: Floats | None = None) -> Spiegelhalter:
    """Test whether the Brier score is what true probabilities would give (Spiegelhalter 1986); above 0: it is worse.

    Where every probability is 0, 1 or one half, nothing can be said: ``z`` is 0 and ``p`` 1.
    """
    weights = np.ones_like(pd) if weights is None else weights
    lean = weights * (1.0 - 2.0 * pd)
    variance = float(np.sum(lean**2 * pd * (1.0 - pd)))
    if variance <= 0.0:
        return Spiegelhalter(0.0, 1.0)
    z = float(np.sum(lean * (defaulted - pd))) / variance**0.5
    return Spiegelhalter(z, float(2.0 * ndtr(-abs(z))))


def _wald(value: float, error: float) -> Interval:
    return Interval(value, value - z_value() * error, value + z_value() * error)
