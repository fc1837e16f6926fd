from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from certloan.scoring.calibration import probability
from certloan.scoring.growing.levels import read_levels
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.growing.smooth import PENALTIES, fit_smooth
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.splits import fold_of


def _sample(rows: int = 900, seed: int = 1) -> tuple[Sample, tuple[ModelFeature, ...]]:
    random = np.random.default_rng(seed)
    values = np.asfortranarray(np.column_stack([random.normal(size=rows), random.integers(0, 4, rows)]).astype(float))
    margin = -1.0 - values[:, 0] + 0.6 * (values[:, 1] == 2)
    values[random.random(rows) < 0.1, 0] = np.nan
    margin = np.where(np.isnan(values[:, 0]), 0.5, margin)
    defaulted = (random.random(rows) < probability(margin)).astype(float)
    return Sample(values, defaulted, np.ones(rows)), (ModelFeature("x", 1), ModelFeature("kind", 0, ("a", "b", "c")))


@pytest.mark.parametrize("direction", [0, 1])
def test_curves_minimise_the_penalised_log_loss(direction: int) -> None:
    """Against scipy on one feature: the sum of log-losses and of squared differences of neighbouring steps."""
    sample, _ = _sample()
    alone = Sample(np.asfortranarray(sample.values[:, :1]), sample.defaulted, sample.weights)
    found = fit_smooth(alone, (ModelFeature("x", direction),))[2]
    placed, penalty = found.axes[0].place(alone.values[:, 0]), PENALTIES[2]

    def lost(at: Floats) -> float:
        steps, missing = at[1:-1], at[-1]
        margin = at[0] + at[1:][placed]
        stiff = np.sum(np.diff(steps) ** 2) + 1e-3 * np.sum(steps**2) + 0.125 * missing**2
        return float(np.sum(alone.surprise(margin)) + 0.5 * penalty * stiff)

    start = np.concatenate([[found.constant], found.cells[0]])
    if direction == 0:
        theirs = lost(minimize(lost, start, method="L-BFGS-B", tol=1e-12).x)
    else:
        # Steps that only fall, written as a first step and falls of at least 0.
        def unfolded(at: Floats) -> Floats:
            return np.concatenate([at[:2], at[1] - np.cumsum(at[2:-1]), at[-1:]])

        falls = np.concatenate([start[:2], -np.diff(start[1:-1]), start[-1:]])
        bounds = [(None, None)] * 2 + [(0, None)] * (len(falls) - 3) + [(None, None)]
        theirs = minimize(lambda at: lost(unfolded(at)), falls, bounds=bounds, method="L-BFGS-B", tol=1e-12).fun
    # Curves are centred after every step, so the constant carries a little less of the pull towards zero than it might.
    assert lost(start) <= theirs * 1.003
    assert lost(np.zeros(len(start))) > theirs * 1.1


def test_a_declared_direction_binds_the_curve_and_missing_is_free_of_it() -> None:
    sample, features = _sample()
    for steps in fit_smooth(sample, features):
        assert np.diff(steps.cells[0][:-1]).max() <= 1e-12
    against = (ModelFeature("x", -1), features[1])
    for steps in fit_smooth(sample, against):
        assert np.ptp(steps.cells[0][:-1]) < 1e-9
    loose = fit_smooth(sample, features)[-1]
    assert loose.cells[0][-1] > np.median(loose.cells[0][:-1]) + 0.3


def test_a_stiffer_curve_is_smoother() -> None:
    sample, features = _sample()
    rough = [float(np.sum(np.diff(steps.cells[0][:-1]) ** 2)) for steps in fit_smooth(sample, features)]
    assert rough == sorted(rough)


def test_a_row_never_speaks_through_the_statistic_of_its_own_level() -> None:
    """The out-of-fold statistic, computed again row by row."""
    random = np.random.default_rng(4)
    levels = tuple(f"L{at:02d}" for at in range(70))
    codes = random.integers(0, 71, 1500).astype(float)
    defaulted = (random.random(1500) < 0.1 + 0.3 * (codes % 2)).astype(float)
    weights = random.uniform(0.5, 1.5, 1500)
    sample = Sample(np.asfortranarray(codes[:, None]), defaulted, weights)
    (column,), taught = read_levels(sample, (ModelFeature("trade", 0, levels),), seed=9)
    fold = fold_of(defaulted, 5, (104729, 9, 1))

    def statistic(level: float, rows: np.ndarray) -> float:
        base = np.average(defaulted[rows], weights=weights[rows])
        same = rows & (codes == level)
        return float((np.sum(weights[same] * defaulted[same]) + 20.0 * base) / (np.sum(weights[same]) + 20.0))

    for row in range(0, 1500, 97):
        assert taught.values[row, 0] == pytest.approx(statistic(codes[row], fold != fold[row]), abs=1e-12)
    everyone = np.ones(1500, dtype=bool)
    assert column.of_level is not None
    assert column.of_level == pytest.approx([statistic(float(at), everyone) for at in range(71)], abs=1e-12)


def test_a_text_of_few_levels_is_read_as_it_is() -> None:
    sample, features = _sample()
    columns, taught = read_levels(sample, features, seed=1)
    assert all(column.of_level is None for column in columns)
    assert taught is sample
