"""How near the champion comes to the best that the evidence of the synthetic world can tell (docs/world.md, "The oracle").

    python -m benchmarks.oracle [--enterprises N] [--seeds S …] [--oracle-enterprises M] [--keep DIR]

Prints one line per world, then JSON. ``--keep`` holds the worlds' matrices, so that a second run only trains.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from certloan.domain.people import Actor, Role
from certloan.features.catalog import for_use
from certloan.features.spec import Use
from certloan.scoring.calibration import fitted_line
from certloan.scoring.growing.recipe import Recipe
from certloan.scoring.matrix import Floats, ModelFeature, encode, learn_features
from certloan.scoring.metrics.interval import z_value
from certloan.scoring.splits import Labels, TimeSplit, split
from certloan.scoring.trial import Terms, hold_trial
from certloan.services.build_features import build_matrix
from certloan.services.load_evidence import load_delivery
from certloan.services.make_world import TRUTH, make_world
from certloan.services.training_labels import read_loans
from certloan.storage.warehouse import DuckWarehouse

#: The oracle learns from this world. Where that is judged too, from the enterprises that no judged row belongs to.
ORACLE_SEED = 21
_RESAMPLES = 1000
_BAGS = 3
_LEARNT = ("champion", "scorecard", "ceiling")
_ACTOR = Actor("benchmark", Role.OFFICER)
_DIRECTIONS = {spec.name: spec.direction for spec in for_use(Use.MODEL)}


@dataclass(frozen=True, eq=False)
class World:
    """Every application of a world with its true PD, and which of them have an outcome."""

    matrix: pa.Table
    pd: Floats
    granted: np.ndarray[Any, np.dtype[np.bool_]]
    rows: np.ndarray[Any, np.dtype[np.int64]]
    labels: Labels


def main() -> int:
    """Train the oracle once and a champion in each world, and compare them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, default=8_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[3, 7, 11])
    parser.add_argument("--oracle-enterprises", type=int, default=40_000)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="certloan-oracle-") as scratch:
        keep = asked.keep or Path(scratch)
        school = made(asked.oracle_enterprises, ORACLE_SEED, keep)
        oracle, found = None, []
        for seed in asked.seeds:
            if (asked.enterprises, seed) == (asked.oracle_enterprises, ORACLE_SEED):
                found.append(judged(school, Oracle.learn(school, split(TimeSplit(), school.labels)[0].test)))
            else:
                oracle = oracle or Oracle.learn(school)
                found.append(judged(made(asked.enterprises, seed, keep), oracle))
            found[-1]["seed"] = seed
            print(_line(found[-1]), flush=True)
    print(
        json.dumps({"enterprises": asked.enterprises, "oracle_enterprises": asked.oracle_enterprises, "worlds": found})
    )
    return 0


def made(enterprises: int, seed: int, keep: Path) -> World:
    """Make a world, load both deliveries and build the matrix of all applications; what is kept is read again."""
    folder = keep / f"world-{enterprises}-{seed}"
    matrix, truth, loans = (folder / name for name in ("matrix.parquet", TRUTH, "loans.parquet"))
    if not loans.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="certloan-oracle-") as scratch:
            _write(enterprises, seed, Path(scratch), folder)
    told = pq.read_table(truth)
    table = pq.read_table(matrix)
    # Applications that the delivery's mess put into quarantine have a truth, and no evidence.
    where = {name: row for row, name in enumerate(table["application_id"].to_pylist())}
    at = {name: row for row, name in enumerate(told["application_id"].to_pylist())}
    told = told.take(pa.array([at[name] for name in where]))
    held = pq.read_table(loans)
    rows = np.array([where[name] for name in held["application_id"].to_pylist()])
    days = [np.asarray(held[name].to_numpy(), dtype="datetime64[D]") for name in ("applied_on", "observed_to")]
    labels = Labels(held["defaulted"].to_numpy(), held["weights"].to_numpy(), *days)
    granted = np.asarray(told["granted"].to_numpy(zero_copy_only=False), dtype=np.bool_)
    return World(table, told["pd"].to_numpy(), granted, rows, labels)


def _write(enterprises: int, seed: int, scratch: Path, folder: Path) -> None:
    make_world(enterprises, seed, scratch / "world", actor=_ACTOR)
    warehouse = DuckWarehouse.open(scratch / "warehouse.duckdb")
    for delivery in sorted(path for path in (scratch / "world").iterdir() if path.name.startswith("delivery")):
        load_delivery(delivery, warehouse, quarantine_dir=scratch / "quarantine", actor=_ACTOR)
    _keep(warehouse, scratch / "world" / TRUTH, folder)
    warehouse.close()


def _keep(warehouse: DuckWarehouse, truth: Path, folder: Path) -> None:
    pq.write_table(build_matrix(warehouse, specs=for_use(Use.MODEL)), folder / "matrix.parquet")
    (folder / TRUTH).write_bytes(truth.read_bytes())
    loans = read_loans(warehouse)
    table = pa.table(
        {
            "application_id": loans.subjects["application_id"],
            "applied_on": pa.array(loans.labels.applied_on),
            "observed_to": pa.array(loans.labels.observed_to),
            "defaulted": loans.labels.defaulted,
            "weights": loans.labels.weights,
        }
    )
    pq.write_table(table, folder / "loans.parquet")


