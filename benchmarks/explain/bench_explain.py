"""Scores and exact explanations from tables against Booster.predict and TreeSHAP: same rows, one run, one thread.

    python -m benchmarks.explain.bench_explain [--full | --rows N] [--repeats N]

Rows per CPU second of one thread. *Scoring*: the champion's tables, its own shallow boosters, a deep booster.
*Explaining*: the tables, LightGBM's ``pred_contrib`` of the shallow and of the deep booster, shap's TreeExplainer of the
deep booster (along its paths) and of one shallow booster (interventional, 100 background rows: what the tables hold).
*One row*: microseconds by the clock, the median of many calls. The contenders take turns, so that a slow minute of the
machine hits all of them; the median counts. Prints Markdown, then JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.explain.models import (
    BACKGROUND,
    Models,
    difference_from_boosters,
    difference_from_shap,
    interventional,
    made_rows,
    trained,
)

from certloan.scoring.matrix import Floats

TRAIN_ROWS = 20_000
SMALL, FULL = 100_000, 1_000_000
CALLS = 1_000
#: Rows per second that the tables must reach.
MARKS = {"score": 200_000, "explain": 80_000}


@dataclass(frozen=True)
class Contender:
    """One way to the figures, and the share of the rows it is given: the slower, the fewer."""

    run: Callable[[Floats], Any]
    share: float = 1.0


def main(given: list[str] | None = None) -> int:
    """Train, time every contender in turns, and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args(given)
    sample = made_rows(TRAIN_ROWS)
    models = trained(sample)
    rows = made_rows(asked.rows or (FULL if asked.full else SMALL), seed=2).values
    found: dict[str, Any] = {}
    for task, contenders in _tasks(models, sample.values[:BACKGROUND]).items():
        found[task] = _speeds(contenders, rows, asked.repeats)
        _show(task, found[task])
    found["one row, microseconds"] = _latencies(_tasks(models, sample.values[:BACKGROUND]), rows)
    for name, spent in found["one row, microseconds"].items():
        print(f"| one row | {name} | {spent:,.0f} µs | |")
    found |= {
        "pairs": len(models.tables.pairs),
        "cells": models.tables.cells,
        "trees": sum(booster.num_trees() for booster in models.bags),
        "compile_seconds": round(models.compile_seconds, 3),
        "largest_difference_from_shap": difference_from_shap(models, sample),
        "largest_difference_from_boosters": difference_from_boosters(models, sample),
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(found))
    return 0


def _tasks(models: Models, background: Floats) -> dict[str, dict[str, Contender]]:
    import shap

    # It warns that the shape of what it returns has changed; the shape is not looked at.
    warnings.filterwarnings("ignore", message="LightGBM binary classifier", category=UserWarning)
    shallow, deep = models.bags, models.deep
    along_paths, against_rows = shap.TreeExplainer(deep), interventional(shallow[0], background)
    return {
        "score": {
            "tables": Contender(models.tables.margin),
            "Booster.predict, shallow": Contender(lambda rows: [b.predict(rows, num_threads=1) for b in shallow], 0.2),
            "Booster.predict, deep": Contender(lambda rows: deep.predict(rows, num_threads=1), 0.2),
        },
        "explain": {
            "tables": Contender(models.tables.contributions),
            "pred_contrib, shallow": Contender(
                lambda rows: [b.predict(rows, pred_contrib=True, num_threads=1) for b in shallow], 0.02
            ),
            "pred_contrib, deep": Contender(lambda rows: deep.predict(rows, pred_contrib=True, num_threads=1), 0.002),
            "shap TreeExplainer, deep": Contender(along_paths.shap_values, 0.001),
            "shap interventional, one shallow": Contender(against_rows.shap_values, 0.001),
        },
    }


def _speeds(contenders: Mapping[str, Contender], rows: Floats, repeats: int) -> dict[str, int]:
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, contender in contenders.items():
            given = rows[: max(20, int(len(rows) * contender.share))]
            started = time.process_time()
            contender.run(given)
            speeds[name].append(len(given) / max(time.process_time() - started, 1e-9))
    return {name: round(statistics.median(held)) for name, held in speeds.items()}


def _latencies(tasks: Mapping[str, Mapping[str, Contender]], rows: Floats) -> dict[str, float]:
    spent = {}
    for task, contenders in tasks.items():
        for name, contender in contenders.items():
            taken = []
            for call in range(CALLS if contender.share >= 0.2 else CALLS // 10):
                started = time.perf_counter()
                contender.run(rows[call : call + 1])
                taken.append(time.perf_counter() - started)
            spent[f"{task}: {name}"] = round(1e6 * statistics.median(taken), 1)
    return spent


def _show(task: str, found: Mapping[str, int]) -> None:
    for name, speed in found.items():
        told = f"mark {MARKS[task]:,}" if name == "tables" else f"1/{found['tables'] / speed:,.1f} of the tables"
        print(f"| {task} | {name} | {speed:,} rows/s | {told} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
