from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certloan.contracts import CONTRACTS
from certloan.ingest import delimited, encoding
from certloan.ingest.delimited import parse, read_delimited, sniff
from certloan.ingest.headings import HeaderIndex
from certloan.ingest.projection import FileProblem, RowProblem, Severity
from certloan.ingest.sheet import RawSheet

KNOWN = HeaderIndex.from_contracts(CONTRACTS)
HEADER = "统一社会信用代码,证书编号,认证依据"


@dataclass
class Outcome:
    sheets: list[RawSheet]
    rows: list[tuple[Any, ...]]
    files: list[FileProblem]

    @property
    def problems(self) -> list[RowProblem]:
        return [problem for sheet in self.sheets for problem in sheet.problems]

    @property
    def codes(self) -> list[tuple[int, str]]:
        return sorted((problem.row, problem.code) for problem in self.problems)


def read(path: Path, known: HeaderIndex = KNOWN) -> Outcome:
    found = Outcome([], [], [])
    for item in read_delimited(path, path.name, known):
        if isinstance(item, FileProblem):
            found.files.append(item)
            continue
        found.sheets.append(item)
        for batch in item.batches:
            assert batch.schema.field("_row").type == pa.int64()
            found.rows += [tuple(row.values()) for row in batch.to_pylist()]
    return found


