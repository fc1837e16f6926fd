"""A training in MLflow: who, on what, with which trials, and an answer to every item of the evaluation standard."""

from __future__ import annotations

import datetime as dt
import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.scoring.ensembles import made, small_bundle

from certloan.governance.asked import EVALUATION, standard
from certloan.scoring.bundle import Bundle
from certloan.services.model_ports import DatasetUse, SearchTrial, TrainingRun
from certloan.storage.registry import ModelRegistry

TRIALS = (
    SearchTrial(0, {"learning_rate": 0.1}, 0.41, "complete", 2.5),
    SearchTrial(1, {"learning_rate": 0.3}, None, "pruned", 0.5),
    SearchTrial(2, {"learning_rate": 0.9}, None, "failed", 0.25),
)
TRAIN = DatasetUse(
    "loans", "train", "a" * 64, 1200, 90, dt.date(2023, 1, 2), dt.date(2024, 6, 30), "delivery-1", "time"
)
TEST = DatasetUse("loans", "test", "b" * 64, 300, 25, dt.date(2024, 7, 1), dt.date(2025, 1, 31), "delivery-1", "time")


def run_of(bundle: Bundle, **more: Any) -> TrainingRun:
    data = made()
    scored = bundle.score(data.matrix)
    judged = pa.table({"pd": scored.pd, "score": scored.score, "defaulted": data.defaulted, "weight": data.weights})
    return TrainingRun(
        {"bags": 3, "features": "x" * 7000},
        {"auc": 0.75, "auc_low": 0.7, "auc_high": 0.8},
        {"train": "a" * 64},
        judged,
        operator="李",
        datasets=(TRAIN, TEST),
        seeds={"training": 7},
        trials=TRIALS,
        tables={"rivals": {"scorecard": {"auc": 0.74}}},
        pictures={"gains": "<svg/>"},
        seconds=90.0,
        **more,
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    home = tmp_path_factory.mktemp("tracked")
    store = ModelRegistry(home / "models", home / "mlruns")
    first, second = small_bundle(), replace(small_bundle(), provenance={"second": True}, parent="c" * 64)
    ids = []
    for bundle, more in ((first, {}), (second, {"parent_run": "p" * 32})):
        store.save(bundle)
        ids.append(store.record(bundle, run_of(bundle, **more)))
    store.promote(first.fingerprint)
    store.challenge(second.fingerprint)
    store.promote(second.fingerprint)
    return home, ids[0], ids[1]


def client(home: Path) -> Any:
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=f"sqlite:///{home}/mlruns/mlflow.db")


def held(home: Path, run_id: str, name: str) -> Any:
    (file,) = (home / "mlruns/artifacts").glob(f"{run_id}/artifacts/{name}")
    return json.loads(file.read_text(encoding="utf-8"))


def test_the_run_names_operator_window_and_how_long_it_took(recorded: tuple[Path, str, str]) -> None:
    home, run_id, _ = recorded
    run = client(home).get_run(run_id)
    assert (run.data.tags["mlflow.user"], run.data.params["seed_training"]) == ("李", "7")
    assert 90_000 <= run.info.end_time - run.info.start_time < 300_000
    assert run.info.status == "FINISHED"
    assert run.data.params["features"].startswith("xxx")
    assert len(held(home, run_id, "tables/parameters.json")["features"]) == 7000


def test_every_dataset_is_an_input_with_its_digest_window_and_counts(recorded: tuple[Path, str, str]) -> None:
    home, run_id, _ = recorded
    inputs = client(home).get_run(run_id).inputs.dataset_inputs
    told = {tags["mlflow.data.context"]: tags for tags in ({tag.key: tag.value for tag in one.tags} for one in inputs)}
    assert set(told) == {"train", "test"}
    train = told["train"]
    assert (train["sha256"], train["first_day"], train["last_day"]) == ("a" * 64, "2023-01-02", "2024-06-30")
    assert (train["rows"], train["defaults"], train["source"], train["sampling"]) == (
        "1200",
        "90",
        "delivery-1",
        "time",
    )


