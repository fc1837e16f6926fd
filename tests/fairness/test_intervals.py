"""Intervals say what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from certloan.fairness.intervals import ratio_intervals, wilson


@given(st.integers(1, 5000), st.floats(0, 1), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_wilson_interval_is_that_of_scipy(people: int, share: float, confidence: float) -> None:
    successes = round(people * share)
    low, high = wilson(np.array([successes]), np.array([people]), confidence)
    oracle = binomtest(successes, people).proportion_ci(confidence, method="wilson")
    assert low[0] == pytest.approx(oracle.low, abs=1e-9)
    assert high[0] == pytest.approx(oracle.high, abs=1e-9)
    assert 0 <= low[0] <= successes / people <= high[0] <= 1


def test_nobody_has_no_interval() -> None:
    low, high = wilson(np.array([0, 1]), np.array([0, 2]))
    assert np.isnan([low[0], high[0]]).all()
    low, high = ratio_intervals(np.array([0, 40, 3]), np.array([0, 100, 10]), reference=1)
    assert np.isnan([low[0], high[0]]).all()
    assert (low[1], high[1]) == (1.0, 1.0)
    assert low[2] < 0.3 / 0.4 < high[2]
    assert np.isnan(ratio_intervals(np.array([1, 0]), np.array([5, 0]), reference=1)).all()


def test_a_group_of_which_nobody_is_approved_is_not_certain() -> None:
    low, high = ratio_intervals(np.array([0, 300]), np.array([20, 500]), reference=1)
    assert low[0] == 0
    assert high[0] > 0.1


def test_the_same_counts_give_the_same_interval() -> None:
    yes, people = np.array([30, 200]), np.array([60, 400])
    assert np.array_equal(ratio_intervals(yes, people, 1), ratio_intervals(yes, people, 1))
    moved = ratio_intervals(yes, people, 1, seed=1)[0][0]
    assert moved == pytest.approx(ratio_intervals(yes, people, 1)[0][0], abs=0.03)


@pytest.mark.parametrize(("n", "share"), [(40, 0.5), (40, 0.9), (400, 0.3), (60, 0.08)])
def test_the_ratio_interval_covers_the_truth_about_as_often_as_it_says(n: int, share: float) -> None:
    generator = np.random.default_rng(7)
    truth, covered, rounds = share / 0.6, 0, 400
    for _ in range(rounds):
        yes = np.array([generator.binomial(n, share), generator.binomial(800, 0.6)])
        low, high = ratio_intervals(yes, np.array([n, 800]), 1, resamples=800)
        covered += bool(low[0] <= truth <= high[0])
    assert 0.91 <= covered / rounds <= 0.995
