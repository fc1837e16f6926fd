from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scoring.validation.rows import FAST, features, honest

from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.validation.ablation import Ablation, Added, ablate, shuffle_family, what_it_adds
from certloan.scoring.validation.gains import gain
from certloan.scoring.validation.judgement import Verdict
from certloan.scoring.validation.stage import Integers, Stage

#: x0 and x1 tell, x2 a little, x3 to x5 are noise.
FAMILIES = {"x0": "credit", "x1": "credit", "x2": "certification", "x3": "honour", "x4": "honour", "x5": "size"}


def _stage(rows: int = 1600, seed: int = 1, strength: float = 1.0) -> Stage:
    sample, _ = honest(rows, seed, strength=strength)
    half = rows // 2
    firms = np.random.default_rng(seed).integers(0, rows // 3, rows)
    train, test = sample.take(np.arange(half)), sample.take(np.arange(half, rows))
    return Stage(features(), train, test, firms[:half], firms[half:], FAST)


@cache
def _ablation() -> Ablation:
    return ablate(_stage(), FAMILIES)


def test_the_family_that_tells_most_adds_most_and_a_family_of_noise_adds_nothing() -> None:
    found = _ablation()
    assert found.families[0].family == "credit"
    assert found.families[0].adds.auc.low > 0.03
    assert found.families[0].adds.log_loss.low > 0.0
    noise = next(one for one in found.families if one.family == "honour")
    for figure in (noise.adds.auc, noise.adds.log_loss, noise.adds.brier):
        assert figure.low <= 0.002
        assert abs(figure.value) < 0.01
    assert found.as_json()["defaults_test"] == _stage().counts["defaults_test"]


def _classes(stage: Stage) -> tuple[Integers, Integers]:
    return (stage.train.values[:, 5] > 0).astype(np.int64), (stage.test.values[:, 5] > 0).astype(np.int64)


@cache
def _added(family: str, draws: int = 19) -> Added:
    stage = _stage(1000)
    return what_it_adds(stage, FAMILIES, family, ["x5"], _classes(stage), draws)


def test_a_family_that_tells_gains_more_than_any_of_its_shuffles() -> None:
    found = _added("credit")
    assert found.p_log_loss == found.p_auc == pytest.approx(0.05)
    assert found.verdict is Verdict.PASSES
    assert found.beyond_base.auc.low > 0.1
    assert abs(found.auc_base.value - 0.5) < 0.08
    assert found.as_json()["null"]["draws"] == 19
    assert found.beyond_null.value == pytest.approx(found.beyond_all.auc.value - np.mean(found.null_auc))
    assert found.beyond_null.low > 0.0


def test_a_family_of_noise_gains_what_its_shuffles_gain() -> None:
    found = _added("honour")
    assert found.verdict is Verdict.FAILS
    assert found.beyond_null.low < 0.0 < found.beyond_null.high
    assert min(found.null_log_loss) < found.beyond_all.log_loss.value < max(found.null_log_loss)


def test_the_p_values_of_noise_are_spread_over_the_unit_interval() -> None:
    found = []
    for seed in range(8):
        stage = _stage(400, seed + 10)
        found.append(what_it_adds(stage, FAMILIES, "honour", ["x5"], _classes(stage), 4).p_auc)
    assert min(found) <= 0.4
    assert max(found) >= 0.6
    assert 0.25 < float(np.mean(found)) < 0.95


def test_few_draws_or_few_defaults_decide_nothing() -> None:
    stage = _stage(400)
    found = what_it_adds(stage, FAMILIES, "credit", ["x5"], _classes(stage), 1)
    assert found.verdict is Verdict.TOO_LITTLE
    assert found.as_json()["beyond_null"]["value"] is None


@given(st.integers(0, 200))
def test_a_shuffle_moves_whole_rows_of_whole_enterprises_within_their_class(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, columns = 40, [1, 3]
    firms = np.sort(random.integers(0, 9, rows))
    classes = (firms % 3).astype(np.int64)
    values = np.asfortranarray(np.arange(rows * 6, dtype=float).reshape(rows, 6))
    side = Sample(values, np.zeros(rows), np.ones(rows))
    stage = Stage(features(), side, side, firms, firms, FAST)
    shuffled = shuffle_family(stage, columns, (classes, classes), seed).train.values
    assert np.array_equal(shuffled[:, [0, 2, 4, 5]], values[:, [0, 2, 4, 5]])
    source = (shuffled[:, 1] // 6).astype(int)
    assert np.array_equal(shuffled[:, 3], values[source, 3])
    assert np.array_equal(classes[source], classes)
    for firm in set(firms.tolist()):
        assert len(set(firms[source[firms == firm]].tolist())) == 1


def test_the_gain_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    stage = _stage()
    margins: list[Floats] = [stage.test.values[:, 1] - 1.0, 0.5 * stage.test.values[:, 0] - 1.5]
    found = gain(stage.test, margins[0], margins[1], stage.firms_test)
    y, pds = stage.test.defaulted, [probability(margin) for margin in margins]
    assert found.auc.value == pytest.approx(roc_auc_score(y, pds[0]) - roc_auc_score(y, pds[1]))
    assert found.log_loss.value == pytest.approx(log_loss(y, pds[1]) - log_loss(y, pds[0]))
    assert found.brier.value == pytest.approx(brier_score_loss(y, pds[1]) - brier_score_loss(y, pds[0]))
    assert auc_interval(y, margins[0]).value == pytest.approx(roc_auc_score(y, pds[0]))
