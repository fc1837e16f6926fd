"""A firm's sides as a closed figure: what is proven, what unknown evidence could still add, and the middle of its peers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import altair as alt

from certloan.i18n import Lang, text
from certloan.services.portray import SideTold
from certloan.ui.components import canvas
from certloan.ui.palette import Palette
from certloan.ui.words import wrapped

_FULL, _HEIGHT = 100.0, 340
_RINGS = (25.0, 50.0, 75.0, 100.0)
#: How far the picture reaches beyond its outer ring, so that the names beside it have room.
_REACH_X, _REACH_Y = 205.0, 148.0
#: Where the names stand, as shares of the way to the ring: far enough that no name covers a point, even on a phone.
_NAME_X, _NAME_Y = 1.55, 1.33
#: Longest line of a name beside the figure; above and below it there is room for more.
_NAME_WIDTH = 12


def picture(sides: Sequence[SideTold], lang: Lang, palette: Palette) -> alt.LayerChart:
    """Draw the figure; each corner tells its name and its proven sub-score, and more when pointed at."""
    n = len(sides)
    rings = _rings(n)
    marks = [
        _outline(canvas.chart(rings), palette.line, width=1.0),
        _spokes(n, palette),
        _area(_polygon("high", [side.high for side in sides]), palette.neutral, 0.16),
    ]
    if all(side.median is not None for side in sides):
        middle = canvas.chart(_polygon("median", [side.median or 0.0 for side in sides]))
        marks.append(_outline(middle, palette.neutral, width=1.5, dash=[4, 3]))
    proven = _polygon("low", [side.low for side in sides])
    marks += [_area(proven, palette.good, 0.28), _outline(canvas.chart(proven), palette.good, width=2.0)]
    marks += [_corners(sides, lang, palette), _names(sides, lang, palette)]
    return canvas.layered(marks, _HEIGHT)


def _place(corner: int, n: int, distance: float) -> tuple[float, float]:
    angle = math.pi / 2 - 2 * math.pi * corner / n
    return round(distance * math.cos(angle), 3), round(distance * math.sin(angle), 3)


def _polygon(name: str, distances: Sequence[float]) -> list[canvas.Record]:
    """Give the corners in order, the first once more at the end so that the line closes."""
    n = len(distances)
    found: list[canvas.Record] = []
    for step in range(n + 1):
        x, y = _place(step % n, n, distances[step % n])
        found.append({"figure": name, "step": step, "x": x, "y": y})
    return found


def _rings(n: int) -> list[canvas.Record]:
    return [record for ring in _RINGS for record in _polygon(f"ring {ring:g}", [ring] * n)]


def _x(field: str = "x") -> alt.X:
    return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[-_REACH_X, _REACH_X], nice=False))


def _y(field: str = "y") -> alt.Y:
    return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=[-_REACH_Y, _REACH_Y], nice=False))


def _outline(chart: alt.Chart, colour: str, width: float, dash: Sequence[int] = (1, 0)) -> alt.Chart:
    line = chart.mark_line(stroke=colour, strokeWidth=width, strokeDash=list(dash), strokeJoin="round")
    drawn: alt.Chart = line.encode(x=_x(), y=_y(), order="step:Q", detail="figure:N")
    return drawn


def _area(records: Sequence[canvas.Record], colour: str, opacity: float) -> alt.Chart:
    shape = canvas.chart(records).mark_line(filled=True, fill=colour, fillOpacity=opacity, strokeOpacity=0)
    drawn: alt.Chart = shape.encode(x=_x(), y=_y(), order="step:Q")
    return drawn


def _spokes(n: int, palette: Palette) -> alt.Chart:
    ends: Iterator[tuple[float, float]] = (_place(corner, n, _FULL) for corner in range(n))
    spokes = canvas.chart([{"x": 0.0, "y": 0.0, "x2": x, "y2": y} for x, y in ends])
    drawn: alt.Chart = spokes.mark_rule(stroke=palette.line, strokeWidth=1).encode(x=_x(), y=_y(), x2="x2:Q", y2="y2:Q")
    return drawn


def _corners(sides: Sequence[SideTold], lang: Lang, palette: Palette) -> alt.Chart:
    records: list[canvas.Record] = []
    for corner, side in enumerate(sides):
        x, y = _place(corner, len(sides), side.low)
        most = text("portrait.high", lang, high=f"{side.high:.0f}")
        records.append({"x": x, "y": y, "name": name(side, lang), "low": round(side.low, 1), "most": most,
                        "standing": side.standing_told(lang)})  # fmt: skip
    tooltip = [
        alt.Tooltip("name:N", title=text("portrait.side", lang)),
        alt.Tooltip("low:Q", title=text("portrait.score", lang)),
        alt.Tooltip("most:N", title=text("portrait.most", lang)),
        alt.Tooltip("standing:N", title=text("portrait.percentile", lang)),
    ]
    dots = canvas.chart(records).mark_point(filled=True, size=70, color=palette.good, opacity=1)
    drawn: alt.Chart = dots.encode(x=_x(), y=_y(), tooltip=tooltip)
    return drawn


def _names(sides: Sequence[SideTold], lang: Lang, palette: Palette) -> alt.Chart:
    records: list[canvas.Record] = []
    for corner, side in enumerate(sides):
        x, y = _place(corner, len(sides), _FULL)
        lines = wrapped(name(side, lang), _NAME_WIDTH) if x else [name(side, lang)]
        records.append({"x": x * _NAME_X, "y": y * _NAME_Y, "told": [*lines, f"{side.low:.0f}"]})
    drawn: alt.Chart = (
        canvas.chart(records)
        .mark_text(fontSize=12, fontWeight=600, lineHeight=14, color=palette.ink, baseline="middle")
        .encode(x=_x(), y=_y(), text="told:N")
    )
    return drawn


def name(side: SideTold, lang: Lang) -> str:
    """Give the side's name."""
    return side.name_zh if lang is Lang.ZH else side.name_en
