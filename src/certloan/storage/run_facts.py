"""What a run in MLflow says of itself beside its figures: tags that answer a standard, environment, trials."""

from __future__ import annotations

import datetime as dt
import platform
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

from certloan.governance.asked import EVALUATION, standard
from certloan.scoring.bundle import Bundle
from certloan.services.model_ports import DatasetUse, TrainingRun

REVIEW, DEPLOYMENT, RETIREMENT = "jrt0221.review", "jrt0221.deployment", "jrt0221.retirement"
_PENDING = "pending"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def standard_tags(bundle: Bundle, run: TrainingRun, started: dt.datetime, ended: dt.datetime) -> dict[str, str]:
    """Give one tag for each item of the evaluation standard, in its order; docs/governance.md lists them."""
    train = _training(run)
    held = bundle.provenance
    figures = {name: run.metrics.get(name) for name in ("auc", "auc_low", "auc_high")}
    values = {
        "jrt0221.objective": "binary log-loss; no protected attribute among the features",
        "jrt0221.dependencies": "tables/environment.json",
        "jrt0221.data.time": f"{train.first_day or _PENDING} … {train.last_day or _PENDING}",
        "jrt0221.data.source": train.source,
        "jrt0221.data.volume": f"{train.rows} rows, {train.defaults} defaults",
        "jrt0221.data.storage": train.name,
        "jrt0221.data.checksum": f"sha256:{train.digest}",
        "jrt0221.data.sampling": train.sampling,
        "jrt0221.scripts": f"certloan {version('certloan')}",
        "jrt0221.environment": f"Python {platform.python_version()}; tables/environment.json",
        "jrt0221.operator": run.operator or "unknown",
        "jrt0221.started": _instant(started),
        "jrt0221.ended": _instant(ended),
        "jrt0221.iterations": f"{sum(held.get('trees', ()))} trees in {len(bundle.boosters)} models",
        "jrt0221.history": f"{len(run.trials)} trials",
        "jrt0221.explainability": "card.md; bundle/tables.json",
        "jrt0221.accuracy": ", ".join(f"{name} {value:.4f}" for name, value in figures.items() if value is not None),
        REVIEW: _PENDING,
        DEPLOYMENT: _PENDING,
        "jrt0221.monitoring": "certloan monitor; certloan shadow report",
        RETIREMENT: _PENDING,
    }
    return {item.tag: values[item.tag] for item in standard(EVALUATION).items}


def environment() -> dict[str, Any]:
    """Give Python and the version of every library that CertLoan declares; nothing of the machine."""
    named = (_NAME.match(line) for line in requires("certloan") or ())
    wanted = sorted({found.group() for found in named if found})
    return {"python": platform.python_version(), "libraries": {name: _version(name) for name in wanted}}


def tables(run: TrainingRun) -> dict[str, Any]:
    """Give every table of the run as plain values by name, those that every run has first."""
    trials = [
        {
            "number": trial.number,
            "settings": dict(trial.settings),
            "value": trial.value,
            "state": trial.state,
            "seconds": round(trial.seconds, 3),
        }
        for trial in run.trials
    ]
    every = {
        "environment": environment(),
        "parameters": dict(run.parameters),
        "seeds": dict(run.seeds),
        "weights": dict(run.weights),
    }
    return {**every, **({"trials": trials} if trials else {}), **run.tables}


def datasets(run: TrainingRun) -> list[tuple[DatasetUse, dict[str, str]]]:
    """Give each dataset with the tags of its input; a bare digest is a dataset of which nothing else is known."""
    described = {use.digest for use in run.datasets}
    bare = [DatasetUse(part, part, digest) for part, digest in sorted(run.digests.items()) if digest not in described]
    return [(use, _input_tags(use)) for use in (*run.datasets, *bare)]


def _input_tags(use: DatasetUse) -> dict[str, str]:
    told: Mapping[str, object] = {
        "mlflow.data.context": use.role,
        "sha256": use.digest,
        "rows": use.rows,
        "defaults": use.defaults,
        "first_day": use.first_day,
        "last_day": use.last_day,
        "source": use.source,
        "sampling": use.sampling,
    }
    return {name: str(value) for name, value in told.items() if value is not None}


def _training(run: TrainingRun) -> DatasetUse:
    found = [use for use, _ in datasets(run) if use.role in ("train", "calibrate")]
    return found[0] if found else DatasetUse("unknown", "train", "unknown")


def _instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
