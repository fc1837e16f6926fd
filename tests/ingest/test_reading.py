from __future__ import annotations

import gzip
import string
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certloan.contracts import CONTRACTS
from certloan.errors import InputError
from certloan.i18n.catalog import Lang, keys, sentence, template, text
from certloan.ingest.headers import HeaderIndex, match
from certloan.ingest.projection import FileProblem, Projection, RowProblem, Severity
from certloan.ingest.reading import RawSheet, read_delivery

KNOWN = HeaderIndex.from_contracts(CONTRACTS)
CONTENT = "统一社会信用代码,证书编号,认证项目代码,颁证日期\nA,1,QMS,2024-01-01\n"


def book(path: Path) -> None:
    made = openpyxl.Workbook()
    for line in CONTENT.splitlines():
        made.active.append(line.split(","))
    made.save(path)


def items(path: Path) -> Iterator[tuple[str, object]]:
    for item in read_delivery(path, KNOWN):
        if isinstance(item, RawSheet):
            yield item.file, sum(batch.num_rows for batch in item.batches)
        elif isinstance(item, FileProblem):
            yield item.file, item.code


def test_a_folder_is_read_in_the_order_of_names_and_one_bad_file_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.csv").write_text(CONTENT, encoding="gb18030")
    (tmp_path / "b" / "1.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    book(tmp_path / "b" / "2.xlsx")
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(CONTENT.encode()))
    (tmp_path / "d.TXT").write_text(CONTENT.replace(",", "\t"), encoding="utf-16")
    (tmp_path / "e.tsv").write_text("", encoding="utf-8")
    (tmp_path / "f.pdf").write_bytes(b"%PDF")
    assert list(items(tmp_path)) == [
        ("a.csv", 1),
        ("b/1.xlsx", "unreadable-workbook"),
        ("b/2.xlsx", 1),
        ("c.csv.gz", 1),
        ("d.TXT", 1),
        ("e.tsv", "empty-file"),
        ("f.pdf", "unknown-file-kind"),
    ]


def test_locks_hidden_files_readmes_and_the_delivery_note_are_not_data(tmp_path: Path) -> None:
    for name in ("~$证书.xlsx", ".hidden.csv", "README.md", "readme.txt", "delivery.toml", ".git/x.csv", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "证书.csv").write_text(CONTENT, encoding="utf-8")
    assert list(items(tmp_path)) == [("证书.csv", 1)]


def test_a_single_file_is_a_delivery_too(tmp_path: Path) -> None:
    book(tmp_path / "x.xlsx")
    assert list(items(tmp_path / "x.xlsx")) == [("x.xlsx", 1)]


def test_the_content_goes_before_a_misleading_name(tmp_path: Path) -> None:
    (tmp_path / "1.xls").write_text(CONTENT.replace(",", "\t"), encoding="gb18030")
    book(tmp_path / "x.xlsx")
    (tmp_path / "x.xlsx").rename(tmp_path / "2.csv")
    book(tmp_path / "x.xlsx")
    (tmp_path / "x.xlsx").rename(tmp_path / "3.xls")
    (tmp_path / "4.xls").write_text("<html><table></table></html>", encoding="utf-8")
    assert list(items(tmp_path)) == [("1.xls", 1), ("2.csv", 1), ("3.xls", 1), ("4.xls", "unreadable-workbook")]


def test_an_unknown_kind_of_file_is_only_a_warning(tmp_path: Path) -> None:
    (tmp_path / "scan.jpg").write_bytes(b"x")
    (problem,) = read_delivery(tmp_path, KNOWN)
    assert isinstance(problem, FileProblem)
    assert (problem.code, problem.found, problem.severity) == ("unknown-file-kind", ".jpg", Severity.WARNING)


def test_a_path_with_nothing_at_it_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        list(read_delivery(tmp_path / "missing", KNOWN))
    assert caught.value.code == "delivery-not-found"
    assert "missing" in sentence(caught.value, "zh")
    assert "missing" in sentence(caught.value, "en")


def test_a_reader_that_is_dropped_half_way_leaves_no_file_open(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CONTENT * 3000, encoding="gb18030")
    reader = read_delivery(tmp_path, KNOWN)
    assert isinstance(next(reader), RawSheet)
    del reader  # an open file would raise a ResourceWarning, which is an error in tests


def test_what_is_read_can_be_matched(tmp_path: Path) -> None:
    (tmp_path / "证书.csv").write_text("单位：万元\n" + CONTENT, encoding="utf-8")
    (sheet,) = read_delivery(tmp_path, KNOWN)
    assert isinstance(sheet, RawSheet)
    projection = match(sheet.file, sheet.sheet, sheet.header, sheet.unit)
    assert isinstance(projection, Projection)
    assert projection.contract.table == "certificate"


