"""Recalibration through the whole pipeline: a real warehouse, a real store, a real ledger."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.services.dated_loans import fill

from certloan.bootstrap import House, house
from certloan.cli.main import run
from certloan.domain.people import Actor, Role
from certloan.errors import InputError, NotReadyError, PermissionDeniedError
from certloan.i18n import sentence
from certloan.services.build_features import build_matrix
from certloan.services.keep_model import keep_model
from certloan.services.model_history import acts_of, makers
from certloan.services.recalibrate_model import (
    CentralTendency,
    RecalibrationOrder,
    learnt_until,
    recalibrate,
)
from certloan.services.train_model import TrainConfig, train
from certloan.storage.journal import SqlJournal
from certloan.storage.registry import ModelRegistry
from certloan.storage.warehouse import DuckWarehouse

RISK = Actor("王", Role.RISK)
QUICK = TrainConfig(bags=2, pairs=3, rounds=60, rivals=False, log=False, train_before=dt.date(2022, 1, 1))
QUIET = RecalibrationOrder(log=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A workspace with dated loans and one model, made by 王."""
    made = house(tmp_path_factory.mktemp("home"))
    with made.warehouse() as opened:
        fill(opened, loans=1500)
        train(opened, made.models(), QUICK, RISK, journal=made.journal())
    return made


@pytest.fixture(scope="module")
def warehouse(home: House) -> Iterator[DuckWarehouse]:
    with home.warehouse(read_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def trained(home: House) -> tuple[ModelRegistry, str]:
    store = home.models()
    return store, store.fingerprints()[0]


def test_the_new_model_is_kept_names_its_parent_scores_in_the_same_order_and_is_not_in_use(
    warehouse: DuckWarehouse, trained: tuple[ModelRegistry, str]
) -> None:
    store, parent = trained
    report = recalibrate(warehouse, store, replace(QUIET, model=parent[:10]), RISK)
    child, old = store.load(report.fingerprint), store.load(parent)
    assert (child.parent, report.parent) == (parent, parent)
    assert store.champion() is None
    matrix = build_matrix(warehouse)
    before, after = old.score(matrix), child.score(matrix)
    assert np.diff(after.pd[np.argsort(before.margin, kind="stable")]).min() >= -1e-12
    np.testing.assert_allclose(child.base_points + child.contributions(matrix).sum(axis=1), after.points, atol=1e-9)
    told = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert told["window"]["fitted"]["from"] > old.provenance["window"]["train_to"]
    assert told["window"]["fitted"]["to"] < told["window"]["held_out"]["from"]
    assert told["after"]["slope_low"] < told["after"]["slope"] < told["after"]["slope_high"]
    assert told["held_out"]["after"]["n"] == told["window"]["held_out"]["n"]
    assert [grade["n"] for grade in told["grades"]["grades"]]
    assert recalibrate(warehouse, store, replace(QUIET, model=parent), RISK).fingerprint == report.fingerprint


def test_a_trained_model_has_grades_from_rows_that_its_boosters_had_not_seen(
    trained: tuple[ModelRegistry, str],
) -> None:
    bundle = trained[0].load(trained[1])
    assert bundle.grades is not None
    held = bundle.provenance["window"]
    assert 0 < sum(grade.n for grade in bundle.grades.grades) <= held["n_train"]
    assert 0 < sum(grade.defaults for grade in bundle.grades.grades) <= held["defaults_train"]
    assert all(better.rate < worse.rate for better, worse in pairwise(bundle.grades.grades))


def test_an_anchor_is_on_record_with_its_reason(warehouse: DuckWarehouse, trained: tuple[ModelRegistry, str]) -> None:
    store, parent = trained
    anchor = CentralTendency(0.2, "ten years of this portfolio", "2013-2022")
    report = recalibrate(warehouse, store, replace(QUIET, model=parent, anchor=anchor), RISK)
    held = store.load(report.fingerprint)
    assert held.calibrator.anchor is not None
    assert held.calibrator.anchor.reason == "ten years of this portfolio"
    assert held.provenance["recalibration"]["anchor"]["period"] == "2013-2022"
    assert held.provenance["recalibration"]["anchor"]["after"] == pytest.approx(0.2, abs=1e-6)


def test_a_window_that_the_model_or_its_parent_has_learnt_from_is_refused(
    warehouse: DuckWarehouse, trained: tuple[ModelRegistry, str]
) -> None:
    store, parent = trained
    with pytest.raises(InputError) as refused:
        recalibrate(warehouse, store, replace(QUIET, model=parent, first=dt.date(2020, 6, 1)), RISK)
    assert refused.value.code == "recalibrate-overlap"
    child = recalibrate(warehouse, store, replace(QUIET, model=parent), RISK).fingerprint
    learnt = learnt_until(store.load(child))
    assert learnt is not None
    assert str(learnt) > str(store.load(parent).provenance["window"]["train_to"])
    with pytest.raises(InputError) as refused:
        recalibrate(warehouse, store, replace(QUIET, model=child, first=learnt), RISK)
    assert refused.value.code == "recalibrate-overlap"


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2030-01-01", None, "recalibrate-no-loans"),
        ("2023-01-01", "2022-12-01", "recalibrate-dates-crossed"),
        ("2023-01-01", "2023-01-20", "recalibrate-too-few-defaults"),
    ],
)
def test_a_window_that_cannot_carry_a_calibration_is_refused_in_both_languages(
    warehouse: DuckWarehouse, trained: tuple[ModelRegistry, str], first: str, last: str | None, code: str
) -> None:
    store, parent = trained
    kept = store.fingerprints()
    end = None if last is None else dt.date.fromisoformat(last)
    with pytest.raises(InputError) as refused:
        recalibrate(warehouse, store, replace(QUIET, model=parent, first=dt.date.fromisoformat(first), last=end), RISK)
    assert refused.value.code == code
    assert sentence(refused.value, "zh") != sentence(refused.value, "en")
    assert store.fingerprints() == kept


