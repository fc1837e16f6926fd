"""A card as Markdown, Chinese first, or as one page that needs nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from certloan.i18n import Lang
from certloan.report.model_card.blocks import Block, CardFacts, Drawing, Item, Part, Rows, Words, say
from certloan.report.model_card.disclosure import disclosure
from certloan.report.model_card.figures import brief, calibration, numbers, rivals
from certloan.report.model_card.making import data, features, made, purpose
from certloan.report.model_card.standing import change, fairness, limits, standing
from certloan.report.page import document, section, table

_SHORT = 12
_CODE = re.compile(r"`([^`]*)`")
#: In the order of the card; one that has nothing to tell gives None.
_PARTS: tuple[Callable[[CardFacts, Lang], Part | None], ...] = (
    purpose,
    data,
    made,
    numbers,
    calibration,
    rivals,
    features,
    limits,
    fairness,
    change,
    standing,
    disclosure,
)


def markdown(facts: CardFacts) -> str:
    """Write the card as Markdown, the whole in Chinese, then the whole in English."""
    return "\n\n---\n\n".join(_text(facts, lang) for lang in Lang) + "\n"


def page(facts: CardFacts) -> str:
    """Give the card as HTML; every value in it is escaped."""
    title = say("title", Lang.ZH, fingerprint=facts.bundle.fingerprint[:_SHORT])
    return document(title, {lang: _body(facts, lang) for lang in Lang}, "plot.css", "model_card/card.css")


def _parts(facts: CardFacts, lang: Lang) -> list[Part]:
    return [found for found in (make(facts, lang) for make in _PARTS) if found is not None]


def _text(facts: CardFacts, lang: Lang) -> str:
    lines = [f"# {say('title', lang, fingerprint=facts.bundle.fingerprint[:_SHORT])}", brief(facts.held, lang)]
    for one in _parts(facts, lang):
        lines += [f"## {one.title}", *(written for block in one.blocks if (written := _written(block)))]
    return "\n\n".join(lines)


def _written(block: Block) -> str:
    match block:
        case Words(told):
            return told
        case Rows(head, rows, _):
            ruled = [head, ["---"] * len(head), *rows]
            return "\n".join(f"| {' | '.join(cell.replace('|', '¦') for cell in row)} |" for row in ruled)
        case Item(title, told):
            return f"**{title}**：{told}" if re.search(r"[一-鿿]", title) else f"**{title}**: {told}"
        case Drawing():
            return ""


def _body(facts: CardFacts, lang: Lang) -> str:
    title = say("title", lang, fingerprint=facts.bundle.fingerprint[:_SHORT])
    head = (
        f"<header><h1>{escape(title)}</h1><p class='when'><code>{escape(facts.bundle.fingerprint)}</code></p>"
        f"<p class='lead'>{escape(brief(facts.held, lang))}</p></header>"
    )
    return head + "".join(
        section(one.title, "".join(_drawn(block) for block in one.blocks)) for one in _parts(facts, lang)
    )


def _drawn(block: Block) -> str:
    match block:
        case Words(told):
            return f"<p class='c-words'>{_marked(told)}</p>"
        case Rows(head, rows, first):
            told = table(head, [[cell.strip("`") for cell in row] for row in rows], first_text=first)
            return told.replace("_", "_<wbr>")  # where a long name may break on a narrow screen
        case Item(title, told):
            return f"<h3>{escape(title)}</h3><p class='c-words'>{_marked(told)}</p>"
        case Drawing(svg, caption):
            return f"<figure class='c-figure'>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def _marked(told: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(told))
