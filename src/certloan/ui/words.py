"""Texts and numbers as people read them, in one of the two languages.

Signs are real minus signs, so that a figure lines up with its neighbours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from certloan.i18n import Lang, has, text

_MINUS = "\N{MINUS SIGN}"
#: No line begins or ends with these.
_CLOSING, _OPENING = frozenset("，。、；：！？）》”％"), frozenset("（《“")
_LAST_NARROW = "\u2e7f"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def word(key: str, lang: Lang, **facts: object) -> str:
    """Give a text of the app."""
    return text(f"ui.{key}", lang, **facts)


def word_or(key: str, fallback: str, lang: Lang) -> str:
    """Give a text of the app, or ``fallback`` for a code that a newer policy or source brought in."""
    return text(f"ui.{key}", lang) if has(f"ui.{key}") else fallback


def percent(share: float | None, digits: int = 1) -> str:
    """Give a share as a percentage.

    >>> percent(0.0234), percent(0.6, 0), percent(None)
    ('2.3%', '60%', '–')
    """
    return "–" if share is None else f"{share:.{digits}%}"


def points(value: int) -> str:
    r"""Give points with their sign.

    >>> points(12), points(-5).replace("\N{MINUS SIGN}", "minus "), points(0)
    ('+12', 'minus 5', '0')
    """
    return f"+{value}" if value > 0 else str(value).replace("-", _MINUS)


def day(value: dt.date | None, lang: Lang) -> str:
    """Give a date.

    >>> day(dt.date(2026, 3, 1), Lang.ZH), day(dt.date(2026, 3, 1), Lang.EN), day(None, Lang.ZH)
    ('2026年3月1日', '1 Mar 2026', '–')
    """
    if value is None:
        return "–"
    if lang is Lang.ZH:
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def wrapped(words: str, width: int = 24, lines: int = 2) -> list[str]:
    """Break a label into even lines of at most ``width`` columns, a Chinese character counting two.

    >>> wrapped("valid management system certificates")
    ['valid management', 'system certificates']
    >>> wrapped("近12个月最长逾期天数", 18)
    ['近12个月最', '长逾期天数']
    >>> wrapped("a long label that does not fit", 10)
    ['a long', 'label tha…']
    """
    for pieces in (_words(words), _pieces(words)):
        rows = _broken(pieces, width)
        if len(rows) <= lines and all(columns(row) <= width for row in rows):
            while width > 1 and len(_broken(pieces, width - 1)) == len(rows):
                width -= 1
            return _broken(pieces, width)
    return [*rows[: lines - 1], shortened(" ".join(rows[lines - 1 :]), width)]


def named(words: str, width: int = 24) -> list[str]:
    """Break a label that ends in a number: what it is, shortened if need be, and below it the whole number.

    >>> named("environmental management system certificate 03623E0019534R0S")
    ['environmental managemen…', '03623E0019534R0S']
    >>> named("市政府质量奖")
    ['市政府质量奖']
    """
    head, _, number = words.rpartition(" ")
    if not head or not any(sign.isdigit() for sign in number):
        return wrapped(words, width)
    return [shortened(head, width), number]


def shortened(words: str, width: int) -> str:
    """Cut a text to ``width`` columns, and say that it was cut.

    >>> shortened("质量管理体系认证", 10), shortened("short", 10)
    ('质量管理…', 'short')
    """
    if columns(words) <= width:
        return words
    while columns(words) > width - 1:
        words = words[:-1]
    return f"{words.rstrip()}…"


def _broken(pieces: Sequence[str], width: int) -> list[str]:
    rows = [""]
    for piece in pieces:
        if columns(rows[-1] + piece.rstrip()) > width and rows[-1]:
            rows.append("")
        rows[-1] += piece if rows[-1] else piece.lstrip()
    return [row.rstrip() for row in rows if row.strip()]


def columns(words: str) -> int:
    """Give the width of a text in columns, a Chinese character counting two.

    >>> columns("证书 A01")
    8
    """
    return sum(2 if sign > _LAST_NARROW else 1 for sign in words)


def _words(words: str) -> list[str]:
    return [f"{part} " for part in words.split()]


def _pieces(words: str) -> list[str]:
    """Cut after spaces and around Chinese characters, where a line may break."""
    pieces = [""]
    for sign in words:
        last = pieces[-1][-1:]
        after = last == " " or (last > _LAST_NARROW and last not in _OPENING)
        if (sign > _LAST_NARROW or after) and last and sign not in _CLOSING and last not in _OPENING:
            pieces.append(sign)
        else:
            pieces[-1] += sign
    return [piece for piece in pieces if piece]
