"""What cannot teach is refused by name before any work, in both languages, at the service and on the command line."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.services.dated_loans import fill

from certloan.cli.main import run
from certloan.domain.people import Actor, Role
from certloan.errors import InputError
from certloan.i18n import Lang, sentence
from certloan.services.train_model import TrainConfig, train
from certloan.services.training_labels import outcomes_of, read_loans
from certloan.storage.registry import ModelRegistry
from certloan.storage.warehouse import DuckWarehouse

RISK = Actor("王", Role.RISK)
QUICK = TrainConfig(bags=2, pairs=3, rounds=40, rivals=False, log=False)


def refused(warehouse: DuckWarehouse, store: ModelRegistry, config: TrainConfig = QUICK) -> InputError:
    with pytest.raises(InputError) as raised:
        train(warehouse, store, config, RISK)
    assert store.fingerprints() == ()
    for language in Lang:
        told = sentence(raised.value, language)
        assert told
        assert "{" not in told
    return raised.value


def few_defaults(warehouse: DuckWarehouse, kept: int) -> None:
    """Let only the first ``kept`` defaults of the training window be defaults."""
    warehouse.execute(
        "update history.outcome set defaulted = false where defaulted and application_id < 'A0500' and"
        " application_id not in (select application_id from history.outcome where defaulted"
        f" order by application_id limit {kept})"
    )


def test_one_class_only_cannot_teach(warehouse: DuckWarehouse, store: ModelRegistry) -> None:
    warehouse.execute("update history.outcome set defaulted = false")
    assert refused(warehouse, store).code == "one-class"


def test_fewer_than_thirty_defaults_are_refused_unless_it_is_said_and_then_recorded(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    few_defaults(warehouse, 22)
    error = refused(warehouse, store)
    assert (error.code, error.facts["defaults"], error.facts["expected"]) == ("too-few-defaults", 22, 30)
    assert "--min-defaults" in sentence(error, "zh")
    report = train(warehouse, store, replace(QUICK, min_defaults=20), RISK)
    assert report.defaults_train == 22
    assert store.load(report.fingerprint).provenance["settings"]["min_defaults"] == 20


@pytest.mark.parametrize("least", [0, 4])
def test_fewer_than_five_can_never_be_asked_for(warehouse: DuckWarehouse, store: ModelRegistry, least: int) -> None:
    error = refused(warehouse, store, replace(QUICK, min_defaults=least))
    assert (error.code, error.facts["name"]) == ("train-setting", "min_defaults")


def test_features_that_are_all_missing_or_constant_are_listed_and_none_left_is_refused(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    warehouse.execute("update history.application set purpose = 'equipment', employees_stated = null")
    # The few columns that are left say too little to pass for signal; what is asked here is which those are.
    report = train(warehouse, store, replace(QUICK, screen=False), RISK)
    assert report.dropped["app_employees_stated"] == "missing"
    assert report.dropped["app_purpose"] == "constant"
    assert set(report.kept) & set(report.dropped) == set()
    warehouse.execute("update history.application set term_months = 12")
    only = replace(QUICK, features=("app_term_months", "app_purpose", "app_employees_stated"))
    with pytest.raises(InputError) as raised:
        train(warehouse, store, only, RISK)
    assert raised.value.code == "no-features"
    assert (raised.value.facts["found"], raised.value.facts["dropped"]) == (3, 3)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "0", "TRUE", "false", None], [1.0, 0.0, 1.0, 0.0, None]),
        ([1, 0, None], [1.0, 0.0, None]),
        ([1.0, 0.0, None], [1.0, 0.0, None]),
        ([True, False, None], [1.0, 0.0, None]),
    ],
)
def test_a_target_says_yes_or_no_in_the_usual_ways(values: list[Any], expected: list[Any]) -> None:
    found = outcomes_of(pa.chunked_array([pa.array(values)]))
    assert [None if value != value else value for value in found.tolist()] == expected


@pytest.mark.parametrize("values", [[0, 1, 2], ["0", "也许"], [0.5, 1.0]])
def test_a_target_with_other_values_is_refused_with_them(values: list[Any]) -> None:
    with pytest.raises(InputError) as raised:
        outcomes_of(pa.chunked_array([pa.array(values)]))
    assert raised.value.code == "target-values"
    assert raised.value.facts["count"] == 1
    assert str(raised.value.facts["found"]) in sentence(raised.value, "zh")


def test_a_delivery_whose_outcome_is_neither_yes_nor_no_is_put_aside_and_teaches_nothing(tmp_path: Path) -> None:
    from certloan.services.load_evidence import load_delivery

    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "贷款表现.csv").write_text(
        "申请编号,观察截止日,是否违约\nA1,2023-01-31,是\nA2,2023-01-31,也许\nA3,2023-01-31,\nA4,2023-01-31,0\n",
        encoding="utf-8",
    )
    (folder / "delivery.toml").write_text("delivered_on = 2024-06-30\n")
    warehouse = DuckWarehouse.open(None)
    report = load_delivery(folder, warehouse, quarantine_dir=tmp_path / "q", actor=Actor("王", Role.OFFICER))
    assert (report.tables["outcome"].rows_accepted, report.tables["outcome"].rows_quarantined) == (2, 2)
    assert {problem.column for problem in report.problems} == {"defaulted"}
    warehouse.close()


def test_loans_without_a_stated_outcome_or_of_no_weight_are_left_out_and_counted(warehouse: DuckWarehouse) -> None:
    warehouse.execute("update history.outcome set defaulted = null where application_id like '%3'")
    warehouse.execute("update history.outcome set case_weight = 0 where application_id like '%7'")
    found = read_loans(warehouse)
    assert dict(found.left_out) == {"unstated": 90, "weightless": 90}
    assert len(found.labels) == found.subjects.num_rows == 720


@pytest.mark.parametrize(
    ("weight", "code"),
    [("-0.5", "weights-negative"), ("'nan'", "weights-not-numbers"), ("'inf'", "weights-not-numbers")],
)
def test_weights_that_count_nothing_are_refused_with_the_loans_that_have_them(
    warehouse: DuckWarehouse, store: ModelRegistry, weight: str, code: str
) -> None:
    warehouse.execute(f"update history.outcome set case_weight = {weight} where application_id in ('A0007', 'A0011')")
    error = refused(warehouse, store)
    assert (error.code, error.facts["found"], error.facts["examples"]) == (code, 2, "A0007, A0011")


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ({"test_from": date(2019, 1, 1)}, "split-empty"),
        ({"test_from": date(2020, 6, 1)}, "split-empty"),
        ({"test_from": date(2035, 1, 1)}, "split-dates-crossed"),
        ({"train_before": date(2023, 1, 1), "test_from": date(2022, 1, 1)}, "split-dates-crossed"),
    ],
)
def test_days_that_leave_one_side_empty_are_named(
    warehouse: DuckWarehouse, store: ModelRegistry, days: dict[str, Any], code: str
) -> None:
    assert refused(warehouse, store, replace(QUICK, **days)).code == code


def test_a_feature_written_after_the_outcome_stops_the_training_with_its_figures(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    warehouse.execute(
        "update history.application set term_months = case when application_id in"
        " (select application_id from history.outcome where defaulted) then 13 else 12 end"
        " where hash(application_id) % 20 > 0"
    )
    error = refused(warehouse, store)
    assert error.code == "leaking-features"
    assert "app_term_months" in str(error.facts["found"])
    # The way out that the sentence offers: without the feature.
    report = train(warehouse, store, replace(QUICK, without=("app_term_months",)), RISK)
    assert "app_term_months" not in report.kept
    assert report.leakage["verdict"] in ("passes", "too_little")


def test_features_as_of_another_day_that_know_no_more_may_teach_and_it_is_recorded(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    report = train(warehouse, store, replace(QUICK, features_as_of=date(2026, 1, 1)), RISK)
    assert report.leakage["hindsight"]["verdict"] == "passes"
    held = store.load(report.fingerprint).provenance
    assert held["settings"]["features_as_of"] == "2026-01-01"
    assert held["leakage"]["hindsight"]["n"] == report.performance.n


def test_features_as_of_a_day_that_knows_what_happened_stop_the_training_with_the_lift(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    # Tax grades given after every outcome: a default often costs the grade.
    warehouse.execute(
        "insert into history.tax_grade (uscc, year, grade, happened_on, known_on)"
        " select uscc, 2024, case when hash(uscc) % 100 < case when defaulted then 55 else 6 end then 'D' else 'B' end,"
        " date '2024-12-31', date '2025-04-30' from application join outcome using (application_id)"
    )
    honest = train(warehouse, store, QUICK, RISK)
    assert not [name for name in honest.kept if name.startswith("tax_")]
    with pytest.raises(InputError) as raised:
        train(warehouse, store, replace(QUICK, features_as_of=date(2026, 1, 1)), RISK)
    assert raised.value.code == "hindsight"
    assert "tax_" in str(raised.value.facts["found"])
    assert str(raised.value.facts["difference"]) in sentence(raised.value, "zh")


def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a workspace on disk with loans, and point the command line at it."""
    monkeypatch.setenv("CERTLOAN_HOME", str(home))
    monkeypatch.setenv("CERTLOAN_OPERATOR", "王芳")
    (home / "data").mkdir(parents=True)
    opened = DuckWarehouse.open(home / "data" / "warehouse.duckdb")
    fill(opened)
    opened.close()
    return home


