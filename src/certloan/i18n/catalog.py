"""Texts in two languages: one TOML file per area and language, keys joined by dots.

Every text is a ``str.format`` template. A key that exists in one language exists in the other with the same
placeholders; a test proves it, so a look-up never falls back silently to another language.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib import resources

from certloan.errors import CertLoanError


class Lang(StrEnum):
    """The two languages of every surface."""

    ZH = "zh"
    EN = "en"


def text(key: str, lang: Lang | str = Lang.ZH, **facts: object) -> str:
    """Give the text of ``key`` with its facts filled in.

    A missing key is a programming error and raises ``KeyError``.

    >>> text("common.yes", "zh"), text("common.yes", "en")
    ('是', 'yes')
    """
    return template(key, lang).format(**facts)


def template(key: str, lang: Lang | str = Lang.ZH) -> str:
    """Give the text of ``key`` with its placeholders unfilled."""
    return _catalog(Lang(lang))[key]


def has(key: str) -> bool:
    """Tell whether ``key`` has a text."""
    return key in _catalog(Lang.ZH)


def keys(lang: Lang | str) -> frozenset[str]:
    """Give every key that has a text in ``lang``."""
    return frozenset(_catalog(Lang(lang)))


def both(key: str, **facts: object) -> tuple[str, str]:
    """Give the Chinese and the English text of ``key``."""
    return text(key, Lang.ZH, **facts), text(key, Lang.EN, **facts)


def sentence(error: CertLoanError, lang: Lang | str = Lang.ZH) -> str:
    """Word an error: what was found, what was expected, what to do.

    A fact may be an error itself, or a tuple of errors, each worded on a line of its own: how a recipe or a policy
    tells all that is wrong with it at once.
    """
    return text(f"error.{error.code}", lang, **{name: _worded(fact, lang) for name, fact in error.facts.items()})


def _worded(fact: object, lang: Lang | str) -> object:
    if isinstance(fact, CertLoanError):
        return sentence(fact, lang)
    if isinstance(fact, tuple) and fact and all(isinstance(part, CertLoanError) for part in fact):
        return "\n".join(f"  · {sentence(part, lang)}" for part in fact)
    return fact


@cache
def _catalog(lang: Lang) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for file in sorted(resources.files(__package__).joinpath(lang.value).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            for key, value in _flatten("", tomllib.loads(file.read_text(encoding="utf-8"))):
                if key in found:
                    raise ValueError(f"text {key} stands twice in {lang.value}, last in {file.name}")
                found[key] = value
    return found


def _flatten(prefix: str, node: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in node.items():
        key = f"{prefix}.{name}" if prefix else name
        if isinstance(value, Mapping):
            yield from _flatten(key, value)
        else:
            yield key, str(value)
