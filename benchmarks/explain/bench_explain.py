"""Exact explanations from tables against TreeSHAP, on the same rows and the same models, in one run.

    python -m benchmarks.explain.bench_explain [--full | --rows N] [--repeats N]

Three questions, in rows per second: the tables; LightGBM's ``pred_contrib`` on the very boosters that the tables were
compiled from, and on a deep model; shap's interventional values against 100 background rows. The contenders take
turns, so that a slow minute of the machine hits all of them; the median counts. Prints a table, then JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import lightgbm
import numpy as np
import shap

from certloan.scoring.compiling import compile_boosters
from certloan.scoring.growing.boosters import grow_bags
from certloan.scoring.growing.champion import grow_champion
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.tables import Tables

FEATURES = 60
TRAIN_ROWS = 20_000
MISSING = 0.05
BACKGROUND = 100
SMALL, FULL = 100_000, 1_000_000
#: The slower a contender, the fewer rows it is given.
SHARES = {
    "tables": 1.0,
    "tables, 2 threads": 1.0,
    "pred_contrib, same": 0.05,
    "pred_contrib, deep": 0.005,
    "shap": 0.001,
}


@dataclass(frozen=True, eq=False)
class Models:
    """The shallow champion with its tables and its boosters, and a deep booster without limits."""

    tables: Tables
    bags: list[lightgbm.Booster]
    deep: lightgbm.Booster


def main() -> int:
    """Train, time every contender in turns, and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    sample = _made(TRAIN_ROWS)
    models, compiled = _train(sample)
    rows = _made(asked.rows or (FULL if asked.full else SMALL), seed=2).values
    contenders = _contenders(models, sample)
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(asked.repeats):
        for name, explain in contenders.items():
            given = rows[: max(20, int(len(rows) * SHARES[name]))]
            started = time.perf_counter()
            explain(given)
            speeds[name].append(len(given) / (time.perf_counter() - started))
    found = {name: round(statistics.median(held)) for name, held in speeds.items()}
    told = {
        "features": FEATURES,
        "pairs": len(models.tables.pairs),
        "cells": models.tables.cells,
        "trees": sum(booster.num_trees() for booster in models.bags),
        "compile_seconds": round(compiled, 3),
        "rows_per_second": found,
        "largest_difference_from_shap": _difference(models, sample),
        "largest_difference_from_boosters": _residue(models, rows[:5000]),
    }
    for name, speed in found.items():
        print(f"{name:22} {speed:>12,} rows/s   1/{found['tables'] / speed:,.1f} of the tables")
    print(json.dumps(told))
    return 0


def _made(rows: int, seed: int = 1) -> Sample:
    random = np.random.default_rng(seed)
    values = np.asfortranarray(random.normal(size=(rows, FEATURES)))
    weights = np.random.default_rng(0).normal(size=FEATURES) * 0.3
    margin = -2.5 + values @ weights + 0.5 * values[:, 0] * values[:, 1] - 0.4 * values[:, 2] * (values[:, 3] > 0)
    defaulted = (random.random(rows) < 1 / (1 + np.exp(-margin))).astype(float)
    values[random.random(values.shape) < MISSING] = np.nan
    return Sample(values, defaulted, np.ones(rows))


def _train(sample: Sample) -> tuple[Models, float]:
    features = tuple(ModelFeature(f"x{at}") for at in range(FEATURES))
    # Stored models keep no node weights, which pred_contrib needs: here they stay.
    with patch("certloan.scoring.growing.boosters.slim", str):
        grown = grow_champion(sample, features, Recipe(rounds=400))
        deep = grow_bags(sample, features, Recipe(bags=1, learning_rate=0.05, rounds=500), [{"num_leaves": 31}])
    started = time.perf_counter()
    compile_boosters(grown.bags.boosters, features, sample.values, sample.weights)
    compiled = time.perf_counter() - started
    bags, (deepest,) = [[lightgbm.Booster(model_str=text) for text in b.boosters] for b in (grown.bags, deep)]
    return Models(grown.tables, bags, deepest), compiled


def _contenders(models: Models, sample: Sample) -> dict[str, Callable[[Floats], Any]]:
    explainer = _shap(models.bags[0], sample.values[:BACKGROUND])
    pool = ThreadPoolExecutor(2)

    def halves(rows: Floats) -> list[Floats]:
        middle = len(rows) // 2
        return list(pool.map(models.tables.contributions, (rows[:middle], rows[middle:])))

    return {
        "tables": models.tables.contributions,
        "tables, 2 threads": halves,
        "pred_contrib, same": lambda rows: [b.predict(rows, pred_contrib=True, num_threads=2) for b in models.bags],
        "pred_contrib, deep": lambda rows: models.deep.predict(rows, pred_contrib=True, num_threads=2),
        "shap": explainer.shap_values,
    }


def _shap(booster: lightgbm.Booster, background: Floats) -> Any:  # noqa: ANN401
    everybody = shap.maskers.Independent(background, max_samples=len(background))
    return shap.TreeExplainer(booster, everybody, feature_perturbation="interventional")


def _difference(models: Models, sample: Sample) -> float:
    """Tables of one booster against shap's values of that booster, both against the same background."""
    background, rows = sample.values[:BACKGROUND], sample.values[BACKGROUND : BACKGROUND + 200]
    booster = models.bags[0]
    features = tuple(ModelFeature(f"x{at}") for at in range(FEATURES))
    tables = compile_boosters([booster.model_to_string()], features, background, np.ones(BACKGROUND))
    return float(np.abs(tables.contributions(rows) - _shap(booster, background).shap_values(rows)).max())


def _residue(models: Models, rows: Floats) -> float:
    raw = np.mean([booster.predict(rows, raw_score=True) for booster in models.bags], axis=0)
    return float(np.abs(models.tables.margin(rows) - raw).max())


if __name__ == "__main__":
    sys.exit(main())