def test_each_trial_is_a_run_inside_with_its_settings_and_how_it_ended(recorded: tuple[Path, str, str]) -> None:
    home, run_id, _ = recorded
    asked = client(home)
    (experiment,) = (e for e in asked.search_experiments() if e.name == "certloan")
    inside = asked.search_runs([experiment.experiment_id], f"tags.`mlflow.parentRunId` = '{run_id}'")
    by_number = {run.data.tags["trial"]: run for run in inside}
    assert {number: run.info.status for number, run in by_number.items()} == {
        "0": "FINISHED",
        "1": "KILLED",
        "2": "FAILED",
    }
    first = by_number["0"]
    assert (first.data.params, first.data.metrics) == ({"learning_rate": "0.1"}, {"value": 0.41})
    assert first.info.end_time - first.info.start_time == 2500
    assert by_number["1"].data.metrics == {}
    assert [trial["state"] for trial in held(home, run_id, "tables/trials.json")] == ["complete", "pruned", "failed"]


def test_a_continued_run_names_its_parents(recorded: tuple[Path, str, str]) -> None:
    home, _, second = recorded
    tags = client(home).get_run(second).data.tags
    assert (tags["mlflow.parentRunId"], tags["parent_model"]) == ("p" * 32, "c" * 64)


def test_tables_pictures_card_and_the_bundles_own_files_lie_beside_the_run(recorded: tuple[Path, str, str]) -> None:
    home, run_id, _ = recorded
    folder = home / "mlruns/artifacts" / run_id / "artifacts"
    assert (folder / "charts/gains.svg").read_text() == "<svg/>"
    assert (folder / "charts/reliability.svg").is_file()
    assert held(home, run_id, "tables/rivals.json") == {"scorecard": {"auc": 0.74}}
    assert "模型卡" in (folder / "card.md").read_text(encoding="utf-8")
    bundle = small_bundle()
    assert json.loads((folder / "bundle/tables.json").read_bytes()) == json.loads(bundle.files["tables.json"])
    assert held(home, run_id, "bundle/bundle.json")["kind"] == "ensemble"


def test_the_environment_names_versions_and_nothing_of_the_machine(recorded: tuple[Path, str, str]) -> None:
    home, run_id, _ = recorded
    told = held(home, run_id, "tables/environment.json")
    assert told["python"] == platform.python_version()
    assert told["libraries"]["lightgbm"][0].isdigit()
    text = json.dumps(told)
    assert platform.node() not in text
    assert str(home) not in text


def test_the_tags_answer_every_item_of_the_standard_once_and_nothing_else(recorded: tuple[Path, str, str]) -> None:
    home, run_id, _ = recorded
    tags = client(home).get_run(run_id).data.tags
    items = [item.tag for item in standard(EVALUATION).items]
    assert len(items) == len(set(items))
    assert {name for name in tags if name.startswith("jrt0221.")} == set(items)
    assert tags["jrt0221.data.time"] == "2023-01-02 … 2024-06-30"
    assert tags["jrt0221.data.volume"] == "1200 rows, 90 defaults"
    assert tags["jrt0221.data.checksum"] == f"sha256:{'a' * 64}"
    assert tags["jrt0221.operator"] == "李"
    assert tags["jrt0221.history"] == "3 trials"
    assert "auc 0.7500" in tags["jrt0221.accuracy"]
    assert not [name for name in items if not tags[name]]


def test_promotion_is_mirrored_and_the_predecessor_is_retired(recorded: tuple[Path, str, str]) -> None:
    home, first, second = recorded
    asked = client(home)
    aliases = asked.get_registered_model("certloan").aliases
    assert {name: str(version) for name, version in aliases.items()} == {"champion": "2"}
    before, after = (asked.get_run(run_id).data.tags for run_id in (first, second))
    assert before["jrt0221.retirement"][:4].isdigit()
    assert after["jrt0221.retirement"] == "in use"
    assert after["jrt0221.deployment"] == before["jrt0221.retirement"]
    assert after["jrt0221.review"] == "ledger: model_promoted"