@pytest.mark.parametrize(
    ("statement", "options", "code"),
    [
        ("update history.outcome set defaulted = true", (), "one-class"),
        ("update history.outcome set case_weight = -1 where application_id = 'A0001'", (), "weights-negative"),
        ("select 1", ("--test-from", "2035-01-01"), "split-dates-crossed"),
        ("select 1", ("--features-as-of", "yesterday"), "train-setting"),
        ("select 1", ("--without", "app_tern_months"), "unknown-feature"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_line_says_so_too(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    statement: str,
    options: tuple[str, ...],
    code: str,
    language: str,
) -> None:
    home = workspace(tmp_path / "home", monkeypatch)
    opened = DuckWarehouse.open(home / "data" / "warehouse.duckdb")
    opened.execute(statement)
    opened.close()
    assert run(["--lang", language, "train", "--json", *options]) == 3
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert told["error"] == code
    assert told["message"] == told[f"message_{language}"]
    assert "Traceback" not in shown.err
    assert not (home / "models").exists()


def test_what_is_no_store_of_trials_is_named_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = workspace(tmp_path / "home", monkeypatch)
    (home / "mlruns").mkdir()
    (home / "mlruns" / "search.db").write_text("别的东西")
    assert run(["train", "--trials", "2", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"] == "search-store-unreadable"
    assert (home / "mlruns" / "search.db").read_text() == "别的东西"


def test_a_model_of_another_version_cut_short_or_of_other_features_is_named_by_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = workspace(tmp_path / "home", monkeypatch)
    with_models = ModelRegistry(home / "models", home / "mlruns")
    opened = DuckWarehouse.open(home / "data" / "warehouse.duckdb")
    report = train(opened, with_models, QUICK, RISK)
    opened.close()
    with_models.promote(report.fingerprint)
    folder, kept = home / "models" / report.fingerprint, tmp_path / "kept"
    shutil.copytree(folder, kept)

    def scored() -> str:
        assert run(["score", "--all", "--json"]) == 3
        return str(json.loads(capsys.readouterr().out)["error"])

    (folder / "tables.json").write_bytes((kept / "tables.json").read_bytes()[:-400])
    assert scored() == "bundle-unreadable"
    shutil.copy(kept / "tables.json", folder / "tables.json")
    manifest = json.loads((kept / "bundle.json").read_text(encoding="utf-8"))
    (folder / "bundle.json").write_text(json.dumps({**manifest, "version": 99}), encoding="utf-8")
    assert scored() == "bundle-version"
    shutil.copy(kept / "bundle.json", folder / "bundle.json")
    assert run(["score", "--all", "--json"]) == 0


def test_features_that_differ_from_the_models_are_shown_as_a_difference(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    from certloan.services.build_features import build_matrix

    bundle = store.load(train(warehouse, store, QUICK, RISK).fingerprint)
    matrix = build_matrix(warehouse)
    renamed = matrix.rename_columns([name.replace("app_term_months", "app_term_month") for name in matrix.column_names])
    with pytest.raises(InputError) as raised:
        bundle.score(renamed)
    assert raised.value.code == "feature-mismatch"
    assert "- app_term_months: number  (+ app_term_month ?)" in sentence(raised.value, "zh")
