"""PSI beside what chance alone would give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from certloan.scoring.metrics.stability import (
    Moved,
    _noncentrality,
    points_shift,
    psi,
    stability_of_counts,
    stability_of_values,
)

COUNTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).map(np.array)


@given(COUNTS)
def test_the_same_shares_have_no_index(counts: np.ndarray) -> None:
    assert psi(counts, counts) == 0.0
    assert stability_of_counts(counts, counts).psi == 0.0


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=12))
def test_the_bounds_hold_what_lies_beyond_chance(pairs: list[tuple[int, int]]) -> None:
    before, after = np.array(pairs).T
    found = stability_of_counts(before, after)
    assert 0.0 <= found.beyond_chance.low <= found.beyond_chance.value <= found.beyond_chance.high
    assert 0.0 <= found.p <= 1.0


def test_chance_reaches_the_alarm_about_once_in_a_hundred_times() -> None:
    random = np.random.default_rng(2)
    shares = np.full(10, 0.1)
    found = [stability_of_counts(random.multinomial(400, shares), random.multinomial(300, shares)) for _ in range(2000)]
    assert np.mean([one.psi for one in found]) == pytest.approx(found[0].by_chance, rel=0.05)
    assert 0.004 <= np.mean([one.psi > one.alarm_above for one in found]) <= 0.02
    assert np.mean([one.p < 0.05 for one in found]) == pytest.approx(0.05, abs=0.02)


def test_the_interval_holds_the_index_of_the_populations() -> None:
    random = np.random.default_rng(3)
    before, after = np.full(8, 0.125), np.linspace(0.06, 0.19, 8)
    truth, held = float(np.sum((after - before) * np.log(after / before))), []
    for _ in range(400):
        found = stability_of_counts(random.multinomial(900, before), random.multinomial(700, after))
        held.append(found.beyond_chance.low <= truth <= found.beyond_chance.high)
    assert 0.91 <= np.mean(held) <= 0.99


@pytest.mark.parametrize(("chi", "free"), [(12.0, 5), (300.0, 9), (4999.0, 9), (6000.0, 9)])
def test_the_inverted_chi_square_is_scipys(chi: float, free: int) -> None:
    for below in (0.025, 0.975):
        centre = _noncentrality(chi, free, below)
        if centre > 0:
            assert stats.ncx2.cdf(chi, free, centre) == pytest.approx(below, abs=2e-3)


def test_a_small_sample_never_cries_wolf_and_a_large_move_is_seen() -> None:
    random = np.random.default_rng(4)
    few = stability_of_values(random.normal(size=2000), random.normal(0.3, 1, 25))
    assert few.verdict is Moved.NOT_ENOUGH
    moved = stability_of_values(random.normal(size=4000), random.normal(0.7, 1, 4000))
    assert moved.verdict is Moved.SHIFTED
    assert moved.beyond_chance.low > 0.25
    still = stability_of_values(random.normal(size=4000), random.normal(size=4000))
    assert still.verdict is Moved.STEADY


def test_weights_set_the_shares_and_unknown_values_are_a_bin() -> None:
    random = np.random.default_rng(5)
    values = random.normal(size=3000)
    tilted = stability_of_values(values, values, None, np.exp(values))
    assert tilted.verdict is Moved.SHIFTED
    assert tilted.n_current < 3000
    holed = np.where(random.random(3000) < 0.4, np.nan, values)
    assert stability_of_values(values, holed).verdict is Moved.SHIFTED


def test_a_count_has_a_bin_for_each_of_its_values_however_rare() -> None:
    before = np.repeat([0.0, 1.0, 2.0], [960, 30, 10])
    after = np.repeat([0.0, 1.0, 2.0, 7.0], [500, 30, 460, 10])
    found = stability_of_values(before, after)
    assert found.bins == 3
    assert found.psi == pytest.approx(psi(np.array([960, 30, 10]), np.array([500, 30, 470])))


def test_the_shift_of_points_is_a_difference_of_means() -> None:
    random = np.random.default_rng(6)
    before, after = random.normal(0, 5, 800), random.normal(2, 5, 600)
    found, theirs = points_shift(before, after), stats.ttest_ind(after, before, equal_var=False)
    low, high = theirs.confidence_interval()
    assert found.value == pytest.approx(after.mean() - before.mean())
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-3)
