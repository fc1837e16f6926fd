"""How true a probability is: Brier score and its parts, logarithmic loss, ECE, the line, Spiegelhalter's test."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as oracle

from certloan.scoring.calibration import probability
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.calibration_error import ece_of, expected_calibration_error, plain_calibration_error
from certloan.scoring.metrics.curves import smooth_reliability
from certloan.scoring.metrics.decomposition import brier_parts
from certloan.scoring.metrics.line import calibration_line, spiegelhalter
from certloan.scoring.metrics.performance import measure
from certloan.scoring.metrics.proper import (
    brier_difference,
    brier_interval,
    log_loss_difference,
    log_loss_interval,
)
from certloan.scoring.metrics.reliability import reliability


def _drawn(n: int, seed: int, offset: float = 0.0, slope: float = 1.0) -> tuple[Floats, Floats]:
    """Outcomes, and probabilities whose line has this offset and slope."""
    random = np.random.default_rng(seed)
    margin = random.normal(-2.0, 1.0, n)
    return (random.random(n) < probability(offset + slope * margin)).astype(float), probability(margin)


@given(st.integers(0, 2**32 - 1), st.integers(20, 400), st.sampled_from([None, 2, 5, 15]), st.booleans())
def test_the_parts_of_the_brier_score_add_up_whatever_the_bins_and_weights(
    seed: int, n: int, bins: int | None, weighted: bool
) -> None:
    random = np.random.default_rng(seed)
    pd, defaulted = random.random(n).round(2), (random.random(n) < 0.3).astype(float)
    weights = random.uniform(0.2, 3.0, n) if weighted else np.ones(n)
    found = brier_parts(defaulted, pd, weights, bins)
    told = found.reliability.value - found.resolution.value + found.uncertainty.value
    assert told == pytest.approx(oracle.brier_score_loss(defaulted, pd, sample_weight=weights), abs=1e-12)


def test_without_spread_in_a_bin_the_parts_are_murphys_less_what_chance_adds() -> None:
    random = np.random.default_rng(3)
    pd = random.choice([0.1, 0.3, 0.6], 600)
    defaulted = (random.random(600) < pd + 0.1).astype(float)
    rates = {said: defaulted[pd == said].mean() for said in (0.1, 0.3, 0.6)}
    counts = {said: int((pd == said).sum()) for said in (0.1, 0.3, 0.6)}
    plain = sum(counts[said] * (rates[said] - said) ** 2 for said in rates) / 600
    chance = sum(counts[said] * rates[said] * (1 - rates[said]) / (counts[said] - 1) for said in rates) / 600
    assert brier_parts(defaulted, pd, bins=3).reliability.value == pytest.approx(plain - chance, abs=1e-12)


def test_reliability_of_true_probabilities_is_zero_on_average_and_its_interval_says_so() -> None:
    found = [brier_parts(*_drawn(600, seed)).reliability for seed in range(200)]
    values = np.array([one.value for one in found])
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(200)
    held = np.mean([one.low <= 0.0 <= one.high for one in found])
    assert 0.92 <= held <= 1.0


@pytest.mark.parametrize(("centre", "n"), [(-1.0, 400), (-3.0, 400), (-4.0, 3000)])
def test_the_interval_of_the_resolution_holds_the_spread_of_true_probabilities(centre: float, n: int) -> None:
    random = np.random.default_rng(11)
    truth = float(probability(random.normal(centre, 1.0, 400_000)).var())
    held = []
    for _ in range(150):
        pd = probability(random.normal(centre, 1.0, n))
        found = brier_parts((random.random(n) < pd).astype(float), pd).resolution
        held.append(found.low <= truth <= found.high)
    assert np.mean(held) >= 0.89


@pytest.mark.parametrize(("interval", "one"), [(brier_interval, "brier"), (log_loss_interval, "log_loss")])
def test_the_interval_of_a_loss_is_that_of_a_mean(interval: object, one: str) -> None:
    defaulted, pd = _drawn(500, 4)
    losses = (pd - defaulted) ** 2 if one == "brier" else -np.log(np.where(defaulted == 1, pd, 1 - pd))
    found = interval(defaulted, pd)  # type: ignore[operator]
    low, high = stats.norm.interval(0.95, losses.mean(), stats.sem(losses))
    assert (found.value, found.low, found.high) == pytest.approx((losses.mean(), low, high), abs=1e-12)
    theirs = oracle.brier_score_loss if one == "brier" else oracle.log_loss
    assert found.value == pytest.approx(theirs(defaulted, pd), abs=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_a_difference_of_losses_is_paired_and_changes_sign_with_its_sides(seed: int) -> None:
    defaulted, pd = _drawn(200, seed)
    other = np.clip(pd * 1.2, 0.001, 0.999)
    for difference, loss in ((brier_difference, brier_interval), (log_loss_difference, log_loss_interval)):
        there, back = difference(defaulted, pd, other), difference(defaulted, other, pd)
        assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-12)
        assert there.value == pytest.approx(loss(defaulted, pd).value - loss(defaulted, other).value, abs=1e-12)
        same = difference(defaulted, pd, pd)
        assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
        assert there.high - there.low < loss(defaulted, pd).high - loss(defaulted, pd).low


def test_bins_hold_equal_mass_never_tear_equal_probabilities_apart_and_lose_nobody() -> None:
    defaulted, pd = _drawn(2000, 5)
    bins = reliability(defaulted, pd)
    assert len(bins) == 20
    assert [one.n for one in bins] == [100] * 20
    tied = reliability(defaulted, np.round(pd, 1))
    assert sum(one.n for one in tied) == 2000
    assert all(before.pd_to < after.pd_from for before, after in itertools.pairwise(tied))
    assert sum(one.defaults for one in tied) == int(defaulted.sum())
    for one in bins:
        low, high = stats.beta.ppf([0.025, 0.975], one.defaults + 0.5, one.n - one.defaults + 0.5)
        assert one.observed.high == pytest.approx(high)
        assert one.observed.low == pytest.approx(low if one.defaults else 0.0)


def test_chance_is_taken_off_the_calibration_error() -> None:
    plain, freed = [], []
    for seed in range(120):
        bins = reliability(*_drawn(1000, seed))
        plain.append(plain_calibration_error(bins))
        freed.append(ece_of(bins).value)
    assert np.mean(freed) < 0.65 * np.mean(plain)


@pytest.mark.parametrize(("offset", "slope"), [(0.0, 1.0), (0.4, 1.0), (0.0, 0.6)])
def test_the_interval_of_the_calibration_error_holds_the_truth(offset: float, slope: float) -> None:
    margin = np.sort(np.random.default_rng(1).normal(-2.0, 1.0, 100_000))
    away = (probability(offset + slope * margin) - probability(margin)).reshape(20, -1).mean(axis=1)
    truth = float(np.abs(away).mean())
    found = [expected_calibration_error(*_drawn(2000, seed, offset, slope)) for seed in range(150)]
    assert np.mean([one.low <= truth + 1e-9 and truth <= one.high for one in found]) >= 0.88


def test_the_plain_calibration_error_agrees_with_its_definition() -> None:
    defaulted, pd = _drawn(1000, 9)
    order = np.argsort(pd, kind="stable").reshape(20, 50)
    gaps = np.abs(defaulted[order].mean(axis=1) - pd[order].mean(axis=1))
    assert plain_calibration_error(reliability(defaulted, pd)) == pytest.approx(float(gaps.mean()))


def test_the_line_finds_how_probabilities_were_bent_and_its_interval_holds_it() -> None:
    held = []
    for seed in range(150):
        line = calibration_line(*_drawn(1500, seed, 0.3, 0.7))
        held.append((line.slope.low <= 0.7 <= line.slope.high, line.intercept.low <= 0.3 <= line.intercept.high))
    assert np.all(np.abs(np.mean(held, axis=0) - 0.95) < 0.05)


def test_spiegelhalters_statistic_is_the_standardised_brier_score() -> None:
    defaulted, pd = _drawn(400, 6)
    expected = np.mean(pd * (1 - pd))
    spread = np.sqrt(np.sum((1 - 2 * pd) ** 2 * pd * (1 - pd))) / 400
    found = spiegelhalter(defaulted, pd)
    assert found.z == pytest.approx((np.mean((pd - defaulted) ** 2) - expected) / spread)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(found.z)))
    assert spiegelhalter(np.array([0.0, 1.0]), np.array([0.5, 0.5])).p == 1.0


def test_spiegelhalters_test_rejects_true_probabilities_about_as_often_as_it_says_and_false_ones_nearly_always() -> (
    None
):
    fair = np.mean([spiegelhalter(*_drawn(800, seed)).p < 0.05 for seed in range(300)])
    false = np.mean([spiegelhalter(*_drawn(800, seed, 0.8)).p < 0.05 for seed in range(40)])
    assert 0.02 <= fair <= 0.09
    assert false > 0.9


def test_the_smooth_line_lies_on_the_diagonal_for_true_probabilities_and_on_the_bend_for_bent_ones() -> None:
    true, bent = (smooth_reliability(*_drawn(60_000, 8, offset)) for offset in (0.0, 0.5))
    assert true.low is not None
    assert true.high is not None
    assert np.mean((true.low <= true.x) & (true.x <= true.high)) > 0.8
    wanted = probability(0.5 + np.log(bent.x / (1 - bent.x)))
    np.testing.assert_allclose(bent.y, wanted, atol=0.03)


@given(st.integers(0, 2**32 - 1))
def test_every_figure_lies_within_its_own_bounds(seed: int) -> None:
    defaulted, pd = _drawn(150, seed, 1.0)
    defaulted[:2] = (0.0, 1.0)
    told = measure(defaulted, pd).as_json()
    figures = [name for name in told if f"{name}_low" in told]
    assert len(figures) == 12
    for name in figures:
        assert told[f"{name}_low"] <= told[name] <= told[f"{name}_high"], name
    assert told["reliability"] - told["resolution"] + told["uncertainty"] == pytest.approx(told["brier"], abs=3e-6)
