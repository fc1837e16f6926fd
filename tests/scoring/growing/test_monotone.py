"""Better evidence never costs points in any booster, whatever is missing and however thresholds are drawn."""

from __future__ import annotations

import numpy as np
import pytest

from certloan.scoring.compiling import compile_boosters
from certloan.scoring.growing.boosters import champion_settings, grow_one
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature

FEATURES = tuple(ModelFeature(f"f{at}", direction) for at, direction in enumerate((-1, 1, -1, 0, -1, -1, 1, -1)))
RECIPE = Recipe(rounds=120, patience=200)


def _sample(seed: int, rows: int = 1500) -> Sample:
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, len(FEATURES)))
    values[:, 0] = np.where(random.random(rows) < 0.5, np.round(values[:, 0], 1), values[:, 0])
    values[random.random(values.shape) < 0.15] = np.nan
    told = np.nan_to_num(values)
    margin = -2 + 0.8 * told[:, 0] - 0.5 * told[:, 1] + 0.6 * told[:, 2] * (told[:, 3] > 0) + 0.3 * told[:, 4]
    defaulted = (random.random(rows) < 1 / (1 + np.exp(-margin))).astype(np.float64)
    return Sample(np.asfortranarray(values), defaulted, np.ones(rows))


def _worst_step(margin: Floats, direction: int) -> float:
    """The largest rise of the risk over a step to better evidence; rows are cases, columns steps upwards."""
    return float((np.diff(margin, axis=1) * direction).max(initial=0.0))


@pytest.mark.parametrize("random_thresholds", [False, True])
@pytest.mark.parametrize("seed", [0, 3, 5])
def test_no_step_to_better_evidence_raises_the_risk(seed: int, random_thresholds: bool) -> None:
    sample = _sample(seed)
    shape = {**champion_settings(FEATURES), "extra_trees": random_thresholds, "seed": seed}
    booster = grow_one(sample, sample, FEATURES, RECIPE, shape)
    tables = compile_boosters([booster.model_to_string()], FEATURES, sample.values, sample.weights)
    assert len(tables.pairs) > 3
    cases = sample.values[:40]
    for at, (feature, axis) in enumerate(zip(FEATURES, tables.axes, strict=True)):
        if not feature.direction or axis.thresholds is None:
            continue
        steps = np.append(axis.thresholds, np.inf)
        rows = np.repeat(cases, len(steps), axis=0)
        rows[:, at] = np.tile(steps, len(cases))
        margin = tables.margin(np.asfortranarray(rows)).reshape(len(cases), -1)
        assert _worst_step(margin, feature.direction) <= 1e-9, feature.name
