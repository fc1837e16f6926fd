"""Differences between two models against scipy and against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, spearmanr
from sklearn.metrics import roc_auc_score

from certloan.governance.comparing import moves, ranking_difference, score_shift

RNG = np.random.default_rng(4)
ONE = RNG.normal(600, 40, 500)
OTHER = ONE + RNG.normal(3, 15, 500).round()


def test_the_shift_is_that_of_numpy_and_the_rank_correlation_that_of_scipy() -> None:
    found = score_shift(ONE, OTHER)
    assert found is not None
    assert found.mean == pytest.approx((OTHER - ONE).mean())
    assert found.quantiles["0.05"] == pytest.approx(np.quantile(OTHER - ONE, 0.05))
    assert found.rank_correlation == pytest.approx(spearmanr(ONE, OTHER).statistic)
    assert found.n == 500


def test_a_model_beside_itself_does_not_shift() -> None:
    found = score_shift(ONE, ONE)
    assert found is not None
    assert (found.mean, found.mean_absolute) == (0.0, 0.0)
    assert found.rank_correlation == pytest.approx(1.0)
    assert set(found.quantiles.values()) == {0.0}


def test_nobody_or_one_score_for_all_has_no_rank_correlation() -> None:
    assert score_shift(np.empty(0), np.empty(0)) is None
    flat = score_shift(np.full(5, 600.0), ONE[:5])
    assert flat is not None
    assert flat.rank_correlation is None


def test_moves_are_counted_each_way_with_jeffreys_interval() -> None:
    was = ["approve"] * 70 + ["refer"] * 20 + ["decline"] * 10
    would = ["approve"] * 65 + ["decline"] * 5 + ["approve"] * 8 + ["refer"] * 12 + ["decline"] * 10
    found = moves(was, would)
    assert (found.easier.value, found.harder.value) == (0.08, 0.05)
    assert found.harder.low == pytest.approx(beta.ppf(0.025, 5.5, 95.5))
    assert found.easier.high == pytest.approx(beta.ppf(0.975, 8.5, 92.5))
    assert found.as_json()["moved"] == [
        {"from": "approve", "to": "decline", "n": 5},
        {"from": "refer", "to": "approve", "n": 8},
    ]


def test_the_ranking_is_that_of_scikit_learn_and_its_sign_favours_the_better() -> None:
    defaulted = (RNG.random(500) < 1 / (1 + np.exp((ONE - 560) / 20))).astype(float)
    noisy = -(ONE + RNG.normal(0, 60, 500))
    found = ranking_difference(defaulted, noisy, -ONE)
    assert found is not None
    assert found.other.value == pytest.approx(roc_auc_score(defaulted, -ONE))
    assert found.champion.value == pytest.approx(roc_auc_score(defaulted, noisy))
    assert found.difference.value == pytest.approx(found.other.value - found.champion.value)
    assert found.difference.low > 0
    assert found.defaults == int(defaulted.sum())


def test_outcomes_of_one_kind_rank_nothing() -> None:
    assert ranking_difference(np.zeros(5), ONE[:5], OTHER[:5]) is None
    assert ranking_difference(np.empty(0), np.empty(0), np.empty(0)) is None
