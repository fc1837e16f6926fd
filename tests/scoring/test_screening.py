from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from certloan.errors import InputError
from certloan.scoring.calibration import fitted_line, probability
from certloan.scoring.growing.champion import grow_champion
from certloan.scoring.growing.fit import Prepared, fit_prepared
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.growing.screening import beats_chance, needs_screening
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.splits import Labels, RandomSplit, fold_of, split
from certloan.scoring.trial import Terms, Trial, hold_trial

RECIPE = Recipe()
QUICK = Recipe(bags=2, pairs=4, rounds=200)
NOISE = tuple(f"noise{at}" for at in range(24))


@cache
def _columns(rows: int = 4000, seed: int = 4, noise: tuple[str, ...] = NOISE) -> tuple[dict[str, Floats], Floats]:
    """One strong, one weak and one joint signal among columns that say nothing; a count and gaps among the noise."""
    random = np.random.default_rng(seed)
    columns = {name: random.normal(size=rows) for name in ("strong", "weak", "left", "right", *noise)}
    for name in NOISE[:8]:
        columns[name] = random.poisson(2.0, rows).astype(float)
    for name in NOISE[::3]:
        columns[name][random.random(rows) < 0.3] = np.nan
    margin = -2.0 - 0.9 * columns["strong"] - 0.22 * columns["weak"] + 0.8 * columns["left"] * columns["right"]
    return columns, (random.random(rows) < probability(margin)).astype(float)


#: Half of the noise claims a direction, as half of a real catalogue does.
DIRECTIONS = {"strong": 1, "weak": 1, "left": 0, "right": 0, **{name: at % 2 for at, name in enumerate(NOISE)}}


def _told(sample: Sample, features: tuple[ModelFeature, ...], recipe: Recipe = RECIPE) -> NDArray[np.bool_]:
    """Which features beat chance, for each of four parts of the rows without that part."""
    return beats_chance(sample, features, recipe, fold_of(sample.defaulted, 4, 9))


@cache
def _kept(rows_seed: int, seed: int = 1) -> list[set[str]]:
    columns, defaulted = _columns(seed=rows_seed)
    values = np.asfortranarray(np.column_stack([columns[name] for name in DIRECTIONS]))
    features = tuple(ModelFeature(name, direction) for name, direction in DIRECTIONS.items())
    told = _told(Sample(values, defaulted, np.ones(len(defaulted))), features, Recipe(seed=seed))
    return [{feature.name for feature, kept in zip(features, one, strict=True) if kept} for one in told]


@pytest.mark.parametrize("rows_seed", [4, 5, 6])
def test_noise_stays_out_weak_but_directed_signals_stay_and_joint_ones_leave_a_trace(rows_seed: int) -> None:
    free_noise = {name for name in NOISE if DIRECTIONS[name] == 0}
    assert len(_kept(rows_seed)) == 4
    # Each booster learns from half of the rows, which may be too few for one side of a joint signal.
    assert set.union(*_kept(rows_seed)) & {"left", "right"}
    for kept in _kept(rows_seed):
        assert {"strong", "weak"} <= kept
        assert not kept & free_noise
        # A directed column of noise may pass by luck, about one in twenty.
        assert len(kept & set(NOISE)) <= 1


def test_the_same_seed_keeps_the_same_features() -> None:
    assert _kept(4) == _kept.__wrapped__(4)


def test_a_signal_against_its_declared_direction_does_not_pass() -> None:
    columns, defaulted = _columns(seed=4)
    names = ("strong", "weak", *NOISE[:4])
    values = np.asfortranarray(np.column_stack([columns[name] for name in names]))
    features = (ModelFeature("strong", -1), ModelFeature("weak", 1), *(ModelFeature(name, 1) for name in NOISE[:4]))
    told = _told(Sample(values, defaulted, np.ones(len(defaulted))), features, QUICK)
    assert not told[:, 0].any()


#: So many columns of noise that there are fewer than two defaults for each column.
MUCH_NOISE = (*NOISE, *(f"more{at}" for at in range(72)))


