from __future__ import annotations

from functools import cache

import lightgbm
import numpy as np
import pytest
from tests.scoring.ensembles import FEATURES, LEVELS, made

from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import probability
from certloan.scoring.compiling import Shares, compile_bags
from certloan.scoring.growing import boosters, curves
from certloan.scoring.growing.boosters import champion_settings, grow_bags
from certloan.scoring.growing.champion import Grown, grow_champion
from certloan.scoring.growing.curves import Curves, draw_curves
from certloan.scoring.growing.deals import aside_of, how_many_parts
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature, encode
from certloan.scoring.tables import Tables

QUICK = Recipe(bags=5, pairs=3, rounds=80, screen=False)


@cache
def _sample(rows: int = 2000) -> Sample:
    data = made(rows)
    return Sample(encode(data.matrix, FEATURES), data.defaulted, data.weights / data.weights.mean())


@cache
def _grown() -> Grown:
    return grow_champion(_sample(), FEATURES, QUICK)


def test_every_deal_sets_every_row_aside_once_and_every_part_holds_its_share_of_defaults() -> None:
    sample, recipe = _sample(), Recipe()
    parts = how_many_parts(sample, recipe)
    for deal in range(2):
        aside = np.array([aside_of(sample, recipe, deal * parts + part) for part in range(parts)])
        assert (aside.sum(axis=0) == 1).all()
        bad = (aside * sample.defaulted).sum(axis=1)
        assert bad.max() - bad.min() <= 1
    assert not np.array_equal(aside_of(sample, recipe, 0), aside_of(sample, recipe, parts))


def test_all_bags_stop_at_the_round_that_is_best_for_the_rows_they_set_aside_together() -> None:
    sample = _sample()
    bags = grow_bags(sample, FEATURES, QUICK, [champion_settings(FEATURES)])
    assert len(set(bags.trees)) == 1

    def pooled(rounds: int) -> float:
        loss = 0.0
        for number, text in enumerate(bags.boosters):
            aside = aside_of(sample, QUICK, number)
            booster = lightgbm.Booster(model_str=text)
            margin = booster.predict(sample.values[aside], raw_score=True, num_iteration=rounds)
            loss += float(np.sum(sample.take(aside).surprise(np.asarray(margin))))
        return loss

    best = bags.trees[0]
    assert pooled(best) <= min(pooled(rounds) for rounds in range(max(best - 20, 1), best)) + 1e-9


#: So few rounds that curves still have something to add.
BLENDED = Recipe(bags=5, pairs=3, rounds=15, screen=False)


@cache
def _blended() -> tuple[Grown, Curves]:
    return grow_champion(_sample(), FEATURES, BLENDED), draw_curves(_sample(), FEATURES, BLENDED, 5)


def test_the_tables_are_the_blend_of_curves_and_trees_to_nine_digits() -> None:
    """Added up by LightGBM's own prediction and the curves' own look-up, on rows with every value missing at times."""
    sample = _sample()
    grown, drawn = _blended()
    share = grown.account["weights"]
    assert min(share["curves"], share["trees"]) > 0.05
    whole = np.zeros(len(sample.values))
    for text, steps in zip(grown.bags.boosters, drawn.steps, strict=True):
        trees = lightgbm.Booster(model_str=text).predict(sample.values, raw_score=True)
        whole += share["trees"] * np.asarray(trees) + share["curves"] * steps.margin(sample.values)
    np.testing.assert_allclose(grown.tables.margin(sample.values), whole / len(drawn.steps), atol=1e-9)


def test_set_aside_rows_are_told_the_blend_of_what_they_were_not_learnt_from() -> None:
    sample = _sample()
    grown, drawn = _blended()
    aside = aside_of(sample, BLENDED, 2)
    trees = lightgbm.Booster(model_str=grown.bags.boosters[2]).predict(sample.values[aside], raw_score=True)
    share = grown.account["weights"]
    expected = share["trees"] * np.asarray(trees) + share["curves"] * drawn.steps[2].margin(sample.values[aside])
    np.testing.assert_allclose(grown.bags.unseen[aside], expected, atol=1e-9)


def test_the_same_model_grows_on_one_thread_and_on_two(monkeypatch: pytest.MonkeyPatch) -> None:
    def fingerprint() -> str:
        grown = grow_champion(_sample(800), FEATURES, Recipe(bags=5, pairs=2, rounds=30))
        return Bundle(FEATURES, grown.tables, grown.calibrator, boosters=grown.bags.boosters).fingerprint

    two = fingerprint()
    monkeypatch.setattr(boosters, "WORKERS", 1)
    monkeypatch.setattr(curves, "WORKERS", 1)
    assert fingerprint() == two


def test_bags_of_random_thresholds_stop_among_themselves() -> None:
    plain = champion_settings(FEATURES)
    shapes = [plain | {"extra_trees": number % 2 == 1} for number in range(5)]
    bags = grow_bags(_sample(), FEATURES, Recipe(bags=5, rounds=300), shapes)
    assert bags.trees[0] == bags.trees[2] == bags.trees[4]
    assert bags.trees[1] == bags.trees[3]
    assert bags.trees[0] != bags.trees[1]
    again = grow_bags(_sample(), FEATURES, Recipe(bags=5, rounds=300), shapes, rounds=bags.trees)
    assert again.boosters == bags.boosters


