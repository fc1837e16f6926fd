from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scoring.ensembles import made, small_bundle

from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import Calibrator, anchored
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


holes = st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=5)


@settings(max_examples=25)
@given(holes, st.integers(0, 1499), st.floats(0.1, 3.0), st.floats(-3.0, 3.0), st.floats(0.001, 0.5))
def test_base_and_features_are_the_score_whatever_is_missing_and_however_it_is_calibrated(
    missing: list[list[bool]], first: int, slope: float, offset: float, target: float
) -> None:
    plain = small_bundle()
    matrix = made().matrix.slice(min(first, 1500 - len(missing)), len(missing))
    for at, name in enumerate(plain.names):
        column = matrix.column(name)
        gone = pa.array([row[at] for row in missing])
        place = matrix.column_names.index(name)
        matrix = matrix.set_column(place, name, pc.if_else(gone, pa.scalar(None, column.type), column))
    margin = plain.tables.margin(plain.encode(matrix))
    line = Calibrator(slope, offset, fitted=True)
    for calibrator in (line, anchored(line, margin, np.ones(len(margin)), target, "long-run rate")):
        bundle = replace(plain, calibrator=calibrator, scale=Scale(550.0, 30.0, 25.0))
        scored, points = bundle.score(matrix), bundle.contributions(matrix)
        np.testing.assert_allclose(bundle.base_points + points.sum(axis=1), scored.points, atol=1e-8)
        for row, score in enumerate(scored.score):
            base, whole = displayed(bundle.base_points, points[row], int(score))
            assert base + sum(whole) == score


@pytest.mark.parametrize("unknown", ["海外", None])
def test_a_level_that_was_never_seen_counts_as_missing_and_the_points_still_add_up(unknown: str | None) -> None:
    bundle = small_bundle()
    matrix = made().matrix.slice(0, 20)
    changed = matrix.set_column(matrix.column_names.index("trade"), "trade", pa.array([unknown] * 20, pa.string()))
    scored, points = bundle.score(changed), bundle.contributions(changed)
    np.testing.assert_allclose(bundle.base_points + points.sum(axis=1), scored.points, atol=1e-9)


def test_expired_evidence_takes_its_points_away_and_nothing_else_moves_but_its_partners() -> None:
    bundle = small_bundle()
    matrix = made().matrix.slice(0, 40)
    expired = matrix.set_column(matrix.column_names.index("n2"), "n2", pa.nulls(40, matrix.column("n2").type))
    before, after = bundle.contributions(matrix), bundle.contributions(expired)
    at = bundle.names.index("n2")
    partners = {at} | {
        other for pair in bundle.tables.pairs if at in (pair.first, pair.second) for other in (pair.first, pair.second)
    }
    untouched = [place for place in range(len(bundle.names)) if place not in partners]
    np.testing.assert_array_equal(before[:, untouched], after[:, untouched])
    moved = bundle.score(expired).points - bundle.score(matrix).points
    np.testing.assert_allclose((after - before).sum(axis=1), moved, atol=1e-9)


def test_the_scale_is_stored_and_doubling_the_odds_gives_its_points(tmp_path: Path) -> None:
    scale = Scale(points=500.0, odds=15.0, doubles=20.0)
    bundle = replace(small_bundle(), scale=scale)
    loaded = Bundle.load(bundle.save(tmp_path))
    assert loaded.scale == scale
    scored = loaded.score(made().matrix)
    odds = (1 - scored.pd) / scored.pd
    np.testing.assert_allclose(500 + 20 * np.log2(odds / 15), scored.points, atol=1e-8)
