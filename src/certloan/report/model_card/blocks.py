"""What a card is made of, whatever it is written as: parts with a title, each of a few kinds of blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from certloan.i18n import Lang, text
from certloan.scoring.bundle import Bundle


@dataclass(frozen=True)
class Disclosure:
    """The items that a standard asks to disclose: each a tag with its Chinese and English name.

    Not ``verified`` where the standard's own text was not read; ``source`` then says who tells of it.
    """

    title: tuple[str, str]
    items: Sequence[tuple[str, str, str]]
    verified: bool
    source: str


@dataclass(frozen=True, eq=False)
class CardFacts:
    """Everything that a card may tell; what is None is not known yet, and the card says so.

    ``acts`` are those of the ledger about the model, ``gate`` and ``comparison`` (with the champion) as plain values,
    ``champion`` the model that it is compared with, ``fairness`` and ``validation`` the reports of the audit and of
    the validators as plain values. ``state`` is ``champion``, ``challenger`` or ``kept``.
    """

    bundle: Bundle
    disclosure: Disclosure | None = None
    state: str | None = None
    acts: Sequence[Mapping[str, Any]] = ()
    gate: Mapping[str, Any] | None = None
    comparison: Mapping[str, Any] | None = None
    champion: Bundle | None = None
    fairness: Mapping[str, Any] | None = None
    validation: Mapping[str, Any] | None = None

    @property
    def held(self) -> Mapping[str, Any]:
        """What the model says of its own making."""
        return self.bundle.provenance


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Rows:
    """A table; the columns from ``first_number`` on hold numbers."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    first_number: int = 1


@dataclass(frozen=True)
class Drawing:
    """A picture as SVG, with what it shows; only a page has it."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Item:
    """A paragraph with a heading of its own."""

    title: str
    text: str


Block = Words | Rows | Drawing | Item


@dataclass(frozen=True)
class Part:
    """One part of the card."""

    title: str
    blocks: Sequence[Block]


def say(key: str, lang: Lang, **facts: object) -> str:
    """Give the text ``card.<key>``."""
    return text(f"card.{key}", lang, **facts)


def part(name: str, lang: Lang, blocks: Sequence[Block]) -> Part:
    """Make the part called ``name``."""
    return Part(say(f"part.{name}", lang), blocks)


def spanned(held: Mapping[str, Any], name: str, form: str = ".3f") -> str:
    """Write a figure with its interval, as far as they are known.

    >>> spanned({"auc": 0.75, "auc_low": 0.7, "auc_high": 0.8}, "auc", ".2f")
    '0.75 (0.70 … 0.80)'
    >>> spanned({"ks": 0.4}, "ks"), spanned({}, "ks")
    ('0.400', '–')
    """
    value, low, high = (held.get(key) for key in (name, f"{name}_low", f"{name}_high"))
    if value is None:
        return "–"
    told = format(value, form)
    return told if low is None or high is None else f"{told} ({low:{form}} … {high:{form}})"
