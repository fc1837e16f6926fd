from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scoring.ensembles import FEATURES, made

from certloan.errors import InputError
from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import probability
from certloan.scoring.growing.boosters import grow_bags
from certloan.scoring.growing.champion import Grown, grow_champion
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature, encode, learn_features
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.splits import FoldSplit, Labels, RandomSplit, split
from certloan.scoring.trees import parse_trees
from certloan.scoring.trial import Terms, hold_trial

QUICK = Recipe(bags=3, pairs=2, rounds=120, screen=False)


def _sample(rows: int = 3000, seed: int = 1) -> Sample:
    data = made(rows, seed)
    return Sample(encode(data.matrix, FEATURES), data.defaulted, data.weights / data.weights.mean())


@cache
def _champion() -> Grown:
    return grow_champion(_sample(), FEATURES, QUICK)


def test_the_same_seed_grows_the_same_model_and_another_seed_another() -> None:
    once, again = _champion(), grow_champion(_sample(), FEATURES, QUICK)
    assert once.bags.boosters == again.bags.boosters
    assert once.calibrator == again.calibrator
    other = grow_champion(_sample(), FEATURES, Recipe(seed=2, bags=3, pairs=2, rounds=120))
    assert other.bags.boosters != once.bags.boosters


def test_only_the_chosen_pairs_stand_in_the_tables() -> None:
    champion = _champion()
    assert champion.price["pairs_free"] > len(champion.tables.pairs) > 0
    assert len(champion.tables.pairs) <= 2
    assert (3, 4) in {(pair.first, pair.second) for pair in champion.tables.pairs}


def test_no_pairs_give_a_model_of_single_features() -> None:
    alone = grow_champion(_sample(), FEATURES, Recipe(bags=2, pairs=0, rounds=60))
    assert alone.tables.pairs == ()
    assert alone.price["auc"] < alone.price["auc_free"] - 0.005


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2999), st.floats(-4, 4), st.floats(-4, 4))
def test_better_evidence_never_costs_points(row: int, one: float, other: float) -> None:
    champion = _champion()
    worse, better = sorted((one, other))
    for feature, direction in ((0, +1), (1, -1)):
        rows = np.repeat(_values()[row : row + 1], 2, axis=0)
        rows[:, feature] = (worse, better)
        margin = champion.tables.margin(rows)
        points = champion.tables.contributions(rows)[:, feature]
        assert direction * (margin[1] - margin[0]) <= 1e-12
        assert direction * (points[1] - points[0]) <= 1e-12


@cache
def _values() -> Floats:
    return _sample().values


def test_a_constraint_can_be_seen_to_bind() -> None:
    against = (ModelFeature("n0", -1), *FEATURES[1:])
    bound = grow_champion(_sample(), against, QUICK)
    assert bound.price["auc"] < _champion().price["auc"] - 0.01


def test_a_row_is_heard_only_by_boosters_that_had_not_seen_it() -> None:
    sample = _sample(1500)
    noise = Sample(np.asfortranarray(np.random.default_rng(0).normal(size=(1500, 4))), sample.defaulted, sample.weights)
    features = tuple(ModelFeature(f"x{at}") for at in range(4))
    shapes = [{"num_leaves": 31, "min_data_in_leaf": 5}]
    bags = grow_bags(noise, features, Recipe(bags=5, patience=500, rounds=60), shapes)
    assert np.isfinite(bags.unseen).all()
    # Pure noise, learnt by heart: an unseen row is ranked no better than by chance.
    assert abs(auc_interval(noise.defaulted, bags.unseen).value - 0.5) < 0.06


def test_case_weights_move_the_level() -> None:
    sample = _sample()
    heavy = Sample(sample.values, sample.defaulted, np.where(sample.defaulted > 0, 4.0, 1.0))
    light, weighted = _champion(), grow_champion(heavy, FEATURES, QUICK)
    for grown, weights in ((light, sample.weights), (weighted, heavy.weights)):
        pd = probability(grown.calibrator.apply(grown.tables.margin(sample.values)))
        assert np.average(pd, weights=weights) == pytest.approx(np.average(sample.defaulted, weights=weights), rel=0.03)


