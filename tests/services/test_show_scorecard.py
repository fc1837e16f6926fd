"""The scorecard of a real workspace: shown, exported, refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from certloan.bootstrap import House
from certloan.cli.main import run
from certloan.domain.people import Actor, Role
from certloan.errors import InputError, PermissionDeniedError
from certloan.features.catalog import CATALOG
from certloan.i18n import Lang
from certloan.services.build_features import build_matrix
from certloan.services.show_scorecard import FORMATS, Wanted, export_scorecard, narrowed, show_scorecard

RISK = Actor("risk", Role.RISK)


def test_the_loans_of_the_training_window_are_counted_in_every_table(demo: House) -> None:
    bundle = demo.bundle()
    with demo.warehouse(read_only=True) as warehouse:
        card = show_scorecard(bundle, RISK, warehouse)
    assert card.loans is not None
    window = bundle.provenance["window"]
    assert card.loans.taught == window["n_train"]
    assert card.loans.n >= window["n_train"]
    assert window["train_from"] <= card.loans.first <= card.loans.last <= window["train_to"]
    for main in card.mains:
        assert sum(cell.counted.n for cell in main.cells if cell.counted) == card.loans.n


def test_every_feature_of_the_catalog_is_said_by_its_label(demo: House) -> None:
    card = show_scorecard(demo.bundle(), RISK)
    labels = {spec.name: spec.zh for spec in CATALOG}
    assert {main.label.zh for main in card.mains} == {labels[main.name] for main in card.mains}
    assert card.absent == "no-warehouse"


def test_a_model_of_foreign_features_is_shown_without_loans(demo: House) -> None:
    bundle = demo.bundle()
    foreign = replace(bundle, features=(replace(bundle.features[0], name="their_own"), *bundle.features[1:]))
    with demo.warehouse(read_only=True) as warehouse:
        card = show_scorecard(foreign, RISK, warehouse)
    assert (card.loans, card.absent) == (None, "foreign-features")


def test_a_window_without_loans_is_said(demo: House) -> None:
    bundle = demo.bundle()
    window = {**bundle.provenance["window"], "train_from": "1990-01-01", "train_to": "1990-12-31"}
    early = replace(bundle, provenance={**bundle.provenance, "window": window})
    with demo.warehouse(read_only=True) as warehouse:
        assert show_scorecard(early, RISK, warehouse).absent == "no-loans"


def test_the_sql_of_a_real_model_scores_the_real_feature_table_as_the_model_does(demo: House, tmp_path: Path) -> None:
    bundle = demo.bundle()
    wanted = Wanted((), ("duckdb",), keys=("application_id",))
    (file,) = export_scorecard(bundle, RISK, tmp_path, wanted)
    specs = {spec.name: spec for spec in CATALOG}
    with demo.warehouse(read_only=True) as warehouse:
        matrix = build_matrix(warehouse, specs=tuple(specs[name] for name in bundle.names))
    with duckdb.connect() as engine:
        engine.register("feature_matrix", matrix)
        told = engine.sql(file.read_text(encoding="utf-8")).to_arrow_table()
    scored = bundle.score(matrix)
    np.testing.assert_allclose(told["points"].to_numpy(), scored.points, rtol=0, atol=1e-9)
    np.testing.assert_allclose(told["pd"].to_numpy(), scored.pd, rtol=0, atol=1e-9)
    assert told["application_id"].to_pylist() == matrix["application_id"].to_pylist()


def test_all_files_are_written_where_nothing_is_chosen(demo: House, tmp_path: Path) -> None:
    wanted = Wanted.of((), (), "feature_matrix", (), Lang.EN)
    assert wanted.formats == FORMATS
    files = export_scorecard(demo.bundle(), RISK, tmp_path / "out", wanted)
    assert [file.name for file in files] == ["scorecard.html", "scorecard.xlsx", "scorecard.json"]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == sorted(file.name for file in files)
    assert json.loads(files[2].read_text(encoding="utf-8"))["fingerprint"] == demo.bundle().fingerprint


@pytest.mark.parametrize(
    ("formats", "engines", "code"), [(["pdf"], [], "scorecard-format"), ([], ["oracle"], "sql-engine")]
)
def test_an_unknown_format_or_engine_is_refused_before_anything_is_read(
    formats: list[str], engines: list[str], code: str
) -> None:
    with pytest.raises(InputError, match=code):
        Wanted.of(formats, engines, "t", (), Lang.ZH)


def test_an_unknown_feature_is_refused_with_near_names(demo: House) -> None:
    name = demo.bundle().names[0]
    with pytest.raises(InputError) as refused:
        narrowed(demo.bundle(), [f"{name}x"])
    assert refused.value.code == "scorecard-feature"
    assert name in str(refused.value.facts["expected"])


def test_an_enterprise_may_not_see_the_card(demo: House) -> None:
    with pytest.raises(PermissionDeniedError):
        show_scorecard(demo.bundle(), Actor("they", Role.ENTERPRISE))


def test_a_folder_that_cannot_be_written_is_named(demo: House, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("here", encoding="utf-8")
    with pytest.raises(InputError, match="scorecard-unwritable"):
        export_scorecard(demo.bundle(), RISK, blocked / "out", Wanted(("json",)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_line_fits_into_eighty_columns(
    demo: House, lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.cells import cell_len

    monkeypatch.setenv("CERTLOAN_HOME", str(demo.data.parent))
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["--lang", lang, "scorecard", "show", "--pairs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    name = demo.bundle().names[0]
    assert run(["--lang", lang, "scorecard", "show", "--feature", name, "--full", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fingerprint"] == demo.bundle().fingerprint


def test_the_command_line_writes_what_it_names(
    demo: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(demo.data.parent))
    arguments = ["scorecard", "export", "--out", str(tmp_path), "--sql", "spark", "--table", "lake.features", "--json"]
    assert run(arguments) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert Path(file).read_text(encoding="utf-8").count("`lake`.`features`") == 1
    assert run(["scorecard", "export", "--out", str(tmp_path), "--format", "pdf"]) == 3
