from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as oracle
from sklearn.linear_model import LogisticRegression

from certloan.scoring.calibration import Calibrator, calibrate, fitted_line, probability
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.line import calibrator_told
from certloan.scoring.metrics.performance import measure
from certloan.scoring.metrics.ranking import auc_difference, auc_interval
from certloan.scoring.metrics.separation import kolmogorov_smirnov


def _sample(n: int = 400, seed: int = 1, decimals: int = 2) -> tuple[Floats, Floats, Floats]:
    random = np.random.default_rng(seed)
    margin = random.normal(-1.0, 1.2, n)
    defaulted = (random.random(n) < probability(margin)).astype(float)
    return defaulted, np.round(probability(margin + random.normal(0, 0.5, n)), decimals), random.uniform(0.2, 4, n)


@pytest.mark.parametrize("decimals", [1, 2, 6])
def test_figures_agree_with_scikit_learn_and_scipy(decimals: int) -> None:
    defaulted, pd, weights = _sample(decimals=decimals)
    pd = np.clip(pd, 0.01, 0.99)
    found = measure(defaulted, pd, weights)
    assert found.auc == pytest.approx(oracle.roc_auc_score(defaulted, pd, sample_weight=weights), abs=1e-12)
    assert found.brier == pytest.approx(oracle.brier_score_loss(defaulted, pd, sample_weight=weights), abs=1e-12)
    assert found.log_loss == pytest.approx(oracle.log_loss(defaulted, pd, sample_weight=weights), abs=1e-12)
    assert found.gini == pytest.approx(2 * found.auc - 1)
    assert (found.n, found.defaults) == (len(pd), int(defaulted.sum()))
    assert found.observed == pytest.approx(float(np.average(defaulted, weights=weights)))
    plain = kolmogorov_smirnov(defaulted, pd)
    assert plain == pytest.approx(stats.ks_2samp(pd[defaulted == 1], pd[defaulted == 0]).statistic, abs=1e-12)


def test_the_interval_is_delongs() -> None:
    defaulted, pd, _ = _sample()
    bad, good = pd[defaulted == 1], pd[defaulted == 0]
    wins = (bad[:, None] > good[None, :]) + 0.5 * (bad[:, None] == good[None, :])
    error = np.sqrt(np.var(wins.mean(axis=1), ddof=1) / len(bad) + np.var(wins.mean(axis=0), ddof=1) / len(good))
    found = auc_interval(defaulted, pd)
    assert found.value == pytest.approx(wins.mean(), abs=1e-12)
    centre, width = np.log(found.value / (1 - found.value)), 1.959964 * error / (found.value * (1 - found.value))
    assert found.low == pytest.approx(1 / (1 + np.exp(-(centre - width))), abs=1e-6)
    assert found.high == pytest.approx(1 / (1 + np.exp(-(centre + width))), abs=1e-6)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    truth = float(stats.norm.cdf(1.0 / np.sqrt(2.0)))
    random = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        risk = np.concatenate([random.normal(1, 1, 40), random.normal(0, 1, 160)])
        found = auc_interval(np.repeat([1.0, 0.0], [40, 160]), risk)
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_a_perfect_ranking_of_few_rows_does_not_claim_certainty() -> None:
    found = auc_interval(np.array([0.0] * 20 + [1.0] * 4), np.arange(24.0))
    assert found.value == found.high == 1.0
    assert 0.3 < found.low < 0.5


@given(st.integers(0, 2**32 - 1), st.integers(2, 3))
def test_a_row_of_weight_k_is_k_rows(seed: int, times: int) -> None:
    defaulted, pd, _ = _sample(60, seed, 1)
    defaulted[:2] = (0.0, 1.0)
    weights = np.random.default_rng(seed).integers(1, times + 1, 60)
    pd = np.clip(pd, 0.05, 0.95)
    weighted = measure(defaulted, pd, weights.astype(float))
    repeated = measure(np.repeat(defaulted, weights), np.repeat(pd, weights))
    for name in ("auc", "ks", "brier", "log_loss", "slope", "intercept", "expected", "observed"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), abs=1e-7), name


def test_the_paired_difference_knows_that_both_rank_the_same_rows() -> None:
    defaulted, pd, weights = _sample()
    same = auc_difference(defaulted, pd, pd, weights)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    noise = np.random.default_rng(3).normal(0, 0.05, len(pd))
    paired = auc_difference(defaulted, pd, pd + noise)
    apart = auc_interval(defaulted, pd)
    assert paired.high - paired.low < apart.high - apart.low
    assert paired.value == pytest.approx(
        oracle.roc_auc_score(defaulted, pd) - oracle.roc_auc_score(defaulted, pd + noise), abs=1e-12
    )


