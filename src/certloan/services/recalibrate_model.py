"""Recalibrate a kept model on newer outcomes: a new model with the same tables, which names the one it came from."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from certloan.domain.people import Actor, Permission
from certloan.errors import InputError, NotReadyError
from certloan.features.catalog import CATALOG
from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import probability
from certloan.scoring.metrics.performance import Performance
from certloan.scoring.points import rounded
from certloan.scoring.recalibration import CentralTendency, Recalibrated
from certloan.scoring.recalibration import recalibrate as fit
from certloan.scoring.splits import Labels
from certloan.scoring.weights import weight_of_features
from certloan.services.build_features import build_matrix
from certloan.services.journal_port import Journal
from certloan.services.keep_model import keep_model
from certloan.services.model_ports import DatasetUse, ModelStore, TrainingRun
from certloan.services.ports import SILENT, Progress, Warehouse
from certloan.services.training_labels import read_loans

__all__ = ["CentralTendency", "RecalibrationOrder", "RecalibrationReport", "recalibrate"]


@dataclass(frozen=True)
class RecalibrationOrder:
    """Which model, on the outcomes of which days of application (both included), and to which level.

    ``model`` is a fingerprint or its beginning, the champion unless given. The window begins on the day after the last
    one that the model has learnt from, unless ``first`` says later, and ends with the last outcome, unless ``last``
    says earlier. ``anchor`` brings the level to a central tendency. ``log`` writes the run into MLflow.
    """

    model: str | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    anchor: CentralTendency | None = None
    log: bool = True


@dataclass(frozen=True)
class RecalibrationReport:
    """The new model and its parent; what both did on the later half of the window, which neither has seen."""

    fingerprint: str
    parent: str
    before: Performance
    after: Performance
    account: Mapping[str, Any]
    grades: Mapping[str, Any]
    seconds: float
    run_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "fingerprint": self.fingerprint,
            **dict(self.account),
            "grades": dict(self.grades),
            "run_id": self.run_id,
            "seconds": round(self.seconds, 1),
        }


@dataclass(frozen=True, eq=False)
class _Window:
    """The loans of the window: what the model reads of them, and what became of them."""

    matrix: pa.Table
    labels: Labels


def recalibrate(
    warehouse: Warehouse,
    store: ModelStore,
    order: RecalibrationOrder,
    actor: Actor,
    progress: Progress = SILENT,
    journal: Journal | None = None,
) -> RecalibrationReport:
    """Fit slope and offset anew, judge them on later loans, keep the new model and record who made it.

    It is put in use by ``promote_model`` only. Raises ``PermissionDeniedError``; ``NotReadyError`` ``recalibrate-no-model``;
    ``InputError`` ``model-unknown``, ``bundle-version`` and whatever else loading raises, ``recalibrate-overlap`` for a
    window that the model has learnt from, ``recalibrate-no-loans`` for one without outcomes, ``feature-mismatch``, and
    what :func:`certloan.scoring.recalibration.recalibrate` raises.
    """
    actor.require(Permission.TRAIN)
    started = time.monotonic()
    name = order.model or store.champion()
    if name is None:
        raise NotReadyError("recalibrate-no-model")
    parent = store.load(name)
    window = _loans(warehouse, parent, _days(parent, order), progress)
    progress.stage("recalibrate_fit")
    done = fit(parent, parent.tables.margin(parent.encode(window.matrix)), window.labels, order.anchor)
    keep_model(store, done.bundle, actor, journal)
    seconds = time.monotonic() - started
    run_id = store.record(done.bundle, _run(done, window, order, actor, seconds)) if order.log else None
    grades = {} if done.bundle.grades is None else done.bundle.grades.as_json()
    return RecalibrationReport(
        done.bundle.fingerprint, parent.fingerprint, done.before, done.after, done.account, grades, seconds, run_id
    )


def learnt_until(bundle: Bundle) -> dt.date | None:
    """Give the last day of application of the loans that a model's tables or calibration rest on, if it says so."""
    held = bundle.provenance
    stated = [
        held.get("window", {}).get("train_to"),
        held.get("recalibration", {}).get("window", {}).get("fitted", {}).get("to"),
    ]
    return max((dt.date.fromisoformat(day) for day in stated if day), default=None)


def _days(parent: Bundle, order: RecalibrationOrder) -> tuple[dt.date, dt.date]:
    learnt = learnt_until(parent)
    earliest = dt.date.min if learnt is None else learnt + dt.timedelta(days=1)
    first, last = order.first or earliest, order.last or dt.date.max
    if first < earliest:
        raise InputError("recalibrate-overlap", found=first, until=learnt)
    if last < first:
        raise InputError("recalibrate-dates-crossed", found=first, until=last)
    return first, last


def _loans(warehouse: Warehouse, parent: Bundle, days: tuple[dt.date, dt.date], progress: Progress) -> _Window:
    progress.stage("recalibrate_loans")
    loans = read_loans(warehouse)
    applied, (first, last) = loans.labels.applied_on, (np.datetime64(day, "D") for day in days)
    rows: NDArray[np.int64] = np.flatnonzero((applied >= first) & (applied <= last))
    if not len(rows):
        newest = str(applied.max()) if len(applied) else "–"
        told = ["…" if day in (dt.date.min, dt.date.max) else str(day) for day in days]
        raise InputError("recalibrate-no-loans", found=told[0], until=told[1], newest=newest)
    known = loans.labels
    labels = Labels(known.defaulted[rows], known.weights[rows], applied[rows], known.observed_to[rows])
    read = [spec for spec in CATALOG if spec.name in set(parent.names)]
    return _Window(build_matrix(warehouse, loans.subjects.take(pa.array(rows)), read, progress), labels)


def _run(done: Recalibrated, window: _Window, order: RecalibrationOrder, actor: Actor, seconds: float) -> TrainingRun:
    labels, account = window.labels, done.account
    judged = pa.table(
        {
            "pd": probability(done.margin),
            "score": rounded(done.bundle.scale.points_of(done.margin)),
            "defaulted": labels.defaulted[done.judged],
            "weight": labels.weights[done.judged],
        }
    )
    metrics = {name: float(value) for name, value in done.after.as_json().items()}
    for figure in ("brier_difference", "log_loss_difference"):
        metrics |= {f"{figure}_{end}": float(value) for end, value in account["held_out"][figure].items()}
    return TrainingRun(
        parameters={
            "act": "recalibrate",
            "parent": account["parent"],
            "first": str(order.first or ""),
            "last": str(order.last or ""),
            "anchor": "" if order.anchor is None else order.anchor.rate,
            "anchor_reason": "" if order.anchor is None else order.anchor.reason,
        },
        metrics=metrics,
        digests={},
        judged=judged,
        weights=dict(weight_of_features(done.bundle)),
        operator=actor.name,
        datasets=[
            _dataset(account["window"][part], role, account["digest"])
            for part, role in (("fitted", "calibrate"), ("held_out", "test"))
        ],
        parent_model=account["parent"],
        tables={"recalibration": dict(account)},
        seconds=seconds,
    )


def _dataset(window: Mapping[str, Any], role: str, digest: str) -> DatasetUse:
    first, last = (dt.date.fromisoformat(window[end]) for end in ("from", "to"))
    return DatasetUse("loans", role, digest, window["n"], window["defaults"], first, last, sampling="time")
