from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from certloan.contracts import CONTRACTS
from certloan.ingest import container
from certloan.ingest.headings import HeaderIndex
from certloan.ingest.projection import FileProblem, Severity
from certloan.ingest.sheet import RawSheet
from certloan.ingest.workbook import as_text, read_workbook

KNOWN = HeaderIndex.from_contracts(CONTRACTS)
HEADER = ("统一社会信用代码", "证书编号", "认证依据")
CELL = object


def workbook(folder: Path, sheets: dict[str, Iterable[Sequence[object]]], name: str = "证书.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    path = folder / name
    book.save(path)
    return path


def read(path: Path) -> tuple[dict[str, list[tuple[object, ...]]], list[FileProblem], list[RawSheet]]:
    rows: dict[str, list[tuple[object, ...]]] = {}
    problems: list[FileProblem] = []
    sheets: list[RawSheet] = []
    for item in read_workbook(path, path.name, KNOWN):
        if isinstance(item, FileProblem):
            problems.append(item)
        else:
            sheets.append(item)
            rows[item.sheet] = [tuple(row.values()) for batch in item.batches for row in batch.to_pylist()]
    return rows, problems, sheets


def codes(problems: Iterable[FileProblem]) -> list[tuple[str, str, Severity]]:
    return [(problem.sheet, problem.code, problem.severity) for problem in problems]


def test_all_sheets_are_read_with_titles_and_blank_rows_counted(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        {
            "证书": [("认证证书清单",), (), HEADER, ("A", 1, "x"), (), ("B", 2.5, None)],
            "年报": [(None, "单位：万元"), ("企业代码", "年度", "营业收入"), ("A", 2024, 12)],
        },
    )
    rows, problems, sheets = read(path)
    assert rows == {"证书": [(4, "A", "1", "x"), (6, "B", "2.5", None)], "年报": [(3, "A", "2024", "12")]}
    assert [sheet.unit for sheet in sheets] == [None, Decimal(10_000)]
    assert problems == []


def test_a_table_that_begins_in_the_third_column_is_found(tmp_path: Path) -> None:
    rows, _, sheets = read(workbook(tmp_path, {"s": [(), (None, None, *HEADER), (None, None, "A", 1, "x")]}))
    assert sheets[0].header[-3:] == HEADER
    assert rows["s"][0][0] == 3
    assert rows["s"][0][-3:] == ("A", "1", "x")


def test_cells_become_the_text_a_person_would_type(tmp_path: Path) -> None:
    values = [dt.date(2024, 3, 1), dt.datetime(2024, 3, 1, 8, 30), 20240301, 0.1 + 0.2, True, "#N/A", " 文 ", 1e-7]
    header = ("统一社会信用代码", "颁证日期", "证书编号", "认证依据", "认证项目", "覆盖人数", "审核编号", "认证范围")
    path = workbook(tmp_path, {"s": [header, values]})
    assert read(path)[0]["s"] == [
        (2, "2024-03-01", "2024-03-01 08:30:00", "20240301", "0.3", "true", None, "文", "0.0000001")
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (7.0, "7"),
        (-0.0, "0"),
        (999999999999999.0, "999999999999999"),
        (123456789012345678.0, "1.23456789012346E+17"),
        (12.10, "12.1"),
        (False, "false"),
        (dt.time(8, 5), "08:05:00"),
    ],
)
def test_numbers_carry_no_needless_fraction_and_an_exponent_only_where_digits_were_lost(
    cell: float | bool | dt.time, text: str
) -> None:
    assert as_text(cell) == text


def test_a_sheet_without_a_table_is_a_warning_beside_one_with_a_table_and_blank_sheets_are_nothing(
    tmp_path: Path,
) -> None:
    path = workbook(tmp_path, {"说明": [("本表由系统导出",)], "证书": [HEADER, ("A", 1, "x")], "Sheet3": []})
    rows, problems, _ = read(path)
    assert list(rows) == ["证书"]
    assert codes(problems) == [("说明", "unrecognised-sheet", Severity.WARNING)]
    assert problems[0].found == "本表由系统导出"


def test_a_workbook_without_any_table_is_put_aside(tmp_path: Path) -> None:
    _, problems, _ = read(workbook(tmp_path, {"一": [("甲", "乙"), (1, 2)], "二": [("丙",)]}))
    assert [(p.sheet, p.code, p.severity) for p in problems] == [
        ("一", "unrecognised-sheet", Severity.QUARANTINE),
        ("二", "unrecognised-sheet", Severity.QUARANTINE),
    ]


def test_a_sheet_with_a_header_only_and_a_workbook_with_nothing_say_so(tmp_path: Path) -> None:
    assert codes(read(workbook(tmp_path, {"s": [HEADER]}))[1]) == [("s", "no-rows", Severity.WARNING)]
    assert codes(read(workbook(tmp_path, {"s": []}))[1]) == [("", "empty-file", Severity.QUARANTINE)]
    (tmp_path / "leer.xlsx").write_bytes(b"")
    assert codes(read(tmp_path / "leer.xlsx")[1]) == [("", "empty-file", Severity.QUARANTINE)]


