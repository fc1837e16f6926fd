"""The whole way once: a synthetic delivery becomes checked evidence, a validated model, decisions and an explanation."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from certloan.domain.people import Actor
from certloan.errors import InputError
from certloan.features.catalog import for_use
from certloan.features.spec import Use
from certloan.i18n import text
from certloan.policy.policy import Policy
from certloan.services.assess_evidence import with_quality
from certloan.services.decide_loan import ScoringRun, decide, write
from certloan.services.explain_case import Explanation, explain
from certloan.services.journal_port import Journal
from certloan.services.load_evidence import LoadReport, load_delivery
from certloan.services.make_world import make_world
from certloan.services.model_ports import ModelStore
from certloan.services.ports import SILENT, Progress, Warehouse
from certloan.services.promote_model import Evidence, promote
from certloan.services.train_model import TrainConfig, TrainReport, train
from certloan.services.validate_model import QUICK, ValidationReport, validate
from certloan.services.validation_record import keep_validation

#: Which deliveries of the warehouse are the demo's own, so that it replaces nothing else.
_NOTE = "demo.json"


class Workspace(Protocol):
    """Where the demo runs: its folders, its adapters and its people."""

    @property
    def data(self) -> Path:
        """The folder that holds the deliveries, the evidence and the decisions."""
        ...

    @property
    def warehouse_file(self) -> Path:
        """The file that the evidence is kept in."""
        ...

    @property
    def quarantine(self) -> Path:
        """Where rows that were put aside are listed."""
        ...

    @property
    def quality(self) -> Path:
        """Where the reports on the quality of the evidence are written."""
        ...

    @property
    def decisions(self) -> Path:
        """Where decisions are written."""
        ...

    @property
    def validation(self) -> Path:
        """Where reports on models are written, one folder for each."""
        ...

    @property
    def officer(self) -> Actor:
        """Who loads evidence and decides."""
        ...

    def operator(self, name: str | None = None) -> Actor:
        """Give a member of the risk team by name."""
        ...

    def warehouse(self, *, read_only: bool = False) -> AbstractContextManager[Warehouse]:
        """Open the evidence, for as long as the block runs."""
        ...

    def models(self) -> ModelStore:
        """Give the store of models."""
        ...

    def policy(self) -> Policy:
        """Give the policy in force."""
        ...

    def journal(self) -> Journal:
        """Give the ledger of acts."""
        ...


@dataclass(frozen=True)
class DemoResult:
    """What the demo did, in figures, and one decision accounted for."""

    loads: tuple[LoadReport, ...]
    trained: TrainReport
    validated: ValidationReport
    validation_file: Path
    run: ScoringRun
    files: tuple[Path, ...]
    example: Explanation | None
    seconds: float

    @property
    def quarantine_files(self) -> tuple[Path, ...]:
        """Where the rows that were put aside are listed."""
        return tuple(load.quarantine_file for load in self.loads if load.quarantine_file is not None)

    @property
    def quality_files(self) -> tuple[Path, ...]:
        """Where it stands how good the evidence was after each load."""
        return tuple(load.quality_file for load in self.loads if load.quality_file is not None)

    def as_json(self) -> dict[str, object]:
        """Give the figures as one flat object."""
        trained = self.trained.as_json()
        return {
            "rows_read": sum(load.rows_read for load in self.loads),
            "rows_accepted": sum(load.rows_accepted for load in self.loads),
            "rows_quarantined": sum(load.rows_quarantined for load in self.loads),
            "features": len(for_use(Use.MODEL)),
            "features_in_model": trained["features"],
            "auc": trained["auc"],
            "auc_low": trained["auc_low"],
            "auc_high": trained["auc_high"],
            "n_test": trained["n_test"],
            "defaults": trained["defaults"],
            "validation": self.validated.verdict,
            "validation_file": str(self.validation_file),
            "scored": self.run.scored,
            **self.run.outcomes,
            "fingerprint": self.run.fingerprint,
            "policy": self.run.policy_id,
            "files": [str(file) for file in self.files],
            "example": self.example.application_id if self.example else None,
            "seconds": round(self.seconds, 1),
        }


def run_demo(workspace: Workspace, *, enterprises: int, seed: int, progress: Progress = SILENT) -> DemoResult:
    """Make a world, load both its deliveries, train, let another person validate, decide what is open, explain one case.

    The demo starts from an empty warehouse; it refuses (``home-in-use``) to replace one that holds other data. Where the
    gate refuses the model (``gate-refused``), nothing is decided; the model and the report on it stay.
    """
    started = time.monotonic()
    folder = workspace.data / "demo"
    _clear(workspace)
    make_world(enterprises, seed, folder, actor=workspace.officer, progress=progress)
    journal = workspace.journal()
    loads = _loaded(workspace, folder, journal, progress)
    store = workspace.models()
    with workspace.warehouse(read_only=True) as warehouse:
        trained, validated, page = _in_use(workspace, warehouse, store, journal, seed, progress)
        bundle, policy = store.load(trained.fingerprint), workspace.policy()
        officer = workspace.officer
        run = decide(warehouse, bundle, policy, officer, only_open=True, progress=progress, journal=journal)
        progress.stage("write_decisions")
        files = write(run, workspace.decisions)
        chosen = _telling(run.decisions)
        example = explain(warehouse, bundle, policy, officer, chosen) if chosen else None
    seconds = time.monotonic() - started
    return DemoResult(loads, trained, validated, page, run, tuple(files), example, seconds)


def _loaded(workspace: Workspace, folder: Path, journal: Journal, progress: Progress) -> tuple[LoadReport, ...]:
    """Load both deliveries, and note that they are the demo's own."""
    loads = []
    for delivery in sorted(path for path in folder.iterdir() if path.name.startswith("delivery")):
        with workspace.warehouse() as warehouse:
            loaded = load_delivery(
                delivery,
                warehouse,
                quarantine_dir=workspace.quarantine,
                delivered_on=None,
                actor=workspace.officer,
                progress=progress,
                journal=journal,
            )
            loads.append(with_quality(loaded, warehouse, workspace.quality, workspace.officer, progress))
    (workspace.data / _NOTE).write_text(json.dumps([load.delivery_id for load in loads]), encoding="utf-8")
    return tuple(loads)


