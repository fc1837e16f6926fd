"""Where a feature comes from: the law, rule, standard, programme or public report behind it.

A feature's ``source`` is a short name and, behind it, the article, unit or word that is meant; several are parted by
``"; "``. The short names with their titles stand in ``sources.csv``. ``verified`` is false where neither the text nor a
public report on it was read.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources

from certloan.i18n import Lang


@dataclass(frozen=True)
class Source:
    """A paper under its short name."""

    key: str
    zh: str
    en: str
    verified: bool

    def titled(self, lang: Lang | str = Lang.ZH) -> str:
        """Give its title."""
        return self.zh if Lang(lang) is Lang.ZH else self.en


@cache
def sources() -> dict[str, Source]:
    """Give every paper by its short name, in the order in which the document lists them."""
    told = resources.files(__package__).joinpath("sources.csv").read_text(encoding="utf-8")
    rows = tuple(csv.DictReader(io.StringIO(told)))
    return {row["key"]: Source(row["key"], row["zh"], row["en"], row["verified"] == "true") for row in rows}


def cited(source: str) -> tuple[Source, ...]:
    """Give the papers that a feature's source names; ``KeyError`` where one is no short name of ours.

    >>> [paper.key for paper in cited("认证认可条例(2023)第六十一条; S3 伪造冒用认证")]
    ['认证认可条例(2023)', 'S3']
    """
    return tuple(_paper(part) for part in source.split("; "))


def _paper(part: str) -> Source:
    named = [key for key in sources() if part == key or part.startswith((f"{key} ", f"{key}第"))]
    if not named:
        raise KeyError(part)
    return sources()[max(named, key=len)]
