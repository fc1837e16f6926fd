"""The scorecard as banks have built it for decades: weights of evidence in bins, one logistic regression.

What the champion must beat to be worth its pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.splits import fold_of
from certloan.scoring.tables import Axis, Integers

#: A number is cut into this many bins of equal weight, as a scorecard is.
_BINS = 10
#: Rows of average risk added to every bin, so that an empty bin says nothing.
_PRIOR_ROWS = 20.0
#: Ridge penalties on standardised weights of evidence, in rows; the one that predicts unseen rows best is taken.
_RIDGES = (10.0, 100.0, 1000.0)
_FOLDS = 3
_MAX_STEPS = 50


@dataclass(frozen=True, eq=False)
class Scorecard:
    """Weights of evidence per bin, one coefficient per feature, and the ridge penalty that held them back."""

    axes: tuple[Axis, ...]
    evidence: tuple[Floats, ...]
    coefficients: Floats
    intercept: float
    ridge: float

    def margin(self, values: Floats) -> Floats:
        """Give the log-odds of default of encoded rows."""
        return self.intercept + _look_up(self.axes, self.evidence, values) @ self.coefficients


def fit_scorecard(sample: Sample, features: Sequence[ModelFeature], seed: int) -> Scorecard:
    """Bin every feature, weigh the evidence of each bin, and fit a logistic regression on the weights."""
    axes = tuple(
        Axis.of_number(_quantiles(sample.values[:, position], sample.weights))
        if feature.levels is None
        else Axis.of_levels(len(feature.levels))
        for position, feature in enumerate(features)
    )
    fold = fold_of(sample.defaulted, _FOLDS, seed)
    surprise = dict.fromkeys(_RIDGES, 0.0)
    for number in range(_FOLDS):
        learn, judge = sample.take(fold != number), sample.take(fold == number)
        for ridge in _RIDGES:
            margin = _fit(axes, learn, ridge).margin(judge.values)
            surprise[ridge] += float(judge.weights @ (np.logaddexp(0.0, margin) - judge.defaulted * margin))
    return _fit(axes, sample, min(_RIDGES, key=lambda ridge: surprise[ridge]))


def _fit(axes: tuple[Axis, ...], sample: Sample, ridge: float) -> Scorecard:
    evidence = tuple(
        _weights_of_evidence(axis.place(sample.values[:, position]), axis.bins, sample)
        for position, axis in enumerate(axes)
    )
    design = _look_up(axes, evidence, sample.values)
    coefficients, intercept = _logistic(design, sample, ridge)
    return Scorecard(axes, evidence, coefficients, intercept, ridge)


def _quantiles(values: Floats, weights: Floats) -> Floats:
    """Give the thresholds that cut the known values into bins of equal weight, each of them a value that occurs."""
    known = ~np.isnan(values)
    if not known.any():
        return np.empty(0)
    levels, at = np.unique(values[known], return_inverse=True)
    reached = np.cumsum(np.bincount(at, weights[known], len(levels)))
    wanted = np.arange(1, _BINS) / _BINS * reached[-1]
    return np.asarray(np.unique(levels[np.searchsorted(reached, wanted, side="left")]))


def _weights_of_evidence(placed: Integers, bins: int, sample: Sample) -> Floats:
    """The log-odds of default of each bin, against those of everybody."""
    rate = float(np.average(sample.defaulted, weights=sample.weights))
    bad = np.bincount(placed, sample.weights * sample.defaulted, bins) + _PRIOR_ROWS * rate
    good = np.bincount(placed, sample.weights * (1.0 - sample.defaulted), bins) + _PRIOR_ROWS * (1.0 - rate)
    return np.asarray(np.log(bad / good) - np.log(rate / (1.0 - rate)))


def _look_up(axes: Sequence[Axis], evidence: Sequence[Floats], values: Floats) -> Floats:
    pairs = zip(axes, evidence, strict=True)
    return np.column_stack([cells.take(axis.place(values[:, at])) for at, (axis, cells) in enumerate(pairs)])


def _logistic(design: Floats, sample: Sample, ridge: float) -> tuple[Floats, float]:
    """Weighted logistic regression with a ridge penalty, by iteratively reweighted least squares."""
    scale = np.sqrt(np.average(design**2, axis=0, weights=sample.weights))
    scale[scale == 0] = 1.0
    columns = np.column_stack([np.ones(len(design)), design / scale])
    penalty = np.diag([0.0, *np.full(design.shape[1], ridge)])
    rate = float(np.average(sample.defaulted, weights=sample.weights))
    found = np.zeros(columns.shape[1])
    found[0] = np.log(rate / (1.0 - rate))
    for _ in range(_MAX_STEPS):
        p = probability(columns @ found)
        gradient = columns.T @ (sample.weights * (p - sample.defaulted)) + penalty @ found
        curvature = (columns * (sample.weights * p * (1.0 - p))[:, None]).T @ columns + penalty
        step = np.linalg.solve(curvature, gradient)
        # No coefficient moves by more than 2 at once: far from the solution a full step can overshoot.
        found = found - step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return found[1:] / scale, float(found[0])
