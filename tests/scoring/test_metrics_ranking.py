"""KS, lift, gains and the ROC curve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as oracle

from certloan.scoring.calibration import probability
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.curves import gains_curve, roc_curve
from certloan.scoring.metrics.gains import gains
from certloan.scoring.metrics.ranking import auc_difference, auc_interval
from certloan.scoring.metrics.separation import kolmogorov_smirnov, ks_interval


def _drawn(n: int, seed: int, decimals: int = 6) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    margin = random.normal(-1.0, 1.0, n)
    defaulted = (random.random(n) < probability(margin)).astype(float)
    defaulted[:2] = (0.0, 1.0)
    return defaulted, np.round(probability(margin), decimals)


@given(st.integers(0, 2**32 - 1), st.sampled_from([np.exp, np.log, np.sqrt, lambda risk: 7.0 * risk - 3.0]))
def test_ranking_does_not_change_under_a_rising_map(seed: int, rising: object) -> None:
    defaulted, pd = _drawn(120, seed, 2)
    risk = np.clip(pd, 0.01, 0.99)
    mapped = rising(risk)  # type: ignore[operator]
    assert auc_interval(defaulted, mapped) == auc_interval(defaulted, risk)
    assert ks_interval(defaulted, mapped) == ks_interval(defaulted, risk)
    assert auc_difference(defaulted, mapped, risk).value == 0.0


@given(st.integers(0, 2**32 - 1))
def test_turned_round_the_ranking_is_as_far_on_the_other_side(seed: int) -> None:
    defaulted, pd = _drawn(120, seed, 2)
    there, back = auc_interval(defaulted, pd), auc_interval(defaulted, -pd)
    assert (back.value, back.low, back.high) == pytest.approx((1 - there.value, 1 - there.high, 1 - there.low))
    assert kolmogorov_smirnov(defaulted, -pd) == pytest.approx(kolmogorov_smirnov(defaulted, pd))


def test_ks_is_scipys_and_its_interval_holds_the_truth() -> None:
    random = np.random.default_rng(5)
    truth, held = 2 * stats.norm.cdf(0.5) - 1, []
    for _ in range(120):
        risk = np.concatenate([random.normal(1, 1, 60), random.normal(0, 1, 500)])
        found = ks_interval(np.repeat([1.0, 0.0], [60, 500]), risk)
        assert found.value == pytest.approx(stats.ks_2samp(risk[:60], risk[60:]).statistic)
        held.append(found.low <= truth <= found.high)
    assert np.mean(held) >= 0.88


def test_the_gains_table_agrees_with_counting_by_hand() -> None:
    defaulted, pd = _drawn(1000, 2)
    table = gains(defaulted, pd)
    order = np.argsort(-pd, kind="stable")
    assert [one.n for one in table] == [100] * 10
    for one in table:
        caught = defaulted[order[: 100 * one.part]].sum() / defaulted.sum()
        assert one.gain.value == pytest.approx(caught)
        assert one.lift.value == pytest.approx(caught / (one.part / 10))
        assert one.rate.low <= one.rate.value <= one.rate.high
    assert (table[-1].gain.value, table[-1].lift.value) == pytest.approx((1.0, 1.0))
    assert sum(one.defaults for one in table) == int(defaulted.sum())


@given(st.integers(0, 2**32 - 1), st.integers(1, 2))
def test_the_first_parts_of_a_ranking_never_catch_less_than_the_later_ones_add(seed: int, decimals: int) -> None:
    defaulted, pd = _drawn(200, seed, decimals)
    table = gains(defaulted, pd)
    shares = [one.gain.value for one in table]
    assert shares == sorted(shares)
    assert all(one.gain.low <= one.gain.value <= one.gain.high for one in table)
    assert table[-1].share == pytest.approx(1.0)


def test_the_drawn_roc_curve_has_the_area_of_the_model() -> None:
    defaulted, pd = _drawn(5000, 3)
    curve = roc_curve(defaulted, pd)
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert len(curve.x) <= 203
    area = float(np.trapezoid(curve.y, curve.x))
    assert area == pytest.approx(oracle.roc_auc_score(defaulted, pd), abs=2e-3)
    false, true, _ = oracle.roc_curve(defaulted, pd, drop_intermediate=False)
    theirs = set(zip(false.round(9), true.round(9), strict=True))
    assert set(zip(curve.x.round(9), curve.y.round(9), strict=True)) <= theirs


def test_the_gains_curve_goes_through_the_gains_table() -> None:
    defaulted, pd = _drawn(5000, 4)
    curve, table = gains_curve(defaulted, pd), gains(defaulted, pd)
    drawn = np.interp([one.share for one in table], curve.x, curve.y)
    np.testing.assert_allclose(drawn, [one.gain.value for one in table], atol=6e-3)
