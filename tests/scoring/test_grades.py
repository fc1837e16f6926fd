"""Grades as a master scale: merged where rates do not rise, and tested on rows that the model had not seen."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.isotonic import IsotonicRegression

from certloan.scoring.calibration import probability
from certloan.scoring.grades.backtest import backtest
from certloan.scoring.grades.fitting import fit_grades
from certloan.scoring.grades.grades import Grades
from certloan.scoring.grades.scale import newest_scale, scales
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.record import Verdict


def _drawn(n: int, seed: int, centre: float = -3.0) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    margin = random.normal(centre, 1.5, n)
    return margin, (random.random(n) < probability(margin)).astype(float)


def test_every_shipped_scale_rises_ends_at_one_and_is_dated() -> None:
    for scale in scales():
        assert all(low < high for low, high in pairwise(scale.bounds))
        assert scale.bounds[-1] == 1.0
        assert len(set(scale.codes)) == len(scale.codes) == len(scale.bounds) >= 7
        assert scale.effective_from.year >= 2026
        assert scale.verified is False, "the bounds are the house's choice"
    assert len({scale.id for scale in scales()}) == len(scales())


@given(st.integers(0, 2**32 - 1), st.integers(1, 400), st.floats(-6, 2), st.booleans())
def test_merging_makes_rates_rise_and_loses_nobody(seed: int, n: int, centre: float, weighted: bool) -> None:
    margin, defaulted = _drawn(n, seed, centre)
    weights = np.random.default_rng(seed).uniform(0.2, 3.0, n) if weighted else np.ones(n)
    found = fit_grades(margin, defaulted, weights)
    assert all(better.rate < worse.rate for better, worse in pairwise(found.grades))
    assert sum(grade.n for grade in found.grades) == n
    assert sum(grade.defaults for grade in found.grades) == int(defaulted.sum())
    assert tuple(code for grade in found.grades for code in grade.of) == newest_scale().codes
    assert found.grades[0].pd_from == 0.0
    assert found.grades[-1].pd_below == 1.0
    assert all(better.pd_below == worse.pd_from for better, worse in pairwise(found.grades))
    assert all(grade.n > 0 and grade.rate_low <= grade.rate <= grade.rate_high for grade in found.grades)


def test_merged_rates_are_those_of_isotonic_regression() -> None:
    margin, defaulted = _drawn(600, 5)
    scale = newest_scale()
    at = np.searchsorted(scale.bounds[:-1], probability(margin), side="right")
    theirs = IsotonicRegression().fit(at, defaulted).predict(at)
    found = fit_grades(margin, defaulted, np.ones(600))
    ours = np.array([grade.rate for grade in found.grades])[found.positions(probability(margin))]
    np.testing.assert_allclose(ours, theirs, atol=1e-7)


def test_a_grade_that_was_merged_says_of_what() -> None:
    margin = np.repeat(np.log([0.015, 0.03, 0.06]) - np.log1p([-0.015, -0.03, -0.06]), 100)
    defaulted = np.concatenate([np.arange(100) < 4, np.arange(100) < 2, np.arange(100) < 6]).astype(float)
    found = fit_grades(margin, defaulted, np.ones(300))
    assert [(grade.code, grade.of) for grade in found.grades] == [
        ("R1-R6", ("R1", "R2", "R3", "R4", "R5", "R6")),
        ("R7-R10", ("R7", "R8", "R9", "R10")),
    ]
    assert [(grade.n, grade.defaults) for grade in found.grades] == [(200, 6), (100, 6)]
    low, high = stats.beta.ppf([0.025, 0.975], 6.5, 194.5)
    assert (found.grades[0].rate_low, found.grades[0].rate_high) == pytest.approx((low, high), abs=1e-7)
    assert found.grades[0].merged


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_a_probability_has_the_grade_whose_bounds_hold_it_and_more_risk_never_a_better_one(pds: list[float]) -> None:
    margin, defaulted = _drawn(5000, 9)
    grades = fit_grades(margin, defaulted, np.ones(5000))
    pd = np.sort(np.array(pds))
    places = grades.positions(pd)
    assert places.tolist() == sorted(places.tolist())
    for p, place, code in zip(pd, places, grades.of(pd), strict=True):
        grade = grades.grades[place]
        assert grade.pd_from <= p < grade.pd_below or (p == 1.0 and place == len(grades.grades) - 1)
        assert code == grade.code


def test_grades_survive_the_round_trip_and_rows_that_say_nothing_do_not_count() -> None:
    margin, defaulted = _drawn(3000, 4)
    found = fit_grades(margin, defaulted, np.ones(3000))
    assert Grades.from_json(json.loads(json.dumps(found.as_json()))) == found
    holed, none = np.where(np.arange(3000) % 3 == 0, np.nan, margin), np.where(np.arange(3000) % 3 == 0, 0.0, 1.0)
    assert fit_grades(holed, defaulted, np.ones(3000)) == fit_grades(margin, defaulted, none)
    with pytest.raises(ValueError, match="no row"):
        fit_grades(np.full(3, np.nan), np.zeros(3), np.ones(3))
    with pytest.raises(ValueError, match="no grades"):
        Grades.from_json({"scale": "2026-01", "grades": []})


def test_true_grades_pass_and_a_grade_that_understates_its_rate_fails() -> None:
    margin, defaulted = _drawn(30_000, 1)
    grades = fit_grades(margin, defaulted, np.ones(30_000))
    later, outcome = _drawn(30_000, 2)
    told = backtest(grades, outcome, probability(later))
    assert Verdict.FAILS not in {record.verdict for record in (*told.jeffreys, *told.binomial)}
    assert told.hosmer_lemeshow.verdict is Verdict.PASSES
    assert told.falls == ()
    flattered = backtest(grades, outcome, probability(later - 0.5))
    assert flattered.hosmer_lemeshow.verdict is Verdict.FAILS
    failing = {record.subject for record in flattered.jeffreys if record.verdict is Verdict.FAILS}
    assert {"R6", "R7", "R8"} <= failing
    cautious = backtest(grades, outcome, probability(later + 0.5))
    assert Verdict.FAILS not in {record.verdict for record in cautious.jeffreys}
    assert Verdict.FAILS in {record.verdict for record in cautious.binomial}


def test_a_ranking_that_runs_the_wrong_way_round_shows_in_the_grades() -> None:
    margin, defaulted = _drawn(20_000, 3)
    grades = fit_grades(margin, defaulted, np.ones(20_000))
    told = backtest(grades, defaulted, probability(-6.0 - margin))
    assert not told.rises
    assert told.falls
    held = json.loads(json.dumps(told.as_json(), allow_nan=False))
    assert held["rises"] is False
    assert all(record["source"] for record in held["jeffreys"])
