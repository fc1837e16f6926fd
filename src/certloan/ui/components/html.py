"""Small pieces of page as HTML; every value is escaped here, so that no data can become markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

#: Values longer than this are words rather than a figure, and are set smaller.
_LONG = 9


def badge(words: str, tone: str) -> str:
    """Give a word on a coloured ground; ``tone`` is good, refer, bad or neutral.

    >>> badge("<b>", "good")
    '<span class="cl-badge cl-good">&lt;b&gt;</span>'
    """
    return f'<span class="cl-badge cl-{escape(tone)}">{escape(words)}</span>'


def card(label: str, value: str, note: str = "", tone: str = "") -> str:
    """Give a figure under its name."""
    size = " cl-words" if len(value) > _LONG else ""
    under = f'<div class="cl-note">{escape(note)}</div>' if note else ""
    kind = f" cl-{escape(tone)}" if tone else ""
    return (
        f'<div class="cl-card{kind}"><div class="cl-label">{escape(label)}</div>'
        f'<div class="cl-value{size}">{escape(value)}</div>{under}</div>'
    )


def cards(found: Iterable[str]) -> str:
    """Lay cards side by side, as many as fit."""
    return f'<div class="cl-cards">{"".join(found)}</div>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Give names and values in one line that wraps.

    >>> facts([("number", "L1")])
    '<div class="cl-facts"><span><em>number</em> L1</span></div>'
    """
    told = "".join(f"<span><em>{escape(name)}</em> {escape(value)}</span>" for name, value in pairs)
    return f'<div class="cl-facts">{told}</div>'


def item(words: str, figure: str = "", tone: str = "", below: Iterable[str] = ()) -> str:
    """Give one entry of a list: a figure, a sentence, and what stands below it in small print."""
    small = "".join(f'<div class="cl-note">{escape(line)}</div>' for line in below)
    sign = f'<div class="cl-figure cl-{escape(tone)}">{escape(figure)}</div>' if figure else ""
    return f'<li class="cl-item">{sign}<div>{escape(words)}{small}</div></li>'


def items(found: Iterable[str]) -> str:
    """Give a list of entries."""
    return f'<ul class="cl-items">{"".join(found)}</ul>'


def table(
    head: Iterable[str], rows: Iterable[Iterable[str]], *, numeric: Iterable[int] = (), tight: Iterable[int] = ()
) -> str:
    """Give a plain table that scrolls within itself: ``numeric`` columns to the right, ``tight`` ones unbroken."""
    kinds = dict.fromkeys(tight, ' class="cl-tight"') | dict.fromkeys(numeric, ' class="cl-num"')

    def cells(row: Iterable[str], tag: str) -> str:
        return "".join(f"<{tag}{kinds.get(place, '')}>{escape(value)}</{tag}>" for place, value in enumerate(row))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    inner = f"<thead><tr>{cells(head, 'th')}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="cl-scroll"><table class="cl-table">{inner}</table></div>'
