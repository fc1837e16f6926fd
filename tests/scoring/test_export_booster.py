"""One native LightGBM model says exactly what any bundle says."""

from __future__ import annotations

from dataclasses import replace

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.scoring.ensembles import made, small_bundle

from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import Calibrator
from certloan.scoring.export.booster import as_booster
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.tables import Axis, Pair, Tables


def hand_made(seed: int) -> Bundle:
    """Tables that no ensemble made: free cells, rows of a pair shared out of order, a feature without any bin."""
    random = np.random.default_rng(seed)
    axes = (
        Axis.of_number(np.sort(random.normal(size=random.integers(1, 40)))),
        Axis.of_levels(5),
        Axis.of_number(np.array([])),
        Axis.of_number(np.array([-1.0, 0.5, 7.0])),
    )
    mains = tuple(random.normal(size=axis.bins) for axis in axes)
    pairs = []
    for first, second in ((0, 1), (1, 3), (0, 3)):
        cells = random.normal(size=(3, 2)).round(1)
        rows = random.integers(0, 3, axes[first].bins)
        pairs.append(Pair(first, second, rows, random.integers(0, 2, axes[second].bins), cells))
    shares = tuple(random.dirichlet(np.ones(axis.bins)) for axis in axes)
    tables = Tables(axes, -2.1, mains, tuple(np.zeros(axis.bins) for axis in axes), shares, tuple(pairs))
    features = (
        ModelFeature("n"),
        # Every other bundle has learnt what a missing text means.
        ModelFeature("text", levels=("" if seed % 2 else "a", "b", "c", "d", "e")),
        ModelFeature("flat"),
        ModelFeature("a b"),
    )
    return Bundle(features, tables, Calibrator(0.8, 0.3))


def margin(bundle: Bundle, values: Floats) -> Floats:
    return bundle.calibrator.apply(bundle.tables.margin(values))


def raw(bundle: Bundle, values: Floats) -> Floats:
    return np.asarray(lightgbm.Booster(model_str=as_booster(bundle)).predict(values, raw_score=True, num_threads=1))


def test_a_compiled_ensemble_comes_back_as_one_model_with_the_same_log_odds() -> None:
    bundle = small_bundle()
    values = bundle.encode(made(800, seed=3).matrix)
    np.testing.assert_allclose(raw(bundle, values), margin(bundle, values), rtol=0, atol=1e-9)


@given(seed=some.integers(0, 10_000))
def test_tables_that_no_ensemble_made_come_back_too_on_every_edge(seed: int) -> None:
    bundle = hand_made(seed)
    edges = np.concatenate([axis.thresholds for axis in bundle.tables.axes if axis.thresholds is not None])
    odd = np.array([np.nan, np.inf, -np.inf, 0.0, 1.0, 2.0, 4.0, 4.5, 5.0, 9.0, -1.0, -0.5, 1e300])
    pool = np.concatenate([edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf), odd])
    values = np.random.default_rng(seed + 1).choice(pool, size=(200, 4))
    np.testing.assert_allclose(raw(bundle, values), margin(bundle, values), rtol=0, atol=1e-9)


def test_its_probability_is_the_calibrated_one() -> None:
    bundle = small_bundle()
    matrix = made(50, seed=4).matrix
    told = lightgbm.Booster(model_str=as_booster(bundle)).predict(bundle.encode(matrix))
    np.testing.assert_allclose(told, bundle.score(matrix).pd, rtol=0, atol=1e-12)


def test_names_that_lightgbm_cannot_hold_are_written_with_underscores_and_stay_apart() -> None:
    bundle = hand_made(1)
    names = ("a b", "a[b", "a,b", "借款 金额")
    renamed = replace(
        bundle, features=tuple(replace(f, name=name) for f, name in zip(bundle.features, names, strict=True))
    )
    assert lightgbm.Booster(model_str=as_booster(renamed)).feature_name() == ["a_b", "a_b_1", "a_b_2", "借款_金额"]


def test_a_main_attribution_by_lightgbm_is_that_of_the_tables_when_there_are_no_pairs() -> None:
    bundle = hand_made(5)
    alone = replace(bundle, tables=replace(bundle.tables, pairs=()))
    values = np.array([[0.1, 2.0, 3.0, 1.0], [np.nan, 9.0, np.nan, -3.0]])
    told = lightgbm.Booster(model_str=as_booster(alone)).predict(values, pred_contrib=True)
    means = np.array([float(s @ c) for s, c in zip(alone.tables.shares, alone.tables.mains, strict=True)])
    expected = (alone.tables.contributions(values) - means) * alone.calibrator.slope
    np.testing.assert_allclose(np.asarray(told)[:, :-1], expected, rtol=0, atol=1e-4)


def test_a_booster_written_twice_is_the_same_to_the_letter() -> None:
    assert as_booster(hand_made(2)) == as_booster(hand_made(2))


@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_a_table_that_says_nothing_needs_no_tree(slope: float) -> None:
    bundle = small_bundle()
    flat = replace(bundle, tables=replace(bundle.tables, mains=tuple(0 * m for m in bundle.tables.mains), pairs=()))
    model = lightgbm.Booster(model_str=as_booster(replace(flat, calibrator=Calibrator(slope, 0.5))))
    assert model.num_trees() == 1
