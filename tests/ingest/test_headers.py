from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from certloan.contracts import CONTRACTS, Column, Contract
from certloan.ingest.headers import HeaderIndex, match
from certloan.ingest.headings import heading, normalise
from certloan.ingest.projection import FileProblem, Projection, Severity
from certloan.ingest.quarantine import of_file

KNOWN = HeaderIndex.from_contracts(CONTRACTS)
TABLES = st.sampled_from(sorted(CONTRACTS))


def projected(
    header: Sequence[str], file: str = "导出.csv", sheet: str = "", unit: Decimal | None = None
) -> Projection:
    found = match(file, sheet, header, unit)
    assert isinstance(found, Projection), found
    return found


def refused(header: Sequence[str], file: str = "导出.csv", sheet: str = "") -> FileProblem:
    found = match(file, sheet, header)
    assert isinstance(found, FileProblem), found
    return found


def named(contract: Contract, how: str) -> list[str]:
    return [
        column.aliases[0] if how == "alias" and column.aliases else getattr(column, how if how != "alias" else "zh")
        for column in contract.columns
    ]


@pytest.mark.parametrize("how", ["name", "zh", "en", "alias"])
@pytest.mark.parametrize("table", sorted(CONTRACTS))
def test_every_table_is_known_by_any_of_the_names_of_its_columns_and_every_column_is_filled(
    table: str, how: str
) -> None:
    contract = CONTRACTS[table]
    found = projected(named(contract, how))
    assert found.contract is contract
    assert found.columns == {name: f"c{at}" for at, name in enumerate(contract.names)}
    assert found.notes == ()


@settings(deadline=None)
@given(data=st.data(), table=TABLES)
def test_a_file_named_after_its_table_is_that_table_whatever_optional_columns_it_has(
    data: st.DataObject, table: str
) -> None:
    contract = CONTRACTS[table]
    columns = [c for c in contract.columns if c.required or data.draw(st.booleans(), label=c.name)]
    shuffled: list[Column] = data.draw(st.permutations(columns))
    file = data.draw(st.sampled_from([f"{table}.csv", f"2026/{contract.zh}.csv", f"{contract.zh}/导出_202601.csv"]))
    found = projected([c.zh for c in shuffled], file)
    assert found.contract is contract
    assert found.columns == {c.name: f"c{at}" for at, c in enumerate(shuffled)}


@settings(deadline=None)
@given(data=st.data(), table=TABLES)
def test_all_required_columns_that_are_missing_are_named(data: st.DataObject, table: str) -> None:
    contract = CONTRACTS[table]
    required = [c for c in contract.columns if c.required]
    missing = data.draw(
        st.lists(st.sampled_from(required), min_size=1, max_size=len(required) - 1, unique_by=lambda c: c.name)
    )
    names = {c.name for c in missing}
    rest = [c.zh for c in contract.columns if c.name not in names]
    assume(len(rest) > 1)
    found = match(f"{contract.zh}.csv", "", rest)
    assert isinstance(found, FileProblem)
    assert (found.code, found.severity) == ("missing-column", Severity.QUARANTINE)
    assert found.facts["missing"] == ", ".join(f"{c.zh} ({c.name})" for c in required if c.name in names)


def test_a_missing_column_shows_what_stands_there_instead() -> None:
    header = ["统一社会信用代码", "证书编码", "认证项目代码", "颁证日期", "到期日期", "备注"]
    found = refused(header)
    assert found.code == "missing-column"
    assert found.facts["contract"] == "认证证书 (certificate)"
    assert found.facts["missing"] == "证书编号 (certificate_no)"
    assert found.facts["instead"] == "证书编码, 备注"
    assert found.facts["diff"] == "- 证书编号 (certificate_no) ← 证书编码?; + 证书编码; + 备注"


@pytest.mark.parametrize(
    ("header", "file", "table"),
    [
        (["统一社会信用代码", "证书编号", "变化类型", "变化日期"], "a.csv", "certificate_event"),
        (["统一社会信用代码", "证书编号", "认证类别", "发证日期", "有效期至"], "a.csv", "certificate"),
        (["统一社会信用代码", "证书编号", "变化类型", "变化日期"], "证书.csv", "certificate_event"),
        (["企业代码", "账号", "额度", "放款日期", "到期日"], "a.csv", "credit_account"),
        (["企业代码", "账号", "账期", "余额", "五级分类"], "信贷.csv", "credit_month"),
        (["企业代码", "账号", "月份", "开户日期"], "月度表现.csv", "credit_month"),
        (["企业代码", "账号", "月份", "开户日期"], "信贷账户.csv", "credit_account"),
        (["企业代码", "荣誉名称", "认定日期", "有效期至"], "a.csv", "honour"),
        (["企业代码", "保单号", "险种", "起保日期", "有效期至"], "a.csv", "mitigant"),
        (["企业代码", "企业名称", "年度", "等级"], "纳税信用.csv", "tax_grade"),
        (["企业代码", "企业名称", "报告年度", "从业人数"], "a.csv", "annual_report"),
        (["企业代码", "企业名称", "查询日期"], "a.csv", "credit_inquiry"),
        (["企业代码", "企业名称"], "a.csv", "enterprise"),
    ],
)
def test_tables_that_share_headers_are_told_apart(header: list[str], file: str, table: str) -> None:
    assert projected(header, file).contract.table == table


