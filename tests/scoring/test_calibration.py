"""Slope and offset, their errors, and the anchor that sets the level."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from certloan.errors import InputError
from certloan.i18n import sentence
from certloan.scoring.calibration import (
    Calibrator,
    anchored,
    calibrate,
    fitted_line,
    prior_corrected,
    probability,
)
from certloan.scoring.metrics.line import line_of


@given(st.integers(0, 2**32 - 1), st.floats(0.001, 0.6), st.floats(0.2, 2.0))
def test_an_anchor_brings_the_mean_probability_to_the_central_tendency_and_moves_nobody_past_another(
    seed: int, target: float, slope: float
) -> None:
    random = np.random.default_rng(seed)
    margin, weights = random.normal(-2, 1.5, 200), random.uniform(0.2, 3.0, 200)
    fitted = Calibrator(slope, 0.3, 0.1, 0.2, fitted=True)
    moved = anchored(fitted, margin, weights, target, "ten years of this portfolio", "2015-2025")
    assert np.average(probability(moved.apply(margin)), weights=weights) == pytest.approx(target, rel=1e-9)
    assert moved.slope == fitted.slope
    assert np.array_equal(np.argsort(moved.apply(margin)), np.argsort(fitted.apply(margin)))
    note = moved.anchor
    assert note is not None
    assert (note.offset_before, note.offset_after) == (0.3, moved.offset)
    assert note.before == pytest.approx(float(np.average(probability(fitted.apply(margin)), weights=weights)))
    assert (note.target, note.n) == (target, 200)
    assert note.after == pytest.approx(target)
    assert (note.reason, note.period) == ("ten years of this portfolio", "2015-2025")
    assert Calibrator.from_json(asdict(moved)) == moved


def test_an_anchor_at_the_level_that_is_there_changes_nothing() -> None:
    margin, fitted = np.random.default_rng(1).normal(-2, 1, 500), Calibrator(0.9, 0.1, fitted=True)
    level = float(probability(fitted.apply(margin)).mean())
    assert anchored(fitted, margin, np.ones(500), level, "as it is").offset == pytest.approx(0.1, abs=1e-9)


def test_rows_without_a_margin_or_weight_do_not_set_the_level() -> None:
    margin = np.random.default_rng(2).normal(-2, 1, 300)
    holed = np.concatenate([margin, np.full(50, np.nan), np.full(50, 8.0)])
    weights = np.concatenate([np.ones(350), np.zeros(50)])
    plain = anchored(Calibrator(), margin, np.ones(300), 0.05, "why")
    assert anchored(Calibrator(), holed, weights, 0.05, "why") == plain


@pytest.mark.parametrize(
    ("rate", "reason", "code"),
    [(0.0, "why", "anchor-rate"), (1.2, "why", "anchor-rate"), (0.02, "  ", "anchor-reason")],
)
def test_an_anchor_without_a_rate_or_a_reason_is_refused(rate: float, reason: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        anchored(Calibrator(), np.zeros(3), np.ones(3), rate, reason)
    assert refused.value.code == code
    assert sentence(refused.value, "zh") != sentence(refused.value, "en")


def test_the_prior_correction_turns_a_sample_of_many_defaults_into_the_population() -> None:
    random = np.random.default_rng(3)
    margin = random.normal(-3.5, 1.0, 400_000)
    defaulted = random.random(400_000) < probability(margin)
    kept = defaulted | (random.random(400_000) < 0.1)
    sampled = float(defaulted[kept].mean())
    fitted = fitted_line(margin[kept], defaulted[kept].astype(float), np.ones(int(kept.sum())))
    assert fitted.offset > 2.0
    true = prior_corrected(fitted, sampled, float(defaulted.mean()), int(kept.sum()), "one good in ten was kept")
    assert true.slope == pytest.approx(1.0, abs=0.03)
    assert true.offset == pytest.approx(0.0, abs=0.1)
    assert true.anchor is not None
    assert (true.anchor.method, true.anchor.before) == ("prior", sampled)


def test_errors_without_weights_are_those_of_the_information_matrix() -> None:
    random = np.random.default_rng(4)
    margin = random.normal(-1, 1, 700)
    defaulted = (random.random(700) < probability(margin)).astype(float)
    found = fitted_line(margin, defaulted, np.ones(700))
    theirs = LogisticRegression(C=np.inf, tol=1e-12, max_iter=2000).fit(margin[:, None], defaulted)
    p = theirs.predict_proba(margin[:, None])[:, 1]
    design = np.column_stack([np.ones(700), margin])
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ (design * (p * (1 - p))[:, None]))))
    assert (found.offset_error, found.slope_error) == pytest.approx(tuple(errors), rel=1e-4)


def test_unequal_weights_widen_the_interval_as_much_as_they_spread_the_slope() -> None:
    random = np.random.default_rng(5)
    slopes, errors, held = [], [], []
    for _ in range(250):
        margin = random.normal(-1, 1, 500)
        defaulted = (random.random(500) < probability(margin)).astype(float)
        found = fitted_line(margin, defaulted, random.lognormal(0.0, 1.0, 500))
        slopes.append(found.slope)
        errors.append(found.slope_error)
        held.append(line_of(found).slope.low <= 1.0 <= line_of(found).slope.high)
    assert np.mean(errors) == pytest.approx(np.std(slopes), rel=0.2)
    assert np.mean(held) > 0.88


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 50.0))
def test_only_the_ratios_of_weights_count(seed: int, times: float) -> None:
    random = np.random.default_rng(seed)
    margin, weights = random.normal(-1, 1, 200), random.uniform(0.2, 3.0, 200)
    defaulted = (random.random(200) < probability(margin)).astype(float)
    once, again = fitted_line(margin, defaulted, weights), fitted_line(margin, defaulted, weights * times)
    for name in ("slope", "offset", "slope_error", "offset_error"):
        assert getattr(again, name) == pytest.approx(getattr(once, name), rel=1e-5, abs=1e-7)


def test_a_calibrated_model_needs_no_calibration() -> None:
    random = np.random.default_rng(6)
    margin = random.normal(-2, 1, 3000)
    defaulted = (random.random(3000) < probability(0.4 + 0.7 * margin)).astype(float)
    once = calibrate(margin, defaulted, np.ones(3000))
    again = fitted_line(once.apply(margin), defaulted, np.ones(3000))
    assert (again.slope, again.offset) == pytest.approx((1.0, 0.0), abs=0.01)
