"""Bad input gets a named code, a sentence in both languages and an exit code, and everything else is still loaded."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from certloan.domain.people import Actor, Role
from certloan.features.catalog import by_name
from certloan.services.build_features import build_matrix
from certloan.services.load_evidence import load_delivery
from certloan.services.load_report import LoadReport
from certloan.storage.warehouse import DuckWarehouse

GOOD = "91110000600037341L"
HEADER = "统一社会信用代码,证书编号,认证项目代码,颁证日期,到期日期,覆盖人数"
ROW = f"{GOOD},{{no}},A01,2024-03-01,2027-02-28,10"
APPLICATIONS = f"申请编号,统一社会信用代码,申请日期,申请金额\nA-1,{GOOD},2024-06-01,1000000\n"
DAY = date(2024, 12, 31)


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    yield opened
    opened.close()


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A folder with a good file of applications, to which each test adds something bad."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "贷款申请.csv").write_text(APPLICATIONS, encoding="utf-8")
    return folder


def load(folder: Path, warehouse: DuckWarehouse) -> LoadReport:
    return load_delivery(
        folder,
        warehouse,
        quarantine_dir=folder.parent / "quarantine",
        delivered_on=DAY,
        actor=Actor("officer", Role.OFFICER),
    )


def told(folder: Path, warehouse: DuckWarehouse, code: str, *, exit_code: int) -> LoadReport:
    """Load, and check that the problem is named and worded, and that the good file was loaded all the same."""
    report = load(folder, warehouse)
    named = {problem.code: problem for problem in report.problems}
    assert code in named
    problem = named[code]
    assert problem.message_zh != problem.message_en
    assert any("\u4e00" <= c <= "\u9fff" for c in problem.message_zh)
    assert "{" not in problem.message_zh + problem.message_en
    assert report.exit_code == exit_code
    assert warehouse.query("select amount from application where application_id = 'A-1'").num_rows == 1
    return report


def certificates(folder: Path, *rows: str, header: str = HEADER) -> None:
    (folder / "认证证书.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")


def loaded(warehouse: DuckWarehouse) -> list[str]:
    rows = warehouse.query("select certificate_no from certificate order by 1")
    return list(rows.column("certificate_no").to_pylist())


def empty(path: Path) -> None:
    path.write_bytes(b"")


def password_protected(path: Path) -> None:
    names = "EncryptionInfo".encode("utf-16-le") + b"\0" * 100 + "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504 + names)


def corrupt(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def wrong_sheet(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["会议纪要", "与会人员"])
    book.active.append(["略", "略"])
    book.save(path)


@pytest.mark.parametrize(
    ("make", "name", "code"),
    [
        (empty, "认证证书.csv", "empty-file"),
        (empty, "认证证书.xlsx", "empty-file"),
        (password_protected, "认证证书.xlsx", "password-protected"),
        (corrupt, "认证证书.xlsx", "unreadable-workbook"),
        (wrong_sheet, "认证证书.xlsx", "unrecognised-sheet"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_the_others_are_loaded(
    bad: Path, warehouse: DuckWarehouse, make: Callable[[Path], None], name: str, code: str
) -> None:
    make(bad / name)
    report = told(bad, warehouse, code, exit_code=4)
    assert [problem.file.split(" / ")[0] for problem in report.problems if problem.code == code] == [name]


def test_a_second_header_row_is_skipped_and_told(bad: Path, warehouse: DuckWarehouse) -> None:
    certificates(bad, "uscc,certificate number,scheme,issued on,expires on,headcount covered", ROW.format(no="C-1"))
    told(bad, warehouse, "second-header-row", exit_code=0)
    assert loaded(warehouse) == ["C-1"]


def test_an_unknown_column_is_told_and_left_out(bad: Path, warehouse: DuckWarehouse) -> None:
    certificates(bad, ROW.format(no="C-1") + ",略", header=HEADER + ",备注")
    told(bad, warehouse, "unknown-column", exit_code=0)
    assert loaded(warehouse) == ["C-1"]


def test_a_missing_required_column_puts_the_file_aside(bad: Path, warehouse: DuckWarehouse) -> None:
    certificates(bad, f"{GOOD},C-1,2024-03-01,2027-02-28,10", header=HEADER.replace(",认证项目代码", ""))
    told(bad, warehouse, "missing-column", exit_code=4)
    assert loaded(warehouse) == []


def test_mixed_encodings_are_read_line_by_line_and_told(bad: Path, warehouse: DuckWarehouse) -> None:
    row = f"{GOOD},{{no}},A01,2024年3月1日,长期,10\n"
    (bad / "认证证书.csv").write_bytes(
        (HEADER + "\n" + row.format(no="C-1")).encode("utf-8") + row.format(no="C-2").encode("gb18030")
    )
    told(bad, warehouse, "mixed-encodings", exit_code=0)
    assert loaded(warehouse) == ["C-1", "C-2"]


def test_a_row_with_a_field_too_many_is_put_aside_alone(bad: Path, warehouse: DuckWarehouse) -> None:
    certificates(bad, ROW.format(no="C-1"), ROW.format(no="C-2") + ",x,y", ROW.format(no="C-3"))
    report = told(bad, warehouse, "too-many-fields", exit_code=4)
    assert (report.rows_read, report.rows_quarantined) == (4, 1)
    assert loaded(warehouse) == ["C-1", "C-3"]


@pytest.mark.parametrize(
    ("row", "code", "exit_code"),
    [
        (ROW.format(no="C-2").replace(GOOD, GOOD.lower()), "lower-case-uscc", 0),
        (ROW.format(no="C-2").replace("2024-03-01", "2025-03-01"), "future-date", 4),
        (ROW.format(no="C-2").replace("2027-02-28", "2023-02-28"), "expiry-before-issue", 4),
        (ROW.format(no="C-1").replace(",10", ",11"), "conflicting-duplicate", 4),
    ],
)
def test_a_bad_row_is_told_and_the_good_one_beside_it_is_loaded(
    bad: Path, warehouse: DuckWarehouse, row: str, code: str, exit_code: int
) -> None:
    certificates(bad, ROW.format(no="C-1"), row)
    told(bad, warehouse, code, exit_code=exit_code)
    assert loaded(warehouse) == (["C-1", "C-2"] if exit_code == 0 else ["C-1"])


def test_money_with_its_unit_in_the_cell_is_read_and_nonsense_is_put_aside(bad: Path, warehouse: DuckWarehouse) -> None:
    rows = ("A-2,{},2024-06-01,12.5万", "A-3,{},2024-06-01,1万2千", "A-4,{},2024-06-01,￥1,000元")
    text = APPLICATIONS + "\n".join(row.format(GOOD) for row in rows[:2]) + f'\nA-4,{GOOD},2024-06-01,"￥1,000元"\n'
    (bad / "贷款申请.csv").write_text(text, encoding="utf-8")
    told(bad, warehouse, "not-money", exit_code=4)
    amounts = warehouse.query("select application_id as id, cast(amount as double) as yuan from application order by 1")
    assert [(row["id"], row["yuan"]) for row in amounts.to_pylist()] == [("A-1", 1e6), ("A-2", 125_000), ("A-4", 1000)]


def test_words_for_schemes_become_their_codes_and_unknown_ones_are_kept_and_told(
    bad: Path, warehouse: DuckWarehouse
) -> None:
    words = (
        "iso 9001",
        "质量管理体系",
        "环境管理体系认证",
        "ＣＣＣ",
        "3C认证",
        "强制性产品",
        "绿色产品",
        "品字标",
        "A0101",
        "神奇认证",
    )
    certificates(bad, *(ROW.format(no=f"C-{at}").replace("A01", word) for at, word in enumerate(words)))
    report = told(bad, warehouse, "unknown-scheme", exit_code=0)
    assert [problem.count for problem in report.problems if problem.code == "unknown-scheme"] == [1]
    found = warehouse.query("select scheme from certificate order by certificate_no").column("scheme").to_pylist()
    assert found == ["A01", "A01", "A02", "CCC", "CCC", "CCC", "GREEN", "PZB", "A0101", "神奇认证"]


def test_a_product_category_without_its_zero_still_asks_for_its_certificate(
    bad: Path, warehouse: DuckWarehouse
) -> None:
    rows = "\n".join(f"{GOOD},P-{at},电风扇,{code},2020-01-01" for at, code in enumerate(("702", "07-02", "9999")))
    header = "统一社会信用代码,产品编号,产品名称,产品类别代码,投产日期"
    (bad / "主要产品.csv").write_text(f"{header}\n{rows}\n", encoding="utf-8")
    report = told(bad, warehouse, "unknown-product_category", exit_code=0)
    assert [p.count for p in report.problems if p.code == "unknown-product_category"] == [1]
    found = warehouse.query("select product_category as code from product order by product_no").column("code")
    assert found.to_pylist() == ["0702", "0702", "9999"]
    subject = pa.table({"application_id": ["A-1"], "uscc": [GOOD], "as_of": [DAY]})
    assert build_matrix(warehouse, subject, [by_name("cert_ccc_required_n")]).to_pylist()[0]["cert_ccc_required_n"] == 2


def test_the_credit_report_names_schemes_in_words_too(bad: Path, warehouse: DuckWarehouse) -> None:
    head = "统一社会信用代码,认证类型,认证日期,截止日期"
    rows = [
        f"{GOOD},{word},2024-0{at}-01,2026-12-31" for at, word in enumerate(("ISO9001", "有机食品", "两化融合贯标"), 1)
    ]
    (bad / "征信获证记录.csv").write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    load(bad, warehouse)
    found = (
        warehouse.query("select scheme from reported_certificate order by certified_on").column("scheme").to_pylist()
    )
    assert found == ["A01", "ORGANIC", "IIMS"]


@pytest.mark.parametrize("number", ["1.23457E+17", "9e+17"])
def test_a_code_that_a_spreadsheet_took_for_a_number_is_put_aside(
    bad: Path, warehouse: DuckWarehouse, number: str
) -> None:
    certificates(bad, ROW.format(no="C-1"), ROW.format(no=number), ROW.format(no="C-3").replace(GOOD, number))
    report = told(bad, warehouse, "damaged-number", exit_code=4)
    assert {(p.code, p.column, p.count) for p in report.problems} == {
        ("damaged-number", "certificate_no", 1),
        ("damaged-number", "uscc", 1),
    }
    assert loaded(warehouse) == ["C-1"]


def test_a_number_of_more_digits_than_a_spreadsheet_keeps_is_no_code(bad: Path, warehouse: DuckWarehouse) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    for number in (123456789012345, 123456789012345678):
        book.active.append([GOOD, number, "A01", "2024-03-01", "2027-02-28", 10])
    book.save(bad / "认证证书.xlsx")
    told(bad, warehouse, "damaged-number", exit_code=4)
    assert loaded(warehouse) == ["123456789012345"]


def test_of_a_compressed_file_that_breaks_off_the_whole_rows_are_loaded(bad: Path, warehouse: DuckWarehouse) -> None:
    rows = [ROW.format(no=f"C-{at:04}").replace(",10", f",{at * 7919 % 997}") for at in range(3_000)]
    packed = gzip.compress("\n".join([HEADER, *rows]).encode())
    (bad / "认证证书.csv.gz").write_bytes(packed[: len(packed) // 2])
    told(bad, warehouse, "truncated-file", exit_code=4)
    found = loaded(warehouse)
    assert 0 < len(found) < len(rows)
    assert found == [f"C-{at:04}" for at in range(len(found))]


def test_a_sentence_about_two_columns_calls_them_by_their_names_in_its_language(
    bad: Path, warehouse: DuckWarehouse
) -> None:
    certificates(bad, ROW.format(no="C-1").replace("2027-02-28", "2023-02-28"))
    path = load(bad, warehouse).quarantine_file
    assert path is not None
    with path.open(encoding="utf-8-sig", newline="") as handle:
        (line,) = csv.DictReader(handle)
    assert line["found"] == "expires_on=2023-02-28; issued_on=2024-03-01"
    assert "到期日期：2023-02-28" in line["message_zh"]
    assert "issued_on" not in line["message_zh"] + line["message_en"]
    assert "issued on: 2024-03-01" in line["message_en"]


def test_bytes_that_are_no_text_are_never_printed(bad: Path, warehouse: DuckWarehouse) -> None:
    (bad / "图片.csv").write_bytes(bytes(range(256)) * 40)
    (bad / "杂乱.csv").write_bytes(("甲乙丙丁" * 20 + "\x1b[31m\x07,戊\n1,2\n").encode())
    report = told(bad, warehouse, "not-a-text-file", exit_code=4)
    assert "unrecognised-sheet" in {problem.code for problem in report.problems}
    assert all(c.isprintable() for problem in report.problems for c in problem.message_zh + problem.message_en)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["正常", "不明"])
def test_a_long_file_takes_bounded_memory_whether_its_rows_are_good_or_bad(tmp_path: Path, cell: str) -> None:
    """Three times the rows must not take three times the memory; the full size is measured in ``benchmarks``."""
    peaks = []
    for rows in (150_000, 450_000):
        file = tmp_path / f"月度表现{rows}.csv"
        with file.open("w", encoding="gb18030") as handle:
            handle.write("统一社会信用代码,账户编号,月份,余额,五级分类,逾期天数\n")
            handle.writelines(f"{GOOD},JK{n:010d},2024年3月,{n}.50,{cell},0\n" for n in range(rows))
        measured = subprocess.run(
            [sys.executable, "-c", MEASURED, str(file), str(tmp_path / f"{rows}")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert measured.returncode == 0, measured.stderr
        read, peak = map(int, measured.stdout.split())
        assert read == rows
        peaks.append(peak)
    assert peaks[1] < 1.8 * peaks[0]
    assert peaks[1] < 1_000_000  # KiB


MEASURED = """
import sys
from datetime import date
from pathlib import Path
from certloan.domain.people import Actor, Role
from certloan.services.load_evidence import load_delivery
from certloan.storage.warehouse import DuckWarehouse

home = Path(sys.argv[2])
warehouse = DuckWarehouse.open(home / "warehouse.duckdb", memory_limit="400MB")
report = load_delivery(Path(sys.argv[1]), warehouse, quarantine_dir=home, delivered_on=date(2024, 12, 31),
    actor=Actor("officer", Role.OFFICER))
warehouse.close()
# Its own peak: what getrusage tells includes that of the process which started this one.
peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
sys.stdout.write(f"{report.rows_read} {peak}")
"""
