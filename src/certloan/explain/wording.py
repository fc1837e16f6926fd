"""Values as people say them: 12 项, 45 天, 3.2%, 1,200 万元."""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal

from certloan.features.spec import Unit
from certloan.i18n import Lang, has, text

_WAN, _YI = Decimal(10_000), Decimal(100_000_000)
_NOTHING = "–"
_SMALL = 1_000


def value_told(value: float | str | None, unit: Unit, lang: Lang | str) -> str:
    """Say a feature's value with its unit; an unknown value is said to be unknown.

    >>> value_told(0.125, Unit.SHARE, "zh"), value_told(3.0, Unit.COUNT, "en"), value_told(None, Unit.DAYS, "zh")
    ('12.5%', '3', '未知')
    >>> value_told(2_500_000.0, Unit.YUAN, "zh"), value_told(2_500_000.0, Unit.YUAN, "en")
    ('250 万元', '¥2,500,000')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return text("common.unknown", lang)
    if isinstance(value, str):
        key = f"feature.level.{value}"
        return text(key, lang) if has(key) else value
    if unit is Unit.LOG_YUAN:
        return yuan_told(Decimal(str(round(math.expm1(value)))), lang)
    if unit is Unit.YUAN:
        return yuan_told(Decimal(str(value)), lang)
    if unit is Unit.YES_NO:
        return text("common.yes" if value else "common.no", lang)
    if unit is Unit.SHARE:
        return f"{value:.1%}"
    key = f"explain.unit.{unit.value}"
    number = _number(value)
    return text(key, lang, number=number) if has(key) else number


def yuan_told(amount: Decimal | None, lang: Lang | str) -> str:
    """Say an amount of yuan, the same on every surface: in Chinese in 元, 万元 or 亿元, in English to the yuan.

    >>> yuan_told(Decimal("3000000"), "zh"), yuan_told(Decimal("3000000"), "en"), yuan_told(None, "en")
    ('300 万元', '¥3,000,000', '–')
    >>> yuan_told(Decimal("125600000"), "zh"), yuan_told(Decimal("12345678"), "zh"), yuan_told(Decimal("800"), "zh")
    ('1.256 亿元', '1,234.57 万元', '800 元')
    """
    if amount is None:
        return _NOTHING
    whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
    if Lang(lang) is Lang.ZH and abs(whole) >= _YI:
        return text("explain.money.yi", lang, number=_short(whole / _YI, 3))
    if Lang(lang) is Lang.ZH and abs(whole) >= _WAN:
        return text("explain.money.wan", lang, number=_short(whole / _WAN, 2))
    return text("explain.money.yuan", lang, number=f"{whole:,}")


def cell_told(value: object) -> str:
    """Say one cell of a record: a date in ISO form, a number without noise, a word as it stands."""
    if value is None:
        return _NOTHING
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float | Decimal):
        return _number(float(value))
    return str(value)


def _number(value: float) -> str:
    if value == math.floor(value) or abs(value) >= _SMALL:
        return f"{value:,.0f}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _short(value: Decimal, digits: int) -> str:
    whole = f"{value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,f}"
    return whole.rstrip("0").rstrip(".") if "." in whole else whole
