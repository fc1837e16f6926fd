"""Small real ensembles for the tests: made data with missing values, ties, a text column and an interaction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa

from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import Calibrator
from certloan.scoring.compiling import compile_boosters
from certloan.scoring.matrix import Floats, ModelFeature, encode

LEVELS = ("制造", "农业", "建筑", "批发", "零售")


@dataclass(frozen=True, eq=False)
class Made:
    """A table as the warehouse gives it, with what became of each row."""

    matrix: pa.Table
    defaulted: Floats
    weights: Floats


@cache
def made(rows: int = 1500, seed: int = 1) -> Made:
    """Five numbers (one whole, one without any missing value) and one text; ``n0`` is good, ``n1`` bad evidence.

    ``n3`` and ``n4`` tell only together.
    """
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(rows, 5))
    numbers[:, 2] = random.poisson(2.0, rows)
    text = random.integers(0, len(LEVELS), rows)
    margin = -1.6 - 0.9 * numbers[:, 0] + 0.7 * numbers[:, 1] + 1.2 * numbers[:, 3] * numbers[:, 4]
    defaulted = (random.random(rows) < 1 / (1 + np.exp(-margin - 0.4 * (text == 1)))).astype(float)
    holes = random.random((rows, 5)) < 0.1
    holes[:, 3] = False
    columns: dict[str, Any] = {"application_id": [f"A{at:05d}" for at in range(rows)]}
    for at in range(5):
        columns[f"n{at}"] = pa.array(numbers[:, at], pa.float64(), mask=holes[:, at])
    columns["trade"] = pa.array([LEVELS[code] for code in text], pa.string(), mask=random.random(rows) < 0.05)
    return Made(pa.table(columns), defaulted, random.uniform(0.5, 3.0, rows))


FEATURES = (
    ModelFeature("n0", +1),
    ModelFeature("n1", -1),
    ModelFeature("n2"),
    ModelFeature("n3", 0, None, False),
    ModelFeature("n4"),
    ModelFeature("trade", 0, LEVELS),
)


def grow(values: Floats, defaulted: Floats, weights: Floats | None = None, rounds: int = 40, **settings: Any) -> Any:
    """Train one shallow booster on encoded rows whose last column is a text."""
    chosen = {
        "objective": "binary",
        "num_leaves": 4,
        "max_depth": 2,
        "learning_rate": 0.2,
        "min_data_in_leaf": 5,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
        "feature_pre_filter": False,
        **settings,
    }
    data = lightgbm.Dataset(values, defaulted, weight=weights, categorical_feature=[values.shape[1] - 1], params=chosen)
    return lightgbm.train(chosen, data, rounds)


@cache
def small_bundle(seed: int = 1) -> Bundle:
    """A bundle of three boosters over the made data, calibrated by hand."""
    data = made(seed=seed)
    values = encode(data.matrix, FEATURES)
    texts = tuple(
        grow(values, data.defaulted, data.weights, seed=at, bagging_freq=1, bagging_fraction=0.6).model_to_string()
        for at in range(3)
    )
    tables = compile_boosters(texts, FEATURES, values, data.weights)
    return Bundle(FEATURES, tables, Calibrator(0.9, -0.05, fitted=True), boosters=texts, provenance={"seed": seed})
