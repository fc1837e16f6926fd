"""Training through the whole pipeline: a real warehouse, real features, a real store."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certloan.bootstrap import House
from certloan.domain.people import Actor, Role
from certloan.errors import InputError, PermissionDeniedError
from certloan.features.catalog import for_use
from certloan.features.spec import Use
from certloan.i18n import sentence
from certloan.scoring.bundle import Bundle
from certloan.services.build_features import build_matrix
from certloan.services.train_model import TrainConfig, train
from certloan.storage.registry import ModelRegistry
from certloan.storage.warehouse import DuckWarehouse

RISK = Actor("王", Role.RISK)
QUICK = TrainConfig(bags=2, pairs=3, rounds=60, rivals=False, log=False)


def test_the_report_carries_figures_with_their_n_and_the_bundle_gives_them_again(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    report = train(warehouse, store, replace(QUICK, rivals=True), RISK)
    told = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert told["auc_low"] < told["auc"] < told["auc_high"]
    assert told["auc"] > 0.55
    assert told["n_train"] > told["defaults_train"] > 0
    assert told["n_test"] > told["defaults"] > 0
    assert set(told["rivals"]) == {"scorecard", "ceiling"}
    assert told["split"]["embargoed"] > 0
    bundle = store.load(report.fingerprint)
    held = bundle.provenance
    assert (held["window"]["n_train"], held["metrics"]["n"]) == (told["n_train"], told["n_test"])
    assert held["window"]["train_to"] < held["split"]["train_before"] <= held["window"]["test_from"]
    assert store.champion() is None


def test_the_same_data_and_seed_give_the_same_fingerprint_in_any_order(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    once = train(warehouse, store, QUICK, RISK)
    shuffled = DuckWarehouse.open(None)
    for table in ("application", "outcome"):
        rows = warehouse.query(f"select * from history.{table} order by hash(application_id)")
        with shuffled.attached("rows_given", rows):
            shuffled.execute(f"insert into history.{table} select * from rows_given")
    again = train(shuffled, store, QUICK, RISK)
    shuffled.close()
    assert again.fingerprint == once.fingerprint
    assert train(warehouse, store, replace(QUICK, seed=2), RISK).fingerprint != once.fingerprint


def test_training_scores_are_the_scores_that_the_bundle_gives(warehouse: DuckWarehouse, store: ModelRegistry) -> None:
    report = train(warehouse, store, QUICK, RISK)
    loaded = store.load(report.fingerprint)
    matrix = build_matrix(warehouse)
    scored, points = loaded.score(matrix), loaded.contributions(matrix)
    np.testing.assert_allclose(loaded.base_points + points.sum(axis=1), scored.points, atol=1e-9)


def test_only_features_meant_for_a_model_enter_one_and_missing_families_are_named(
    warehouse: DuckWarehouse, store: ModelRegistry, tmp_path: Path
) -> None:
    report = train(warehouse, store, QUICK, RISK)
    bundle = store.load(report.fingerprint)
    allowed = {spec.name for spec in for_use(Use.MODEL)}
    assert set(bundle.names) | set(report.dropped) == allowed
    assert {"app_term_months", "app_employees_stated"} <= set(bundle.names)
    assert "app_amount" not in bundle.names
    assert bundle.provenance["dropped"] == report.dropped
    card = (tmp_path / "models" / report.fingerprint / "card.md").read_text(encoding="utf-8")
    assert all(told in card for told in ("app_jobs_created", "选择性标签", "selective labels"))
    assert {"credit", "operations"} <= set(report.families_missing)
    assert "application" not in report.families_missing
    assert report.dropped["app_jobs_created"] == "missing"


def test_case_weights_count_rows_and_a_weight_of_nothing_leaves_a_loan_out(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    plain = train(warehouse, store, QUICK, RISK)
    warehouse.execute("update history.outcome set case_weight = case when defaulted then 3 else 1 end")
    weighted = train(warehouse, store, QUICK, RISK)
    assert weighted.performance.observed > plain.performance.observed * 1.5
    assert weighted.performance.expected > plain.performance.expected * 1.5
    warehouse.execute("update history.outcome set case_weight = 0 where not defaulted and application_id like '%7'")
    fewer = train(warehouse, store, QUICK, RISK)
    assert fewer.n_train + fewer.performance.n < plain.n_train + plain.performance.n


def test_a_corrected_outcome_is_the_one_that_teaches(warehouse: DuckWarehouse, store: ModelRegistry) -> None:
    before = train(warehouse, store, QUICK, RISK)
    changed = "application_id in (select application_id from history.outcome where not defaulted limit 40)"
    warehouse.execute(
        f"create temp table corrected as select * replace (true as defaulted) from history.outcome where {changed};"
        "update history.outcome set superseded_on = date '2025-01-01'"
        " where application_id in (select application_id from corrected);"
        "insert into history.outcome select * from corrected"
    )
    after = train(warehouse, store, QUICK, RISK)
    defaults = [report.defaults_train + report.performance.defaults for report in (before, after)]
    assert defaults[1] > defaults[0]
    assert after.n_train + after.performance.n == before.n_train + before.performance.n


@pytest.mark.parametrize(("split", "n_test"), [("folds", 900), ("random", 225)])
def test_sets_without_honest_dates_can_be_judged_otherwise(
    warehouse: DuckWarehouse, store: ModelRegistry, split: str, n_test: int
) -> None:
    report = train(warehouse, store, replace(QUICK, split=split, folds=3, rounds=30), RISK)
    assert report.performance.n == pytest.approx(n_test, abs=2)
    assert report.as_json()["split"]["kind"] == split


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"split": "yesterday"}, "split"),
        ({"bags": 0}, "bags"),
        ({"folds": 1}, "folds"),
        ({"pairs": -1}, "pairs"),
        ({"rounds": 0}, "rounds"),
        ({"test_share": 1.5}, "test_share"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(
    warehouse: DuckWarehouse, store: ModelRegistry, change: dict[str, Any], name: str
) -> None:
    with pytest.raises(InputError) as refused:
        train(warehouse, store, replace(QUICK, **change), RISK)
    assert (refused.value.code, refused.value.facts["name"]) == ("train-setting", name)
    assert name in sentence(refused.value, "zh")


def test_without_outcomes_there_is_nothing_to_learn(store: ModelRegistry) -> None:
    with pytest.raises(InputError) as refused:
        train(DuckWarehouse.open(None), store, QUICK, RISK)
    assert refused.value.code == "no-labels"
    assert store.fingerprints() == ()


def test_only_the_risk_team_may_train(warehouse: DuckWarehouse, store: ModelRegistry) -> None:
    with pytest.raises(PermissionDeniedError):
        train(warehouse, store, QUICK, Actor("李", Role.OFFICER))


def test_the_demo_model_is_recorded_promoted_and_accounts_for_itself(demo: House) -> None:
    store = demo.models()
    champion = store.champion()
    assert champion is not None
    bundle = store.load(champion)
    assert isinstance(bundle, Bundle)
    families = {spec.name: spec.family for spec in for_use(Use.MODEL)}
    assert len({families[name] for name in bundle.names}) >= 6
    assert (demo.settings.mlruns / "mlflow.db").is_file()
    card = (demo.settings.models / champion / "card.md").read_text(encoding="utf-8")
    assert str(bundle.provenance["metrics"]["n"]) in card