def test_stored_models_hold_no_extremes_of_the_training_rows() -> None:
    largest = repr(float(np.nanmax(_sample().values[:, 0])))
    assert all(largest not in text for text in _champion().bags.boosters)
    assert all(len(parse_trees(text)) == trees for text, trees in zip(*_parts(_champion()), strict=True))


def _parts(grown: Grown) -> tuple[tuple[str, ...], tuple[int, ...]]:
    return grown.bags.boosters, grown.bags.trees


def test_columns_that_cannot_teach_are_named() -> None:
    matrix = pa.table(
        {
            "good": [1.0, 2.0, None, 4.0] * 10,
            "same": [3.0] * 40,
            "sometimes": [3.0, None] * 20,
            "never": pa.array([None] * 40, pa.float64()),
            "void": pa.nulls(40),
            "word": ["甲", "乙"] * 20,
            "rare": [f"第{at}" for at in range(40)],
        }
    )
    features, dropped = learn_features(matrix, dict.fromkeys(matrix.column_names, 1))
    assert [feature.name for feature in features] == ["good", "sometimes", "word"]
    assert dropped == {"same": "constant", "never": "missing", "void": "missing", "rare": "rare"}
    word = features[2]
    assert (word.levels, word.direction, word.missing_seen) == (("乙", "甲"), 0, False)


def test_pairs_that_are_priced_were_chosen_without_the_rows_that_price_them() -> None:
    """On noise learnt by heart, pairs chosen with all rows in sight would rank the very rows that they were chosen by."""
    random = np.random.default_rng(6)
    values = np.asfortranarray(random.normal(size=(1200, 14)))
    defaulted = (random.random(1200) < 0.3).astype(float)
    sample = Sample(values, defaulted, np.ones(1200))
    features = tuple(ModelFeature(f"x{at}") for at in range(14))
    recipe = Recipe(bags=8, pairs=5, rounds=60, patience=60, settings={"min_data_in_leaf": 5})
    grown = grow_champion(sample, features, recipe)
    assert len(grown.tables.pairs) <= 5
    # A fold that was learnt too well elsewhere is ranked a little worse than by chance, never better.
    assert float(grown.price["auc"]) < 0.54


def _labels(rows: int) -> Labels:
    data = made(rows)
    days = np.datetime64("2024-01-01") + np.arange(rows).astype("timedelta64[D]")
    return Labels(data.defaulted, data.weights, days, days + np.timedelta64(365, "D"))


def test_a_trial_judges_champion_and_rivals_on_the_same_rows() -> None:
    labels = _labels(2000)
    terms = Terms({"n0": 1, "n1": -1, "n2": 0, "n3": 0, "n4": 0, "trade": 0}, QUICK)
    trial = hold_trial(made(2000).matrix, labels, split(RandomSplit(), labels), terms)
    assert set(trial.margins) == {"champion", "scorecard", "ceiling"}
    assert {len(margin) for margin in trial.margins.values()} == {len(trial.judged)}
    assert trial.performance.n == len(trial.judged)
    assert trial.performance.auc_low > 0.55
    for rival in trial.rivals.values():
        assert rival["difference"] == pytest.approx(trial.performance.auc - rival["auc"], abs=1e-5)
    bundle = Bundle(trial.kept.features, trial.kept.grown.tables, trial.kept.grown.calibrator)
    scored = bundle.score(made(2000).matrix.take(pa.array(trial.judged)))
    np.testing.assert_allclose(scored.margin, trial.margins["champion"], atol=1e-12)


def test_a_trial_in_folds_judges_every_row_and_keeps_a_model_of_all() -> None:
    labels = _labels(600)
    terms = Terms({"n0": 1, "n1": -1, "n2": 0}, Recipe(bags=2, pairs=1, rounds=40, screen=False), rivals=False)
    trial = hold_trial(made(600).matrix, labels, split(FoldSplit(3), labels), terms)
    assert sorted(trial.judged) == list(range(600))
    assert len(trial.split.train) == 600
    assert trial.rivals == {}


def test_nothing_to_learn_from_is_told() -> None:
    labels = _labels(600)
    matrix = pa.table({"same": [1.0] * 600, "never": pa.nulls(600, pa.float64())})
    with pytest.raises(InputError) as refused:
        hold_trial(matrix, labels, split(RandomSplit(), labels), Terms({"same": 0, "never": 0}, QUICK))
    assert refused.value.code == "no-features"
