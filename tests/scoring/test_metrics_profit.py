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
from certloan.scoring.metrics.maximum_profit import LossTerms, expected_maximum_profit
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


@pytest.mark.parametrize("decimals", [1, 2, 6])
def test_the_expected_maximum_profit_is_the_integral_of_the_best_cut_over_all_losses(decimals: int) -> None:
    random = np.random.default_rng(3)
    risk = np.round(probability(random.normal(-1.5, 1.2, 300)), decimals)
    defaulted = (random.random(300) < risk).astype(float)
    weights, terms = random.uniform(0.5, 2.0, 300), LossTerms()
    total = weights.sum()
    cuts = [np.inf, *np.unique(risk)]
    bad = np.array([np.sum(weights * defaulted * (risk >= cut)) / total for cut in cuts])
    good = np.array([np.sum(weights * (1 - defaulted) * (risk >= cut)) / total for cut in cuts])
    losses = np.linspace(0, 1, 20_001)
    best = (losses[:, None] * bad - terms.return_on_loan * good).max(axis=1)
    expected = terms.all_lost * best[-1] + (1 - terms.none_lost - terms.all_lost) * np.trapezoid(best, losses)
    found = expected_maximum_profit(defaulted, risk, terms, weights)
    assert found.value == pytest.approx(float(expected), abs=1e-7)
    assert 0.0 <= found.value <= found.high


@given(st.integers(0, 2**32 - 1))
def test_the_maximum_profit_is_a_matter_of_ranking_alone_and_a_perfect_one_earns_most(seed: int) -> None:
    random = np.random.default_rng(seed)
    risk = random.random(80)
    defaulted = (random.random(80) < risk).astype(float)
    defaulted[:2] = (0.0, 1.0)
    found = expected_maximum_profit(defaulted, risk).value
    assert expected_maximum_profit(defaulted, np.exp(3.0 * risk)).value == pytest.approx(found, abs=1e-12)
    perfect = expected_maximum_profit(defaulted, defaulted).value
    assert found <= perfect + 1e-12
    assert perfect == pytest.approx(defaulted.mean() * (0.35 / 2 + 0.1))
    assert expected_maximum_profit(defaulted, np.full(80, 0.5)).value <= found + 1e-12


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ((0.0, 0.5, 0.1), "return_on_loan"),
        ((0.2, 0.8, 0.4), "none_lost + all_lost"),
        ((0.2, -0.1, 0.2), "none_lost"),
        ((0.2, 0.1, float("nan")), "all_lost"),
    ],
)
def test_losses_that_make_no_sense_are_refused_by_name(terms: tuple[float, float, float], name: str) -> None:
    with pytest.raises(InputError) as refused:
        LossTerms(*terms)
    assert (refused.value.code, refused.value.facts["name"]) == ("profit-terms", name)
