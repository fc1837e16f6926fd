"""Money, numbers and counts as Chinese files write them, read in SQL (DuckDB) without floating point for money."""

from __future__ import annotations

from decimal import Decimal

from certloan.ingest.sql import case, literal

MONEY = "decimal(18,2)"
#: An amount before its unit is applied (17 digits before the point), and the unit: together they fill 38 digits.
_WIDE = "decimal(27,10)"
_UNIT = "decimal(11,2)"

#: Yuan in each unit that a cell may name after its number.
UNITS: dict[str, int] = {
    "": 1,
    "元": 1,
    "千": 1_000,
    "千元": 1_000,
    "万": 10_000,
    "万元": 10_000,
    "百万": 1_000_000,
    "百万元": 1_000_000,
    "千万": 10_000_000,
    "千万元": 10_000_000,
    "亿": 100_000_000,
    "亿元": 100_000_000,
}

_CURRENCY = r"(?:人民币|RMB|CNY|[￥¥$])?"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d{1,4}(?:,\d{4})+|\d+)?(?:\.\d*)?"
# sign, number, unit and closing sign of an amount from which spaces were taken
_AMOUNT = (
    rf"^{_CURRENCY}([(+-]?){_CURRENCY}([+-]?{_DIGITS}) *((?:百万|千万|千|万|亿)?(?:元|圆|块)?)(?:人民币|整)?([)-]?)$"
)
_PLAIN = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$"
_GROUPED = r"^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
_COUNTED = r"^([+-]?\d[\d,]*(?:\.0+)?) *(?:年度|年|人|名|个月|个|天|日|月|期|家|项|张)$"


def money(text: str, unit: Decimal = Decimal(1)) -> str:
    """Compile the reading of an amount in yuan; ``unit`` is what one of the column's numbers is worth in yuan.

    A unit in the cell counts instead of the column's. Unreadable or too large for DECIMAL(18,2) gives null.
    """
    told = _told(text, _WIDE, f"cast({unit} as {_UNIT})")
    if unit == 1:
        plain = f"try_cast({text} as {MONEY})"
        grouped = f"try_cast(replace({text}, ',', '') as {MONEY})"
    else:
        plain = f"try_cast(try_cast({text} as {_WIDE}) * cast({unit} as {_UNIT}) as {MONEY})"
        grouped = f"try_cast(try_cast(replace({text}, ',', '') as {_WIDE}) * cast({unit} as {_UNIT}) as {MONEY})"
    return (
        f"case when {text} is null then null when regexp_matches({text}, {literal(_PLAIN)}) then {plain} "
        f"when regexp_matches({text}, {literal(_GROUPED)}) then {grouped} "
        f"else try_cast({told} as {MONEY}) end"
    )


def number(text: str) -> str:
    """Compile the reading of a number; ``12.5%`` is 0.125. Infinite, unreadable or absent gives null."""
    percent = rf"case when regexp_matches({text}, '^[+-]?\d+\.?\d* *[%‰]$') "
    percent += (
        f"then try_cast(trim(rtrim({text}, '%‰')) as double) / case when ends_with({text}, '%') then 100 else 1000 end"
    )
    return (
        f"case when {text} is null then null "
        f"when regexp_matches({text}, {literal(_PLAIN)}) then {_finite(f'try_cast({text} as double)')} "
        f"else {percent} else {_told(text, 'double', '1')} end end"
    )


def integer(text: str) -> str:
    """Compile the reading of a whole number; a measure word after it is let be, a fraction gives null."""
    bare = rf"replace(regexp_replace({text}, {literal(_COUNTED)}, '\1'), ',', '')"
    wide = f"try_cast({bare} as decimal(24,4))"
    return (
        rf"case when {text} is null then null when regexp_matches({text}, '^-?\d{{1,18}}$') then try_cast({text} as bigint) "
        rf"when regexp_matches({bare}, {literal(_PLAIN)}) and {wide} = floor({wide}) then try_cast({wide} as bigint) end"
    )


def _told(text: str, type_: str, unit: str) -> str:
    bare = f"replace({text}, ' ', '')"
    sign, digits, worth, closing = (f"regexp_extract({bare}, {literal(_AMOUNT)}, {group})" for group in (1, 2, 3, 4))
    value = f"try_cast(nullif(replace({digits}, ',', ''), '') as {type_})"
    factor = case(
        f"replace(replace({worth}, '圆', '元'), '块', '元')",
        {name: str(yuan) if name else unit for name, yuan in UNITS.items()},
        unit,
    )
    signs = (
        f"cast({sign} <> '' as integer) + cast({digits}[1] in ('-', '+') as integer) + cast({closing} = '-' as integer)"
    )
    turned = (
        f"case when ({sign} = '(') <> ({closing} = ')') or {signs} > 1 then null "
        f"when {sign} in ('(', '-') or {closing} = '-' then -1 else 1 end"
    )
    return f"case when regexp_matches({bare}, {literal(_AMOUNT)}) then {value} * cast({factor} as {_UNIT}) * ({turned}) end"


def _finite(value: str) -> str:
    return f"case when isfinite({value}) then {value} end"