def text_file(folder: Path, content: str | bytes, name: str = "证书.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_rows_come_trimmed_with_nulls_and_the_numbers_a_spreadsheet_shows(tmp_path: Path) -> None:
    found = read(text_file(tmp_path, f"{HEADER}\nA,1, x \n\n,,\nB,,\u3000\n"))
    assert found.rows == [(2, "A", "1", "x"), (5, "B", None, None)]
    assert found.problems == []
    assert found.files == []


def test_titles_and_a_unit_line_above_the_header_are_not_data(tmp_path: Path) -> None:
    content = "某某银行年报汇总,,\n,,单位：万元\n\n统一社会信用代码,报告年度,营业总收入\nA,2024,3.5\n"
    found = read(text_file(tmp_path, content))
    assert found.sheets[0].header == ("统一社会信用代码", "报告年度", "营业总收入")
    assert found.sheets[0].unit == Decimal(10_000)
    assert found.rows == [(5, "A", "2024", "3.5")]


@pytest.mark.parametrize("delimiter", delimited.DELIMITERS)
def test_the_delimiter_is_found_by_the_header_it_makes(tmp_path: Path, delimiter: str) -> None:
    lines = [HEADER.split(","), ["A", "1", "a,b;c|d\te"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    assert read(text_file(tmp_path, out.getvalue())).rows == [(2, "A", "1", "a,b;c|d\te")]


def test_quotes_hold_delimiters_and_line_breaks_and_a_record_counts_as_one_row(tmp_path: Path) -> None:
    found = read(text_file(tmp_path, f'{HEADER}\nA,1,"多行\n内容, 还有""引号"""\nB,2,x\n'))
    assert found.rows == [(2, "A", "1", '多行\n内容, 还有"引号"'), (3, "B", "2", "x")]


def test_rows_too_long_or_too_short_are_put_aside_with_their_numbers_and_no_other_row_is_lost(tmp_path: Path) -> None:
    found = read(text_file(tmp_path, f"{HEADER}\nA,1,x\nB,2,x,y\nC,3\nD,4,\nE,\nF,5,x,,\nG,6,x\n"))
    assert [row[:2] for row in found.rows] == [(2, "A"), (5, "D"), (6, "E"), (7, "F"), (8, "G")]
    assert found.codes == [(3, "too-many-fields"), (4, "too-few-fields")]
    assert [(problem.found, problem.facts) for problem in found.problems] == [
        ("4", {"wanted": 3}),
        ("2", {"wanted": 3}),
    ]


def test_a_quote_that_is_never_closed_costs_one_row_only(tmp_path: Path) -> None:
    rows = "".join(f"{number},x,y\n" for number in range(700))
    found = read(text_file(tmp_path, f'{HEADER}\nA,"1,x\n{rows}'))
    assert found.codes == [(2, "unclosed-quote")]
    assert len(found.rows) == 700


def test_a_quote_that_a_later_quote_seems_to_close_costs_one_row_only(tmp_path: Path) -> None:
    found = read(text_file(tmp_path, f'{HEADER}\nA,"1,x\nB,2,"y"\nC,"3",z\nD,4,"w\n'))
    assert found.codes == [(2, "unclosed-quote"), (5, "unclosed-quote")]
    assert [row[1] for row in found.rows] == ["B", "C"]


def test_a_quote_inside_an_unquoted_field_is_part_of_the_text(tmp_path: Path) -> None:
    assert read(text_file(tmp_path, f'{HEADER}\nA,1,3" 管\n')).rows == [(2, "A", "1", '3" 管')]


def test_an_undecodable_row_is_put_aside_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [HEADER.encode("gb18030"), "甲,1,一".encode("gb18030"), b"\xff\xff,2,x", "丙,3,三".encode("gb18030")]
    found = read(text_file(tmp_path, b"\n".join(lines)))
    assert [row[:2] for row in found.rows] == [(2, "甲"), (4, "丙")]
    assert found.codes == [(3, "undecodable-row")]
    assert "\ufffd" in found.problems[0].found


def test_two_encodings_in_one_file_are_read_and_reported(tmp_path: Path) -> None:
    content = f"{HEADER}\n甲,1,一\n".encode("gb18030") + "乙公司,2,二\n".encode()
    found = read(text_file(tmp_path, content))
    assert [row[1] for row in found.rows] == ["甲", "乙公司"]
    assert [(p.code, p.severity, p.facts) for p in found.files] == [
        ("mixed-encodings", Severity.WARNING, {"utf8_lines": 1, "gb18030_lines": 2})
    ]


@pytest.mark.parametrize(
    "second", ["uscc,certificate_no,standard", "文本,文本,日期", "1,2,3", "Company Code,Certificate No.,Standard Name"]
)
def test_a_second_header_row_is_skipped_with_a_warning(tmp_path: Path, second: str) -> None:
    found = read(text_file(tmp_path, f"{HEADER}\n{second}\nA,1,x\n"))
    assert found.rows == [(3, "A", "1", "x")]
    assert found.codes == [(2, "second-header-row")]
    assert found.problems[0].severity is Severity.WARNING


def test_a_row_of_units_below_the_header_gives_its_units_to_the_header(tmp_path: Path) -> None:
    found = read(text_file(tmp_path, "企业代码,年度,营业收入,总资产\n,,万元,（元）\nA,2024,1,2\n"))
    assert found.sheets[0].header == ("企业代码", "年度", "营业收入（万元）", "总资产（元）")
    assert found.rows == [(3, "A", "2024", "1", "2")]
    spans = read(text_file(tmp_path, "申请编号,申请金额,期限\n,万元,年\n1,5,2\n"))
    assert spans.sheets[0].header == ("申请编号", "申请金额（万元）", "期限（年）")


def test_a_first_row_of_plain_words_is_data_unless_nearly_every_column_has_one(tmp_path: Path) -> None:
    assert read(text_file(tmp_path, f"{HEADER}\nA1,B2,ISO\n")).rows == [(2, "A1", "B2", "ISO")]


def test_headers_repeated_among_the_data_totals_and_footnotes_are_skipped_with_warnings(tmp_path: Path) -> None:
    content = f"{HEADER}\nA,1,x\n{HEADER}\nB,2,x\n合 计：,2,\n小计,3\n注：以上数据来自系统\n共 2 条\n合肥公司,3,x\n"
    found = read(text_file(tmp_path, content))
    assert [row[1] for row in found.rows] == ["A", "B", "合肥公司"]
    assert found.codes == [
        (3, "repeated-header"),
        (5, "total-row"),
        (6, "total-row"),
        (7, "footnote-row"),
        (8, "footnote-row"),
    ]
    assert {problem.severity for problem in found.problems} == {Severity.WARNING}


def test_codes_armoured_against_spreadsheets_are_freed(tmp_path: Path) -> None:
    found = read(text_file(tmp_path, f"{HEADER}\n=\"0091\",'0012,it's\n"))
    assert found.rows == [(2, "0091", "0012", "it's")]


@pytest.mark.parametrize(
    ("content", "code", "severity"),
    [
        (b"", "empty-file", Severity.QUARANTINE),
        (b"\xef\xbb\xbf\r\n \n", "empty-file", Severity.QUARANTINE),
        (HEADER.encode(), "no-rows", Severity.WARNING),
        ("甲,乙\n1,2\n".encode(), "unrecognised-sheet", Severity.QUARANTINE),
        (gzip.compress(HEADER.encode() * 50, mtime=0)[:-9], "unreadable-file", Severity.QUARANTINE),
        (b"\0\1\2\3" * 100, "not-a-text-file", Severity.QUARANTINE),
    ],
)
def test_a_file_without_rows_says_why(tmp_path: Path, content: bytes, code: str, severity: Severity) -> None:
    found = read(text_file(tmp_path, content))
    assert found.sheets == []
    assert [(problem.code, problem.severity) for problem in found.files] == [(code, severity)]


def test_a_header_in_two_rows_with_merged_cells_is_put_together(tmp_path: Path) -> None:
    content = "证书编号,颁证日期,企业,\n,,企业名称,统一社会信用代码\n1,2024-01-01,甲,A\n"
    found = read(text_file(tmp_path, content))
    assert found.sheets[0].header == ("证书编号", "颁证日期", "企业名称", "统一社会信用代码")
    assert found.rows == [(3, "1", "2024-01-01", "甲", "A")]


def test_names_from_a_recipe_serve_as_headers_too(tmp_path: Path) -> None:
    known = HeaderIndex.from_names(["LoanNr_ChkDgt", "Name"])
    found = read(text_file(tmp_path, "LoanNr_ChkDgt,Name,City\n1,ABC,X\n"), known)
    assert found.rows == [(2, "1", "ABC", "X")]


def test_a_field_too_large_for_a_table_costs_its_row_only(tmp_path: Path) -> None:
    found = read(text_file(tmp_path, f'{HEADER}\nA,1,"{"x" * 200_000}"\nB,2,y\n'))
    assert found.codes == [(2, "field-too-long")]
    assert [row[1] for row in found.rows] == ["B"]


CELL = st.text(st.sampled_from("ab12中文,;\"\n\r|\t ' "), min_size=1, max_size=8).map(lambda text: f"x{text}x")


@settings(deadline=None)
@given(rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=30), block=st.integers(40, 400))
def test_whatever_a_writer_quotes_is_read_back_across_block_borders(
    tmp_path_factory: pytest.TempPathFactory, rows: Sequence[list[str]], block: int
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER.split(","), *rows])
    path = text_file(tmp_path_factory.mktemp("quoted"), out.getvalue().encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "BLOCK_SIZE", max(block, len(HEADER.encode())))
        found = read(path)
    assert [list(row[1:]) for row in found.rows] == [list(row) for row in rows]
    assert [row[0] for row in found.rows] == list(range(2, len(rows) + 2))
    assert found.problems == []


@settings(deadline=None)
@given(widths=st.lists(st.integers(1, 5), min_size=1, max_size=60))
def test_every_row_is_either_read_or_reported_under_its_own_number(
    tmp_path_factory: pytest.TempPathFactory, widths: list[int]
) -> None:
    lines = [",".join(f"r{at}" for _ in range(width)) for at, width in enumerate(widths)]
    path = text_file(tmp_path_factory.mktemp("ragged"), "\n".join([HEADER, *lines]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoding, "BLOCK_ROWS", 7)
        found = read(path)
    read_rows = {row[0]: row[1] for row in found.rows}
    assert read_rows == {at + 2: f"r{at}" for at, width in enumerate(widths) if width == 3}
    assert {problem.row for problem in found.problems} == {at + 2 for at, width in enumerate(widths) if width != 3}


def test_sniffing_an_unknown_file_takes_the_delimiter_that_splits_most() -> None:
    assert sniff(["a|b|c\n", "1|2,5|3\n"], KNOWN) == "|"


def test_an_unfinished_record_waits_for_the_next_block() -> None:
    parsed = parse(["a,b\n", 'c,"d\n'], ",", 2, final=False)
    assert (parsed.rows, parsed.rest) == ([["a", "b"]], ['c,"d\n'])


def test_problems_can_be_taken_between_batches_however_many_rows_are_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "BLOCK_ROWS", 10)
    path = text_file(tmp_path, HEADER + "\n" + "A,1,x,y\n" * 100 + "B,1,x\n")
    taken = []
    for item in read_delimited(path, path.name, KNOWN):
        assert isinstance(item, RawSheet)
        for _ in item.batches:
            assert len(item.problems) <= 20
            taken += [problem.row for problem in item.problems]
            item.problems.clear()
    assert taken == list(range(2, 102))


def test_a_second_header_and_nothing_below_it_is_no_rows(tmp_path: Path) -> None:
    found = read(text_file(tmp_path, f"{HEADER}\nuscc,certificate_no,standard\n合计,,\n"))
    assert [problem.code for problem in found.files] == ["no-rows"]
