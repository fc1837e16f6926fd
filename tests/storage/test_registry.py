"""Bundles on disk, the champion's note, and a real MLflow store beside them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from tests.scoring.ensembles import made, small_bundle

from certloan.errors import InputError, NotReadyError
from certloan.i18n import sentence
from certloan.scoring.bundle import Bundle
from certloan.services.model_ports import TrainingRun
from certloan.storage.registry import ModelRegistry


def _registry(home: Path) -> ModelRegistry:
    return ModelRegistry(home / "models", home / "mlruns")


def _run(bundle: Bundle) -> TrainingRun:
    data = made()
    scored = bundle.score(data.matrix)
    judged = pa.table({"pd": scored.pd, "score": scored.score, "defaulted": data.defaulted, "weight": data.weights})
    digests = {"train": "0123456789abcdef" * 4}
    return TrainingRun({"seed": 1, "split": "time"}, {"auc": 0.75}, digests, judged, {"n0": 20.0, "n1": 10.0})


def test_a_new_registry_holds_nothing_and_has_no_champion(tmp_path: Path) -> None:
    store = _registry(tmp_path)
    assert store.fingerprints() == ()
    assert store.champion() is None
    with pytest.raises(NotReadyError) as refused:
        store.load("abc")
    assert refused.value.code == "no-models"


def test_a_model_is_found_by_the_beginning_of_its_fingerprint(tmp_path: Path) -> None:
    store, bundle = _registry(tmp_path), small_bundle()
    store.save(bundle)
    assert store.load(bundle.fingerprint[:8]).fingerprint == bundle.fingerprint
    with pytest.raises(InputError) as refused:
        store.load("no such")
    assert refused.value.code == "model-unknown"
    assert bundle.fingerprint[:12] in sentence(refused.value, "en")


def test_a_beginning_that_fits_two_models_is_refused(tmp_path: Path) -> None:
    store, bundle = _registry(tmp_path), small_bundle()
    folder = store.save(bundle)
    twin = folder.with_name(bundle.fingerprint[:10] + "0" * 54)
    twin.mkdir()
    (twin / "bundle.json").write_text("{}")
    with pytest.raises(InputError) as refused:
        store.load(bundle.fingerprint[:10])
    assert refused.value.code == "model-ambiguous"


def test_the_champion_is_named_in_a_note_that_a_person_can_read(tmp_path: Path) -> None:
    store, one, other = _registry(tmp_path), small_bundle(1), small_bundle(2)
    store.save(one)
    store.save(other)
    store.promote(one.fingerprint)
    store.promote(other.fingerprint[:12])
    assert store.champion() == other.fingerprint
    assert (tmp_path / "models/champion.toml").read_text() == f'fingerprint = "{other.fingerprint}"\n'
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == sorted(
        ["champion.toml", one.fingerprint, other.fingerprint]
    )


def test_a_broken_model_is_never_promoted(tmp_path: Path) -> None:
    store, bundle = _registry(tmp_path), small_bundle()
    folder = store.save(bundle)
    (folder / "tables.json").write_text("{}")
    with pytest.raises(InputError):
        store.promote(bundle.fingerprint)
    assert store.champion() is None


@pytest.mark.parametrize("note", ["fingerprint = ", "name = 'x'", "fingerprint = 3"])
def test_a_broken_note_is_told(tmp_path: Path, note: str) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/champion.toml").write_text(note)
    with pytest.raises(InputError) as refused:
        _registry(tmp_path).champion()
    assert refused.value.code == "champion-unreadable"


def test_the_card_speaks_both_languages_and_may_be_edited(tmp_path: Path) -> None:
    store, bundle = _registry(tmp_path), small_bundle()
    card = store.save(bundle) / "card.md"
    assert "模型卡" in card.read_text()
    assert "Model card" in card.read_text()
    card.write_text("checked by 王")
    assert store.load(bundle.fingerprint).fingerprint == bundle.fingerprint


def test_without_a_recorded_run_promotion_does_not_touch_mlflow(tmp_path: Path) -> None:
    store, bundle = _registry(tmp_path), small_bundle()
    store.save(bundle)
    store.promote(bundle.fingerprint)
    assert not (tmp_path / "mlruns").exists()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    home = tmp_path_factory.mktemp("recorded home")
    store, bundle = _registry(home), small_bundle()
    store.save(bundle)
    run_id = store.record(bundle, _run(bundle))
    store.promote(bundle.fingerprint)
    return home, run_id


def test_a_run_holds_settings_metrics_digests_and_charts(recorded: tuple[Path, str]) -> None:
    from mlflow import MlflowClient

    home, run_id = recorded
    run = MlflowClient(tracking_uri=f"sqlite:///{home}/mlruns/mlflow.db").get_run(run_id)
    assert run.data.params == {"seed": "1", "split": "time"}
    assert run.data.metrics == {"auc": 0.75}
    assert run.data.tags["fingerprint"] == small_bundle().fingerprint
    assert run.info.status == "FINISHED"
    (held,) = run.inputs.dataset_inputs
    assert {tag.key: tag.value for tag in held.tags}["sha256"] == "0123456789abcdef" * 4
    drawn = sorted((home / "mlruns/artifacts").rglob("*.svg"))
    assert [path.name for path in drawn] == ["features.svg", "reliability.svg", "scores.svg"]
    assert "可靠性" in drawn[1].read_text()


def test_the_logged_model_is_native_and_gives_the_same_probabilities(recorded: tuple[Path, str]) -> None:
    import mlflow.pyfunc

    home, _ = recorded
    bundle, matrix = small_bundle(), made().matrix
    values = bundle.encode(matrix)
    never_missing = [at for at, feature in enumerate(bundle.features) if not feature.missing_seen]
    assert not np.isnan(values[:, never_missing]).any()
    mlflow.set_tracking_uri(f"sqlite:///{home}/mlruns/mlflow.db")
    try:
        model = mlflow.pyfunc.load_model("models:/certloan@champion")
    finally:
        mlflow.set_tracking_uri(None)
    given = model.predict(pd.DataFrame(values, columns=list(bundle.names)))
    np.testing.assert_allclose(given, bundle.score(matrix).pd, atol=1e-12)
    assert {str(column.type) for column in model.metadata.signature.inputs} == {"DataType.double"}
    kept = {path.suffix for path in (home / "mlruns/artifacts").rglob("*") if path.is_file()}
    assert not kept & {".pkl", ".pickle", ".joblib", ".cloudpickle"}


def test_recording_again_adds_a_run_to_the_same_store_and_leaves_mlflow_as_it_was(recorded: tuple[Path, str]) -> None:
    import mlflow

    home, run_id = recorded
    bundle = small_bundle(2)
    _registry(home).save(bundle)
    assert _registry(home).record(bundle, _run(bundle)) != run_id
    assert not mlflow.is_tracking_uri_set()
    with sqlite3.connect(home / "mlruns/mlflow.db") as database:
        assert database.execute("select count(*) from runs").fetchone() == (2,)
        assert database.execute("select name, version from model_versions order by version").fetchall() == [
            ("certloan", 1),
            ("certloan", 2),
        ]
    assert not list((home / "mlruns").glob(".mlflow*"))
