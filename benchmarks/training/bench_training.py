"""A bank's training: 200,000 loans x 150 features, the leakage gate, a search of 30 trials, the champion and its rivals.

    python -m benchmarks.training.bench_training [--loans N] [--features N] [--trials N] [--seed N] [--full] [--interrupt]

Prints one line of JSON: seconds of each stage by the clock and by the processor, rows and defaults, the search's verdict
and the test's figures. The table is drawn (:mod:`benchmarks.training.table`). ``--interrupt`` kills the search once,
midway, goes on, and checks that it ends as one without interruption; that takes about twice the search's time.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from benchmarks.training.table import BankTable, bank_table

from certloan.scoring.growing.fit import prepare
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import ModelFeature
from certloan.scoring.search.seek import Findings, Quest, seek
from certloan.scoring.splits import Labels, Rows, Split, TimeSplit, split
from certloan.scoring.trial import Terms, hold_trial
from certloan.scoring.validation.leakage import each_alone

_RECIPE = Recipe(seed=1)
_PAUSED = 4


class Clock:
    """Seconds of each stage, by the clock and by the processor."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a block; told on standard error when it ends."""
        wall, cpu = time.monotonic(), time.process_time()
        yield
        self.seconds[name] = [round(time.monotonic() - wall, 1), round(time.process_time() - cpu, 1)]
        print(f"{name}: {self.seconds[name][0]} s, {self.seconds[name][1]} s of CPU", file=sys.stderr, flush=True)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, usual in (("loans", 20_000), ("features", 60), ("trials", 10), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--full", action="store_true", help="200,000 loans x 150 features, 30 trials")
    parser.add_argument("--interrupt", action="store_true", help="kill the search midway, go on, compare")
    parser.add_argument("--url", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.full:
        asked.loans, asked.features, asked.trials = 200_000, 150, 30
    if asked.url:
        _search(bank_table(asked.loans, asked.features, asked.seed), asked.trials, asked.url, told=True)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'search.db'}"
        found = _interrupted(asked, url) if asked.interrupt else _trained(asked, url)
    print(json.dumps(found))
    return 0


def _trained(asked: argparse.Namespace, url: str) -> dict[str, Any]:
    """Hold the gate, search, grow, judge; give seconds and figures."""
    clock = Clock()
    with clock.stage("table (not counted)"):
        bank = bank_table(asked.loans, asked.features, asked.seed)
    one = split(TimeSplit(), bank.labels)[0]
    with clock.stage("gate"):
        taught = _taught(bank, one.train)
        gate = each_alone(taught[0], taught[1], _RECIPE.seed)
    findings: list[Findings] = []

    def tune(rows: Rows, sample: Sample, features: tuple[ModelFeature, ...], recipe: Recipe) -> Recipe:
        with clock.stage(f"search, {asked.trials} trials"):
            quest = Quest(asked.trials, by_time=True, url=url)
            findings.append(seek(sample, features, _of(bank.labels, rows), quest, recipe, _heard))
        return Recipe(seed=recipe.seed, settings=findings[-1].settings)

    terms = Terms(bank.directions, _RECIPE, rivals=False, tune=tune)
    with clock.stage("screening, search, champion, test"):
        trial = hold_trial(bank.matrix, bank.labels, (one,), terms)
    with clock.stage("rivals"):
        _rivals(bank, one)
    seen, found = trial.performance, findings[0]
    counted = [name for name in clock.seconds if "not counted" not in name and not name.startswith("search")]
    return {
        "loans": asked.loans,
        "features": asked.features,
        "n_train": len(one.train),
        "defaults_train": int(bank.labels.defaulted[one.train].sum()),
        "seconds [clock, processor]": clock.seconds,
        "minutes": round(sum(clock.seconds[name][0] for name in counted) / 60, 1),
        "gate": str(gate.verdict),
        "features_kept": len(trial.kept.features),
        "search": {name: found.as_json()[name] for name in ("usual_kept", "best", "gain", "gain_error", "settings")},
        "pruned": sum(attempt.state == "pruned" for attempt in found.attempts),
        "test": {
            name: round(getattr(seen, name), 4) for name in ("n", "defaults", "auc", "auc_low", "auc_high", "slope")
        },
    }


def _interrupted(asked: argparse.Namespace, url: str) -> dict[str, Any]:
    """Kill a search midway, go on with it, and hold the result to that of a search that nobody stopped."""
    command = [sys.executable, "-m", "benchmarks.training.bench_training", "--url", url]
    command += [f"--{name}={getattr(asked, name)}" for name in ("loans", "features", "trials", "seed")]
    root = Path(__file__).resolve().parents[2]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=dict(os.environ))
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= max(asked.trials // 2, 1):
            time.sleep(_PAUSED / 10)  # into the middle of the next trial
            process.send_signal(signal.SIGKILL)
            break
    process.communicate()
    bank = bank_table(asked.loans, asked.features, asked.seed)
    clock = Clock()
    with clock.stage("the rest"):
        resumed = _search(bank, asked.trials, url)
    with clock.stage("without interruption"):
        whole = _search(bank, asked.trials, None)
    return {
        "found_before": resumed.found_before,
        "trials": asked.trials,
        "the same": resumed.as_json() == whole.as_json(),
        "seconds [clock, processor]": clock.seconds,
    }


def _search(bank: BankTable, trials: int, url: str | None, *, told: bool = False) -> Findings:
    rows = split(TimeSplit(), bank.labels)[0].train
    sample, features = _taught(bank, rows)
    heard = _counted if told else _heard
    return seek(sample, features, _of(bank.labels, rows), Quest(trials, by_time=True, url=url), _RECIPE, heard)


def _taught(bank: BankTable, rows: Rows) -> tuple[Sample, tuple[ModelFeature, ...]]:
    labels = bank.labels
    taught = prepare(bank.matrix.take(pa.array(rows)), labels.defaulted[rows], labels.weights[rows], bank.directions)
    return taught.sample, taught.features


def _rivals(bank: BankTable, one: Split) -> None:
    from certloan.scoring.rivals.ceiling import fit_ceiling
    from certloan.scoring.rivals.scorecard import fit_scorecard

    sample, features = _taught(bank, one.train)
    fit_scorecard(sample, features, _RECIPE.seed)
    fit_ceiling(sample, features, _RECIPE.seed)


def _of(labels: Labels, rows: Rows) -> Labels:
    return Labels(
        np.asarray(labels.defaulted[rows]), labels.weights[rows], labels.applied_on[rows], labels.observed_to[rows]
    )


def _counted(trials: int, _best: float) -> None:
    print(trials, flush=True)


def _heard(trials: int, best: float) -> None:
    print(f"trial {trials}, best log-loss {best:.6f}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
