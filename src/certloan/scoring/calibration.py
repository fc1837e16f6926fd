"""A slope and an offset that make the margin's probabilities come true, and an anchor for their level.

Both are fitted by weighted logistic regression on margins that each bag gave to rows it had never seen. Because the
calibration is linear in the margin, points stay additive; because the slope is positive, no ranking changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from certloan.errors import InputError
from certloan.scoring.matrix import Floats

_MAX_STEPS = 50
_CONVERGED = 1e-12
#: Halvings of the bracket of an anchor's offset: more than a double has bits.
_HALVINGS = 200

Method = Literal["mean", "prior"]


@dataclass(frozen=True)
class Anchor:
    """How the level was moved from what was observed to a central tendency, on record apart from the fit.

    ``target`` is the long-run rate of default; ``before`` and ``after`` are the mean probabilities of the ``n`` rows it
    was set on, ``offset_before`` and ``offset_after`` the offsets. ``method`` is ``mean`` where the mean probability
    was brought to the target, ``prior`` where the odds of the sample were exchanged for those of the population.
    ``period`` says which years the target rests on, ``reason`` why it was chosen.
    """

    target: float
    before: float
    after: float
    offset_before: float
    offset_after: float
    n: int
    reason: str
    period: str = ""
    method: Method = "mean"


@dataclass(frozen=True)
class Calibrator:
    """Calibrated log-odds = ``offset + slope * margin``; the neutral values are 0 and 1.

    ``fitted`` is false where the margins could not be ranked the right way round on unseen rows: then only the level
    was set and the slope left at 1, a choice and no estimate; ``refused_slope`` is what the data gave, with its
    standard error. Standard errors are those of the fit, 0 where nothing was fitted: no interval follows from them.
    ``anchor`` tells what part of ``offset`` was set by hand.
    """

    slope: float = 1.0
    offset: float = 0.0
    slope_error: float = 0.0
    offset_error: float = 0.0
    fitted: bool = False
    anchor: Anchor | None = None
    refused_slope: float | None = None
    refused_slope_error: float | None = None

    def apply(self, margin: Floats) -> Floats:
        """Give calibrated log-odds of default."""
        return self.offset + self.slope * margin

    def as_json(self) -> dict[str, Any]:
        """Give plain values, a refused slope only where there is one."""
        refused = ("refused_slope", "refused_slope_error")
        return {name: value for name, value in asdict(self).items() if value is not None or name not in refused}

    @staticmethod
    def from_json(held: Mapping[str, Any]) -> Calibrator:
        """Read what :meth:`as_json` gave; ``KeyError`` or ``TypeError`` if it is something else."""
        anchor = held["anchor"]
        return Calibrator(**{**held, "anchor": None if anchor is None else Anchor(**anchor)})


def probability(margin: Floats) -> Floats:
    """Turn log-odds into a probability, without overflow.

    >>> probability(np.array([-800.0, 0.0, 800.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(margin))
    return np.where(margin >= 0, 1.0, small) / (1.0 + small)


def fitted_line(margin: Floats, defaulted: Floats, weights: Floats, *, prior: float = 0.0) -> Calibrator:
    """Fit slope and offset by Newton's method and give them as they are, a slope below 0 too.

    ``prior`` is the precision of a normal prior of the slope around 1; 0 gives plain maximum likelihood.
    """
    known = np.isfinite(margin) & (weights > 0)
    design = np.column_stack([np.ones(int(known.sum())), margin[known]])
    found, errors = _newton(design, defaulted[known], weights[known], np.array([0.0, 1.0]), np.diag([0.0, prior]))
    return Calibrator(float(found[1]), float(found[0]), float(errors[1]), float(errors[0]), fitted=True)


def calibrate(margin: Floats, defaulted: Floats, weights: Floats) -> Calibrator:
    """Fit a calibrator that keeps the ranking as it is.

    A slope of 0 or below would turn the ranking round. It is refused, and kept on record: only the level is set then,
    and ``fitted`` is false. The prior of the slope weighs as much as a handful of rows and keeps a tiny, perfectly separated sample from
    an infinite slope.
    """
    line = fitted_line(margin, defaulted, weights, prior=1.0)
    if line.slope > 0:
        return line
    known = np.isfinite(margin) & (weights > 0)
    ones = np.ones((int(known.sum()), 1))
    level, error = _newton(ones, defaulted[known], weights[known], np.zeros(1), np.zeros((1, 1)), margin[known])
    told = Calibrator(1.0, float(level[0]), 0.0, float(error[0]), fitted=False)
    return replace(told, refused_slope=line.slope, refused_slope_error=line.slope_error)


def anchored(
    calibrator: Calibrator, margin: Floats, weights: Floats, target: float, reason: str, period: str = ""
) -> Calibrator:
    """Move the offset until the mean probability of these margins is the central tendency ``target``.

    The ranking and the slope stay. Raises ``anchor-rate`` for a rate that is none, ``anchor-reason`` without a reason.
    """
    check_anchor(target, reason)
    known = np.isfinite(margin) & (weights > 0)
    line, counted = calibrator.slope * margin[known], weights[known]
    total = float(np.sum(counted))

    def mean(offset: float) -> float:
        return float(np.sum(counted * probability(offset + line))) / total

    goal = float(np.log(target) - np.log1p(-target))
    low, high = goal - float(np.max(line)) - 1.0, goal - float(np.min(line)) + 1.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if mean(middle) < target else (low, middle)
    offset = 0.5 * (low + high)
    before = mean(calibrator.offset)
    note = Anchor(target, before, mean(offset), calibrator.offset, offset, int(known.sum()), reason, period)
    return replace(calibrator, offset=offset, anchor=note)


def prior_corrected(calibrator: Calibrator, sampled: float, target: float, n: int, reason: str) -> Calibrator:
    """Exchange the odds of a sample in which defaults are over-represented for those of the population.

    ``sampled`` is the share of defaults among the ``n`` rows that the calibrator was fitted on without case weights,
    ``target`` that of the population (King and Zeng 2001). Raises as :func:`anchored`.
    """
    for rate in (sampled, target):
        check_anchor(rate, reason)
    shift = float(np.log(target) - np.log1p(-target) - np.log(sampled) + np.log1p(-sampled))
    offset = calibrator.offset + shift
    return replace(
        calibrator,
        offset=offset,
        anchor=Anchor(target, sampled, target, calibrator.offset, offset, n, reason, method="prior"),
    )


def check_anchor(target: float, reason: str) -> None:
    """Refuse a rate that is none (``anchor-rate``) and a change of level without a reason (``anchor-reason``)."""
    if not 0.0 < target < 1.0:
        raise InputError("anchor-rate", found=target)
    if not reason.strip():
        raise InputError("anchor-reason", found=target)


def _newton(
    design: Floats, defaulted: Floats, weights: Floats, start: Floats, precision: Floats, known: Floats | float = 0.0
) -> tuple[Floats, Floats]:
    """Maximise the weighted likelihood (and a normal prior around ``start``); give coefficients and standard errors.

    A weight makes a row count more in the coefficients, but it stays one draw: errors come from the spread of the score,
    ``H^-1 (sum w^2 p (1 - p) x x') H^-1``, which is ``H^-1`` where all weights are 1.
    """

    def loss(at: Floats) -> float:
        margin = design @ at + known
        away = at - start
        surprise = np.sum(weights * (np.logaddexp(0.0, margin) - defaulted * margin))
        return float(surprise + 0.5 * away @ precision @ away)

    def outer(at: Floats, counted: Floats) -> Floats:
        p = probability(design @ at + known)
        parts = design[:, :, None] * design[:, None, :] * (counted * p * (1.0 - p))[:, None, None]
        return np.asarray(np.sum(parts, axis=0))

    def slopes(at: Floats) -> tuple[Floats, Floats]:
        # Plain sums, not products of matrices: those add up in an order that depends on the number of threads, and the
        # last bit of a calibrator is part of a model's fingerprint.
        p = probability(design @ at + known)
        gradient = np.sum(design * (weights * (p - defaulted))[:, None], axis=0)
        return gradient + precision @ (at - start), outer(at, weights) + precision

    found, current = start, loss(start)
    for _ in range(_MAX_STEPS):
        gradient, curvature = slopes(found)
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        while (proposed := loss(found - step)) > current and np.abs(step).max() > _CONVERGED:
            step = step / 2.0
        found, current = found - step, proposed
        if np.abs(step).max() <= _CONVERGED:
            break
    inverse = np.linalg.pinv(slopes(found)[1])
    spread = outer(found, weights**2) + precision
    return found, np.sqrt(np.diag(inverse @ spread @ inverse))
