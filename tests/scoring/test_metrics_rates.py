"""Tests of promised rates, with three verdicts, and calibration in the large by cohort."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from certloan.scoring.metrics.cohorts import by_cohort, quarters
from certloan.scoring.metrics.interval import Interval, effective, jeffreys, rate_interval
from certloan.scoring.metrics.rates import Outcome, binomial_tests, hosmer_lemeshow, jeffreys_tests
from certloan.scoring.metrics.record import Verdict, holm


def _outcome(n: int, defaults: int, expected: float, subject: str = "R5") -> Outcome:
    return Outcome(subject, n, defaults, float(n), expected, jeffreys(defaults, n))


@given(st.integers(1, 3000), st.floats(0.001, 0.5), st.data())
def test_single_tests_are_scipys(n: int, promised: float, data: st.DataObject) -> None:
    defaults = data.draw(st.integers(0, n))
    one = _outcome(n, defaults, promised)
    exact = min(1.0, 2 * min(stats.binom.sf(defaults - 1, n, promised), stats.binom.cdf(defaults, n, promised)))
    assert binomial_tests([one])[0].p == pytest.approx(exact, abs=1e-9)
    posterior = stats.beta.cdf(promised, defaults + 0.5, n - defaults + 0.5)
    assert jeffreys_tests([one])[0].p == pytest.approx(posterior, abs=1e-9)


def test_hosmer_lemeshow_is_a_chi_square_with_as_many_degrees_of_freedom_as_groups() -> None:
    found = [_outcome(500, 20, 0.03), _outcome(400, 50, 0.1), _outcome(100, 30, 0.3)]
    statistic = sum((o.defaults - o.n * o.expected) ** 2 / (o.n * o.expected * (1 - o.expected)) for o in found)
    record = hosmer_lemeshow(found)
    assert record.statistic == pytest.approx(statistic)
    assert record.freedom == 3
    assert record.p == pytest.approx(stats.chi2.sf(statistic, 3))
    assert (record.n, record.defaults) == (1000, 100)
    critical = stats.chi2.isf(0.05, 3)
    centre = sum(o.n * (0.5 * o.expected) ** 2 / (o.expected * (1 - o.expected)) for o in found)
    assert record.power == pytest.approx(stats.ncx2.sf(critical, 3, centre), abs=1e-9)


def test_a_verdict_needs_evidence_both_ways() -> None:
    many, few = _outcome(20_000, 400, 0.02), _outcome(40, 1, 0.02)
    wrong = _outcome(20_000, 600, 0.02)
    for tests in (jeffreys_tests, binomial_tests):
        verdicts = [record.verdict for record in tests([many, few, wrong])]
        assert verdicts == [Verdict.PASSES, Verdict.TOO_LITTLE, Verdict.FAILS]


def test_power_is_how_often_half_as_many_again_would_have_been_seen() -> None:
    promised, n = 0.05, 600
    power = jeffreys_tests([_outcome(n, 30, promised)])[0].power
    critical = next(k for k in range(n) if stats.binom.sf(k - 1, n, promised) < 0.05)
    assert power == pytest.approx(stats.binom.sf(critical - 1, n, promised * 1.5))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusting_never_makes_a_test_more_telling_and_keeps_the_order(ps: list[float]) -> None:
    told = holm(ps)
    assert all(p <= q <= 1.0 for p, q in zip(ps, told, strict=True))
    order = np.argsort(ps, kind="stable")
    assert all(told[a] <= told[b] for a, b in itertools.pairwise(order))
    assert max(told) == pytest.approx(max(max(ps), max(told)))


def test_twenty_true_grades_are_called_false_together_no_more_often_than_they_should() -> None:
    random = np.random.default_rng(7)
    promised = np.linspace(0.01, 0.2, 20)
    alarms = [
        any(
            record.p_adjusted < 0.05
            for record in binomial_tests(
                [_outcome(500, int(random.binomial(500, p)), float(p), str(at)) for at, p in enumerate(promised)]
            )
        )
        for _ in range(300)
    ]
    assert np.mean(alarms) <= 0.08


@given(st.floats(1, 500), st.floats(0, 1))
def test_jeffreys_bounds_hold_the_rate_and_mirror(n: float, share: float) -> None:
    found, mirrored = jeffreys(share * n, n), jeffreys(n - share * n, n)
    assert found.low <= found.value <= found.high
    assert (found.low, found.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-7)


def test_jeffreys_interval_covers_about_as_often_as_it_says() -> None:
    covered = [
        sum(stats.binom.pmf(k, 200, rate) for k in range(201) if (found := jeffreys(k, 200)).low <= rate <= found.high)
        for rate in np.linspace(0.02, 0.3, 40)
    ]
    assert 0.94 <= float(np.mean(covered)) <= 0.96


def test_unequal_weights_tell_less_than_their_number() -> None:
    defaulted = np.tile([0.0, 0.0, 0.0, 1.0], 100)
    equal = rate_interval(defaulted, np.full(400, 3.0))
    plain = jeffreys(100, 400)
    assert (equal.value, equal.low, equal.high) == pytest.approx((plain.value, plain.low, plain.high))
    weights = np.random.default_rng(1).uniform(0.1, 5.0, 400)
    unequal = rate_interval(defaulted, weights)
    assert effective(weights) < 400
    assert unequal.high - unequal.low > 0.9 * (equal.high - equal.low)
    assert isinstance(unequal, Interval)


def test_a_cohort_whose_rate_was_not_what_it_was_promised_is_named() -> None:
    random = np.random.default_rng(4)
    days = np.datetime64("2024-01-01") + random.integers(0, 700, 9000).astype("timedelta64[D]")
    cohorts = quarters(days)
    pd = np.full(9000, 0.05)
    worse = np.where(cohorts == "2025Q2", 0.12, 0.05)
    found = by_cohort(cohorts, (random.random(9000) < worse).astype(float), pd)
    assert [one.outcome.subject for one in found] == sorted(set(cohorts.tolist()))
    assert [one.outcome.subject for one in found if one.test.verdict is Verdict.FAILS] == ["2025Q2"]
    assert sum(one.outcome.n for one in found) == 9000
