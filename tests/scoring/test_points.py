from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certloan.scoring.points import Scale, displayed, rounded

values = st.floats(-400, 400, allow_nan=False)


@given(values, st.lists(values, max_size=80))
def test_displayed_points_are_whole_add_up_and_stay_within_one(base: float, contributions: list[float]) -> None:
    exact = base + float(np.sum(contributions))
    score = int(rounded(np.array([exact]))[0])
    shown_base, shown = displayed(base, np.array(contributions), score)
    assert shown_base + sum(shown) == score
    for whole, value in zip([shown_base, *shown], [base, *contributions], strict=True):
        assert isinstance(whole, int)
        assert abs(whole - value) <= 1


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=40), st.integers(300, 800))
def test_points_that_are_whole_already_are_shown_as_they_are(contributions: list[int], base: int) -> None:
    shown = displayed(base, np.array(contributions, dtype=float), base + sum(contributions))
    assert shown == (base, contributions)


def test_a_feature_without_effect_shows_zero() -> None:
    base, shown = displayed(512.3, np.array([0.0, 14.4, -1e-17, 30.4]), 557)
    assert (shown[0], shown[2]) == (0, 0)
    assert base + sum(shown) == 557


def test_points_of_another_score_are_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        displayed(500.0, np.array([20.0]), 522)


@given(st.floats(-20, 20))
def test_doubled_odds_give_the_same_more_points_everywhere(margin: float) -> None:
    scale = Scale(points=500, odds=30, doubles=20)
    once, twice = scale.points_of(np.array([margin, margin - np.log(2.0)]))
    assert twice - once == pytest.approx(20.0, abs=1e-9)


def test_halves_round_up() -> None:
    assert rounded(np.array([599.5, -0.5, 600.49])).tolist() == [600, 0, 600]
