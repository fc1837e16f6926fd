"""What a cut-off earns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from certloan.errors import InputError
from certloan.i18n import sentence
from certloan.scoring.calibration import probability
from certloan.scoring.metrics.profit import ProfitTerms, profit_at, profit_curve

TERMS = ProfitTerms(margin=0.04, loss_severity=0.6)


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.9))
def test_profit_is_what_good_loans_bring_less_what_bad_ones_cost(seed: int, cut: float) -> None:
    random = np.random.default_rng(seed)
    pd, amounts = random.random(80), random.uniform(1.0, 9.0, 80)
    defaulted = (random.random(80) < pd).astype(float)
    earned = sum(
        amount * (-0.6 if bad else 0.04) for amount, bad, p in zip(amounts, defaulted, pd, strict=True) if p < cut
    )
    found = profit_at(defaulted, pd, TERMS, cut, amounts)
    assert found.observed.value == pytest.approx(earned / amounts.sum(), abs=1e-12)
    assert found.observed.low <= found.observed.value <= found.observed.high
    assert (found.n, found.n_accepted) == (80, int((pd < cut).sum()))


def test_true_probabilities_earn_most_at_the_break_even_cut_and_earn_what_they_promise() -> None:
    random = np.random.default_rng(1)
    pd = probability(random.normal(-2.5, 1.2, 60_000))
    defaulted = (random.random(60_000) < pd).astype(float)
    curve = profit_curve(defaulted, pd, TERMS)
    best = max(curve, key=lambda one: one.promised)
    assert best.cut == pytest.approx(TERMS.break_even)
    for one in curve:
        assert one.observed.low - 1e-4 <= one.promised <= one.observed.high + 1e-4
    assert [one.n_accepted for one in curve] == sorted(one.n_accepted for one in curve)
    assert curve[-1].n_accepted == 60_000


def test_the_interval_is_that_of_a_mean() -> None:
    random = np.random.default_rng(2)
    pd = random.random(500)
    defaulted = (random.random(500) < pd).astype(float)
    earned = np.where(pd < 0.5, np.where(defaulted == 1, -0.6, 0.04), 0.0)
    found = profit_at(defaulted, pd, TERMS, 0.5)
    assert (found.observed.low, found.observed.high) == pytest.approx(
        stats.norm.interval(0.95, earned.mean(), stats.sem(earned))
    )


@pytest.mark.parametrize("terms", [(0.0, 0.5), (0.05, 1.5), (-0.1, 0.5)])
def test_terms_that_make_no_sense_are_refused(terms: tuple[float, float]) -> None:
    with pytest.raises(InputError) as refused:
        ProfitTerms(*terms)
    assert refused.value.code == "profit-terms"
    assert sentence(refused.value, "zh") != sentence(refused.value, "en")