def test_the_name_of_the_sheet_goes_before_the_name_of_the_file() -> None:
    header = ["企业代码", "账号", "月份", "开户日期"]
    assert projected(header, "信贷账户.xlsx", "月度表现").contract.table == "credit_month"
    assert projected(header, "信贷账户.xlsx", "Sheet1").contract.table == "credit_account"


def test_a_list_of_firms_with_another_tables_columns_never_passes_for_the_register() -> None:
    # The register needs little; a newer statement of the same firm would wipe out what is known of it.
    assert refused(["统一社会信用代码", "企业名称", "证书编号"]).code == "unrecognised-sheet"


def test_a_sheet_of_something_else_is_not_recognised() -> None:
    assert refused(["姓名", "电话"]).code == "unrecognised-sheet"


def test_the_chinese_label_goes_before_an_alias_and_the_spare_column_is_reported() -> None:
    header = ["企业代码", "账号", "月份", "贷款余额", "余额"]
    found = projected(header)
    assert found.columns["balance"] == "c4"
    assert [(note.code, note.severity, note.facts) for note in found.notes] == [
        ("column-ignored", Severity.WARNING, {"heading": "贷款余额", "used": "余额"})
    ]


def test_an_unknown_column_is_reported_with_what_it_may_have_meant() -> None:
    header = ["统一社会信用代码", "证书编号", "认证项目代码", "颁证日期", "到期日其", "备注", ""]
    notes = projected(header).notes
    assert [(note.code, note.found, note.facts["suggestion"]) for note in notes] == [
        ("unknown-column", "到期日其", "到期日期 (expires_on)"),
        ("unknown-column", "备注", ""),
    ]
    assert {note.severity for note in notes} == {Severity.WARNING}
    assert [("相近" in of_file(note).message_zh, "like" in of_file(note).message_en) for note in notes] == [
        (True, True),
        (False, False),
    ]


def test_the_same_header_twice_stops_the_sheet_unless_nobody_asks_for_it() -> None:
    header = ["统一社会信用代码", "证书编号", "认证项目代码", "颁证日期"]
    found = refused([*header, "证书 编号*"])
    assert (found.code, found.facts["heading"]) == ("duplicate-column", "证书 编号*")
    assert projected([*header, "备注", "备注"]).contract.table == "certificate"


def test_money_is_converted_by_the_unit_in_its_header_or_else_by_the_line_above_the_table() -> None:
    header = ["企业代码", "年度", "营业收入（万元）", "总资产/千元", "净利润(亿元)", "总负债", "员工人数"]
    assert projected(header).units == {
        "revenue": Decimal(10_000),
        "assets": Decimal(1_000),
        "profit": Decimal(100_000_000),
    }
    assert projected(header, unit=Decimal(1)).units["liabilities"] == Decimal(1)
    assert projected(header, unit=Decimal(1)).units["revenue"] == Decimal(10_000)


def test_a_foreign_currency_is_never_taken_for_yuan() -> None:
    found = projected(["企业代码", "账号", "月份", "余额（万美元）"])
    assert "balance" not in found.columns
    assert [note.code for note in found.notes] == ["unknown-column"]


def test_a_term_in_years_is_never_taken_for_months() -> None:
    header = ["申请编号", "统一社会信用代码", "申请日期"]
    assert projected([*header, "期限（月）"]).columns["term_months"] == "c3"
    found = projected([*header, "期限（年）"])
    assert "term_months" not in found.columns
    assert [note.code for note in found.notes] == ["unknown-column"]


def test_the_dates_that_every_table_has_are_matched_too() -> None:
    found = projected(["企业代码", "查询日期", "数据日期", "修复日期"])
    assert found.columns == {"uscc": "c0", "inquired_on": "c1", "known_on": "c2", "void_on": "c3"}


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("＊统一社会信用代码", "统一社会信用代码"),
        (" 证 书\n编　号 ", "证书编号"),
        ("证书编号（必填）", "证书编号"),
        ("颁证日期(YYYY-MM-DD)", "颁证日期"),
        ("ＣＥＲＴＩＦＩＣＡＴＥ_ＮＯ", "certificate_no"),
        ("Certificate Number", "certificatenumber"),
        ("贷款余额（万元）", "贷款余额"),
        ("贷款余额(单位：人民币万元)", "贷款余额"),
        ("贷款余额万元", "贷款余额"),
        ("申请期限（月）", "申请期限月"),
        ("逾期天数（天）", "逾期天数"),
        ("从业人数(人)", "从业人数"),
        ("\ufeff企业名称", "企业名称"),
    ],
)
def test_a_header_cell_is_read_whatever_it_is_dressed_in(cell: str, key: str) -> None:
    assert heading(cell).key == key


@settings(deadline=None)
@given(st.text(st.sampled_from("证书编号Ａa _*＊：:　 （）()万元/"), max_size=20))
def test_normalising_twice_changes_nothing_more(cell: str) -> None:
    once = normalise(cell)
    assert normalise(once) == once


def test_a_list_of_columns_is_not_a_header_because_synonyms_count_once() -> None:
    assert KNOWN.count(["证书编号", "certificate_no", "证书号", "文本"]) == 1
    assert KNOWN.count(["证书编号", "认证项目", "备注"]) == 2