def _in_use(
    workspace: Workspace, warehouse: Warehouse, store: ModelStore, journal: Journal, seed: int, progress: Progress
) -> tuple[TrainReport, ValidationReport, Path]:
    """Train as one person, validate and promote as another; the quick areas, leakage as the training recorded it."""
    maker, checker = (workspace.operator(text(f"demo.{who}")) for who in ("maker", "checker"))
    trained = train(warehouse, store, TrainConfig(seed=seed), maker, progress=progress, journal=journal)
    report = validate(warehouse, store.load(trained.fingerprint), checker, QUICK, progress=progress)
    report, (page, _) = keep_validation(report, workspace.validation / trained.fingerprint, checker, journal)
    if store.champion() != trained.fingerprint:
        evidence = Evidence(workspace.validation, warehouse, progress=progress)
        promote(store, trained.fingerprint, checker, journal, text("demo.reason"), evidence)
    return trained, report, page


def _clear(workspace: Workspace) -> None:
    """Remove what an earlier demo left; anything else stays and stops the demo."""
    file = workspace.warehouse_file
    if not file.exists():
        return
    noted = workspace.data / _NOTE
    ours = set(json.loads(noted.read_text(encoding="utf-8"))) if noted.exists() else set()
    with workspace.warehouse(read_only=True) as warehouse:
        found = warehouse.query("select delivery_id, source from history.delivery order by source").to_pylist()
    others = [row["source"] for row in found if row["delivery_id"] not in ours]
    if others:
        raise InputError("home-in-use", found=", ".join(others[:3]), home=workspace.data.parent)
    file.unlink()
    file.with_name(file.name + ".wal").unlink(missing_ok=True)


def _telling(decisions: pa.Table) -> str | None:
    """Choose the case that shows most: referred or declined, with reasons on both sides that name a certificate."""
    best: tuple[int, str] | None = None
    for row in decisions.to_pylist():
        sides = (row["reasons_for_zh"], row["reasons_against_zh"])
        telling = sum("证书编号" in reason for reasons in sides for reason in reasons)
        weight = telling + min(len(sides[0]), len(sides[1])) + (row["outcome"] != "approve")
        if best is None or (-weight, row["application_id"]) < best:
            best = (-weight, row["application_id"])
    return best[1] if best else None
