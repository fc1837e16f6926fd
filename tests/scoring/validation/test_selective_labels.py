from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from tests.scoring.validation.rows import FAST

from certloan.scoring.calibration import probability
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.validation.applicants import Applicants
from certloan.scoring.validation.selective_labels import bound_declined, chance_of_grant, times_of_truth, true_figures
from certloan.scoring.validation.worst_case import auc_frame
from certloan.world import economy


def _applicants(times: float, rows: int = 6000, seed: int = 1) -> tuple[Applicants, Floats]:
    """A lender who declines by the score and by something of its own, which multiplies the odds by ``times``."""
    random = np.random.default_rng(seed)
    margin = random.normal(-2.5, 1.0, rows)
    granted = random.random(rows) < probability(-1.2 * (margin + 1.5))
    truth = (random.random(rows) < probability(margin + np.log(times) * ~granted)).astype(float)
    group = (random.random(rows) < 0.4).astype(np.int64)
    known = np.where(granted, truth, np.nan)
    return Applicants(margin, granted, known, np.ones(rows), np.arange(rows), group, ("large", "small")), truth


@pytest.mark.parametrize("times", [1.0, 2.5, 4.0])
def test_the_bounds_hold_the_truth_while_the_assumption_is_true(times: float) -> None:
    rows, truth = _applicants(times)
    found = bound_declined(rows, cut_off=-2.0)
    assert times_of_truth(rows, truth) == pytest.approx(times, rel=0.35)
    for (figure, group), true in true_figures(rows, truth, -2.0).items():
        bounds = found.of(figure, group)
        assert bounds.holds(true), (figure, group, true, bounds)
        assert bounds.worst_low <= min(bounds.low, true) <= max(bounds.high, true) <= bounds.worst_high


def test_the_bounds_fail_when_the_lender_knew_more_than_assumed() -> None:
    rows, truth = _applicants(16.0)
    found, true = bound_declined(rows), true_figures(rows, truth)
    assert times_of_truth(rows, truth) > found.most_times
    assert not found.of("rate").holds(true["rate", None])
    assert not found.of("observed_to_expected").holds(true["observed_to_expected", None])
    # Only the frame without assumptions still holds it.
    assert found.of("rate").worst_low < true["rate", None] < found.of("rate").worst_high


def test_the_figures_on_granted_loans_alone_are_not_those_of_all() -> None:
    rows, truth = _applicants(2.5)
    found, true = bound_declined(rows), true_figures(rows, truth)
    assert found.of("rate").granted_only.high < true["rate", None]
    naive = found.of("auc").granted_only
    assert naive.value == pytest.approx(roc_auc_score(truth[rows.granted], rows.margin[rows.granted]))
    assert true["auc", None] == pytest.approx(roc_auc_score(truth, rows.margin))
    assert true["rate", "small"] == pytest.approx(truth[rows.groups == 1].mean())


def test_more_is_assumed_from_line_to_line() -> None:
    rows, _ = _applicants(1.0, 1500)
    found = bound_declined(rows)
    rates = [line.found.value for line in found.of("rate").lines]
    assert rates == sorted(rates)
    assert found.of("rate").lines[0].assumption == "as_granted"
    assert found.of("rate").lines[-1].times == found.most_times == 4.0
    told = found.as_json()
    assert (told["granted"] + told["declined"], told["effective"]) == (1500, None)
    with pytest.raises(KeyError):
        found.of("rate", "medium")


def test_reweighting_finds_the_truth_where_the_features_hold_every_reason() -> None:
    random = np.random.default_rng(7)
    values = random.normal(size=(4000, 2))
    # The lender looks at the second feature, which the score does not read.
    granted = random.random(4000) < probability(1.0 - 1.5 * values[:, 1])
    truth = (random.random(4000) < probability(-2.0 + values[:, 0] + values[:, 1])).astype(float)
    rows = Applicants(
        values[:, 0] - 2.0,
        granted,
        np.where(granted, truth, np.nan),
        np.ones(4000),
        np.arange(4000),
        np.zeros(4000, dtype=np.int64),
        ("all",),
    )
    chance = chance_of_grant(values, granted, (ModelFeature("a"), ModelFeature("b")), FAST)
    found = bound_declined(rows, chance)
    line = found.of("rate").lines[-1]
    assert line.assumption == "reweighted"
    true = true_figures(rows, truth)["rate", None]
    assert line.found.low < true < line.found.high
    assert abs(line.found.value - true) < abs(found.of("rate").granted_only.value - true)
    # As the granted of the same score: wrong here, because the lender saw more than the score.
    assert found.of("rate").lines[0].found.high < true
    assert found.effective is not None
    assert found.effective < found.granted
    assert found.no_counterpart is not None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 7))
def test_the_frame_is_the_best_and_the_worst_of_all_outcomes(seed: int, unknown: int) -> None:
    random = np.random.default_rng(seed)
    risk, declined = random.permutation(40)[: 12 + unknown][:12] / 40, random.random(unknown)
    known = (np.arange(12) % 3 == 0).astype(float)
    low, high = auc_frame(risk, known, np.ones(12), declined, np.ones(unknown))
    every = [
        roc_auc_score(np.append(known, outcome), np.append(risk, declined))
        for outcome in product((0.0, 1.0), repeat=unknown)
    ]
    assert low == pytest.approx(min(every))
    assert high == pytest.approx(max(every))


def test_without_declined_nothing_can_move() -> None:
    rows, truth = _applicants(1.0, 1200)
    everybody = replace(rows, granted=np.ones(1200, dtype=bool), defaulted=truth)
    found = bound_declined(everybody).of("auc")
    assert found.low == found.high == found.granted_only.value
    assert found.worst_low == pytest.approx(found.worst_high)


def test_in_a_made_world_the_bounds_hold_the_truth_and_say_at_which_k_it_lies() -> None:
    truth = economy.draw(4000, 3).truth
    latent = {name: truth[name].to_numpy() for name in ("strength", "quality", "size", "pd")}
    random = np.random.default_rng(1)
    # What evidence shows of the latent values: a third of noise on each.
    seen = (
        -3.3
        - 1.0 * (latent["strength"] + random.normal(scale=0.6, size=len(truth)))
        - 0.6 * (latent["quality"] + random.normal(scale=0.6, size=len(truth)))
    )
    granted = truth["granted"].to_numpy(zero_copy_only=False)
    became = truth["defaulted"].to_numpy(zero_copy_only=False).astype(float)
    size = (latent["size"] > np.median(latent["size"])).astype(np.int64)
    rows = Applicants(
        seen,
        granted,
        np.where(granted, became, np.nan),
        np.ones(len(seen)),
        np.arange(len(seen)),
        size,
        ("smaller", "larger"),
    )
    found = bound_declined(rows)
    times = times_of_truth(rows, became)
    # The bank of the day looked at strength and size: it knew something beyond this score, and far from everything.
    assert 1.0 < times < found.most_times
    for (figure, group), true in true_figures(rows, became).items():
        assert found.of(figure, group).holds(true), (figure, group)
    assert found.of("rate").granted_only.high < true_figures(rows, became)["rate", None]
