"""How the report writes figures: never without an interval where there is one, never without n and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from certloan.features.catalog import FEATURES
from certloan.i18n import Lang, has, text

_NAMES = {spec.name: spec for spec in FEATURES}


def word(key: str, lang: Lang, **facts: object) -> str:
    """Give a text of the report."""
    return text(f"validation.{key}", lang, **facts)


def share(value: float | None) -> str:
    """Give a share in per cent.

    >>> share(0.0523), share(None), share(0.5)
    ('5.2%', '–', '50.0%')
    """
    return "–" if value is None else f"{value:.1%}"


def spanned(area: Mapping[str, Any], figure: str, lang: Lang, form: str = "{:.3f}") -> str:
    """Give a flat figure with its bounds: ``auc``, ``auc_low``, ``auc_high``.

    >>> spanned({"auc": 0.8, "auc_low": 0.7, "auc_high": 0.9}, "auc", Lang.EN)
    '0.800 (0.700 to 0.900)'
    """
    return bounded(area[figure], area[f"{figure}_low"], area[f"{figure}_high"], lang, form)


def interval(held: Mapping[str, float], lang: Lang, form: str = "{:.3f}") -> str:
    """Give an interval held as value, low, high."""
    return bounded(held["value"], held["low"], held["high"], lang, form)


def bounded(value: float, low: float | None, high: float | None, lang: Lang, form: str = "{:.3f}") -> str:
    """Give a figure with its bounds; a bound that nothing is known of is a dash."""
    ends = {name: "–" if end is None else form.format(end) for name, end in (("low", low), ("high", high))}
    return text("validation.bounded", lang, value=form.format(value), **ends)


def counted(n: int, defaults: int, lang: Lang) -> str:
    """Give the rows behind a figure."""
    return word("counted", lang, n=f"{n:,}", defaults=f"{defaults:,}")


def badge(verdict: str, lang: Lang) -> str:
    """Give a verdict as a coloured word."""
    return f"<b class='v-{escape(verdict)}'>{escape(word(f'verdict.{verdict}', lang))}</b>"


def feature(name: str, lang: Lang) -> str:
    """Name a feature for people."""
    spec = _NAMES.get(name)
    return name if spec is None else spec.zh if lang is Lang.ZH else spec.en


def family(name: str, lang: Lang) -> str:
    """Name a family of evidence."""
    key = f"feature.family.{name}"
    return text(key, lang) if has(key) else name


def p_value(p: float) -> str:
    """Give a p-value in as few signs as tell it.

    >>> p_value(0.0004), p_value(0.031), p_value(0.5)
    ('<0.001', '0.031', '0.50')
    """
    return "<0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def tested(record: Mapping[str, Any], lang: Lang) -> str:
    """Name a test of calibration: what it looked at."""
    return word(f"test.{record['part']}", lang, subject=record["subject"])


def note(words: str) -> str:
    """Give a paragraph of explanation."""
    return f"<p class='note'>{escape(words)}</p>"


def figures(*drawn: tuple[str, str]) -> str:
    """Set pictures side by side, each under its caption."""
    inner = "".join(
        f"<figure><figcaption><b>{escape(caption)}</b></figcaption>{svg}</figure>" for caption, svg in drawn
    )
    return f"<div class='pair'>{inner}</div>"
