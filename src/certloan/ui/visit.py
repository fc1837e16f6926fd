"""What a page is given: the language, the colours, and the way to other pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from certloan.i18n import Lang
from certloan.ui.palette import Palette
from certloan.ui.words import word

#: Go to a page by its name, with the parameters that its address shall carry.
Go = Callable[[str, Mapping[str, str]], None]


@dataclass(frozen=True)
class Visit:
    """One drawing of one page."""

    lang: Lang
    palette: Palette
    go: Go

    def word(self, key: str, **facts: object) -> str:
        """Give a text of the app in the language of the visit."""
        return word(key, self.lang, **facts)
