"""The language of a command line, chosen before the commands are built so that ``--help`` speaks it too."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from certloan.i18n import Lang, text


@dataclass(frozen=True)
class Texts:
    """Looks up texts of the command line in one language."""

    lang: Lang

    def __call__(self, key: str, **facts: object) -> str:
        """Give the text ``cli.<key>``."""
        return text(f"cli.{key}", self.lang, **facts)


def language(arguments: Sequence[str], environment: dict[str, str] | None = None) -> Lang:
    """Find the language: ``--lang`` first, then ``CERTLOAN_LANG``, else Chinese.

    >>> language(["--lang", "en", "doctor"], {}), language(["doctor", "--lang=en"], {}), language([], {})
    (<Lang.EN: 'en'>, <Lang.EN: 'en'>, <Lang.ZH: 'zh'>)
    """
    known = {lang.value for lang in Lang}
    for position, argument in enumerate(arguments):
        value = argument.removeprefix("--lang=") if argument.startswith("--lang=") else None
        if argument == "--lang" and position + 1 < len(arguments):
            value = arguments[position + 1]
        if value in known:
            return Lang(value)
    stated = (os.environ if environment is None else environment).get("CERTLOAN_LANG", "")
    return Lang(stated) if stated in known else Lang.ZH
