"""``certloan reference``: what the tables hold can be read, and what is wrong with them is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from certloan.cli.main import run
from certloan.errors import EXIT_OK, EXIT_PARTIAL, EXIT_REFUSED
from certloan.reference.loading import overridden, reference_digest
from certloan.reference.overrides import use_overrides
from certloan.reference.tables import TABLES


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a workspace's own tables."""
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    folder = tmp_path / "reference"
    folder.mkdir()
    yield folder
    use_overrides(None)


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = EXIT_OK) -> dict[str, object]:
    assert run(["reference", *words, "--json"]) == code
    told = capsys.readouterr().out
    found = json.loads(told)
    assert isinstance(found, dict)
    return found


def test_all_tables_are_listed_with_their_counts(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = answer(capsys, "show")["tables"]
    assert isinstance(tables, list)
    assert {table["name"] for table in tables} == set(TABLES)
    assert all(0 <= table["verified"] <= table["rows"] for table in tables)
    assert {table["own_rows"] for table in tables} == {0}


def test_one_table_is_shown_as_it_was_in_force_on_a_day(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def versions(day: str) -> list[str]:
        found = answer(capsys, "show", "validity_rules", "--on", day, "--code", "QMS")["rows"]
        assert isinstance(found, list)
        return [row["rule_version"] for row in found]

    assert versions("2025-12-31") == ["2016"]
    assert versions("2026-01-01") == ["CNCA-QMS-01:2025"]


def test_people_see_dates_source_and_what_is_not_confirmed(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reference", "show", "validity_rules", "--code", "QMS", "--on", "2026-03-01"]) == EXIT_OK
    shown = capsys.readouterr().out
    for part in ("CNCA-QMS-01:2025", "gap_months=12", "2026-01-01", "未核实", "16"):
        assert part in shown
    assert run(["--lang", "en", "reference", "show", "gbt4754_2017", "--code", "6130"]) == EXIT_OK
    assert "GB/T 4754-2017" in capsys.readouterr().out


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_printed_as_csv_is_an_own_table_that_changes_nothing(
    own: Path, capsys: pytest.CaptureFixture[str], table: str
) -> None:
    before = reference_digest()
    assert run(["reference", "show", table, "--csv"]) == EXIT_OK
    (own / f"{table}.csv").write_text(capsys.readouterr().out, encoding="utf-8")
    use_overrides(own)
    assert list(overridden()) == [table]
    assert reference_digest() == before


def test_the_recipe_for_an_own_table_works_as_the_page_prints_it(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
    recipe = re.findall(r"^\$ certloan (reference show .*--out \S+)", page, re.MULTILINE)
    assert len(recipe) == 1
    own.rmdir()
    monkeypatch.chdir(own.parent)
    before = reference_digest()
    assert run(recipe[0].split()) == EXIT_OK
    assert "lpr.csv" in "".join(capsys.readouterr().out.split())
    assert [path.name for path in own.iterdir()] == ["lpr.csv"]
    assert answer(capsys, "check")["sound"] is True
    assert overridden()["lpr"] > 1
    assert reference_digest() == before


def test_a_file_that_a_shell_has_emptied_stops_no_command_and_is_reported(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "lpr.csv").touch()
    assert run(["reference", "show", "lpr", "--csv"]) == EXIT_OK
    printed = capsys.readouterr().out
    assert printed.count("\n") > 2
    report = answer(capsys, "check", code=EXIT_PARTIAL)
    assert isinstance(report["problems"], list)
    assert [(problem["code"], problem["file"]) for problem in report["problems"]] == [
        ("reference-empty-file", "lpr.csv")
    ]
    (own / "lpr.csv").write_text(printed, encoding="utf-8")
    assert answer(capsys, "check")["sound"] is True


def test_a_file_that_cannot_be_written_whole_leaves_the_one_before(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["reference", "show", "lpr", "--out", str(own / "lpr.csv")]) == EXIT_OK
    before = (own / "lpr.csv").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert run(["reference", "show", "lpr", "--code", "1Y", "--out", str(own / "lpr.csv")]) != EXIT_OK
    assert "Traceback" not in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in own.iterdir()} == {"lpr.csv": before}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["show", "--out", "all.csv"], "reference-out-of-what"),
        (["show", "prices"], "unknown-reference-table"),
        (["show", "lpr", "--code", "2Y"], "unknown-reference-code"),
    ],
)
def test_what_is_not_there_is_said(own: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str) -> None:
    assert answer(capsys, *words, code=EXIT_REFUSED)["error"] == code


def test_the_package_s_tables_are_sound(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = answer(capsys, "check")
    assert report["sound"] is True
    assert report["problems"] == []
    assert len(str(report["digest"])) == 64


def test_an_own_table_is_marked_and_a_wrong_answer_is_exit_code_4(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "zhejiang_mountain_counties.csv").write_text(
        "code,name,valid_from,valid_to,source,verified\n330127,淳安,,2024-01-01,公告,false\n", encoding="utf-8"
    )
    tables = answer(capsys, "show")["tables"]
    assert isinstance(tables, list)
    assert {table["name"]: table["own_rows"] for table in tables}["zhejiang_mountain_counties"] == 1
    report = answer(capsys, "check", code=EXIT_PARTIAL)
    assert isinstance(report["problems"], list)
    assert {problem["code"] for problem in report["problems"]} == {"reference-county-count"}
    assert all(problem["message_zh"] != problem["message_en"] for problem in report["problems"])
    assert run(["reference", "check"]) == EXIT_PARTIAL
    assert "2025-05-28" in capsys.readouterr().out


def test_an_own_table_that_breaks_its_contract_is_refused_by_every_command(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "lpr.csv").write_text(
        "term,percent,valid_from,valid_to,source,verified\n1Y,[three],,,央行,true\n9Y,3.1,,,央行,true\n",
        encoding="utf-8",
    )
    for words in (["reference", "check"], ["reference", "show"], ["doctor"]):
        assert run(words) == EXIT_REFUSED
        told = "".join(capsys.readouterr().err.split())
        assert "percent" in told
        assert "[three]" in told
        assert "9Y" in told
        assert "Traceback" not in told
