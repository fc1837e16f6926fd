"""A cell of each kind is read as a person would read it, and what cannot be read is never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc as oracle

from certloan.contracts import CONTRACTS, Column, Kind
from certloan.ingest import uscc, values
from certloan.storage.warehouse import DuckWarehouse

WAREHOUSE = DuckWarehouse.open(None)

DAY = Column("day", Kind.DATE, "日", "day")
END = Column("end", Kind.DATE, "止", "end", future=True)
MONTH = Column("month", Kind.MONTH, "月", "month")
MONEY = Column("money", Kind.MONEY, "金额", "money")
NUMBER = Column("number", Kind.NUMBER, "数", "number")
COUNT = Column("count", Kind.INTEGER, "数量", "count")
FLAG = Column("flag", Kind.BOOLEAN, "是否", "flag")
TEXT = Column("text", Kind.TEXT, "文本", "text")
CODE = Column("code", Kind.CODE, "代码", "code")
KEY = Column("uscc", Kind.USCC, "代码", "code")
ACCREDITATION = CONTRACTS["certificate"].column("accreditation")


def read(
    cells: Sequence[str | None],
    column: Column,
    *,
    words: dict[str, str] | None = None,
    unit: Decimal = Decimal(1),
    strptime: str | None = None,
    opaque: bool = False,
) -> list[object]:
    value = values.typed("t", column, unit=unit, strptime=strptime, opaque=opaque)
    rows = WAREHOUSE.query(
        f"""select {value} as v from (select i, {values.cleaned("o", column)} as t from (
            select i, {values.translated(values.asked("r", column), "r", column, words or {})} as o
            from (select unnest(?) as r, generate_subscripts(?, 1) as i))) order by i""",
        [list(cells), list(cells)],
    )
    return list(rows.column("v").to_pylist())


def one(cell: str | None, column: Column, **how: object) -> object:
    return read([cell], column, **how)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "2024年3月1日",
            "2024-3-1",
            "2024/3/1",
            "2024.3.1",
            "2024-03-01",
            "20240301",
            "20240301.0",
            "45352",
            "45352.75",
        ),
        *(
            "2024-03-01 00:00:00",
            "2024/3/1 8:30",
            "2024-03-01T08:30:00+08:00",
            "2024-03-01 08:30:00.123",
            "20240301083000",
        ),
        *(
            "２０２４－０３－０１",
            "　2024-03-01\t",
            "2024 年 3 月 1 日",
            "\u200b2024-03-01",
            "2024\xa0年3月1日",
            "2024年3月1日8时30分",
        ),
    ],
)
def test_a_day_is_read_however_it_is_written(cell: str) -> None:
    assert one(cell, DAY) == date(2024, 3, 1)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "2024-02-30",
            "2024-13-01",
            "2024年3月",
            "03/01/2024",
            "1/3/2024",
            "24-3-1",
            "epoch",
            "infinity",
            "today",
            "99999",
        ),
        *("20243", "20241301", "2024-03-01 (BC)", "三月一日", "2024-3-1-5", "45352.5.1", "1e4"),
    ],
)
def test_a_day_that_is_not_sure_is_not_read(cell: str) -> None:
    assert one(cell, DAY) is None


@given(st.dates(date(1960, 1, 1), date(2099, 12, 31)))
@settings(max_examples=60, deadline=None)
def test_every_way_to_write_a_day_gives_the_same_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    ways = [
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month:02}.{day.day:02}",
        f"{day:%Y%m%d}",
        f"{day} 23:59:59",
        str(serial),
        f"{serial}.999",
    ]
    assert read(ways, DAY) == [day] * len(ways)


def test_no_end_is_missing_where_a_date_may_lie_in_the_future_and_unreadable_elsewhere() -> None:
    assert read(["长期", "永久", "9999-12-31", "2030-01-01"], END) == [None, None, None, date(2030, 1, 1)]
    assert cleaned(["长期", "永久"], END) == [None, None]
    assert cleaned(["长期"], DAY) == ["长期"]


def test_a_files_own_date_format_comes_first() -> None:
    assert read(["03/01/2024", "28-Feb-97", "2024-03-01"], DAY, strptime="%m/%d/%Y") == [
        date(2024, 3, 1),
        None,
        date(2024, 3, 1),
    ]
    assert one("28-Feb-97", DAY, strptime="%d-%b-%y") == date(1997, 2, 28)


def test_a_month_is_read_as_its_first_day() -> None:
    cells = ["2024-03", "2024年3月", "202403", "2024/3", "2024.03", "2024年03月份", "2024-03-15", "２０２４年３月"]
    assert read(cells, MONTH) == [date(2024, 3, 1)] * len(cells)
    assert read(["202413", "20243", "3月", "2024", "2024-00"], MONTH) == [None] * 5


@pytest.mark.parametrize(
    ("cell", "yuan"),
    [
        *[("1,234.50", "1234.50"), ("1234.5", "1234.50"), ("￥12", "12"), ("¥1,000元", "1000"), ("1.5万", "15000")],
        *[
            ("1.5万元", "15000"),
            ("2亿", "200000000"),
            ("(1,000)", "-1000"),
            ("（1，000.5）", "-1000.50"),
            ("100-", "-100"),
        ],
        *[
            ("-1.5万", "-15000"),
            ("1e5", "100000"),
            ("1.5E+05", "150000"),
            ("12 万 元", "120000"),
            ("人民币100元整", "100"),
        ],
        *[
            (".5", "0.50"),
            ("+5", "5"),
            ("0.005", "0.01"),
            ("１２３．４５", "123.45"),
            ("3千元", "3000"),
            ("2百万", "2000000"),
        ],
        *[("9999999999999999.99", "9999999999999999.99"), ("1,2345,6789", "123456789"), ("-￥5", "-5"), ("￥-5", "-5")],
    ],
)
def test_money_is_read_in_yuan_to_the_cent(cell: str, yuan: str) -> None:
    assert one(cell, MONEY) == Decimal(yuan)


@pytest.mark.parametrize(
    "cell",
    [
        "abc",
        "1,23",
        "1,2,3",
        "1_000",
        "(5",
        "5)",
        "(-5)",
        "--5",
        "-5-",
        "1.2.3",
        "99999999999999999",
        "万",
        "元",
        "1万2千",
        "5美元",
        "0x10",
        ".",
    ],
)
def test_money_that_is_not_sure_is_not_read(cell: str) -> None:
    assert one(cell, MONEY) is None


def test_the_unit_of_a_header_counts_unless_the_cell_names_its_own() -> None:
    unit = Decimal(10_000)
    assert read(["1.23456", "1,234.5", "5000元", "2亿", "(3)"], MONEY, unit=unit) == [
        Decimal("12345.60"),
        Decimal("12345000.00"),
        Decimal("5000.00"),
        Decimal("200000000.00"),
        Decimal("-30000.00"),
    ]


@given(st.decimals(-(10**15), 10**15, places=2))
@settings(max_examples=60, deadline=None)
def test_no_cent_is_lost_on_the_way_in(amount: Decimal) -> None:
    shown = f"{abs(amount):,.2f}"
    ways = [str(amount), f"{amount:,.2f}", f"￥{amount:.2f}", f"({shown})" if amount < 0 else f"{shown}元"]
    assert read([*ways, f"{amount / 10_000:.6f}万"], MONEY) == [amount] * 5


def test_numbers_percentages_and_counts() -> None:
    assert read(["12.5%", "5‰", "100 %", "1,000", "0.3", "1.2万", "-3", "1e400", "inf", "x"], NUMBER) == [
        *(0.125, 0.005, 1.0, 1000.0, 0.3, 12000.0, -3.0),
        *(None, None, None),
    ]
    assert read(["12", "12.0", "2023年", "1,000人", "3个", "-5", "1e3"], COUNT) == [12, 12, 2023, 1000, 3, -5, 1000]
    assert read(["12.5", "0x10", "9" * 20, "十二", "1 2"], COUNT) == [None] * 5


def test_none_means_no_for_a_flag_and_missing_elsewhere() -> None:
    assert read(["是", "有", "Y", "TRUE", "1", "√"], FLAG) == [True] * 6
    assert read(["否", "无", "n", "False", "0", "没有"], FLAG) == [False] * 6
    assert read(["－", "暂无", "maybe", ""], FLAG) == [None] * 4
    assert one("无", TEXT) is None


def cleaned(cells: Sequence[str | None], column: Column) -> list[object]:
    rows = WAREHOUSE.query(
        f"""select {values.cleaned("r", column)} as t
        from (select unnest(?) as r, generate_subscripts(?, 1) as i) order by i""",
        [list(cells), list(cells)],
    )
    return list(rows.column("t").to_pylist())


@pytest.mark.parametrize("column", [DAY, MONEY, NUMBER, COUNT, TEXT, CODE, KEY])
def test_the_words_for_nothing_are_missing_not_unreadable(column: Column) -> None:
    words = [
        "",
        "  ",
        "　",
        "无",
        "暂无",
        "—",
        "--",
        "－",
        "/",
        "N/A",
        "na",
        "NULL",
        "None",
        "nan",
        "空",
        "\u200b",
        None,
    ]
    assert cleaned(words, column) == [None] * len(words)


def test_a_level_is_known_by_its_code_and_its_words_whatever_their_width_and_case() -> None:
    assert read(["cnas", "有ＣＮＡＳ", "无认可", "Other", "未 认可"], ACCREDITATION) == [
        *("cnas", "cnas", "unaccredited", "other", "unaccredited")
    ]
    assert read(["CNAS2", "?"], ACCREDITATION) == [None, None]
    assert read(["OK", "ok", "ＯＫ"], ACCREDITATION, words={"ok": "cnas"}) == ["cnas"] * 3


def test_a_files_own_word_may_be_one_that_means_nothing_elsewhere() -> None:
    assert read(["N/A", "0"], FLAG, words={"n/a": "否", "0": "是"}) == [False, True]


def test_running_text_keeps_its_chinese_punctuation_and_codes_lose_their_spaces() -> None:
    assert one("　Ａ１（集团），有限 公司 ", TEXT) == "A1（集团），有限 公司"
    assert one(" ａ b-1 ", CODE) == "AB-1"
    assert one("91110000-600037341l", KEY) == "91110000600037341L"
    assert one(" e1 x", KEY, opaque=True) == "e1 x"


@pytest.mark.parametrize("table", ["product", "certificate", "inspection"])
def test_a_product_category_is_four_digits_however_a_file_writes_it(table: str) -> None:
    category = CONTRACTS[table].column("product_category")
    same = ("0702", "702", "702.0", "07-02", "07－02", "７０２", "07 02", "07.02", "7-02")
    assert read(same, category) == ["0702"] * len(same)
    other = ("07", "12345", "A12", "0702A", "7")
    assert read(other, category) == list(other)


@given(st.lists(st.text(max_size=12), min_size=1, max_size=20))
@settings(max_examples=80, deadline=None)
def test_the_engine_and_python_clean_alike(cells: list[str]) -> None:
    wanted = [values.normalised(cell) for cell in cells]
    assert cleaned(cells, CODE) == [None if word.lower() in values.MISSING else word for word in wanted]


def verdicts(codes: Sequence[str]) -> list[object]:
    rows = WAREHOUSE.query(
        f"""select {uscc.verdict("c")} as v from (select unnest(?) as c, generate_subscripts(?, 1) as i) order by i""",
        [list(codes), list(codes)],
    )
    return list(rows.column("v").to_pylist())


def organisation_digit(eight: str) -> str:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    total = sum(w * alphabet.index(c) for w, c in zip(uscc.ORGANISATION_WEIGHTS, eight, strict=True))
    return "0123456789X0"[(11 - total % 11) % 11] if total % 11 != 1 else "X"


@st.composite
def codes(draw: st.DrawFn) -> str:
    eight = draw(st.text(uscc.ALPHABET, min_size=8, max_size=8).filter(lambda t: not t.startswith("M000")))
    division = draw(st.sampled_from(("110000", "330100", "440300", "100000")))
    head = draw(st.sampled_from(("91", "92", "93", "12", "52"))) + division + eight + organisation_digit(eight)
    return head + str(oracle.calc_check_digit(head))


@given(st.lists(codes(), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_a_code_that_the_library_accepts_has_nothing_wrong(good: list[str]) -> None:
    assert all(oracle.is_valid(code) for code in good)
    assert verdicts(good) == [None] * len(good)


@given(codes(), st.integers(2, 17), st.sampled_from(uscc.ALPHABET))
@settings(max_examples=100, deadline=None)
def test_a_single_miscopied_character_is_found(code: str, place: int, other: str) -> None:
    wrong = code[:place] + other + code[place + 1 :]
    found = verdicts([wrong])[0]
    if wrong == code:
        assert found is None
    else:
        assert not oracle.is_valid(wrong)
        assert found in (uscc.MISSHAPEN, uscc.WRONG_CHECK, uscc.PILOT)


def test_letters_may_stand_first_though_the_library_refuses_them() -> None:
    for head in ("N2330381MF0000000", "A1110000600037341", "Y1330381MF0000000"):
        code = head + oracle.calc_check_digit(head)
        assert not oracle.is_valid(code)
        assert verdicts([code])[0] in (None, uscc.WRONG_ORGANISATION)


def test_early_pilot_codes_are_told_from_typing_errors() -> None:
    pilots = ["91350203M0001QAY9B", "91350100M0001TGQXM", "91350211M0000XUF46", "91350203M0001FUE2P"]
    assert verdicts(pilots) == [uscc.PILOT] * 4
    assert verdicts(["91110000600037342L"]) == [uscc.WRONG_CHECK]


@pytest.mark.parametrize(
    "code", ["9111000060003734", "91110000600037341LL", "9111000060003734IL", "9111O000600037341L", "0" * 18, ""]
)
def test_what_has_not_the_shape_of_a_code_is_misshapen(code: str) -> None:
    assert verdicts([code]) == [uscc.MISSHAPEN]


def test_an_organisation_digit_or_a_province_alone_is_a_smaller_matter() -> None:
    head = "91110000600037342"  # the organisation code 60003734-1 with a wrong digit of its own
    assert verdicts([head + oracle.calc_check_digit(head)]) == [uscc.WRONG_ORGANISATION]
    head = "91990000600037341"
    assert verdicts([head + oracle.calc_check_digit(head)]) == [uscc.UNKNOWN_DIVISION]


def test_excel_days_begin_where_excel_begins() -> None:
    assert one("36526", DAY) == date(1899, 12, 30) + timedelta(days=36526) == date(2000, 1, 1)
