"""A smooth additive part: for each feature one step function whose neighbouring steps are held together.

It is a penalised additive logistic model (Hastie and Tibshirani, 1990) over bins of equal weight. The penalty is on
the difference of neighbouring steps, so a nearly straight line costs little and a jagged one much; a declared
direction is a bound on every difference. Missing has a step of its own, levels are drawn towards zero each. Boosters
need many rows to say what such a curve says with few.

The fit goes from feature to feature (backfitting) with a Newton step for each, and never multiplies matrices across
rows, so its last bit does not depend on threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.linalg import solveh_banded
from scipy.optimize import nnls

from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.parts import Steps
from certloan.scoring.tables import Axis, Integers

#: Penalties tried, from stiff to loose, in rows of evidence.
PENALTIES = (512.0, 128.0, 32.0, 8.0, 2.0)
_BINS = 20
#: What a step, a missing bin or a level is drawn towards zero by, as a share of the penalty.
_LEVEL_SHARE, _FLAT_SHARE = 0.125, 1e-3
_SWEEPS, _CONVERGED = 30, 1e-4


def fit_smooth(learn: Sample, features: Sequence[ModelFeature]) -> list[Steps]:
    """Fit once for each of :data:`PENALTIES`, the stiffest first, each from where the one before ended."""
    axes = tuple(_axis(learn, feature, position) for position, feature in enumerate(features))
    placed = [axis.place(learn.values[:, position]) for position, axis in enumerate(axes)]
    rate = float(np.average(learn.defaulted, weights=learn.weights))
    constant = float(np.log(rate / (1.0 - rate)))
    cells = [np.zeros(axis.bins) for axis in axes]
    found = []
    for penalty in PENALTIES:
        constant, cells = _backfit(learn, features, placed, constant, cells, penalty)
        found.append(Steps(axes, tuple(own.copy() for own in cells), constant))
    return found


def _axis(learn: Sample, feature: ModelFeature, position: int) -> Axis:
    if feature.levels is not None:
        return Axis.of_levels(len(feature.levels))
    values = learn.values[:, position]
    known = ~np.isnan(values)
    if not known.any():
        return Axis.of_number(np.empty(0))
    held, at = np.unique(values[known], return_inverse=True)
    reached = np.cumsum(np.bincount(at, learn.weights[known], len(held)))
    edges = np.searchsorted(reached, np.arange(1, _BINS) / _BINS * reached[-1], side="left")
    # Between two values that occur, so that a value seen later falls to the nearer one.
    upper = np.unique(np.minimum(edges, len(held) - 1))
    upper = upper[upper < len(held) - 1]
    # One step above the middle, as LightGBM writes its thresholds: a curve and a tree that cut between the same two
    # values then share an edge, and no bin between them can hold nobody.
    return Axis.of_number(np.nextafter((held[upper] + held[upper + 1]) / 2.0, np.inf))


def _backfit(
    learn: Sample,
    features: Sequence[ModelFeature],
    placed: Sequence[Integers],
    constant: float,
    cells: Sequence[Floats],
    penalty: float,
) -> tuple[float, list[Floats]]:
    cells = [own.copy() for own in cells]
    margin = np.full(len(learn.defaulted), constant)
    for own, bins in zip(cells, placed, strict=True):
        margin += own.take(bins)
    for _ in range(_SWEEPS):
        moved = 0.0
        for position, feature in enumerate(features):
            p = probability(margin)
            curvature = learn.weights * np.maximum(p * (1.0 - p), 1e-6)
            bins, old = placed[position], cells[position]
            held = np.asarray(np.bincount(bins, curvature, len(old)), dtype=np.float64)
            pull = np.bincount(bins, learn.weights * (learn.defaulted - p), len(old))
            new = _one_feature(feature, held, held * old + pull, penalty)
            centre = float(held @ new) / max(float(held.sum()), 1e-12)
            new, shift = new - centre, centre
            constant += shift
            margin += (new - old).take(bins) + shift
            cells[position] = new
            moved = max(moved, float(np.abs(new - old).max()))
        p = probability(margin)
        step = float(np.sum(learn.weights * (learn.defaulted - p)) / np.sum(learn.weights * p * (1.0 - p)))
        constant += step
        margin += step
        # The steps alone tell: centring and the constant go on handing each other the same small amount.
        if moved < _CONVERGED:
            break
    return constant, cells


def _one_feature(feature: ModelFeature, held: Floats, target: Floats, penalty: float) -> Floats:
    """Minimise the sum of ``held``/2 x² - ``target`` x plus the penalty over the steps ``x`` of one feature."""
    out = target / (held + penalty * _LEVEL_SHARE)
    if feature.levels is not None:
        return np.asarray(out)
    known = len(held) - 1
    ridge = held[:known] + penalty * _FLAT_SHARE
    if known == 1:
        out[0] = target[0] / ridge[0]
        return np.asarray(out)
    banded = np.full((2, known), -penalty)
    banded[1] = ridge + 2.0 * penalty
    banded[1, [0, -1]] -= penalty
    free = solveh_banded(banded, target[:known], check_finite=False)
    # A minimum that goes the declared way by itself is the minimum under the bound, too.
    if np.any(np.diff(free) * feature.direction > 0):
        free = _monotone(ridge, target[:known], penalty, -feature.direction)
    out[:known] = free
    return np.asarray(out)


def _monotone(ridge: Floats, target: Floats, penalty: float, sign: int) -> Floats:
    """The same under steps that only go up (``sign`` +1) or down: non-negative least squares on the differences."""
    design, bend = _rising(len(ridge), sign)
    root = np.sqrt(ridge)
    rows = np.concatenate([design * root[:, None], bend * penalty**0.5])
    found = nnls(rows, np.concatenate([target / root, np.zeros(len(bend))]))[0]
    return np.asarray(design @ found)


@lru_cache
def _rising(bins: int, sign: int) -> tuple[Floats, Floats]:
    """Give steps as a level of either sign and rises one way, and which of these numbers are the rises."""
    rises = np.tril(np.ones((bins, bins)))[:, 1:] * sign
    return np.hstack([np.ones((bins, 1)), -np.ones((bins, 1)), rises]), np.eye(bins + 1)[2:]
