"""A user's way through the command line, on a workspace in which the demo has run."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from certloan.bootstrap import House
from certloan.cli.main import run

#: As many as tests/conftest.py makes: fewer default too seldom to train on.
DEMO_ENTERPRISES = 1600
Told = tuple[int, dict[str, Any], str]
Command = Callable[..., Told]


@pytest.fixture
def command(demo: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command with ``--json`` in the demo workspace; give exit code, object and what stood on standard error."""
    monkeypatch.setenv("CERTLOAN_HOME", str(demo.settings.home))

    def run_json(*arguments: str) -> Told:
        capsys.readouterr()
        code = run([*arguments, "--json"])
        shown = capsys.readouterr()
        lines = shown.out.strip().splitlines()
        assert len(lines) == 1, shown.out
        return code, json.loads(lines[0]), shown.err

    return run_json


@pytest.fixture
def own(demo: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demo workspace that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(demo.settings.home, home)
    monkeypatch.setenv("CERTLOAN_HOME", str(home))
    return home


def test_explaining_a_case_gives_points_that_add_up_to_its_score(command: Command, demo: House) -> None:
    decisions = pq.read_table(demo.decisions / "decisions.parquet").to_pylist()
    for row in decisions[:: max(1, len(decisions) // 8)]:
        code, told, _ = command("explain", row["application_id"])
        assert code == 0
        assert told["base_points"] + sum(point["points"] for point in told["points"]) == told["score"] == row["score"]
        assert (told["outcome"], told["grade"]) == (row["outcome"], row["grade"])
        assert told["pd"] == row["pd"]
        assert [reason["zh"] for reason in told["reasons_for"]] == row["reasons_for_zh"]
        assert [reason["en"] for reason in told["reasons_against"]] == row["reasons_against_en"]


def test_a_score_file_holds_every_open_application_in_three_formats(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert own.is_dir()
    capsys.readouterr()
    assert run(["score", "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["scored"] == told["approve"] + told["refer"] + told["decline"] > 0
    with (tmp_path / "decisions.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    sheet = openpyxl.load_workbook(tmp_path / "decisions.xlsx", read_only=True).worksheets[0]
    table = pq.read_table(tmp_path / "decisions.parquet")
    assert len(rows) == table.num_rows == sum(1 for _ in sheet.iter_rows()) - 1 == told["scored"]


def test_reasons_name_certificates_and_dates_and_never_the_score(demo: House) -> None:
    table = pq.read_table(demo.decisions / "decisions.parquet")
    reasons = [r for side in ("for", "against") for row in table.column(f"reasons_{side}_zh").to_pylist() for r in row]
    assert any("证书编号" in reason and "到期日期" in reason for reason in reasons)
    assert not any(
        word in reason for reason in reasons for word in ("评分低", "分数低", "得分低", "行政区划", "所有制")
    )


def test_an_audit_compares_every_group_with_its_n_and_its_interval(command: Command) -> None:
    code, told, _ = command("audit")
    assert code == 0
    assert {attribute["attribute"] for attribute in told["attributes"]} == {"size_class", "county_group", "ownership"}
    for attribute in told["attributes"]:
        assert sum(group["n"] for group in attribute["groups"]) == told["people"]
        for group in attribute["groups"]:
            if group["n"]:
                assert group["low"] <= group["rate"] <= group["high"]
        for layer in attribute["layers"]:
            assert [group["code"] for group in layer["groups"]] == [group["code"] for group in attribute["groups"]]


def test_an_audit_of_later_applications_counts_those_alone(command: Command) -> None:
    whole = command("audit")[1]
    assert whole["first"] < "2026-01-01" <= whole["last"]
    code, later, _ = command("audit", "--since", "2026-01-01")
    assert code == 0
    assert (later["since"], later["last"]) == ("2026-01-01", whole["last"])
    assert later["first"] >= "2026-01-01"
    assert 0 < later["people"] < whole["people"]


def test_delivering_the_same_files_again_changes_nothing(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = _statements(own)
    capsys.readouterr()
    assert run(["ingest", str(own / "data" / "demo" / "delivery"), "--json"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert told["rows_accepted"] == 0
    assert told["rows_unchanged"] > 0
    assert _statements(own) == before


def _statements(home: Path) -> list[dict[str, object]]:
    from certloan.bootstrap import house
    from certloan.contracts import CONTRACTS

    with house(home).warehouse(read_only=True) as warehouse:
        return [
            warehouse.query(f'select count(*) n, bit_xor(hash(t)) h from history."{table}" t').to_pylist()[0]
            for table in CONTRACTS
        ]


def test_the_demo_can_be_run_again(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["demo", "-n", str(DEMO_ENTERPRISES), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    promised = "rows_read rows_accepted rows_quarantined features auc auc_low auc_high scored approve refer decline"
    assert set(promised.split()) | {"fingerprint", "seconds"} <= set(told)
    assert told["rows_accepted"] > 0
    assert (own / "models" / told["fingerprint"]).is_dir()


def test_the_demo_does_not_replace_other_data(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "纳税信用.csv"
    mine.write_text("统一社会信用代码,评价年度,纳税信用等级\n91110000600037341L,2024,A级\n", encoding="gb18030")
    code = run(["ingest", str(mine), "--json"])
    assert code in (0, 4)
    capsys.readouterr()
    assert run(["demo", "-n", "1500", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"] == "home-in-use"


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["explain", "NO-SUCH"], 3, "unknown-application"),
        (["ingest", "no-such-file.csv"], 3, "delivery-not-found"),
        (["ingest", "--recipe", "no-such-recipe", "."], 3, "recipe-not-found"),
        (["train", "--split", "sideways"], 3, "train-setting"),
        (["train", "--train-before", "1990-01-01", "--test-from", "1990-01-01"], 3, "split-empty"),
    ],
)
def test_a_mistake_is_a_code_and_two_sentences(
    own: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, error: str
) -> None:
    assert own.is_dir()
    capsys.readouterr()
    assert run([*arguments, "--json"]) == code
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert told["error"] == error
    assert told["message_zh"] != told["message_en"]
    assert "Traceback" not in shown.err


def test_two_workspaces_never_touch(own: Path, demo: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    monkeypatch.setenv("CERTLOAN_HOME", str(other))
    assert run(["explain", "ANY", "--json"]) == 5
    assert not (other / "models").exists()
    file = tmp_path / "tax_grade.csv"
    file.write_text("uscc,year,grade\n91110000600037341L,2024,A\n", encoding="utf-8")
    run(["ingest", str(file), "--json"])
    assert (other / "data" / "warehouse.duckdb").exists()
    assert _statements(own) == _statements(demo.settings.home)


def test_a_workspace_that_is_a_file_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").write_text("not a folder", encoding="utf-8")
    (tmp_path / "tax_grade.csv").write_text("uscc,year,grade\n91110000600037341L,2024,A\n", encoding="utf-8")
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path / "home"))
    assert run(["ingest", str(tmp_path / "tax_grade.csv"), "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["error"] == "home-unusable"


def test_a_reader_that_leaves_early_is_no_error(demo: House) -> None:
    certloan = Path(sys.executable).with_name("certloan")
    environment = os.environ | {"CERTLOAN_HOME": str(demo.settings.home)}
    with subprocess.Popen(
        [certloan, "audit"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as ran:
        assert ran.stdout is not None
        ran.stdout.close()
        assert ran.wait(timeout=120) == 0
