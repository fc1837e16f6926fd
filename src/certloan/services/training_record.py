"""The account of a training: what the bundle says of its own making, what MLflow is told, and what is reported."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa

from certloan.domain.people import Actor
from certloan.features.spec import Spec
from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import probability
from certloan.scoring.grades.fitting import fit_grades
from certloan.scoring.grades.grades import Grades
from certloan.scoring.matrix import Floats, encode
from certloan.scoring.metrics.line import calibrator_told
from certloan.scoring.metrics.performance import measure
from certloan.scoring.points import rounded
from certloan.scoring.rivals.deploy import as_bundle
from certloan.scoring.search.seek import Findings
from certloan.scoring.splits import Labels, Rows
from certloan.scoring.trial import Trial
from certloan.scoring.weights import weight_of_features
from certloan.services.model_ports import DatasetUse, SearchTrial, TrainingRun
from certloan.services.train_config import TrainConfig
from certloan.services.train_report import TrainReport
from certloan.services.training_gate import Gate
from certloan.services.training_labels import Loans

#: Of the whole account of a search, the bundle holds what the model rests on; every trial stands in the run.
_RESTS_ON = ("study", "settings", "usual_kept", "best", "gain", "gain_error", "judged")


@dataclass(frozen=True, eq=False)
class Trained:
    """Everything that a training has brought forth, before it is written anywhere."""

    config: TrainConfig
    loans: Loans
    used: Sequence[Spec]
    matrix: pa.Table
    gate: Gate
    searches: Sequence[Findings]
    trial: Trial


def bundle_of(trained: Trained, scorecard: Bundle | None = None) -> Bundle:
    """Give the model with its provenance, which holds nothing that depends on when or where it was made.

    The ``scorecard`` that was trained beside it is named by its fingerprint.
    """
    grown, held = trained.trial.kept.grown, _provenance(trained)
    if scorecard is not None:
        held["rivals"]["scorecard"]["fingerprint"] = scorecard.fingerprint
    return Bundle(
        trained.trial.kept.features,
        grown.tables,
        grown.calibrator,
        boosters=grown.bags.boosters,
        provenance=held,
        grades=_grades(trained),
    )


def _grades(trained: Trained) -> Grades:
    """Grade the training rows by margins that each booster gave to rows it had not seen."""
    kept, labels = trained.trial.kept.grown, trained.loans.labels
    rows = trained.trial.split.train
    return fit_grades(kept.calibrator.apply(kept.bags.unseen), labels.defaulted[rows], labels.weights[rows])


def scorecard_of(trained: Trained) -> Bundle | None:
    """Give the scorecard as a model of its own: the same rows, its own figures; ``None`` where there were no rivals."""
    trial, held = trained.trial, _provenance(trained)
    if trial.scorecard is None:
        return None
    labels, judged = trained.loans.labels, trial.judged
    weights = labels.weights[judged]
    figures = measure(labels.defaulted[judged], probability(trial.margins["scorecard"]), weights / weights.mean())
    same = ("settings", "split", "window", "digest", "left_out", "leakage", "families_missing")
    return as_bundle(trial.scorecard, {**{name: held[name] for name in same}, "metrics": figures.as_json()})


def run_of(trained: Trained, bundle: Bundle, actor: Actor, seconds: float) -> TrainingRun:
    """Give what the experiment tracker is told."""
    trial, held = trained.trial, bundle.provenance
    searched = [_searched(findings) for findings in trained.searches]
    tables = {"leakage": trained.gate.as_json(), "rivals": held["rivals"], "dropped": held["dropped"]}
    tables |= {"made_of": held["made_of"], "prices": _prices(trial), "searches": searched}
    return TrainingRun(
        parameters={**trained.config.as_json(), **{f"lightgbm_{k}": v for k, v in trial.kept.recipe.settings.items()}},
        metrics=_metrics(trained),
        digests={"train": trial.kept.digest},
        judged=_judged(trained, bundle, trial.margins["champion"]),
        weights=dict(weight_of_features(bundle)),
        operator=actor.name,
        datasets=_datasets(trained, bundle),
        seeds={"training": trained.config.seed},
        trials=_trials(trained.searches[-1]) if trained.searches else (),
        tables={name: table for name, table in tables.items() if table},
        seconds=seconds,
    )


def scorecard_run_of(trained: Trained, scorecard: Bundle, actor: Actor, inside: str) -> TrainingRun:
    """Give what the experiment tracker is told of the scorecard, as a run ``inside`` that of its training."""
    margin = trained.trial.margins["scorecard"]
    return TrainingRun(
        parameters=trained.config.as_json(),
        metrics={name: float(value) for name, value in scorecard.provenance["metrics"].items()},
        digests={"train": trained.trial.kept.digest},
        judged=_judged(trained, scorecard, margin),
        weights=dict(weight_of_features(scorecard)),
        operator=actor.name,
        datasets=_datasets(trained, scorecard),
        seeds={"training": trained.config.seed},
        parent_run=inside,
    )


def _judged(trained: Trained, bundle: Bundle, margin: Floats) -> pa.Table:
    labels, rows = trained.loans.labels, trained.trial.judged
    return pa.table(
        {
            "pd": probability(margin),
            "score": rounded(bundle.scale.points_of(margin)),
            "defaulted": labels.defaulted[rows],
            "weight": labels.weights[rows],
        }
    )


def report_of(
    trained: Trained, bundle: Bundle, seconds: float, *, scorecard: str | None, run_id: str | None
) -> TrainReport:
    """Give what people and programs are told."""
    trial, held, labels = trained.trial, bundle.provenance, trained.loans.labels
    return TrainReport(
        fingerprint=bundle.fingerprint,
        performance=trial.performance,
        n_train=len(trial.split.train),
        defaults_train=int(labels.defaulted[trial.split.train].sum()),
        features=len(bundle.features),
        pairs=len(bundle.tables.pairs),
        bags=len(bundle.boosters),
        calibration=calibrator_told(bundle.calibrator),
        price=held["price"],
        rivals=held["rivals"],
        kept=bundle.names,
        dropped=held["dropped"],
        families_missing=tuple(held["families_missing"]),
        split=trial.split.account,
        seconds=seconds,
        settings=trained.config.as_json(),
        made_of=held["made_of"],
        left_out=held["left_out"],
        prices=_prices(trial),
        leakage=trained.gate.as_json(),
        searches=tuple(_searched(findings) for findings in trained.searches),
        scorecard=scorecard,
        run_id=run_id,
        screened=trial.kept.reads is not None,
    )


def _provenance(trained: Trained) -> dict[str, Any]:
    trial, labels = trained.trial, trained.loans.labels
    grown, leakage = trial.kept.grown, trained.gate.as_json()
    held = {
        "settings": trained.config.as_json(),
        "split": dict(trial.split.account),
        "window": {**_window("train", labels, trial.split.train), **_window("test", labels, trial.judged)},
        "digest": trial.kept.digest,
        "trees": list(grown.bags.trees),
        "made_of": dict(grown.account),
        "price": {name: round(value, 6) for name, value in grown.price.items()},
        "metrics": trial.performance.as_json(),
        "rivals": {name: dict(rival) for name, rival in trial.rivals.items()},
        "dropped": dict(trial.kept.dropped),
        "families_missing": _families_missing(trial.kept.dropped, trained.used),
        "left_out": dict(trained.loans.left_out),
        "leakage": {
            "verdict": leakage["verdict"],
            "hindsight": leakage["hindsight"],
            "vouched": leakage["alone"]["vouched"],
            "look_at": trained.gate.look_at,
        },
        "libraries": {name: version(name) for name in ("lightgbm", "numpy")},
    }
    if trained.searches:
        found = trained.searches[-1]
        held["search"] = {name: found.as_json()[name] for name in _RESTS_ON} | {"trials": len(found.attempts)}
    return held


def _families_missing(dropped: Mapping[str, str], used: Sequence[Spec]) -> list[str]:
    """Name the families that the data says nothing about at all."""
    known = {spec.family for spec in used if dropped.get(spec.name) != "missing"}
    return sorted({str(spec.family) for spec in used if spec.family not in known})


def _window(part: str, labels: Labels, rows: Rows) -> dict[str, str | int]:
    days = labels.applied_on[rows]
    return {
        f"{part}_from": str(days.min()),
        f"{part}_to": str(days.max()),
        f"n_{part}": len(rows),
        f"defaults_{part}": int(labels.defaulted[rows].sum()),
    }


def _prices(trial: Trial) -> dict[str, dict[str, float | int]]:
    return {name: price.as_json() for name, price in trial.prices.items()}


def _metrics(trained: Trained) -> dict[str, float]:
    trial = trained.trial
    metrics = {name: float(value) for name, value in trial.performance.as_json().items()}
    for name, rival in trial.rivals.items():
        metrics |= {f"{name}_{figure}": float(value) for figure, value in rival.items()}
    for name, price in _prices(trial).items():
        metrics |= {f"price_{name}_{figure}": float(value) for figure, value in price.items()}
    if trained.searches:
        found = trained.searches[-1]
        metrics |= {"search_gain": found.gain, "search_gain_error": found.gain_error}
    return metrics


def _datasets(trained: Trained, bundle: Bundle) -> tuple[DatasetUse, ...]:
    trial, labels = trained.trial, trained.loans.labels
    found = []
    for role, rows, digest in (
        ("train", trial.split.train, trial.kept.digest),
        ("test", trial.judged, _digest(trained, bundle)),
    ):
        days = labels.applied_on[rows]
        first, last = (_day(day) for day in (days.min(), days.max()))
        sampling = str(trial.split.account["kind"])
        counted = len(rows), int(labels.defaulted[rows].sum())
        found.append(DatasetUse("loans", role, digest, *counted, first, last, sampling=sampling))
    return tuple(found)


def _day(day: np.datetime64) -> dt.date:
    return dt.date.fromisoformat(str(day))


def _digest(trained: Trained, bundle: Bundle) -> str:
    """SHA-256 over what the model reads of the judged rows, their outcomes and weights."""
    rows, labels = trained.trial.judged, trained.loans.labels
    found = hashlib.sha256(repr(bundle.names).encode())
    values = encode(trained.matrix.take(pa.array(rows)), bundle.features)
    for part in (values, labels.defaulted[rows], labels.weights[rows]):
        found.update(np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


def _searched(findings: Findings) -> dict[str, Any]:
    """Give the account of a search with the time of each trial, and how many an earlier run had left."""
    told = findings.as_json()
    timed = zip(told["trials"], findings.attempts, strict=True)
    trials = [{**trial, "seconds": attempt.seconds} for trial, attempt in timed]
    return {**told, "trials": trials, "found_before": findings.found_before}


def _trials(findings: Findings) -> tuple[SearchTrial, ...]:
    return tuple(
        SearchTrial(
            attempt.number,
            {**attempt.settings, "rounds": attempt.rounds, "pruned_at": attempt.pruned_at},
            attempt.value,
            attempt.state,
            attempt.seconds,
        )
        for attempt in findings.attempts
    )
