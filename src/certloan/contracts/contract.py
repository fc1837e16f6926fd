"""What a table must hold, said once as data: its columns, their kinds and names, its key and its rules.

A contract is compiled to SQL (``ingest/conform.py``) and checked in the engine; it also names what a file may call
each column, so reading a bank's export needs no code. See :data:`certloan.contracts.CONTRACTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from certloan.expressions import Type


class Kind(StrEnum):
    """How a cell is read and stored."""

    TEXT = "text"
    CODE = "code"  # text whose case and spaces mean nothing: stored upper-case, without spaces
    USCC = "uscc"  # 统一社会信用代码, or an opaque key where a recipe says so
    DATE = "date"
    MONTH = "month"  # a calendar month, stored as its first day
    MONEY = "money"  # yuan, DECIMAL(18,2)
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"  # one of ``levels``


@dataclass(frozen=True)
class Column:
    """One column: its name in the warehouse, the names that files give it, and what a cell may hold.

    ``levels`` maps each stored code to the words that files use for it; the first word is its Chinese label.
    ``low`` and ``high`` bound numbers and money, both ends included. ``future`` allows a date after the delivery.
    ``graver`` orders the levels from mild to grave where one cell may list several: the gravest is kept.
    ``unread_as`` is the level for which an unreadable cell is taken where leaving it empty would speak for the firm.
    ``digits``: a code of so many digits, which files write in groups (07-02), and of which spreadsheets lose a leading
    zero (702). Whatever is not made of so many digits stays as it stands.
    """

    name: str
    kind: Kind
    zh: str
    en: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    future: bool = False
    digits: int | None = None
    graver: tuple[str, ...] = ()
    unread_as: str = ""


@dataclass(frozen=True)
class Rule:
    """A statement that must be true of every row, in the predicate language; unknown counts as true.

    The texts of a broken rule are ``problem.<code>`` in both languages. A warning keeps the row.
    """

    code: str
    holds: str
    columns: tuple[str, ...]
    warning: bool = False


@dataclass(frozen=True)
class Contract:
    """One table. ``key`` identifies a record, whatever else is said of it later.

    ``happened_on`` is an expression over the columns: the day the fact is about. ``known_lag_days`` is how long after
    that day a lender could have known it, used only where a file does not say ``known_on`` itself.
    ``later`` names columns that tell of days after ``happened_on``: where a file does not say ``known_on``, what they
    hold is known from the delivery on, whatever the lag. ``newest_counts``: the record is what was said of it last,
    so a correction takes the place of what was said before, from the same day on. ``undated_counts``: a record whose
    day is not told is kept, and counts as if it had happened on the day on which it became known. ``keeps_rows``: the
    records speak against a firm, so losing one would speak for it: an optional cell that cannot be read is left empty
    and the record is kept, but for the cells of ``decisive``, which would say something good if they were empty.
    """

    table: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    happened_on: str
    known_lag_days: int = 0
    rules: tuple[Rule, ...] = ()
    file_names: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    newest_counts: bool = False
    undated_counts: bool = False
    keeps_rows: bool = False
    decisive: tuple[str, ...] = ()

    def spares(self, column: Column) -> bool:
        """Tell whether an unreadable cell of this column is left empty instead of costing the record."""
        return self.keeps_rows and not column.required and column.name not in (*self.key, *self.decisive)

    def column(self, name: str) -> Column:
        """Give the column called ``name``; ``KeyError`` if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.table} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order, without the three dates every table has."""
        return tuple(column.name for column in self.columns)


#: The dates of idea 1, which every table has beside its own columns. A file may state the last two.
KNOWN_ON = Column(
    "known_on", Kind.DATE, "获知日期", "known on", ("入库日期", "数据日期", "采集日期", "公布日期", "更新日期")
)
VOID_ON = Column("void_on", Kind.DATE, "停用日期", "void on", ("停止公示日期", "修复日期", "撤销公示日期"), future=True)


def uscc(zh: str = "统一社会信用代码", *aliases: str) -> Column:
    """The key column of almost every table."""
    names = ("社会信用代码", "信用代码", "统一信用代码", "统一代码", "企业代码", *aliases)
    return Column("uscc", Kind.USCC, zh, "unified social credit code", names, required=True)


_TYPES = {
    Kind.DATE: Type.DATE,
    Kind.MONTH: Type.DATE,
    Kind.MONEY: Type.NUMBER,
    Kind.NUMBER: Type.NUMBER,
    Kind.INTEGER: Type.NUMBER,
    Kind.BOOLEAN: Type.BOOLEAN,
}


def types(contract: Contract) -> dict[str, Type]:
    """Give the columns that an expression over the contract's table may read, with the three dates of every table."""
    own = {column.name: _TYPES.get(column.kind, Type.TEXT) for column in contract.columns}
    return own | dict.fromkeys(("happened_on", "known_on", "void_on"), Type.DATE)
