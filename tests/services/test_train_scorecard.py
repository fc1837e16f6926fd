"""The scorecard that is trained beside the champion is a model of its own: kept, named, scored and explained with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.services.dated_loans import fill

from certloan.domain.people import Actor, Role
from certloan.services.build_features import build_matrix
from certloan.services.train_model import TrainConfig, train
from certloan.storage.registry import ModelRegistry
from certloan.storage.warehouse import DuckWarehouse

RISK = Actor("王", Role.RISK)
WITH_RIVALS = TrainConfig(bags=2, pairs=3, rounds=60, log=False)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    fill(opened)
    yield opened
    opened.close()


def test_the_scorecard_is_kept_and_the_champion_names_it(warehouse: DuckWarehouse, tmp_path: Path) -> None:
    store = ModelRegistry(tmp_path / "models", tmp_path / "mlruns")
    report = train(warehouse, store, WITH_RIVALS, RISK)
    champion = store.load(report.fingerprint)
    named = champion.provenance["rivals"]["scorecard"]["fingerprint"]
    assert named == report.scorecard != report.fingerprint
    card = store.load(named)
    assert (card.kind, card.boosters, champion.kind) == ("scorecard", (), "ensemble")
    for same in ("settings", "split", "window", "digest"):
        assert card.provenance[same] == champion.provenance[same]
    assert card.provenance["metrics"]["auc"] == champion.provenance["rivals"]["scorecard"]["auc"]
    matrix = build_matrix(warehouse)
    scored = card.score(matrix)
    points = card.base_points + card.contributions(matrix).sum(axis=1)
    np.testing.assert_allclose(points, scored.points, atol=1e-9)
    assert len(np.unique(scored.score)) > 10


def test_the_scorecard_is_a_run_inside_the_trainings_and_can_be_the_registered_champion(
    warehouse: DuckWarehouse, tmp_path: Path
) -> None:
    from mlflow import MlflowClient

    store = ModelRegistry(tmp_path / "models", tmp_path / "mlruns")
    report = train(warehouse, store, replace(WITH_RIVALS, log=True), RISK)
    assert report.scorecard is not None
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/mlruns/mlflow.db")
    versions = {held.tags["fingerprint"]: held for held in client.search_model_versions("name='certloan'")}
    assert set(versions) == {report.fingerprint, report.scorecard}
    run = client.get_run(versions[report.scorecard].run_id)
    assert (run.data.tags["mlflow.parentRunId"], run.data.tags["kind"]) == (report.run_id, "scorecard")
    assert run.data.metrics["auc"] == store.load(report.scorecard).provenance["metrics"]["auc"]
    store.promote(report.scorecard)
    named = client.get_model_version_by_alias("certloan", "champion")
    assert named.version == versions[report.scorecard].version


def test_the_number_of_threads_changes_no_scorecard() -> None:
    """The champion's fingerprint covers the scorecard's."""
    code = (
        "from certloan.scoring.rivals.scorecard import fit_scorecard\n"
        "from certloan.scoring.rivals.deploy import as_bundle\n"
        "from certloan.scoring.growing.recipe import Sample\n"
        "from tests.scoring.ensembles import FEATURES, made\n"
        "from certloan.scoring.matrix import encode\n"
        "data = made(1200)\n"
        "sample = Sample(encode(data.matrix, FEATURES), data.defaulted, data.weights / data.weights.mean())\n"
        "print(as_bundle(fit_scorecard(sample, FEATURES, 1), {}).fingerprint)\n"
    )
    root = Path(__file__).resolve().parents[2]
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
            env={"PATH": "", "PYTHONPATH": str(root), "OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n},
        ).stdout
        for n in ("1", "4")
    }
    assert len(told) == 1