def test_calibration_is_weighted_logistic_regression() -> None:
    defaulted, _, weights = _sample(800)
    margin = np.random.default_rng(2).normal(-1, 1, 800) + defaulted
    found = fitted_line(margin, defaulted, weights)
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    theirs.fit(margin[:, None], defaulted, sample_weight=weights)
    assert found.fitted
    assert found.slope == pytest.approx(theirs.coef_[0, 0], rel=1e-5)
    assert found.offset == pytest.approx(theirs.intercept_[0], rel=1e-5)
    assert np.average(probability(found.apply(margin)), weights=weights) == pytest.approx(
        np.average(defaulted, weights=weights)
    )


def test_standard_errors_match_the_spread_over_samples() -> None:
    random = np.random.default_rng(8)
    slopes, errors = [], []
    for _ in range(300):
        margin = random.normal(-1, 1, 500)
        defaulted = (random.random(500) < probability(0.3 + 1.4 * margin)).astype(float)
        found = calibrate(margin, defaulted, np.ones(500))
        slopes.append(found.slope)
        errors.append(found.slope_error)
    assert np.mean(slopes) == pytest.approx(1.4, abs=0.05)
    assert np.mean(errors) == pytest.approx(np.std(slopes), rel=0.15)


def test_a_perfectly_separated_sample_keeps_a_finite_slope() -> None:
    margin = np.concatenate([np.full(6, -2.0), np.full(6, 2.0)])
    found = calibrate(margin, np.repeat([0.0, 1.0], 6), np.ones(12))
    assert 1.0 < found.slope < 10.0


def test_a_margin_that_ranks_the_wrong_way_round_only_gets_its_level_set() -> None:
    margin = np.linspace(-2, 2, 200)
    defaulted = (margin < -1).astype(float)
    found = calibrate(margin, defaulted, np.ones(200))
    assert (found.slope, found.fitted) == (1.0, False)
    line = fitted_line(margin, defaulted, np.ones(200), prior=1.0)
    assert (found.refused_slope, found.refused_slope_error) == (line.slope, line.slope_error)
    told: dict[str, Any] = calibrator_told(found)
    assert (told["slope_error"], told["slope_low"], told["slope_high"]) == (None, None, None)
    assert -50 < told["refused_slope_low"] < told["refused_slope"] < told["refused_slope_high"] < 0
    assert told["offset_low"] < told["offset"] < told["offset_high"]
    assert Calibrator.from_json(json.loads(json.dumps(found.as_json()))) == found
    assert probability(found.apply(margin)).mean() == pytest.approx(defaulted.mean())


def test_a_model_that_ranks_the_wrong_way_round_is_measured_with_the_slope_it_has() -> None:
    random = np.random.default_rng(4)
    margin = random.normal(-2, 1, 4000)
    defaulted = (random.random(4000) < probability(-2.0 - 0.8 * (margin + 2.0))).astype(float)
    measured = measure(defaulted, probability(margin))
    assert measured.auc < 0.35
    assert measured.slope == pytest.approx(-0.8, abs=0.15)
    line = fitted_line(margin, defaulted, np.ones(4000))
    assert (measured.slope, measured.intercept) == pytest.approx((line.slope, line.offset), rel=1e-6)


def test_rows_without_a_margin_do_not_count() -> None:
    defaulted, _, weights = _sample(300)
    margin = np.random.default_rng(2).normal(-1, 1, 300) + defaulted
    holed = np.where(np.arange(300) % 3 == 0, np.nan, margin)
    known = np.isfinite(holed)
    assert calibrate(holed, defaulted, weights) == calibrate(margin[known], defaulted[known], weights[known])


@pytest.mark.parametrize(
    "pd",
    [np.full(60, 0.3), np.repeat([0.0, 1.0], 30), np.repeat([1.0, 0.0], 30), np.linspace(0, 1, 60)],
    ids=["one probability", "certain and right", "certain and wrong", "up to certainty"],
)
def test_figures_at_the_edges_are_finite_and_within_their_bounds(pd: Floats) -> None:
    told = measure(np.repeat([0.0, 1.0], 30), pd).as_json()
    assert np.isfinite(list(told.values())).all()
    for name in (name for name in told if f"{name}_low" in told):
        assert told[f"{name}_low"] <= told[name] <= told[f"{name}_high"], name


def test_two_rows_are_measured_without_a_claim() -> None:
    found = measure(np.array([0.0, 1.0]), np.array([0.2, 0.6]))
    assert (found.n, found.defaults, found.auc) == (2, 1, 1.0)
    assert found.auc_low < 0.1
    assert found.ks_low == 0.0
    assert found.ece_low == 0.0
