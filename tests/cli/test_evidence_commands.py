"""A load tells how good the evidence is; ``quality`` and ``integrity`` tell it again, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from certloan.cli.main import run

FIRM = "91110000600037341L"
FILES = {
    "主体登记.csv": f"统一社会信用代码,企业名称,成立日期,登记状态\n{FIRM},甲公司,2010-01-01,存续",
    "认证证书.csv": "统一社会信用代码,证书编号,认证项目,颁证日期,到期日期,获知日期\n"
    f"{FIRM},CQC22001234567,CCC,2022-03-01,2027-02-28,2022-03-20",
    "证书变化.csv": f"统一社会信用代码,证书编号,变化类型,变化日期\n{FIRM},CQC22001234567,监督通过,2021-04-01",
    "贷款申请.csv": f"申请编号,统一社会信用代码,申请日期,申请金额\nA-1,{FIRM},2024-06-01,1000000",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    folder = tmp_path / "delivery"
    folder.mkdir()
    for name, told in FILES.items():
        (folder / name).write_text(told + "\n", encoding="utf-8")
    return folder


def test_a_load_shows_the_worst_lines_and_the_path_of_the_page(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingest", str(home), "--delivered-on", "2024-12-31"]) == 0
    told = capsys.readouterr().out
    assert "证书变化早于初次获证日期" in told
    assert "证据质量报告" in told
    pages = list((home.parent / "home" / "data" / "quality").glob("20241231-*.html"))
    assert len(pages) == 1
    assert "event-before-issue" in pages[0].read_text(encoding="utf-8")


def test_what_a_load_prints_for_programs_names_the_report(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["ingest", str(home), "--delivered-on", "2024-12-31", "--json"])
    held = json.loads(capsys.readouterr().out)
    assert Path(held["quality_file"]).is_file()
    assert "event-before-issue" in [finding["code"] for finding in held["worst"]]


def test_a_refused_load_writes_no_report(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = home.parent / "empty"
    empty.mkdir()
    (empty / "认证证书.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert run(["ingest", str(empty)]) == 3
    assert "证据质量报告" not in capsys.readouterr().out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_quality_speaks_both_languages_and_writes_where_it_is_told(
    lang: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["ingest", str(home), "--delivered-on", "2024-12-31"])
    capsys.readouterr()
    out = home.parent / "out"
    assert run(["--lang", lang, "quality", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert ("截至 2024-12-31" if lang == "zh" else "as of 2024-12-31") in told
    assert sorted(path.name for path in out.iterdir()) == ["quality.html", "quality.json"]


def test_quality_without_a_warehouse_says_what_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quality", "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["error"] == "no-warehouse"


def test_integrity_tells_what_to_ask(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["ingest", str(home), "--delivered-on", "2024-12-31"])
    capsys.readouterr()
    assert run(["integrity"]) == 0
    told = capsys.readouterr().out
    assert "CQC22001234567" in told.replace("\n", "")
    assert "这些是问题，不是结论" in told
    assert run(["integrity", "A-1", "--json"]) == 0
    held = json.loads(capsys.readouterr().out)
    assert (held["asked"], held["flagged"]) == (1, 1)
    assert held["applications"][0]["flags"][0]["code"] == "number-malformed"
    assert run(["integrity", "A-9"]) == 3
    assert "A-9" in capsys.readouterr().err
