"""The points of a score as steps from the base to the total: a picture that adds up as displayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from certloan.i18n import Lang
from certloan.services.explain_case import MOST_POINTS, Explanation
from certloan.ui.components import canvas
from certloan.ui.palette import Palette
from certloan.ui.words import points, word, wrapped

_ROW, _AXIS = 34, 60


@dataclass(frozen=True)
class Step:
    """One row: from where to where the running score moves. The base and the total start at themselves."""

    label: str
    told: str
    start: int
    end: int
    kind: str  # base | up | down | total

    @property
    def moved(self) -> int:
        """How many points the step adds."""
        return self.end - self.start

    @property
    def resting(self) -> bool:
        """Whether the row is a level rather than a move."""
        return self.kind in {"base", "total"}


def steps(told: Explanation, lang: Lang, most: int = MOST_POINTS) -> list[Step]:
    """Give the rows of the picture: the base, the largest features, the sum of all others, the total.

    The running score after the last feature equals ``told.score``, because displayed points are integers that
    already add up.
    """
    largest, rest = told.largest(most)
    zh = lang is Lang.ZH
    moves = [
        (point.label_zh if zh else point.label_en, point.value_zh if zh else point.value_en, point.points)
        for point in largest
    ]
    if rest:
        moves.append((word("waterfall.others", lang, count=len(rest)), "–", sum(point.points for point in rest)))
    at = told.base_points
    rows = [Step(word("waterfall.base", lang), "–", at, at, "base")]
    for label, value, moved in moves:
        rows.append(Step(label, value, at, at + moved, "up" if moved >= 0 else "down"))
        at += moved
    return [*rows, Step(word("waterfall.total", lang), "–", at, at, "total")]


def picture(rows: Sequence[Step], lang: Lang, palette: Palette) -> alt.LayerChart:
    """Draw the steps, one row each, with the points written beside every bar."""
    base = canvas.chart([_record(place, row) for place, row in enumerate(rows)])
    x = _axis(rows, lang)
    y = canvas.rows([wrapped(row.label) for row in rows])
    tooltip = [
        alt.Tooltip("label:N", title=word("waterfall.feature", lang)),
        alt.Tooltip("told:N", title=word("waterfall.value", lang)),
        alt.Tooltip("signed:N", title=word("waterfall.points", lang)),
        alt.Tooltip("end:Q", title=word("waterfall.running", lang)),
    ]
    kinds = {"base": palette.neutral, "up": palette.good, "down": palette.bad, "total": palette.ink}
    colour = alt.Color("kind:N", scale=alt.Scale(domain=list(kinds), range=list(kinds.values())), legend=None)
    bars = (
        base.transform_filter("!datum.resting")
        .mark_bar(cornerRadius=2, height=20)
        .encode(x=x, x2="end:Q", y=y, color=colour, tooltip=tooltip)
    )
    rests = (
        base.transform_filter("datum.resting")
        .mark_tick(thickness=4, size=22)
        .encode(x=x, y=y, color=colour, tooltip=tooltip)
    )
    figures = base.encode(x=alt.X("end:Q"), y=y, text="signed:N")
    right = figures.transform_filter("datum.right").mark_text(
        align="left", dx=7, fontSize=12, fontWeight=600, color=palette.ink
    )
    left = figures.transform_filter("!datum.right").mark_text(
        align="right", dx=-7, fontSize=12, fontWeight=600, color=palette.ink
    )
    return canvas.layered([_links(base, y, palette), bars, rests, right, left], _ROW * len(rows) + _AXIS)


def _links(base: alt.Chart, y: alt.Y, palette: Palette) -> alt.Chart:
    """Lead from the end of each step to the beginning of the next."""
    leading: alt.Chart = base.transform_filter("datum.next !== null")
    drawn: alt.Chart = leading.mark_rule(strokeDash=[2, 2], color=palette.faint, opacity=0.6).encode(
        x=alt.X("end:Q"), y=y, y2="next:O"
    )
    return drawn


def _axis(rows: Sequence[Step], lang: Lang) -> alt.X:
    low = min(min(row.start, row.end) for row in rows)
    high = max(max(row.start, row.end) for row in rows)
    room = max(6.0, 0.2 * (high - low))  # for the figures beside the outermost bars
    return alt.X(
        "start:Q",
        title=word("waterfall.axis", lang),
        scale=alt.Scale(domain=[low - room, high + room], nice=False, zero=False),
        axis=alt.Axis(grid=True, tickCount=5, format="d"),
    )


def _record(place: int, row: Step) -> canvas.Record:
    return {
        "place": place,
        "next": None if row.kind == "total" else place + 1,
        "label": row.label,
        "told": row.told,
        "start": row.start,
        "end": row.end,
        "kind": row.kind,
        "resting": row.resting,
        "signed": str(row.end) if row.resting else points(row.moved),
        "right": row.resting or row.moved >= 0,
    }