def test_second_headers_repeated_headers_and_totals_are_skipped_in_workbooks_too(tmp_path: Path) -> None:
    rows = [HEADER, ("uscc", "certificate_no", "standard"), ("A", 1, "x"), HEADER, ("合计", 1, None)]
    found, _, sheets = read(workbook(tmp_path, {"s": rows}))
    assert found["s"] == [(3, "A", "1", "x")]
    assert [(p.row, p.code) for p in sheets[0].problems] == [
        (2, "second-header-row"),
        (4, "repeated-header"),
        (5, "total-row"),
    ]


def test_notes_beside_the_table_are_left_out_with_a_warning_and_no_row_is_lost(tmp_path: Path) -> None:
    found, problems, _ = read(workbook(tmp_path, {"s": [HEADER, ("A", 1, "x", None, "待核实"), ("B", 2, "y")]}))
    assert [row[1] for row in found["s"]] == ["A", "B"]
    assert [(p.code, p.facts, p.severity) for p in problems] == [("cells-outside-table", {"rows": 1}, Severity.WARNING)]


def test_a_header_merged_over_two_rows_is_put_together(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ("证书编号", "颁证日期", "企业", None),
        (None, None, "企业名称", "统一社会信用代码"),
        ("1", "2024", "甲", "A"),
    ):
        sheet.append(row)
    for area in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(area)
    book.save(tmp_path / "m.xlsx")
    rows, _, sheets = read(tmp_path / "m.xlsx")
    assert sheets[0].header == ("证书编号", "颁证日期", "企业名称", "统一社会信用代码")
    assert rows["Sheet"] == [(3, "1", "2024", "甲", "A")]


def _rewritten(source: Path, target: Path, part: str, change: bytes) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change if entry.filename == part else old.read(entry))
    return target


def test_corrupt_workbooks_are_put_aside(tmp_path: Path) -> None:
    good = workbook(tmp_path, {"s": [HEADER, ("A", 1, "x")]})
    content = good.read_bytes()
    for name, damaged in {
        "cut.xlsx": content[: len(content) // 2],
        "noise.xlsx": bytes(range(256)) * 20,
        "page.xls": b"<html><table><tr><td>1</td></tr></table></html>",
        "ole.xls": container.OLE_MAGIC + b"\0" * 600,
    }.items():
        (tmp_path / name).write_bytes(damaged)
        assert codes(read(tmp_path / name)[1]) == [("", "unreadable-workbook", Severity.QUARANTINE)], name
    path = _rewritten(good, tmp_path / "part.xlsx", "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row")
    assert codes(read(path)[1]) == [("s", "unreadable-workbook", Severity.QUARANTINE)]


def test_an_encrypted_workbook_is_known_by_its_container(tmp_path: Path) -> None:
    path = tmp_path / "locked.xlsx"
    path.write_bytes(
        container.OLE_MAGIC
        + b"\0" * 504
        + "EncryptionInfo".encode("utf-16-le")
        + b"\0" * 100
        + "EncryptedPackage".encode("utf-16-le")
    )
    assert codes(read(path)[1]) == [("", "password-protected", Severity.QUARANTINE)]


def test_a_zip_bomb_is_never_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path, {"s": [HEADER, ("A", 1, "x")]})
    monkeypatch.setattr(container, "LARGEST_UNPACKED", 1000)
    _, problems, _ = read(path)
    assert [problem.code for problem in problems] == ["workbook-too-large"]


def test_an_archive_that_understates_its_size_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = workbook(tmp_path, {"s": [HEADER, *(("A", n, "x") for n in range(3000))]})
    content = bytearray(good.read_bytes())
    with zipfile.ZipFile(good) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    content = content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    (tmp_path / "liar.xlsx").write_bytes(content)
    monkeypatch.setattr(container, "LARGEST_UNPACKED", 50_000)
    assert [problem.code for problem in read(tmp_path / "liar.xlsx")[1]] == ["unreadable-workbook"]


def test_one_stray_cell_in_the_far_corner_does_not_take_the_machine_down(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER)
    sheet["XFD1048576"] = "."
    book.save(tmp_path / "far.xlsx")
    _, problems, _ = read(tmp_path / "far.xlsx")
    assert [(p.code, p.facts["cells"]) for p in problems] == [("sheet-too-wide", "17,179,869,184")]


def test_a_sheet_that_only_claims_to_be_wide_is_read(tmp_path: Path) -> None:
    good = workbook(tmp_path, {"s": [HEADER, ("A", 1, "x")]})
    with zipfile.ZipFile(good) as archive:
        part = archive.read("xl/worksheets/sheet1.xml")
    changed = part.replace(b'ref="A1:C2"', b'ref="A1:XFD1048576"')
    assert changed != part
    path = _rewritten(good, tmp_path / "wide.xlsx", "xl/worksheets/sheet1.xml", changed)
    assert read(path)[0] == {"s": [(2, "A", "1", "x")]}
