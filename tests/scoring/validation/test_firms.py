from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.scoring.validation.rows import FAST, features, honest

from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import ModelFeature
from certloan.scoring.splits import Labels, Split, fold_of
from certloan.scoring.validation.firms import compare_folds
from certloan.scoring.validation.judgement import Verdict
from certloan.scoring.validation.stage import Stage, set_stage, thinned


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=60), st.integers(2, 5))
def test_no_enterprise_stands_on_both_sides(rows: list[tuple[int, bool]], folds: int) -> None:
    firms, defaulted = np.array([firm for firm, _ in rows]), np.array([float(bad) for _, bad in rows])
    part = fold_of(defaulted, folds, 1, firms)
    assert all(len(set(part[firms == firm].tolist())) == 1 for firm in set(firms.tolist()))
    assert set(part.tolist()) <= set(range(folds))


def _repeated(firms: int = 150, loans: int = 8) -> tuple[Sample, np.ndarray]:
    """Firms that keep failing or never do, each with a birthday that says nothing but which firm it is."""
    random = np.random.default_rng(1)
    birthday = np.repeat(random.permutation(firms) * 1.0, loans)
    bad = np.repeat(random.random(firms) < 0.3, loans)
    defaulted = np.where(bad, random.random(firms * loans) < 0.8, random.random(firms * loans) < 0.05).astype(float)
    sample = Sample(
        np.asfortranarray(np.column_stack([birthday, random.normal(size=firms * loans)])),
        defaulted,
        np.ones(firms * loans),
    )
    return sample, np.repeat(np.arange(firms), loans)


def test_a_model_that_recognises_firms_is_found_out() -> None:
    sample, firms = _repeated()
    found = compare_folds(sample, (ModelFeature("birthday"), ModelFeature("noise")), firms, FAST, repeats=1)
    assert found.verdict is Verdict.FAILS
    assert found.by_loan.value > found.by_enterprise.value + 0.05
    assert found.by_enterprise.value < 0.6
    assert found.repeated == 1.0
    assert found.enterprises == 150


def test_folds_of_firms_with_one_loan_each_change_nothing() -> None:
    sample, _ = honest(800)
    found = compare_folds(sample, features(), np.arange(800), FAST, repeats=1)
    assert found.repeated == 0.0
    assert found.difference.low <= 0.0 <= found.difference.high
    assert found.verdict is Verdict.PASSES
    assert found.as_json()["n"] == 800


def test_a_stage_gives_an_enterprise_one_number_on_both_sides() -> None:
    matrix = pa.table({"a": [1.0, 2.0, 3.0, 4.0], "b": [0.0, None, 1.0, 1.0]})
    days = np.arange(4).astype("datetime64[D]")
    labels = Labels(np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 3.0, 2.0, 2.0]), days, days)
    split = Split(np.array([0, 1]), np.array([2, 3]), {})
    stage = set_stage(matrix, labels, split, (ModelFeature("b"), ModelFeature("a")), pa.array(list("xyyz")), FAST)
    assert stage.firms_train.tolist() == [0, 1]
    assert stage.firms_test.tolist() == [1, 2]
    assert stage.train.weights.tolist() == [0.5, 1.5]
    assert np.isnan(stage.train.values[1, 0])
    assert stage.counts["defaults_test"] == 1
    assert stage.positions(["a", "none"]) == [1]


def test_a_thinned_stage_keeps_whole_enterprises_and_its_share_of_defaults() -> None:
    sample, firms = _repeated(400, 4)
    stage = Stage((ModelFeature("birthday"), ModelFeature("noise")), sample, sample, firms, firms, FAST)
    same, everything = thinned(stage)
    assert same is stage
    assert len(everything) == 1600
    thin, kept = thinned(stage, 500)
    assert thin.counts["n_train"] == len(kept) == 400
    assert thin.counts["enterprises_train"] == 100
    assert np.array_equal(thin.firms_train, firms[kept])
    assert thin.train.defaulted.mean() == sample.defaulted[kept].mean()
    assert abs(thin.train.defaulted.mean() - sample.defaulted.mean()) < 0.08
    assert thin.counts["n_test"] == 1600
