"""A report as one page that needs nothing from elsewhere: Chinese, with English one click away.

It runs no script and loads nothing, so it can be mailed, printed and archived as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path

from certloan.i18n import Lang

#: How a page names each language to the browser, and to the reader.
LANGUAGES = {Lang.ZH: ("zh-CN", "中文"), Lang.EN: ("en", "English")}


def document(title: str, bodies: Mapping[Lang, str], *sheets: str) -> str:
    """Give the page; ``bodies`` are HTML already, ``sheets`` name style sheets of this package beside ``page.css``."""
    style = "".join(
        resources.files(__package__).joinpath(sheet).read_text(encoding="utf-8") for sheet in ("page.css", *sheets)
    )
    switches = "".join(
        f'<input type="radio" name="lang" id="{lang}"{" checked" if lang is Lang.ZH else ""}>'
        f'<label for="{lang}" lang="{LANGUAGES[lang][0]}">{LANGUAGES[lang][1]}</label>'
        for lang in bodies
    )
    mains = "".join(f'<main lang="{LANGUAGES[lang][0]}">{body}</main>' for lang, body in bodies.items())
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body>{switches}{mains}</body></html>\n"
    )


def section(title: str, inner: str) -> str:
    """Give one card with a heading; ``inner`` is HTML already."""
    return f"<section><h2>{escape(title)}</h2>{inner}</section>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, first_text: int = 1) -> str:
    """Give a table that scrolls within itself; the columns from ``first_text`` on hold numbers.

    >>> print(table(["n"], [["1 < 2"]]))
    <div class='scroll' tabindex='0'><table><thead><tr><th>n</th></tr></thead><tbody><tr><td>1 &lt; 2</td></tr></tbody></table></div>
    """

    def cells(row: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=num' if place >= first_text else ''}>{escape(value)}</{tag}>"
            for place, value in enumerate(row)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return (
        f"<div class='scroll' tabindex='0'><table><thead><tr>{cells(head, 'th')}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def write_whole(path: Path, content: str) -> Path:
    """Write a file so that nobody ever reads half of it, and give its path."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(content, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
