"""Rates with their intervals: a dot and a line for each group, and a reference line to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt

from certloan.i18n import Lang
from certloan.ui.components import canvas
from certloan.ui.palette import Palette
from certloan.ui.words import percent, word, wrapped

_ROW, _AXIS = 32, 78


@dataclass(frozen=True)
class Rate:
    """One group's rate with its interval, how many it rests on, and what that comes to.

    ``tone`` is ``good`` (nothing to look at), ``bad`` (look here) or ``weak`` (too little to say anything).
    """

    label: str
    n: int
    rate: float | None
    low: float | None
    high: float | None
    verdict: str
    tone: str = "good"


@dataclass(frozen=True)
class Reference:
    """The group that others are compared with, and the ratio within which a difference is not looked into."""

    rate: float
    practical: float

    @property
    def band(self) -> tuple[float, float]:
        """The rates on either side that are still within the ratio."""
        return self.rate * self.practical, min(1.0, self.rate / self.practical)


def picture(rates: Sequence[Rate], reference: Reference | None, lang: Lang, palette: Palette) -> alt.LayerChart:
    """Draw each group's rate beside the reference and its band; where too little is known the dot is hollow."""
    base = canvas.chart([_record(place, rate) for place, rate in enumerate(rates)]).transform_filter(
        "datum.rate !== null"
    )
    x = alt.X(
        "rate:Q",
        title=word("intervals.axis", lang),
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(format=".0%", tickCount=5, grid=True),
    )
    y = canvas.rows([wrapped(rate.label) for rate in rates])
    tooltip = [
        alt.Tooltip("label:N", title=word("intervals.group", lang)),
        alt.Tooltip("told:N", title=word("intervals.rate", lang)),
        alt.Tooltip("range:N", title=word("intervals.interval", lang)),
        alt.Tooltip("n:Q", title=word("intervals.n", lang), format=",d"),
        alt.Tooltip("verdict:N", title=word("intervals.verdict", lang)),
    ]
    colour = alt.Color("tone:N", scale=_tones(palette), legend=None)
    lines = base.mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=alt.X("low:Q"), x2="high:Q", y=y, color=colour, tooltip=tooltip
    )
    firm = base.transform_filter("datum.tone !== 'weak'").mark_point(filled=True, size=110, opacity=1)
    weak = base.transform_filter("datum.tone === 'weak'").mark_point(
        fill=palette.ground, strokeWidth=2, size=80, opacity=1
    )
    dots = [
        firm.encode(x=x, y=y, color=colour, tooltip=tooltip),
        weak.encode(x=x, y=y, stroke=alt.Stroke("tone:N", scale=_tones(palette), legend=None), tooltip=tooltip),
    ]
    behind = [] if reference is None else _reference(reference, lang, palette)
    return canvas.layered([*behind, lines, *dots], _ROW * max(1, len(rates)) + _AXIS)


def _tones(palette: Palette) -> alt.Scale:
    return alt.Scale(domain=["good", "bad", "weak"], range=[palette.good, palette.bad, palette.neutral])


def _reference(reference: Reference, lang: Lang, palette: Palette) -> list[alt.Chart]:
    low, high = reference.band
    words = word("intervals.reference", lang, rate=percent(reference.rate))
    note = canvas.chart([{"rate": reference.rate, "low": low, "high": high, "words": words}])
    side: Literal["left", "right"] = "right" if reference.rate > 0.5 else "left"
    return [
        note.mark_rect(color=palette.neutral, opacity=0.14).encode(x="low:Q", x2="high:Q"),
        note.mark_rule(color=palette.ink, strokeDash=[4, 3], strokeWidth=1.5).encode(x="rate:Q"),
        note.mark_text(align=side, baseline="bottom", fontSize=12, fontWeight=600, color=palette.ink).encode(
            x="rate:Q", y=alt.value(-5), text="words:N"
        ),
    ]


def _record(place: int, rate: Rate) -> canvas.Record:
    return {
        "place": place,
        "label": rate.label,
        "n": rate.n,
        "rate": rate.rate,
        "low": rate.low,
        "high": rate.high,
        "tone": rate.tone,
        "told": percent(rate.rate),
        "range": span(rate),
        "verdict": rate.verdict,
    }


def span(rate: Rate) -> str:
    """Give the interval as people read it.

    >>> span(Rate("small", 120, 0.6, 0.51, 0.684, "within"))
    '51.0%–68.4%'
    """
    return "–" if rate.low is None or rate.high is None else f"{percent(rate.low)}–{percent(rate.high)}"
