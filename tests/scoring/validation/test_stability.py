from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import spearmanr
from scipy.stats import t as student
from tests.scoring.validation.rows import FAST, features, honest

from certloan.scoring.growing.recipe import Sample
from certloan.scoring.points import Scale
from certloan.scoring.validation.agreement import Model, agreement, reasons_of
from certloan.scoring.validation.judgement import Verdict
from certloan.scoring.validation.stability import (
    StabilityReport,
    decide,
    redrawn,
    refit_quickly,
    stability,
)
from certloan.scoring.validation.stage import Stage

SCALE = Scale()
CUTS = (560.0, 600.0)
FAMILIES = {f"x{at}": name for at, name in enumerate(("credit", "credit", "credit", "size", "size", "tax"))}
OF_FAMILY = np.array([0, 0, 0, 1, 1, 2])


@cache
def _stage(rows: int = 1200, strength: float = 1.0) -> Stage:
    sample, _ = honest(2 * rows, 5, strength=strength)
    firms = np.arange(2 * rows) // 3
    train, test = sample.take(np.arange(rows)), sample.take(np.arange(rows, 2 * rows))
    return Stage(features(), train, test, firms[:rows], firms[rows:], FAST)


def _model(stage: Stage) -> Model:
    return refit_quickly(stage.train, stage.features, stage.recipe)


@cache
def _report() -> StabilityReport:
    return stability(_stage(), _model(_stage()), SCALE, CUTS, FAMILIES, seeds=3, draws=4)


def test_redrawn_enterprises_move_the_score_more_than_another_seed() -> None:
    found = _report()
    assert 0 < found.seeds.points_sd.value < found.bootstrap.points_sd.value
    assert found.bootstrap.rank_correlation.value < found.seeds.rank_correlation.value <= 1.0
    assert found.bootstrap.reasons_kept.value <= found.seeds.reasons_kept.value + 0.02
    assert [at for at, _ in found.bootstrap.side_changes] == list(CUTS)
    assert found.bootstrap.families_kept.value >= found.bootstrap.reasons_kept.value
    assert found.verdict is Verdict.PASSES
    assert found.as_json()["n_test"] == 1200


def test_few_loans_make_an_unsteady_score() -> None:
    stage = _stage(150, 0.4)
    found = stability(stage, _model(stage), SCALE, CUTS, FAMILIES, seeds=0, draws=4)
    assert found.bootstrap.points_sd.value > _report().bootstrap.points_sd.value
    assert found.bootstrap.reasons_kept.value < _report().bootstrap.reasons_kept.value
    assert found.verdict is Verdict.TOO_LITTLE
    wholly = stability(stage, _model(stage), SCALE, CUTS, FAMILIES, 0, 5, lambda *told: refit_quickly(*told))
    assert wholly.verdict is Verdict.FAILS
    nothing = stability(stage, _model(stage), SCALE, CUTS, FAMILIES, seeds=0, draws=0)
    assert nothing.verdict is Verdict.TOO_LITTLE


def test_scores_that_another_draw_would_move_fail_by_whole_refits_where_quick_ones_cannot_tell() -> None:
    stage = _stage(150, 2.5)
    found = decide(stage, _model(stage), SCALE, CUTS, FAMILIES, (0, 4, 8))
    assert found.quick.verdict is Verdict.TOO_LITTLE
    assert found.wholly is not None
    assert found.wholly.bootstrap.points_sd_drawn.low > found.wholly.limits["stability.most_points_sd"]
    assert found.verdict is Verdict.FAILS
    assert found.as_json()["verdict"] == "fails"
    assert found.as_json()["wholly"]["refits"] == 8


def test_quick_refits_that_pass_need_no_whole_ones() -> None:
    found = decide(_stage(), _model(_stage()), SCALE, CUTS, FAMILIES, (0, 4, 5))
    assert found.wholly is None
    assert found.verdict is Verdict.PASSES
    assert found.as_json()["whole"] is False


def test_the_spread_of_points_is_told_with_what_so_few_refits_leave_open() -> None:
    drawn = _report().bootstrap.points_sd_drawn
    assert 0.0 <= drawn.low < drawn.value == _report().bootstrap.points_sd.value < drawn.high


