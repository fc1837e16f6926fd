"""What is put aside is told so that a clerk can put it right, in both languages, in a file that Excel opens."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certloan.contracts import CONTRACTS
from certloan.i18n import Lang, has, keys, template
from certloan.ingest.checks import checks
from certloan.ingest.projection import FileProblem, RowProblem, Severity
from certloan.ingest.quarantine import COLUMNS, Wordings, of_check, of_conflict, of_file, of_row, row_problems
from certloan.services.write_report import write_report
from certloan.storage.warehouse import DuckWarehouse

DELIVERED = date(2024, 12, 31)


def written(tmp_path: Path, problems: list[RowProblem | FileProblem]) -> list[dict[str, str]]:
    """Write problems as a load does, and read them as a spreadsheet program does."""
    warehouse, wordings = DuckWarehouse.open(None), Wordings()
    rows = []
    for problem in problems:
        wording = of_row(problem) if isinstance(problem, RowProblem) else of_file(problem)
        rows.append((getattr(problem, "row", 0), wordings.number(wording), problem.found))
    sheets = pa.table({"sheet_no": pa.array([0], pa.int32()), "file": ["=证书.xlsx"], "sheet": ["Sheet1"]})
    for name, table in (("t_problem", row_problems(0, rows)), ("t_sheet", sheets), ("t_text", wordings.table())):
        with warehouse.attached("given", table):
            warehouse.execute(f"create table {name} as select * from given")
    path = tmp_path / "it's a quarantine.csv"
    write_report(warehouse, Severity.QUARANTINE, "t", path)
    warehouse.close()
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def problem(found: str, row: int = 3, severity: Severity = Severity.QUARANTINE) -> RowProblem:
    return RowProblem("a.csv", "", row, "certificate", "issued_on", "not-a-date", found, {}, severity)


def test_a_line_tells_where_what_and_what_was_expected(tmp_path: Path) -> None:
    (line,) = written(tmp_path, [problem("昨天")])
    assert tuple(line) == COLUMNS
    assert (line["sheet"], line["row"], line["table"], line["column"]) == ("Sheet1", "3", "certificate", "issued_on")
    assert (line["code"], line["found"]) == ("not-a-date", "昨天")
    assert "昨天" in line["message_zh"]
    assert "昨天" in line["message_en"]
    assert "2024-03-01" in line["expected_zh"]
    assert "2024-03-01" in line["expected_en"]


def test_lines_come_in_the_order_of_rows_and_warnings_are_not_among_them(tmp_path: Path) -> None:
    lines = written(tmp_path, [problem("x", 9), problem("y", 2), problem("z", 5, Severity.WARNING)])
    assert [line["row"] for line in lines] == ["2", "9"]


def test_a_problem_of_a_file_has_no_row(tmp_path: Path) -> None:
    (line,) = written(tmp_path, [FileProblem("=证书.xlsx", "", "empty-file", "")])
    assert (line["row"], line["table"], line["code"]) == ("", "", "empty-file")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_can_be_run_as_a_formula(tmp_path: Path, cell: str) -> None:
    (line,) = written(tmp_path, [problem(cell)])
    assert line["found"] == "'" + cell
    assert line["file"] == "'=证书.xlsx"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\ue000\0", exclude_categories=["Cs"]), max_size=30),
        min_size=1,
        max_size=10,
    )
)
def test_whatever_was_found_can_be_read_back(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    lines = written(tmp_path_factory.mktemp("q"), [problem(cell, row) for row, cell in enumerate(cells, 1)])
    assert [line["found"].removeprefix("'") for line in lines] == [cell.removeprefix("'") for cell in cells]


def test_every_check_of_every_contract_has_its_texts_in_both_languages() -> None:
    for contract in CONTRACTS.values():
        for check in checks(contract, DELIVERED, opaque_key=False):
            wording = of_check(contract, check)
            assert wording.expected_zh, check.code
            assert wording.expected_en, check.code
            assert wording.message("zh", "某值") != wording.message("en", "某值")
            assert "{" not in wording.message("zh") + wording.message("en")
        assert all(
            column.zh in of_conflict(contract).message_zh for column in contract.columns if column.name in contract.key
        )


def test_every_expectation_belongs_to_a_problem() -> None:
    expected = [key.removeprefix("expected.") for key in keys(Lang.ZH) if key.startswith("expected.")]
    assert expected
    assert [code for code in expected if not has(f"problem.{code}")] == []
    assert template("expected.not-a-date", Lang.ZH) != template("expected.not-a-date", Lang.EN)