def test_no_known_value_of_better_evidence_raises_the_risk_of_any_row() -> None:
    """Every known value of a directed feature is put in place of every row's own: the margin may only fall."""
    sample, tables = _sample(), _grown().tables
    for position, feature in enumerate(FEATURES):
        if feature.direction == 0:
            continue
        known = np.sort(sample.values[:, position][~np.isnan(sample.values[:, position])])[::40]
        swept = np.repeat(sample.values[:150], len(known), axis=0)
        swept[:, position] = np.tile(known, 150)
        rises = np.diff(tables.margin(swept).reshape(150, -1), axis=1) * feature.direction
        assert rises.max() <= 1e-12
        assert rises.min() < -1e-6


def test_the_number_of_pairs_is_chosen_by_the_set_aside_rows() -> None:
    """Two features that tell only together need their pair; without such, pairs are given up."""
    random = np.random.default_rng(8)
    values = np.asfortranarray(random.normal(size=(1200, 3)))
    features = tuple(ModelFeature(f"x{at}") for at in range(3))

    def grown(margin: Floats) -> Grown:
        defaulted = (random.random(1200) < probability(margin)).astype(float)
        return grow_champion(Sample(values, defaulted, np.ones(1200)), features, Recipe(rounds=500))

    joint = grown(2.0 * values[:, 0] * values[:, 1] - 1.0)
    assert (0, 1) in {(pair.first, pair.second) for pair in joint.tables.pairs}
    alone = grown(values[:, 0] - values[:, 1] - 1.0)
    assert alone.tables.pairs == ()
    tried = {entry["pairs"]: entry["log_loss"] for entry in alone.account["tried"]}
    assert tried[0] < max(tried.values()) + 0.01


def test_a_value_that_some_rows_miss_has_a_cell_of_its_own_that_may_break_the_direction() -> None:
    """Missing is worse here than the worst known value and better than the best for another column: both are heard."""
    random = np.random.default_rng(2)
    values = np.asfortranarray(random.normal(size=(4000, 2)))
    hidden = random.random((4000, 2)) < 0.25
    margin = -1.0 - 0.4 * values[:, 0] - 0.4 * values[:, 1] + np.where(hidden, [2.5, -2.5], 0.0).sum(axis=1)
    values[hidden] = np.nan
    defaulted = (random.random(4000) < probability(margin)).astype(float)
    features = (ModelFeature("worse", 1), ModelFeature("better", 1))
    tables = grow_champion(Sample(values, defaulted, np.ones(4000)), features, Recipe(bags=5, rounds=100)).tables
    assert tables.mains[0][-1] > tables.mains[0][:-1].max() + 0.5
    assert tables.mains[1][-1] < tables.mains[1][:-1].min() - 0.5


def test_too_few_rows_to_say_anything_give_a_model_that_says_little() -> None:
    random = np.random.default_rng(3)
    values = np.asfortranarray(random.normal(size=(24, 3)))
    defaulted = np.arange(24) % 8 == 0
    features = tuple(ModelFeature(f"x{at}", 1) for at in range(3))
    tables = grow_champion(Sample(values, defaulted.astype(float), np.ones(24)), features, Recipe()).tables
    assert np.isfinite(tables.margin(values)).all()
    assert np.ptp(tables.margin(values)) < 8.0


def test_one_cell_holds_each_level_even_where_trees_read_a_statistic(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the statistic forced on five levels, the tables still agree with what the trees say of each row."""
    from certloan.scoring.growing import levels

    monkeypatch.setattr(levels, "FEW_LEVELS", 2)
    sample = _sample()
    bags = grow_bags(sample, FEATURES, QUICK, [champion_settings(FEATURES)])
    assert all(columns[5].of_level is not None for columns in bags.columns)
    tables: Tables = compile_bags([[(1.0, forest)] for forest in bags.forests], FEATURES, sample.values, sample.weights)
    assert tables.axes[5].bins == len(LEVELS) + 1
    said = np.mean(
        [
            lightgbm.Booster(model_str=forest.text).predict(forest.read(sample.values), raw_score=True)
            for forest in bags.forests
        ],
        axis=0,
    )
    np.testing.assert_allclose(tables.margin(sample.values), said, atol=1e-9)


def test_a_bag_says_nothing_of_a_feature_that_it_may_not_read() -> None:
    """Every bag but the first is kept from a number and from the text: all their cells come from the first bag."""
    sample = _sample()
    reads = np.ones((5, len(FEATURES)), dtype=np.bool_)
    reads[1:, [0, 5]] = False
    grown = grow_champion(sample, FEATURES, BLENDED, reads=reads)
    drawn = draw_curves(sample, FEATURES, BLENDED, 5, reads)
    assert all(not steps.cells[at].any() for steps in drawn.steps[1:] for at in (0, 5))
    assert all(drawn.steps[0].cells[at].any() for at in (0, 5))
    for number, (forest, steps) in enumerate(zip(grown.bags.forests, drawn.steps, strict=True)):
        share = grown.account["weights"]
        shares: Shares = [(share["curves"], steps), (share["trees"], forest)]
        tables = compile_bags([shares], FEATURES, sample.values, sample.weights)
        assert [bool(tables.mains[at].any()) for at in (0, 5)] == [number == 0] * 2
