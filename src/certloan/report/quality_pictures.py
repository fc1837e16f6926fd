"""The pictures of the data-quality report, as inline SVG that takes its colours from the page around it.

Every picture is 360 units wide, so that its smallest letters can still be read on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from certloan.i18n import Lang, text
from certloan.report.evidence_quality import Cover, Source

_WIDTH = 360
_LABEL, _ROW = 92, 26
#: From these shares on a cell takes other letters: on dark paper from the first, on light paper from the second. There
#: black and white stand out from it alike; the style sheet says which of them is meant, by the class.
_PAST = ((0.84, "q-past84"), (0.60, "q-past60"))


def percent(share: float | None) -> str:
    """Give a share in as few signs as tell it.

    >>> percent(0.0004), percent(0.034), percent(0.5), percent(1), percent(None), percent(0)
    ('<0.1%', '3.4%', '50%', '100%', '–', '0%')
    """
    if share is None:
        return "–"
    if 0 < share < 0.001:
        return "<0.1%"
    return f"{share:.1%}" if 0 < share < 0.0995 else f"{share:.0%}"


def coverage(covers: Sequence[Cover], lang: Lang, *, applicants: bool) -> str:
    """Draw the share of enterprises, or of applicants, with evidence of each family in each year."""
    families = list(dict.fromkeys(cover.family for cover in covers))
    years = sorted({cover.year for cover in covers})
    wide = (_WIDTH - _LABEL) / max(len(years), 1)
    parts = [
        f'<text x="{_LABEL + (place + 0.5) * wide:.1f}" y="12" class="mid small">{year}</text>'
        for place, year in enumerate(years)
    ]
    by_place = {(cover.family, cover.year): cover for cover in covers}
    for row, family in enumerate(families):
        top = 20 + row * _ROW
        parts.append(f'<text x="0" y="{top + 17}">{escape(family_told(family, lang))}</text>')
        for place, year in enumerate(years):
            cover = by_place[family, year]
            share = cover.applicant_share if applicants else cover.share
            numbers = (
                (cover.applicants, cover.applicants_of) if applicants else (cover.enterprises, cover.enterprises_of)
            )
            parts.append(_cell(_LABEL + place * wide, top, wide, share, (family_told(family, lang), year, *numbers)))
    who = text(f"quality.page.{'applicants' if applicants else 'enterprises'}", lang)
    return _picture("".join(parts), 20 + len(families) * _ROW, text("quality.page.chart_coverage", lang, who=who))


def ages(sources: Sequence[Source], lang: Lang) -> str:
    """Draw for each source the days since its newest record, and its records by age."""
    oldest = max((source.days_since or 0 for source in sources), default=0) or 1
    parts = []
    for row, source in enumerate(sources):
        top = row * (_ROW + 12)
        label = escape(source.zh if lang is Lang.ZH else source.en)
        told = text("quality.page.days", lang, n=source.days_since) if source.days_since is not None else "–"
        parts.append(f'<text x="0" y="{top + 12}">{label}</text>')
        parts.append(f'<text x="{_WIDTH}" y="{top + 12}" class="end small">{escape(told)}</text>')
        length = (source.days_since or 0) / oldest * _WIDTH
        parts.append(f'<rect x="0" y="{top + 17}" width="{_WIDTH}" height="2" class="q-rail"/>')
        parts.append(f'<rect x="0" y="{top + 17}" width="{length:.1f}" height="2" class="q-warn"/>')
        parts.extend(_stack(source, top + 21, lang))
    return _picture("".join(parts), len(sources) * (_ROW + 12), text("quality.page.chart_staleness", lang))


def bar(share: float | None, tone: str, title: str) -> str:
    """Draw one share as a bar as wide as its place; a share above zero is never invisible."""
    length = 0.0 if not share else max(share * 100, 1.2)
    return (
        f'<svg class="q-bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img">'
        f'<title>{escape(title)}</title><rect width="100" height="6" class="q-rail"/>'
        f'<rect width="{length:.2f}" height="6" class="q-{escape(tone)}"/></svg>'
    )


def family_told(family: str, lang: Lang) -> str:
    """Name a family of evidence."""
    return text(f"quality.family.{family}", lang)


def _cell(left: float, top: float, wide: float, share: float | None, facts: tuple[str, int, int, int]) -> str:
    family, year, found, of = facts
    title = f"{family} {year}: {percent(share)} ({found:,} / {of:,})"
    letters = next((name for least, name in _PAST if (share or 0) >= least), "q-cell")
    # Whole per cents: a cell has room for four signs.
    told = "–" if share is None else "<1" if 0 < share < 0.01 else f"{share * 100:.0f}"
    return (
        f"<g><title>{escape(title)}</title>"
        f'<rect x="{left + 1:.1f}" y="{top}" width="{wide - 2:.1f}" height="{_ROW - 2}" rx="2" class="q-heat" '
        f'fill-opacity="{0.05 + 0.95 * (share or 0):.3f}"/>'
        f'<text x="{left + wide / 2:.1f}" y="{top + 16}" class="mid small {letters}">{told}</text></g>'
    )


def _stack(source: Source, top: int, lang: Lang) -> Iterator[str]:
    left = 0.0
    for place, count in enumerate(source.ages):
        width = count / source.records * _WIDTH if source.records else 0
        label = text(f"quality.page.age_{place}", lang)
        yield (
            f"<g><title>{escape(f'{label}: {count:,}')}</title>"
            f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="9" class="q-heat" '
            f'fill-opacity="{(0.95, 0.6, 0.32, 0.14)[place]}"/></g>'
        )
        left += width


def _picture(inner: str, height: int, title: str) -> str:
    return (
        f'<svg class="picture" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title, quote=True)}">'
        f"<title>{escape(title)}</title>{inner}</svg>"
    )
