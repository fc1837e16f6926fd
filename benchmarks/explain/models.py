"""What the speeds are measured on: the tables that are served, the boosters behind them, and a deep booster."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import lightgbm
import numpy as np
import shap

from certloan.scoring.compiling import compile_boosters
from certloan.scoring.growing.champion import grow_champion
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.tables import Tables

FEATURES = 60
BACKGROUND = 100
_MISSING = 0.05
_DEEP = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.05, "num_threads": 1, "verbosity": -1}
_DEEP_TREES = 500


@dataclass(frozen=True, eq=False)
class Models:
    """The champion's tables, its boosters, and a deep booster without limits."""

    tables: Tables
    bags: list[lightgbm.Booster]
    deep: lightgbm.Booster
    compile_seconds: float


def made_rows(rows: int, seed: int = 1) -> Sample:
    """Draw rows with a few strong features, two pairs and some gaps."""
    random = np.random.default_rng(seed)
    values = np.asfortranarray(random.normal(size=(rows, FEATURES)))
    weights = np.random.default_rng(0).normal(size=FEATURES) * 0.3
    margin = -2.5 + values @ weights + 0.5 * values[:, 0] * values[:, 1] - 0.4 * values[:, 2] * (values[:, 3] > 0)
    defaulted = (random.random(rows) < 1 / (1 + np.exp(-margin))).astype(float)
    values[random.random(values.shape) < _MISSING] = np.nan
    return Sample(values, defaulted, np.ones(rows))


def trained(sample: Sample) -> Models:
    """Grow the champion with eight bags and forty pairs, and the deep booster."""
    # Stored models keep no node weights, which pred_contrib needs: here they stay.
    with patch("certloan.scoring.growing.boosters.slim", str):
        grown = grow_champion(sample, names(), Recipe(rounds=400, bags=8, pairs=40, learning_rate=0.1))
    started = time.process_time()
    compile_boosters(grown.bags.boosters, names(), sample.values, sample.weights)
    compiled = time.process_time() - started
    deep = lightgbm.train(_DEEP, lightgbm.Dataset(sample.values, sample.defaulted), _DEEP_TREES)
    return Models(grown.tables, [lightgbm.Booster(model_str=text) for text in grown.bags.boosters], deep, compiled)


def names() -> tuple[ModelFeature, ...]:
    """Give the features, all of them numbers without a direction."""
    return tuple(ModelFeature(f"x{at}") for at in range(FEATURES))


def interventional(booster: lightgbm.Booster, background: Floats) -> Any:  # noqa: ANN401
    """Give shap's explainer against a background: the values that our tables hold."""
    everybody = shap.maskers.Independent(background, max_samples=len(background))
    return shap.TreeExplainer(booster, everybody, feature_perturbation="interventional")


def difference_from_shap(models: Models, sample: Sample) -> float:
    """Tables of one booster against shap's values of that booster, both against the same background."""
    background, rows = sample.values[:BACKGROUND], sample.values[BACKGROUND : BACKGROUND + 200]
    booster = models.bags[0]
    tables = compile_boosters([booster.model_to_string()], names(), background, np.ones(BACKGROUND))
    return float(np.abs(tables.contributions(rows) - interventional(booster, background).shap_values(rows)).max())


def difference_from_boosters(models: Models, sample: Sample) -> float:
    """Tables of the boosters against what the boosters say."""
    texts = [booster.model_to_string() for booster in models.bags]
    tables = compile_boosters(texts, names(), sample.values, sample.weights)
    raw = np.mean([booster.predict(sample.values, raw_score=True) for booster in models.bags], axis=0)
    return float(np.abs(tables.margin(sample.values) - raw).max())
