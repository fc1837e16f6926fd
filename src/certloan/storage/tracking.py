"""MLflow: what was trained when, with which settings, how good it was, and the model as any LightGBM can read it.

MLflow is imported only when something is recorded: that takes seconds. Its store is one SQLite file; its artifacts lie
beside it. Nothing is sent anywhere, and nothing is ever unpickled.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from certloan.scoring.bundle import Bundle
from certloan.scoring.trees import merge
from certloan.services.model_ports import TrainingRun
from certloan.storage.model_charts import charts

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature

MODEL = "certloan"
CHAMPION, CHALLENGER = "champion", "challenger"
#: MLflow's own limit; the whole digest stands in the tags.
_DIGEST_CHARACTERS = 36
_SAFE = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"}


class Tracker:
    """One MLflow store in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "mlflow.db"

    def record(self, bundle: Bundle, run: TrainingRun) -> str:
        """Record a training as a run with its model, registered as a version of :data:`MODEL`; give the run's id."""
        with self._open() as client:
            experiment = self._experiment(client)
            started = client.create_run(experiment, tags={"fingerprint": bundle.fingerprint})
            run_id = str(started.info.run_id)
            self._describe(client, run_id, run)
            for name, svg in charts(run).items():
                client.log_text(run_id, svg, f"charts/{name}")
            self._log_model(client, run_id, bundle)
            client.set_terminated(run_id)
        return run_id

    def point(self, alias: str, fingerprint: str | None) -> None:
        """Point an alias at the newest registered version of this model, if it was ever recorded here; None: at none."""
        if not self._file.exists():
            return
        with self._open() as client:
            if fingerprint is None:
                if client.search_registered_models(f"name='{MODEL}'"):
                    client.delete_registered_model_alias(MODEL, alias)
                return
            found = [
                int(version.version)
                for version in client.search_model_versions(f"name='{MODEL}'")
                if version.tags.get("fingerprint") == fingerprint
            ]
            if found:
                client.set_registered_model_alias(MODEL, alias, str(max(found)))

    def _describe(self, client: MlflowClient, run_id: str, run: TrainingRun) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param
        from mlflow.utils.time import get_current_time_millis

        now = get_current_time_millis()
        client.log_batch(
            run_id,
            metrics=[Metric(name, value, now, 0) for name, value in sorted(run.metrics.items())],
            params=[Param(name, str(value)) for name, value in sorted(run.parameters.items())],
        )
        inputs = [
            DatasetInput(
                Dataset(f"{MODEL}-{part}", digest[:_DIGEST_CHARACTERS], "warehouse", "{}"),
                [InputTag("mlflow.data.context", part), InputTag("sha256", digest)],
            )
            for part, digest in sorted(run.digests.items())
        ]
        client.log_inputs(run_id, inputs)

    def _log_model(self, client: MlflowClient, run_id: str, bundle: Bundle) -> None:
        """Log the average of the bags, calibrated, as one native booster; MLflow reads its text and no Python object."""
        import lightgbm
        import mlflow.lightgbm
        from mlflow.models import get_model_info

        fitted = bundle.calibrator
        booster = lightgbm.Booster(model_str=merge(bundle.boosters, bundle.names, fitted.slope, fitted.offset))
        declared = _signature(bundle)
        # Requirements are named: MLflow would otherwise infer them by importing the model in another process.
        needed = [f"{name}=={version(name)}" for name in ("lightgbm", "numpy", "pandas")]
        with mlflow.start_run(run_id=run_id):
            logged = mlflow.lightgbm.log_model(booster, name="model", signature=declared, pip_requirements=needed)
        if get_model_info(logged.model_uri).signature != declared:
            raise RuntimeError("MLflow kept another signature than the one declared")
        if not client.search_registered_models(f"name='{MODEL}'"):
            client.create_registered_model(MODEL)
        client.create_model_version(
            MODEL, logged.model_uri, run_id, tags={"fingerprint": bundle.fingerprint}, model_id=logged.model_id
        )

    def _experiment(self, client: MlflowClient) -> str:
        found = client.get_experiment_by_name(MODEL)
        if found is not None:
            return str(found.experiment_id)
        return str(client.create_experiment(MODEL, artifact_location=(self._folder / "artifacts").as_uri()))

    @contextmanager
    def _open(self) -> Iterator[MlflowClient]:
        """Give a client of this store; MLflow's own idea of the current store is put back afterwards."""
        for name, value in _SAFE.items():
            os.environ[name] = value
        with warnings.catch_warnings():
            _ignore_warnings()
            import mlflow
            from mlflow import MlflowClient

            for name in ("mlflow", "alembic"):
                logging.getLogger(name).setLevel(logging.WARNING)
            self._create_store()
            uri = _uri(self._file)
            before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
            mlflow.set_tracking_uri(uri)
            try:
                yield MlflowClient(tracking_uri=uri, registry_uri=uri)
            finally:
                mlflow.set_tracking_uri(before)

    def _create_store(self) -> None:
        """Make the SQLite file aside and move it into place whole.

        MLflow makes its tables in some fifty small migrations. Waiting for the disk after each takes most of the time,
        and buys nothing for a file that nobody uses yet.
        """
        if self._file.exists():
            return
        from mlflow import MlflowClient
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        self._folder.mkdir(parents=True, exist_ok=True)
        building = self._folder / f".mlflow.{os.getpid()}.db"
        building.unlink(missing_ok=True)
        event.listen(Engine, "connect", _do_not_wait)
        try:
            MlflowClient(tracking_uri=_uri(building), registry_uri=_uri(building)).search_experiments(max_results=1)
        finally:
            event.remove(Engine, "connect", _do_not_wait)
        building.replace(self._file)


def _signature(bundle: Bundle) -> ModelSignature:
    """Doubles in, a double out; a text feature goes in as the number of its level."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    columns = [ColSpec("double", name) for name in bundle.names]
    return ModelSignature(Schema(columns), Schema([ColSpec("double")]))


def _uri(file: Path) -> str:
    return f"sqlite:///{file}"


def _do_not_wait(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("pragma synchronous = off")
    connection.execute("pragma journal_mode = memory")


def _ignore_warnings() -> None:
    """Keep from the user what MLflow's authors are told about their own code, and nothing else."""
    warnings.filterwarnings("ignore", message=r"The ``noload`` loader strategy is deprecated")
    warnings.filterwarnings("ignore", message=r".*Any type hint is inferred as AnyType")
