"""MLflow: what was trained when, with which settings, how good it was, and the model as any LightGBM can read it.

MLflow is imported only when something is recorded: that takes seconds. Its store is one SQLite file; its artifacts lie
beside it. Nothing is sent anywhere, and nothing is ever unpickled.
"""

from __future__ import annotations

import datetime as dt
import json
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
from certloan.scoring.export.booster import as_booster
from certloan.services.model_ports import SearchTrial, TrainingRun
from certloan.storage.model_charts import charts
from certloan.storage.run_facts import DEPLOYMENT, RETIREMENT, REVIEW, datasets, standard_tags, tables

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature

MODEL = "certloan"
CHAMPION, CHALLENGER = "champion", "challenger"
#: MLflow's own limit; the whole digest stands in the tags.
_DIGEST_CHARACTERS = 36
_LONGEST_PARAMETER = 5900
#: How MLflow calls the end of a trial.
_ENDED = {"complete": "FINISHED", "pruned": "KILLED", "failed": "FAILED"}
_SAFE = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"}


class Tracker:
    """One MLflow store in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "mlflow.db"

    def record(self, bundle: Bundle, run: TrainingRun, card: str = "") -> str:
        """Record a training as a run with its model, registered as a version of :data:`MODEL`; give the run's id.

        Each trial of the search is a run inside it. The run begins ``run.seconds`` ago and ends when all is written.
        """
        with self._open() as client:
            ended = dt.datetime.now(tz=dt.UTC)
            started = ended - dt.timedelta(seconds=run.seconds)
            tags = {"fingerprint": bundle.fingerprint, "kind": bundle.kind, "mlflow.user": run.operator or "unknown"}
            known = {"mlflow.parentRunId": run.parent_run, "parent_model": run.parent_model or bundle.parent}
            tags |= {name: value for name, value in known.items() if value is not None}
            tags |= standard_tags(bundle, run, started, ended)
            experiment = self._experiment(client)
            begun = client.create_run(experiment, start_time=_millis(started), tags=tags, run_name=run_name(bundle))
            run_id = str(begun.info.run_id)
            self._describe(client, run_id, run)
            self._files(client, run_id, bundle, run, card)
            for trial in run.trials:
                self._trial(client, experiment, run_id, trial, started)
            self._log_model(client, run_id, bundle)
            client.set_terminated(run_id)
        return run_id

    def point(self, alias: str, fingerprint: str | None) -> None:
        """Point an alias at the newest registered version of this model, if it was ever recorded here; None: at none.

        The champion's run is told when it was put in use, its predecessor's when that ended.
        """
        if not self._file.exists():
            return
        with self._open() as client:
            if not client.search_registered_models(f"name='{MODEL}'"):
                return
            versions = client.search_model_versions(f"name='{MODEL}'")
            found = [held for held in versions if held.tags.get("fingerprint") == fingerprint]
            now = dt.datetime.now(tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            before = client.get_registered_model(MODEL).aliases.get(alias)
            if alias == CHAMPION and before is not None:
                client.set_tag(client.get_model_version(MODEL, before).run_id, RETIREMENT, now)
            if not found:
                # an alias that goes on naming the model before would say what is no longer true
                client.delete_registered_model_alias(MODEL, alias)
                return
            newest = max(found, key=lambda held: int(held.version))
            client.set_registered_model_alias(MODEL, alias, newest.version)
            if alias == CHAMPION:
                for name, value in ((REVIEW, "ledger: model_promoted"), (DEPLOYMENT, now), (RETIREMENT, "in use")):
                    client.set_tag(newest.run_id, name, value)

    def _describe(self, client: MlflowClient, run_id: str, run: TrainingRun) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param
        from mlflow.utils.time import get_current_time_millis

        now = get_current_time_millis()
        params = {**run.parameters, **{f"seed_{name}": seed for name, seed in run.seeds.items()}}
        client.log_batch(
            run_id,
            metrics=[Metric(name, value, now, 0) for name, value in sorted(run.metrics.items())],
            params=[Param(name, _short(value)) for name, value in sorted(params.items())],
        )
        inputs = [
            DatasetInput(
                Dataset(f"{MODEL}-{use.name}-{use.role}", use.digest[:_DIGEST_CHARACTERS], "warehouse", use.source),
                [InputTag(name, value) for name, value in sorted(tags.items())],
            )
            for use, tags in datasets(run)
        ]
        client.log_inputs(run_id, inputs)

    def _files(self, client: MlflowClient, run_id: str, bundle: Bundle, run: TrainingRun, card: str) -> None:
        for name, svg in {**charts(run), **{f"{name}.svg": svg for name, svg in run.pictures.items()}}.items():
            client.log_text(run_id, svg, f"charts/{name}")
        for name, table in tables(run).items():
            client.log_text(run_id, _json(table), f"tables/{name}.json")
        client.log_text(run_id, _json(bundle.as_json()), "bundle/bundle.json")
        for name, content in bundle.files.items():
            if name.endswith(".json"):
                client.log_text(run_id, content.decode("utf-8"), f"bundle/{name}")
        if card:
            client.log_text(run_id, card, "card.md")

    def _trial(
        self, client: MlflowClient, experiment: str, parent: str, trial: SearchTrial, started: dt.datetime
    ) -> None:
        """Record one trial of the search as a run inside the training's."""
        from mlflow.entities import Metric, Param, RunTag
        from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

        begin = _millis(started)
        held = client.create_run(
            experiment,
            start_time=begin,
            tags={MLFLOW_PARENT_RUN_ID: parent, "trial": str(trial.number)},
            run_name=f"trial {trial.number}",
        )
        run_id = str(held.info.run_id)
        client.log_batch(
            run_id,
            metrics=[] if trial.value is None else [Metric("value", trial.value, begin, 0)],
            params=[Param(name, _short(value)) for name, value in sorted(trial.settings.items())],
            tags=[RunTag("state", trial.state)],
        )
        end = begin + round(trial.seconds * 1000)
        client.set_terminated(run_id, _ENDED.get(trial.state, "FINISHED"), end)

    def _log_model(self, client: MlflowClient, run_id: str, bundle: Bundle) -> None:
        """Log the model, calibrated, as one native booster; MLflow reads its text and no Python object."""
        import lightgbm
        import mlflow.lightgbm
        from mlflow.models import get_model_info

        booster = lightgbm.Booster(model_str=as_booster(bundle))
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


def run_name(bundle: Bundle) -> str:
    """Give the name of a model's run: what it is, and the beginning of its fingerprint."""
    return f"{bundle.kind} {bundle.fingerprint[:12]}"


def _short(value: object) -> str:
    """Give a parameter as MLflow can hold it; the whole stands in ``tables/parameters.json``."""
    told = str(value)
    return told if len(told) <= _LONGEST_PARAMETER else f"{told[:_LONGEST_PARAMETER]}…"


def _millis(moment: dt.datetime) -> int:
    return round(moment.timestamp() * 1000)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"


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
