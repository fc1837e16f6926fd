"""What a header cell says, whatever it is dressed in, and which rows of a sheet are its header."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from certloan.contracts import KNOWN_ON, VOID_ON, Contract

#: How many yuan one of each money unit is.
MONEY_UNITS: Final[Mapping[str, Decimal]] = {
    "元": Decimal(1),
    "圆": Decimal(1),
    "千元": Decimal(1_000),
    "万元": Decimal(10_000),
    "万": Decimal(10_000),
    "百万元": Decimal(1_000_000),
    "亿元": Decimal(100_000_000),
    "亿": Decimal(100_000_000),
    "yuan": Decimal(1),
    "cny": Decimal(1),
    "rmb": Decimal(1),
}
_UNIT = "(?:人民币|rmb|cny)?[,:]?(元|圆|千元|万元|百万元|亿元|万|亿|yuan|cny|rmb)"
_BRACKETED_UNIT = re.compile(rf"[(\[【](?:金额|货币)?(?:单位:?)?{_UNIT}[)\]】]")
_TRAILING_UNIT = re.compile(rf"(?:[/_,:-]{_UNIT}|(千元|万元|百万元|亿元))$")
_UNIT_LINE = re.compile(rf"(?:金额|货币|计量)?单位[:为]?{_UNIT}(?=$|[)\]】,;。])")
# What may stand in brackets behind a name without changing what it means.
_REMARK = re.compile(
    r"[(\[【](?:必填项?|选填|非必填|required|optional|人民币|是/否|y/n|[yi]{2,4}[-/.]?m{1,2}(?:[-/.]?d{1,2})?"
    r"|年月日|年/月/日|人|个|家|次|户|份|项|件|名)[)\]】]"
)
# 期限(年) must never be read as months: a span of time belongs to the name, unless the name says it already.
_SPAN = re.compile(r"[(\[【](?:个?(月)|(天)|(日)|(年))[)\]】]$")
SPANS: Final = frozenset({"年", "月", "个月", "天", "日"})
#: Words that describe a column's values: a row of them below a header is a second header.
_DESCRIPTIONS: Final = frozenset(
    {
        "文本",
        "文字",
        "字符",
        "字符串",
        "日期",
        "数字",
        "数值",
        "整数",
        "金额",
        "必填",
        "选填",
        "非必填",
        "代码",
        "枚举",
        "布尔",
    }
    | {"text", "string", "varchar", "char", "date", "datetime", "number", "numeric", "decimal", "int", "integer"}
    | {"float", "double", "boolean", "bool", "code", "required", "optional", "yyyy-mm-dd", "yyyy/mm/dd", "yyyymmdd"}
    | {"人", "天", "月", "个月", "年", "%", "次", "个"}
    | set(MONEY_UNITS)
)


@dataclass(frozen=True)
class Heading:
    """A header cell without its dress: ``key`` to look it up by, and what one unit of money in it is in yuan."""

    key: str
    unit: Decimal | None = None


def normalise(cell: str) -> str:
    """Take away what never matters: width of characters, case, white space, marks for "required".

    >>> normalise(" ＊证书　编号： "), normalise("Certificate_No"), normalise("期限（个月）"), normalise("逾期天数(天)")
    ('证书编号', 'certificate_no', '期限月', '逾期天数')
    """
    text = "".join(unicodedata.normalize("NFKC", cell).split()).replace("\ufeff", "").replace("\u200b", "")
    text = _REMARK.sub("", text.casefold().strip("*:")).strip("*:")
    if (found := _SPAN.search(text)) and (name := text[: found.start()]):
        span = next(group for group in found.groups() if group)
        return name if span in name else name + span
    return text


def heading(cell: str) -> Heading:
    """Split a header cell into its name and its money unit.

    >>> heading("余额（万元）"), heading("申请金额/元"), heading("*企业名称")
    (Heading(key='余额', unit=Decimal('10000')), Heading(key='申请金额', unit=Decimal('1')), Heading(key='企业名称', unit=None))
    """
    text = normalise(cell)
    for pattern in (_BRACKETED_UNIT, _TRAILING_UNIT):
        if (found := pattern.search(text)) and (rest := text[: found.start()] + text[found.end() :]):
            word = next(group for group in found.groups() if group)
            return Heading(rest.strip("*:"), MONEY_UNITS[word])
    return Heading(text)


def unit_line(cell: str) -> Decimal | None:
    """Give the unit that a line above the table sets for all its money, if it does.

    >>> unit_line("单位：万元"), unit_line("2025年度报表（金额单位：人民币千元）"), unit_line("单位：某某银行")
    (Decimal('10000'), Decimal('1000'), None)
    """
    found = _UNIT_LINE.search(normalise(cell))
    return MONEY_UNITS[found.group(1)] if found else None


def describes(cell: str) -> bool:
    """Whether the cell is a word for a unit or a data type, such as stands in a second header row."""
    bare = "".join(unicodedata.normalize("NFKC", cell).split()).casefold()
    return bare in _DESCRIPTIONS or bare.strip("()[]【】") in _DESCRIPTIONS


class HeaderIndex:
    """The words that are column headers; it tells a header row from titles above it and data below it.

    >>> index = HeaderIndex.from_names(["企业代号", "发票号码"])
    >>> index.count(["企业代号", "发票号码（必填）", "备注"])
    2
    """

    def __init__(self, meanings: Mapping[str, str]) -> None:
        """``meanings`` gives for each normalised header the one name under which its synonyms are counted."""
        self._meanings = dict(meanings)

    @classmethod
    def from_contracts(cls, contracts: Mapping[str, Contract]) -> HeaderIndex:
        """Every name that a contract gives to any of its columns, in both languages."""
        columns = [*(c for contract in contracts.values() for c in contract.columns), KNOWN_ON, VOID_ON]
        return cls({normalise(name): c.name for c in columns for name in (*c.aliases, c.en, c.zh, c.name)})

    @classmethod
    def from_names(cls, names: Iterable[str]) -> HeaderIndex:
        """The header cells of a foreign file, as a recipe names them."""
        return cls({key: key for name in names for key in (heading(name).key, normalise(name)) if key})

    def knows(self, cell: str) -> bool:
        """Whether the cell is a known header."""
        return self._meaning(cell) is not None

    def count(self, row: Sequence[str]) -> int:
        """How many different known headers stand in the row; synonyms, as in a list of columns, count once."""
        return len({self._meaning(cell) for cell in row if cell} - {None})

    def _meaning(self, cell: str) -> str | None:
        return self._meanings.get(normalise(cell)) or self._meanings.get(heading(cell).key)