def test_without_a_model_or_the_right_nothing_is_done(warehouse: DuckWarehouse, tmp_path: Path) -> None:
    store = ModelRegistry(tmp_path / "models", tmp_path / "mlruns")
    with pytest.raises(NotReadyError, match="recalibrate-no-model"):
        recalibrate(warehouse, store, QUIET, RISK)
    with pytest.raises(PermissionDeniedError):
        recalibrate(warehouse, store, QUIET, Actor("officer", Role.OFFICER))


def test_a_parent_of_another_version_is_refused(
    warehouse: DuckWarehouse, trained: tuple[ModelRegistry, str], tmp_path: Path
) -> None:
    store, parent = trained
    folder = store.load(parent).save(tmp_path / "models")
    held = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps({**held, "version": 1}))
    with pytest.raises(InputError) as refused:
        recalibrate(
            warehouse, ModelRegistry(tmp_path / "models", tmp_path / "mlruns"), replace(QUIET, model=parent), RISK
        )
    assert refused.value.code == "bundle-version"


def test_whoever_recalibrates_and_whoever_trained_are_both_makers_of_the_new_model(
    warehouse: DuckWarehouse, trained: tuple[ModelRegistry, str], tmp_path: Path
) -> None:
    store, journal = ModelRegistry(tmp_path / "models", tmp_path / "mlruns"), SqlJournal(tmp_path / "ledger.db")
    parent = trained[0].load(trained[1])
    keep_model(store, parent, RISK, journal)
    other = Actor("李", Role.RISK)
    order = RecalibrationOrder(model=parent.fingerprint)
    report = recalibrate(warehouse, store, order, other, journal=journal)
    assert makers(acts_of(journal.entries()), report.fingerprint) == (RISK.name, other.name)
    assert report.run_id


def test_the_command_tells_both_models_side_by_side_and_who_may_put_the_new_one_in_use(
    home: House, trained: tuple[ModelRegistry, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(home.settings.home))
    asked = [
        "recalibrate",
        "--model",
        trained[1][:12],
        "--operator",
        "李",
        "--anchor",
        "0.2",
        "--reason",
        "long-run rate",
    ]
    assert run([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["parent"] == trained[1]
    assert told["anchor"]["reason"] == "long-run rate"
    assert told["held_out"]["unanchored"]["log_loss"] < told["held_out"]["after"]["log_loss"]
    assert told["run_id"]
    for lang in ("zh", "en"):
        assert run(["--lang", lang, *asked]) == 0
        shown = capsys.readouterr().out
        assert told["fingerprint"][:12] in shown
        assert "20.00%" in shown
        assert "R10" in shown


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--anchor", "2", "--reason", "x"], "anchor-rate"),
        (["--anchor", "0.02"], "anchor-reason"),
        (["--reason", "x"], "anchor-missing"),
        (["--from", "2019-01-01"], "recalibrate-overlap"),
    ],
)
def test_the_command_refuses_what_makes_no_sense_before_any_work(
    home: House,
    trained: tuple[ModelRegistry, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: str,
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(home.settings.home))
    kept = trained[0].fingerprints()
    assert run(["recalibrate", "--model", trained[1][:12], "--operator", "李", *arguments]) == 3
    assert code in capsys.readouterr().err
    assert trained[0].fingerprints() == kept