def _trial(directions: dict[str, int], rows: int) -> Trial:
    columns, defaulted = _columns(rows, 4, MUCH_NOISE)
    days = np.datetime64("2024-01-01") + np.arange(len(defaulted)).astype("timedelta64[D]")
    labels = Labels(defaulted, np.ones(len(defaulted)), days, days + np.timedelta64(365, "D"))
    matrix = pa.table({name: pa.array(columns[name], from_pandas=True) for name in directions})
    return hold_trial(matrix, labels, split(RandomSplit(), labels), Terms(directions, QUICK, rivals=False))


def test_noise_is_dropped_by_name_and_never_reaches_the_champion_where_columns_are_many() -> None:
    directions = {"strong": 1, "weak": 1, "left": 0, "right": 0, **dict.fromkeys(MUCH_NOISE, 0)}
    trial = _trial(directions, 1000)
    names = {feature.name for feature in trial.kept.features}
    assert names | set(trial.kept.dropped) == set(directions)
    assert not names & set(trial.kept.dropped)
    assert "strong" in names
    assert len(names & set(MUCH_NOISE)) <= 1
    assert set(trial.kept.dropped.values()) == {"noise"}
    assert len(trial.kept.grown.tables.axes) == len(names)


def test_columns_with_defaults_enough_are_left_to_the_shrinkage() -> None:
    columns, defaulted = _columns(seed=4)
    sample = Sample(np.column_stack([columns[name] for name in DIRECTIONS]), defaulted, np.ones(len(defaulted)))
    features = tuple(ModelFeature(name) for name in DIRECTIONS)
    assert not needs_screening(sample, features)
    few = sample.take(np.arange(len(defaulted)) < 500)
    assert needs_screening(few, features * 3)
    assert not needs_screening(few.take(np.arange(200)), features * 3)


def _noisy(rows: int, random: np.random.Generator) -> tuple[Floats, Floats]:
    """Four signals among two hundred columns that say nothing; about one row in ten defaults."""
    values = np.asfortranarray(random.normal(size=(rows, 204)))
    margin = -2.4 - 0.4 * values[:, :4].sum(axis=1)
    return values, (random.random(rows) < probability(margin)).astype(float)


def test_a_choice_of_columns_does_not_flatter_the_slope() -> None:
    """150 defaults, 204 columns: chosen without the rows that calibrate the slope holds on new rows, else it does not."""
    random, recipe = np.random.default_rng(6), Recipe(bags=8, pairs=0, rounds=300)
    values, defaulted = _noisy(1400, random)
    features = tuple(ModelFeature(f"x{at}", 1 if at < 4 or at % 2 else 0) for at in range(204))
    sample = Sample(values, defaulted, np.ones(1400))
    fitted = fit_prepared(Prepared(sample, features, {}), recipe)
    kept = [features.index(feature) for feature in fitted.features]
    # The same columns, each bag reading those that other bags chose with its set-aside rows in sight.
    once = grow_champion(sample.of_columns(kept), fitted.features, recipe)
    later, became = _noisy(10_000, random)

    def reached(margin: Floats) -> tuple[float, float]:
        line = fitted_line(margin, became, np.ones(len(became)))
        return line.slope - 1.96 * line.slope_error, line.slope + 1.96 * line.slope_error

    low, high = reached(fitted.margin(later[:, kept]))
    assert low < 1.0 < high
    assert reached(once.calibrator.apply(once.tables.margin(later[:, kept])))[1] < 0.9


def test_every_bag_reads_only_what_was_chosen_without_the_rows_that_it_sets_aside() -> None:
    random, recipe = np.random.default_rng(6), Recipe(pairs=4, rounds=60)
    values, defaulted = _noisy(1400, random)
    features = tuple(ModelFeature(f"x{at}") for at in range(204))
    fitted = fit_prepared(Prepared(Sample(values, defaulted, np.ones(1400)), features, {}), recipe)
    assert fitted.reads is not None
    assert len(fitted.reads) == len(fitted.grown.bags.boosters)
    assert fitted.reads.any(axis=0).all()
    assert not fitted.reads.all()
    for forest, allowed in zip(fitted.grown.bags.forests, fitted.reads, strict=True):
        assert {feature for feature, _ in forest.cuts()} <= set(np.flatnonzero(allowed).tolist())


def test_data_that_carry_nothing_are_refused() -> None:
    with pytest.raises(InputError) as refused:
        _trial(dict.fromkeys(NOISE[:6], 0), 4000)
    assert refused.value.code == "no-signal"
    assert refused.value.facts["found"] == 6