@dataclass(frozen=True, eq=False)
class Oracle:
    """What the evidence tells of the true PD: boosters taught by the PD itself on another world's applications."""

    features: tuple[ModelFeature, ...]
    boosters: tuple[Any, ...]

    @staticmethod
    def learn(world: World, judged_rows: np.ndarray[Any, np.dtype[np.int64]] | None = None) -> Oracle:
        """Fit boosters to the true PD of the granted applications (cross-entropy with the PD as its target).

        Applications of the enterprises behind ``judged_rows`` (of those with an outcome) are left out.
        """
        features, _ = learn_features(world.matrix, _DIRECTIONS)
        taught = world.granted
        if judged_rows is not None:
            firms = np.array(world.matrix["uscc"].to_pylist())
            taught = taught & ~np.isin(firms, firms[world.rows][judged_rows])
        values, target = encode(world.matrix, features)[taught], world.pd[taught]
        part = np.random.default_rng(1).integers(0, _BAGS, len(target))
        return Oracle(features, tuple(_grow(values, target, part == bag, features, bag) for bag in range(_BAGS)))

    def margin(self, matrix: pa.Table) -> Floats:
        """Give the log-odds of default."""
        values = encode(matrix, self.features)
        return np.asarray(
            np.mean([one.predict(values, raw_score=True, num_threads=1) for one in self.boosters], axis=0)
        )


def _grow(
    values: Floats,
    target: Floats,
    aside: np.ndarray[Any, np.dtype[np.bool_]],
    features: tuple[ModelFeature, ...],
    seed: int,
) -> Any:  # noqa: ANN401 (LightGBM's booster)
    import lightgbm

    settings = {
        "objective": "cross_entropy",
        "metric": "cross_entropy",
        "learning_rate": 0.1,
        "num_leaves": 31,
        "feature_fraction": 0.3,
        "max_bin": 63,
        "min_data_in_leaf": 30,
        "lambda_l2": 5.0,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
        "seed": seed,
    }
    texts = [at for at, feature in enumerate(features) if feature.categorical]
    data = lightgbm.Dataset(values[~aside], target[~aside], categorical_feature=texts, params=settings)
    judge = data.create_valid(values[aside], target[aside])
    stop = lightgbm.early_stopping(40, verbose=False)
    return lightgbm.train(settings, data, 2500, valid_sets=[judge], callbacks=[stop])


def judged(world: World, oracle: Oracle) -> dict[str, Any]:
    """Hold the program's own trial in a world and compare everybody on the rows that judge."""
    started = time.monotonic()
    matrix = world.matrix.take(pa.array(world.rows))
    splits = split(TimeSplit(), world.labels)
    trial = hold_trial(matrix, world.labels, splits, Terms(_DIRECTIONS, Recipe()))
    rows = trial.judged
    defaulted = world.labels.defaulted[rows]
    true = world.pd[world.rows][rows]
    risks = {
        **trial.margins,
        "oracle": oracle.margin(matrix.take(pa.array(rows))),
        "true_pd": np.log(true / (1.0 - true)),
    }
    return {
        "n": len(rows),
        "defaults": int(defaulted.sum()),
        "defaults_train": int(world.labels.defaulted[splits[0].train].sum()),
        "features": len(trial.kept.features),
        "gini": {name: round(gini(defaulted, risk), 4) for name, risk in risks.items()},
        "share_of_oracle": {name: _share(defaulted, risks[name], risks["oracle"]) for name in _LEARNT},
        "slope": {name: _slope(risks[name], defaulted) for name in _LEARNT},
        # Against the true PD of the same rows: the calibration that is left when the luck of the outcomes is taken away.
        "slope_without_luck": {name: _slope(risks[name], true)[0] for name in _LEARNT},
        "seconds": round(time.monotonic() - started, 1),
    }


def _slope(margin: Floats, defaulted: Floats) -> list[float]:
    """Give the slope of a logistic regression on the margin, with its interval (1: neither too sure nor too timid)."""
    line = fitted_line(margin, defaulted, np.ones(len(margin)))
    reach = z_value() * line.slope_error
    return [round(one, 3) for one in (line.slope, line.slope - reach, line.slope + reach)]


def gini(defaulted: Floats, risk: Floats, weights: Floats | None = None) -> float:
    """Twice the area under the ROC curve less one, rows counted by ``weights``."""
    weights = np.ones(len(risk)) if weights is None else weights
    levels, at = np.unique(risk, return_inverse=True)
    bad = np.bincount(at, weights * defaulted, len(levels))
    good = np.bincount(at, weights * (1.0 - defaulted), len(levels))
    below = np.cumsum(good) - 0.5 * good
    return float(2.0 * (bad @ below) / (bad.sum() * good.sum()) - 1.0)


def _share(defaulted: Floats, risk: Floats, oracle: Floats) -> list[float]:
    """Give the ratio of Ginis with its paired bootstrap interval (the same resampled rows for both)."""
    random = np.random.default_rng(1)
    drawn = []
    for _ in range(_RESAMPLES):
        weights = random.multinomial(len(risk), np.full(len(risk), 1.0 / len(risk))).astype(np.float64)
        drawn.append(gini(defaulted, risk, weights) / gini(defaulted, oracle, weights))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return [round(float(one), 4) for one in (gini(defaulted, risk) / gini(defaulted, oracle), low, high)]


def _line(found: dict[str, Any]) -> str:
    share, slope = found["share_of_oracle"]["champion"], found["slope"]["champion"]
    ginis = "  ".join(f"{name} {value:.3f}" for name, value in found["gini"].items())
    return (
        f"seed {found['seed']}: champion {share[0]:.1%} of the oracle's Gini ({share[1]:.1%} to {share[2]:.1%}), "
        f"slope {slope[0]:.2f} ({slope[1]:.2f} to {slope[2]:.2f}; without luck {found['slope_without_luck']['champion']:.2f}), n {found['n']}, defaults {found['defaults']}; {ginis}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
