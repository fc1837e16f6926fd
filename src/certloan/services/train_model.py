"""Train a model on what the warehouse knew, judge it on later loans, and keep it with its whole account."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa

from certloan.domain.people import Actor, Permission
from certloan.features.catalog import CATALOG
from certloan.features.spec import Spec
from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import probability
from certloan.scoring.points import rounded
from certloan.scoring.splits import Days, FoldSplit, Labels, Rows, split
from certloan.scoring.trial import Terms, Trial, hold_trial
from certloan.scoring.weights import weight_of_features
from certloan.services.build_features import build_matrix
from certloan.services.journal_port import Journal
from certloan.services.keep_model import keep_model
from certloan.services.model_ports import ModelStore, TrainingRun
from certloan.services.ports import SILENT, Progress, Warehouse
from certloan.services.train_config import TrainConfig, TrainReport

__all__ = ["TrainConfig", "TrainReport", "train"]

#: Loans whose outcome is stated and that count for something, in an order that does not depend on the files.
_LABELS = """
select a.application_id, a.uscc, a.applied_on as as_of, o.observed_to, o.defaulted,
       coalesce(o.case_weight, 1.0) as case_weight
from application a join outcome o on o.application_id = a.application_id and o.void_on is null
where a.void_on is null and coalesce(o.case_weight, 1.0) > 0
order by a.application_id
"""


def train(
    warehouse: Warehouse,
    store: ModelStore,
    config: TrainConfig,
    actor: Actor,
    progress: Progress = SILENT,
    specs: Sequence[Spec] = CATALOG,
    journal: Journal | None = None,
) -> TrainReport:
    """Train, judge, keep and record one model; it becomes the champion only by ``promote_model``.

    Who trained stands in the ``journal``; a model that was trained without one can never be promoted.

    Raises ``PermissionDeniedError``, and ``InputError`` before any training when the data cannot carry a model
    (``no-labels``, ``one-class``, ``too-few-defaults``, ``split-empty``, ``split-dates-crossed``, ``no-features``), when
    no feature in it beats chance (``no-signal``), when a setting makes no sense (``train-setting``), or when it names
    a feature that no model may read (``feature-not-for-models``).
    """
    actor.require(Permission.TRAIN)
    started = time.monotonic()
    plan, used = config.plan(), config.offered(specs)
    progress.stage("train_labels")
    loans = warehouse.query(_LABELS)
    labels = _labels(loans)
    splits = split(plan, labels)
    matrix = build_matrix(warehouse, loans.select(["application_id", "uscc", "as_of"]), used, progress)
    fits = len(splits) + isinstance(plan, FoldSplit)
    grown_each = 3 * config.bags + config.screen
    progress.stage("train_bags", fits * grown_each + len(splits) * config.rivals)
    terms = Terms({spec.name: spec.direction for spec in used}, config.recipe(), config.rivals)
    trial = hold_trial(matrix, labels, splits, terms, progress.advance)
    grown = trial.kept.grown
    bundle = Bundle(
        trial.kept.features,
        grown.tables,
        grown.calibrator,
        boosters=grown.bags.boosters,
        provenance=_provenance(config, labels, trial, _families_missing(trial.kept.dropped, used)),
    )
    progress.stage("train_record")
    keep_model(store, bundle, actor, journal)
    run_id = store.record(bundle, _run(bundle, config, labels, trial)) if config.log else None
    return _report(bundle, labels, trial, time.monotonic() - started, run_id)


def _labels(loans: pa.Table) -> Labels:
    def days(name: str) -> Days:
        return np.asarray(loans[name].to_numpy(), dtype="datetime64[D]")

    return Labels(
        loans["defaulted"].to_numpy().astype(np.float64),
        loans["case_weight"].to_numpy().astype(np.float64),
        days("as_of"),
        days("observed_to"),
    )


def _families_missing(dropped: Mapping[str, str], used: Sequence[Spec]) -> list[str]:
    """Name the families that the data says nothing about at all."""
    known = {spec.family for spec in used if dropped.get(spec.name) != "missing"}
    return sorted({str(spec.family) for spec in used if spec.family not in known})


def _provenance(config: TrainConfig, labels: Labels, trial: Trial, families_missing: list[str]) -> dict[str, Any]:
    """Everything that a reader needs to account for the model, and nothing that depends on when or where it was made."""
    grown = trial.kept.grown
    return {
        "settings": config.as_json(),
        "split": dict(trial.split.account),
        "window": {
            **_window("train", labels, trial.split.train),
            **_window("test", labels, trial.judged),
        },
        "digest": trial.kept.digest,
        "trees": list(grown.bags.trees),
        "price": {name: round(value, 6) for name, value in grown.price.items()},
        "metrics": trial.performance.as_json(),
        "rivals": {name: dict(rival) for name, rival in trial.rivals.items()},
        "dropped": dict(trial.kept.dropped),
        "families_missing": families_missing,
        "libraries": {name: version(name) for name in ("lightgbm", "numpy")},
    }


def _window(part: str, labels: Labels, rows: Rows) -> dict[str, str | int]:
    days = labels.applied_on[rows]
    return {
        f"{part}_from": str(days.min()),
        f"{part}_to": str(days.max()),
        f"n_{part}": len(rows),
        f"defaults_{part}": int(labels.defaulted[rows].sum()),
    }


def _run(bundle: Bundle, config: TrainConfig, labels: Labels, trial: Trial) -> TrainingRun:
    margin = trial.margins["champion"]
    judged = pa.table(
        {
            "pd": probability(margin),
            "score": rounded(bundle.scale.points_of(margin)),
            "defaulted": labels.defaulted[trial.judged],
            "weight": labels.weights[trial.judged],
        }
    )
    metrics = {name: float(value) for name, value in trial.performance.as_json().items()}
    for name, rival in trial.rivals.items():
        metrics |= {f"{name}_{figure}": float(rival[figure]) for figure in ("auc", "difference")}
    return TrainingRun(
        parameters=config.as_json(),
        metrics=metrics,
        digests={"train": trial.kept.digest},
        judged=judged,
        weights=dict(weight_of_features(bundle)),
    )


def _report(bundle: Bundle, labels: Labels, trial: Trial, seconds: float, run_id: str | None) -> TrainReport:
    fitted, held = bundle.calibrator, bundle.provenance
    return TrainReport(
        fingerprint=bundle.fingerprint,
        performance=trial.performance,
        n_train=len(trial.split.train),
        defaults_train=int(labels.defaulted[trial.split.train].sum()),
        features=len(bundle.features),
        pairs=len(bundle.tables.pairs),
        calibration={
            "slope": round(fitted.slope, 6),
            "slope_error": round(fitted.slope_error, 6),
            "offset": round(fitted.offset, 6),
            "offset_error": round(fitted.offset_error, 6),
            "fitted": fitted.fitted,
        },
        price=held["price"],
        rivals=held["rivals"],
        dropped=held["dropped"],
        families_missing=tuple(held["families_missing"]),
        split=trial.split.account,
        seconds=seconds,
        run_id=run_id,
    )
