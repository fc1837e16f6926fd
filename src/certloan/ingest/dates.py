"""Days and months as Chinese files write them, read in SQL (DuckDB)."""

from __future__ import annotations

from certloan.ingest.sql import among, literal

#: Words for "no end", which a date that may lie in the future can hold.
NO_END = (
    "长期",
    "长期有效",
    "永久",
    "永久有效",
    "无固定期限",
    "无期限",
    "不限",
    "9999-12-31",
    "9999/12/31",
    "99991231",
    "9999年12月31日",
)

#: Days that a five-digit number can mean (1960 to 2100). Below, it would rather be a year and a month short of a digit.
_SERIAL_LOW, _SERIAL_HIGH = 21_916, 73_415

_CLOCK = r"(?:[T ]*\d{1,2}[:：时]\d{1,2}(?:[:：分]\d{1,2}(?:\.\d+)?秒?)?分?(?:Z|[+-]\d{2}:?\d{2})?)?"
_DAY = rf"^(\d{{4}}) *[-/.年] *(\d{{1,2}}) *[-/.月] *(\d{{1,2}}) *日?{_CLOCK}$"
_DIGITS = r"^(\d{4})(\d{2})(\d{2})(?:\.0+|\d{6})?$"
_SERIAL = r"^\d{5}(?:\.\d+)?$"
_MONTH = r"^(\d{4}) *(?:[-/.年]|) *(\d{1,2}) *月?份?$"


def day(text: str, strptime: str | None = None) -> str:
    """Compile the reading of a day; ``text`` is an SQL name of cleaned text. Unreadable gives null.

    ``strptime`` is a format that this file uses beside the common ones.
    """
    common = (
        f"case when {text} is null then null "
        # By far the most common writing first, without a pattern; a letter would mean 'epoch' or an era.
        f"when length({text}) = 10 and {text}[5] = '-' and {text}[8] = '-' then try_cast({text} as date) "
        f"when regexp_matches({text}, {literal(_DAY)}) then {_as_date(text, _DAY)} "
        f"when regexp_matches({text}, {literal(_DIGITS)}) then {_as_date(text, _DIGITS)} "
        f"when regexp_matches({text}, {literal(_SERIAL)}) "
        f"and try_cast({text} as double) between {_SERIAL_LOW} and {_SERIAL_HIGH} "
        f"then date '1899-12-30' + cast(floor(try_cast({text} as double)) as integer) end"
    )
    return f"coalesce(cast(try_strptime({text}, {literal(strptime)}) as date), {common})" if strptime else common


def month(text: str, strptime: str | None = None) -> str:
    """Compile the reading of a month as its first day; a day of the month is taken for its month."""
    # Six digits are a year and a month; five or fewer say too little.
    short = f"case when regexp_matches({text}, {literal(_MONTH)}) and not regexp_matches({text}, '^\\d{{5}}$') then "
    short += f"try_cast(regexp_replace({text}, {literal(_MONTH)}, '\\1-\\2-1') as date) end"
    return f"coalesce({short}, cast(date_trunc('month', {day(text, strptime)}) as date))"


def without_no_end(text: str) -> str:
    """Compile "no end" to null."""
    return f"case when {among(text, NO_END)} then null else {text} end"


def _as_date(text: str, pattern: str) -> str:
    return rf"try_cast(regexp_replace({text}, {literal(pattern)}, '\1-\2-\3') as date)"
