"""Decisions as files: for people, for spreadsheets, for machines."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from certloan.i18n import Lang, has, keys, text
from certloan.policy import decide as deciding
from certloan.policy.policy import load_policy, versions
from certloan.report import decisions as report
from certloan.report.decisions import COLUMNS, write_decisions

ROOT = Path(__file__).resolve().parents[2]
TEXTS = pa.list_(pa.string())


def table(name: str | None = "东海阀门", rows: int = 2) -> pa.Table:
    return pa.table(
        {
            "score": pa.array([655, 540] * (rows // 2), pa.int64()),
            "application_id": [f"A{place}" for place in range(rows)],
            "uscc": ["91330000000000000X"] * rows,
            "as_of": [date(2026, 6, 1)] * rows,
            "pd": [0.021, 0.3] * (rows // 2),
            "outcome": ["approve", "decline"] * (rows // 2),
            "grade": ["B", None] * (rows // 2),
            "limit": pa.array([Decimal("2200000.00"), None] * (rows // 2), pa.decimal128(18, 2)),
            "gates": pa.array([[], ["not-operating", "own-rule"]] * (rows // 2), TEXTS),
            "gates_without_facts": pa.array([["ccc-missing", "own-rule"], []] * (rows // 2), TEXTS),
            "ladder": pa.array([["limit-capped"], []] * (rows // 2), TEXTS),
            "reasons_for_zh": pa.array([["有效证书数：3"], []] * (rows // 2), TEXTS),
            "reasons_for_en": pa.array([["valid certificates: 3"], None] * (rows // 2), TEXTS),
            "name": pa.array([name] * rows, pa.string()),
            "house_column": pa.array(["x"] * rows),
        }
    )


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_all_three_files_hold_the_same_decisions(tmp_path: Path) -> None:
    files = write_decisions(table(), tmp_path / "new" / "folder")
    assert [file.name for file in files] == ["decisions.csv", "decisions.xlsx", "decisions.parquet"]
    rows = read_csv(files[0])
    sheet = openpyxl.load_workbook(files[1]).active
    machine = pq.read_table(files[2])
    assert files[0].read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(rows[0]) == machine.column_names
    assert machine.column_names[:2] == ["application_id", "uscc"]
    assert machine.column_names[-1] == "house_column"
    assert (rows[0]["limit"], rows[0]["as_of"], rows[0]["outcome_zh"]) == ("2200000.00", "2026-06-01", "建议通过")
    assert rows[1]["gates_zh"] == "登记状态不是存续。恢复正常登记后可再次申请。；own-rule"
    assert rows[1]["gates"] == "not-operating；own-rule"
    assert rows[0]["ladder_en"] == "The limit is the cap of the product"
    assert rows[0]["gates_without_facts"] == "ccc-missing；own-rule"
    assert rows[0]["gates_without_facts_zh"] == f"{text('ui.gate.ccc-missing', Lang.ZH)}；own-rule"
    assert rows[0]["gates_without_facts_en"] == f"{text('ui.gate.ccc-missing', Lang.EN)}; own-rule"
    assert machine.column("gates").to_pylist() == [[], ["not-operating", "own-rule"]]
    assert machine.column("limit").to_pylist() == [Decimal("2200000.00"), None]
    values = list(sheet.iter_rows(values_only=True))
    assert len(values) == 3
    assert values[0][0] == "申请编号\napplication_id"
    limit = machine.column_names.index("limit")
    assert (values[1][limit], values[2][limit]) == (2200000, None)
    assert sheet.freeze_panes == "B2"
    assert sheet.column_dimensions["A"].width >= 10


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_no_name_is_run_as_a_formula(tmp_path: Path, start: str) -> None:
    evil = f'{start}cmd|" /C calc"!A0'
    files = write_decisions(table(evil), tmp_path)
    assert read_csv(files[0])[0]["name"] == "'" + evil
    sheet = openpyxl.load_workbook(files[1]).active
    cell = next(cell for cell in sheet[2] if isinstance(cell.value, str) and "calc" in cell.value)
    assert cell.data_type == "s"
    assert cell.value.startswith("'")
    assert pq.read_table(files[2]).column("name")[0].as_py() == evil


def test_control_characters_and_long_texts_do_not_break_the_workbook(tmp_path: Path) -> None:
    files = write_decisions(table("厂\x00\x0b名" + "长" * 40_000), tmp_path)
    sheet = openpyxl.load_workbook(files[1]).active
    name = next(cell.value for cell in sheet[2] if isinstance(cell.value, str) and "长" in cell.value)
    assert name.startswith("厂名")


def test_commas_quotes_and_line_ends_survive_the_csv(tmp_path: Path) -> None:
    name = 'a, "b"\nc；d'
    assert read_csv(write_decisions(table(name), tmp_path)[0])[0]["name"] == name


def test_a_failed_run_leaves_the_old_files_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = write_decisions(table(), tmp_path)
    before = {file: file.read_bytes() for file in first}

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("pyarrow.csv.write_csv", fail)
    with pytest.raises(OSError, match="no space"):
        write_decisions(table("另一家"), tmp_path)
    assert {file: file.read_bytes() for file in first} == before
    assert sorted(tmp_path.iterdir()) == sorted(first)


def test_beyond_what_a_workbook_can_hold_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_decisions(table(), tmp_path)
    monkeypatch.setattr(report, "MOST_WORKBOOK_ROWS", 3)
    files = write_decisions(table(rows=4), tmp_path)
    assert [file.name for file in files] == ["decisions.csv", "decisions.parquet"]
    assert not (tmp_path / "decisions.xlsx").exists()


def test_no_decisions_give_files_with_headers_only(tmp_path: Path) -> None:
    files = write_decisions(table().slice(0, 0), tmp_path)
    assert read_csv(files[0]) == []
    assert pq.read_table(files[2]).num_rows == 0


def test_every_column_and_code_has_its_words_and_is_documented() -> None:
    documented = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    for name in COLUMNS:
        assert has(f"report.column.{name}")
        assert f"`{name}`" in documented
    codes = {value for name, value in vars(deciding).items() if name.startswith(("LIMIT_", "AMOUNT_"))}
    assert {key.removeprefix("policy.ladder.") for key in keys(Lang.ZH) if key.startswith("policy.ladder.")} == codes
    for file in versions():
        policy = load_policy(ROOT / "src/certloan/policy/versions" / file)
        assert all(f"`{gate.code}`" in documented for gate in policy.gates)
