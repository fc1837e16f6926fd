"""Standards that a record or a disclosure answers item by item: dated data with their sources."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from certloan.i18n import Lang

_FOLDER = "standards"
EVALUATION, DISCLOSURE = "jrt-0221-2021", "jrt-0287-2023"


@dataclass(frozen=True)
class Item:
    """One thing that a standard asks for: the tag that answers it, and where the evidence lies."""

    tag: str
    zh: str
    en: str
    evidence: str

    def label(self, lang: Lang | str) -> str:
        """Give its name."""
        return self.zh if Lang(lang) is Lang.ZH else self.en


@dataclass(frozen=True)
class Standard:
    """A standard's items; not ``verified`` where its own text was not read, seen by others on ``seen_on``."""

    id: str
    code: str
    zh: str
    en: str
    verified: bool
    seen_on: dt.date
    source: str
    items: tuple[Item, ...]

    def title(self, lang: Lang | str) -> str:
        """Give code and name."""
        return f"{self.code} {self.zh if Lang(lang) is Lang.ZH else self.en}"


@cache
def standard(name: str) -> Standard:
    """Give a standard by its id.

    >>> [item.tag for item in standard(DISCLOSURE).items]
    ['combination', 'logic', 'application', 'data', 'parties', 'changes', 'audit']
    """
    file = resources.files(__package__).joinpath(_FOLDER, f"{name}.toml")
    held = tomllib.loads(file.read_text(encoding="utf-8"))
    items = tuple(Item(**row) for row in held.pop("item"))
    return Standard(items=items, **held)