def test_one_model_against_itself_agrees_wholly_and_a_turned_one_not_at_all() -> None:
    stage = _stage()
    model = _model(stage)
    same = agreement("seeds", [model, model], stage.test, SCALE, CUTS, OF_FAMILY)
    assert same.points_sd.value == 0.0
    shares = (same.reasons_kept, same.reasons_overlap, same.first_kept, same.families_kept)
    assert [share.value for share in shares] == [1.0] * 4
    assert same.rank_correlation.value == pytest.approx(1.0)
    assert all(share.value == 0.0 for _, share in same.side_changes)
    turned = Model(model.tables, type(model.calibrator)(-model.calibrator.slope, -model.calibrator.offset))
    other = agreement("seeds", [model, turned], stage.test, SCALE, CUTS, OF_FAMILY)
    assert other.rank_correlation.value == pytest.approx(-1.0)
    assert other.reasons_kept.value < 0.5


def test_the_figures_agree_with_their_definitions() -> None:
    stage = _stage()
    models = [_model(stage), refit_quickly(redrawn(stage, 0), stage.features, stage.recipe)]
    found = agreement("bootstrap", models, stage.test, SCALE, (600.0,), np.arange(6))
    points = [SCALE.points_of(one.calibrator.apply(one.tables.margin(stage.test.values))) for one in models]
    assert found.rank_correlation.value == pytest.approx(spearmanr(points[0], points[1]).statistic)
    assert found.points_sd.value == pytest.approx(float(np.median(np.std(points, axis=0, ddof=1))), rel=0.01)
    assert found.side_changes[0][1].value == pytest.approx(np.mean((points[0] < 600) != (points[1] < 600)))
    tops = []
    for one in models:
        points_of = one.tables.contributions(stage.test.values) * -SCALE.factor * one.calibrator.slope
        order = np.argsort(points_of, axis=1, kind="stable")[:, :3]
        tops.append([{int(at) for at in row if own[at] < -0.5} for row, own in zip(order, points_of, strict=True)])
    jaccard = [len(a & b) / len(a | b) if a | b else 1.0 for a, b in zip(*tops, strict=True)]
    assert found.reasons_overlap.value == pytest.approx(np.mean(jaccard))


def test_a_redrawn_sample_weighs_enterprises_and_repeats_no_row() -> None:
    stage = _stage()
    drawn = redrawn(stage, 0)
    assert len(np.unique(drawn.values[:, 0])) == len(drawn.values)
    assert len(drawn.values) == pytest.approx(1200 * (1 - np.exp(-1)), rel=0.06)
    assert drawn.weights.mean() == pytest.approx(1.0)
    again: Sample = redrawn(stage, 1)
    assert len(again.values) != len(drawn.values) or not np.array_equal(again.values, drawn.values)


def test_a_strong_feature_keeps_its_sign_in_its_band_and_noise_straddles_zero() -> None:
    bands = {band.name: band for band in _report().bands}
    strong, noise = bands["x0"], bands["x5"]
    assert strong.high[0] < 0 < strong.low[-2]
    assert len(strong.points) == len(strong.values) + 1
    assert noise.low[0] < 0 < noise.high[0] or abs(noise.points[0]) < 20
    assert _report().drift.as_json()["verdict"] == "steady"


def test_no_more_than_two_reasons_come_from_one_family() -> None:
    stage = _stage()
    model = _model(stage)
    told = agreement("seeds", [model, model], stage.test, SCALE, CUTS, OF_FAMILY)
    assert told.reasons_kept.value == 1.0
    costly = reasons_of(model, stage.test.values, SCALE, np.zeros(6, dtype=np.int64))
    assert (costly[:, 2] == -1).all()
    assert (costly[:, 1] >= 0).any()
    free = reasons_of(model, stage.test.values, SCALE, np.arange(6))
    assert np.array_equal(free[:, :2], costly[:, :2])
    assert (free[:, 2] >= 0).any()


def test_the_interval_over_refits_is_the_jackknife_of_the_mean_over_pairs() -> None:
    stage = _stage()
    models = [refit_quickly(redrawn(stage, draw), stage.features, stage.recipe) for draw in range(4)]

    def mean(chosen: list[Model]) -> float:
        return agreement("bootstrap", chosen, stage.test, SCALE, CUTS, OF_FAMILY).reasons_kept.value

    without = np.array([mean([one for one in models if one is not left]) for left in models])
    error = np.sqrt(3 / 4 * np.sum((without - without.mean()) ** 2))
    found = agreement("bootstrap", models, stage.test, SCALE, CUTS, OF_FAMILY).reasons_kept
    assert found.high - found.value == pytest.approx(student.ppf(0.975, 3) * error)
    two = agreement("bootstrap", models[:2], stage.test, SCALE, CUTS, OF_FAMILY)
    assert (two.reasons_kept.low, two.reasons_kept.high) == (0.0, 1.0)
    alone = agreement("bootstrap", models[:1], stage.test, SCALE, CUTS, OF_FAMILY)
    assert alone.as_json()["reasons_kept"]["value"] is None