MESSY = (
    "单位：万元\n企业代码,年度,营业收入,备注,销售收入,营业 收入\n"
    "uscc,year,revenue\nA,2024,1,x,y,z,w\nB,2024\n合计,,3,,,\n注：完\n企业代码,年度,营业收入,备注,销售收入,营业 收入\n"
    'C,"2024,1,,,\nD,2024,1,,,\n'
)


def test_every_problem_is_worded_in_both_languages_from_its_own_facts(tmp_path: Path) -> None:
    found: list[RowProblem | FileProblem] = []
    (tmp_path / "年报.csv").write_bytes(MESSY.encode("gb18030") + b"\xff\xff,1,,,,\n" + "戊公司,2024,1,,,\n".encode())
    (tmp_path / "证书.csv").write_text("企业代码,证书编码,认证项目,颁证日期\nA,1,Q,2024\n", encoding="utf-8")
    (tmp_path / "发票.csv").write_text(
        "企业代码,发票号,进销,开票日期,金额,不含税金额,鑫额\nA,1,x,2024,1,2,3\n", encoding="utf-8"
    )
    (tmp_path / "e.csv").write_text("", encoding="utf-8")
    (tmp_path / "f.pdf").write_text("", encoding="utf-8")
    for item in read_delivery(tmp_path, KNOWN):
        if isinstance(item, FileProblem):
            found.append(item)
            continue
        assert isinstance(item, RawSheet)
        for _ in item.batches:
            pass
        found += item.problems
        matched = match(item.file, item.sheet, item.header, item.unit)
        found += matched.notes if isinstance(matched, Projection) else [matched]
    assert {problem.code for problem in found} >= {
        "too-many-fields",
        "too-few-fields",
        "total-row",
        "footnote-row",
        "repeated-header",
        "second-header-row",
        "unclosed-quote",
        "undecodable-row",
        "mixed-encodings",
        "missing-column",
        "duplicate-column",
        "unknown-column",
        "column-ignored",
        "empty-file",
        "unknown-file-kind",
    }
    for problem in found:
        for lang in Lang:
            worded = text(f"problem.{problem.code}", lang, found=problem.found, **problem.facts)
            assert worded
            assert "{" not in worded


def test_the_facts_of_a_problem_never_clash_with_what_a_report_says_of_its_place() -> None:
    place = {"file", "sheet", "row", "column", "table", "code"}
    for key in sorted(keys(Lang.ZH)):
        if key.startswith("problem."):
            fields = {name for _, name, _, _ in string.Formatter().parse(template(key)) if name}
            assert fields == {name for _, name, _, _ in string.Formatter().parse(template(key, Lang.EN)) if name}
            assert not fields & place or not _is_ours(key)


def _is_ours(key: str) -> bool:
    reading = Path(__file__).parents[2] / "src" / "certloan" / "i18n" / "zh" / "reading.toml"
    return f"\n{key.removeprefix('problem.')} =" in reading.read_text(encoding="utf-8")


@settings(deadline=None)
@given(
    content=st.binary(max_size=300),
    start=st.sampled_from(
        [
            b"",
            b"PK\x03\x04",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"\x1f\x8b\x08\x00",
            b"\xff\xfe",
            b"<",
            CONTENT.encode(),
        ]
    ),
    kind=st.sampled_from([".csv", ".csv.gz", ".txt", ".xlsx", ".xls", ".ods"]),
)
def test_whatever_a_file_holds_reading_it_never_raises(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes, kind: str
) -> None:
    path = tmp_path_factory.mktemp("noise") / f"x{kind}"
    path.write_bytes(start + content)
    assert list(items(path))


@settings(deadline=None, max_examples=60)
@given(
    at=st.floats(0, 1),
    change=st.binary(min_size=1, max_size=40),
    part=st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"]),
)
def test_a_workbook_damaged_inside_never_raises(
    tmp_path_factory: pytest.TempPathFactory, at: float, change: bytes, part: str
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    book(folder / "good.xlsx")
    with zipfile.ZipFile(folder / "good.xlsx") as old, zipfile.ZipFile(folder / "bad.xlsx", "w") as new:
        for name in old.namelist():
            held = old.read(name)
            cut = int(at * len(held))
            new.writestr(name, held[:cut] + change + held[cut + len(change) :] if name == part else held)
    assert list(items(folder / "bad.xlsx"))
