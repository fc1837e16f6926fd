"""The evidence in time: validity as bars, events as marks, everything as it was known on the day of the application."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import altair as alt

from certloan.i18n import Lang
from certloan.services.explain_case import TimelineItem
from certloan.ui.components import canvas
from certloan.ui.palette import Palette
from certloan.ui.words import day, named, word, word_or

#: Lanes from top to bottom. Certificates and honours last, so each has a row of its own; events share a row a lane.
LANES = ("certificate", "honour", "surveillance", "inspection", "incident", "list", "credit", "application")
_ROW_EACH = frozenset({"certificate", "honour"})
#: Rows of one lane; the oldest beyond are counted in words below the picture.
MOST_ROWS = 8
_ROW, _AXIS = 31, 60
_SHAPES = {"good": "circle", "bad": "triangle-up", "neutral": "square"}
_ONE_DAY = dt.timedelta(days=1)
#: Room for half a mark on the first day that is drawn.
_MARGIN = 40 * _ONE_DAY


@dataclass(frozen=True)
class Row:
    """One row of the picture with what lies on it."""

    lane: str
    label: str
    items: tuple[TimelineItem, ...]


def rows(items: Iterable[TimelineItem], as_of: dt.date, lang: Lang, most: int = MOST_ROWS) -> list[Row]:
    """Sort evidence into rows: one a certificate or honour (those that last longest first), one for each other lane.

    What ended before the picture begins has no row, and neither has a lane of nothing else.
    """
    by_lane: dict[str, list[TimelineItem]] = {}
    for item in _seen(items, as_of):
        by_lane.setdefault(item.lane, []).append(item)
    found: list[Row] = []
    for lane in (*LANES, *sorted(set(by_lane) - set(LANES))):
        held = by_lane.get(lane, [])
        if lane in _ROW_EACH:
            lasting = sorted(held, key=lambda item: item.ends_on or dt.date.max, reverse=True)
            found += [Row(lane, told(item, lang), (item,)) for item in lasting[:most]]
        elif held:
            found.append(Row(lane, word_or(f"lane.{lane}", lane, lang), tuple(held)))
    return found


def left_out(items: Sequence[TimelineItem], as_of: dt.date, most: int = MOST_ROWS) -> int:
    """Count what is not drawn: all that ended before the picture begins, and certificates and honours beyond ``most``."""
    seen = _seen(items, as_of)
    counts: dict[str, int] = {}
    for item in seen:
        counts[item.lane] = counts.get(item.lane, 0) + 1
    return len(items) - len(seen) + sum(max(0, counts.get(lane, 0) - most) for lane in _ROW_EACH)


def _seen(items: Iterable[TimelineItem], as_of: dt.date) -> list[TimelineItem]:
    """Leave out what was over before the oldest day that is drawn: a validity that ended, an event that happened."""
    oldest = _oldest(as_of)
    return [item for item in items if (item.ends_on > oldest if item.ends_on else item.starts_on >= oldest)]


def told(item: TimelineItem, lang: Lang) -> str:
    """Give the words of an item."""
    return item.zh if lang is Lang.ZH else item.en


def picture(shown: Sequence[Row], as_of: dt.date, lang: Lang, palette: Palette) -> alt.LayerChart:
    """Draw the rows up to a year after ``as_of``; what lies after that day is validity still to come, drawn faint."""
    start, end = _window(shown, as_of)
    records = [
        record
        for place, row in enumerate(shown)
        for item in row.items
        for record in _records(place, item, as_of, start, end, lang)
    ]
    base = canvas.chart(records)
    x, y = _time(start, end, lang), canvas.rows([named(row.label) for row in shown])
    tooltip = [
        alt.Tooltip("lane:N", title=word("timeline.lane", lang)),
        alt.Tooltip("told:N", title=word("timeline.evidence", lang)),
        alt.Tooltip("span:N", title=word("timeline.when", lang)),
    ]
    tones = ["good", "bad", "neutral"]
    colour = alt.Color(
        "tone:N", scale=alt.Scale(domain=tones, range=[palette.tone(tone) for tone in tones]), legend=None
    )
    shape = alt.Shape("tone:N", scale=alt.Scale(domain=tones, range=[_SHAPES[tone] for tone in tones]), legend=None)
    bars = (
        base.transform_filter("datum.to !== null")
        .mark_bar(cornerRadius=2, height=12)
        .encode(
            x=x,
            x2="to:T",
            y=y,
            color=colour,
            tooltip=tooltip,
            opacity=alt.Opacity("strength:Q", scale=None, legend=None),
        )
    )
    marks = (
        base.transform_filter("datum.to === null")
        .mark_point(filled=True, size=90, opacity=1, stroke=palette.ground, strokeWidth=1)
        .encode(x=x, y=y, color=colour, shape=shape, tooltip=tooltip)
    )
    return canvas.layered([bars, marks, *_today(as_of, lang, palette)], _ROW * len(shown) + _AXIS)


def _today(as_of: dt.date, lang: Lang, palette: Palette) -> list[alt.Chart]:
    words = word("timeline.as_of", lang, day=day(as_of, lang))
    note = canvas.chart([{"day": as_of.isoformat(), "words": words}])
    return [
        note.mark_rule(color=palette.ink, strokeWidth=1.5, strokeDash=[4, 3]).encode(x="day:T"),
        note.mark_text(align="right", baseline="bottom", dx=4, fontSize=12, fontWeight=600, color=palette.ink).encode(
            x="day:T", y=alt.value(-4), text="words:N"
        ),
    ]


def _time(start: dt.date, end: dt.date, lang: Lang) -> alt.X:
    shape = "'%Y年'" if lang is Lang.ZH else "'%Y'"
    return alt.X(
        "from:T",
        title=None,
        scale=alt.Scale(domain=[(start - _MARGIN).isoformat(), end.isoformat()]),
        axis=alt.Axis(
            labelExpr=f"timeFormat(datum.value, {shape})",
            tickCount={"interval": "year", "step": 1},
            grid=True,
            labelOverlap=True,
        ),
    )


def _window(shown: Sequence[Row], as_of: dt.date) -> tuple[dt.date, dt.date]:
    """Five years back at most, one year ahead: older validity is cut at the left edge, which the table still tells."""
    earliest = min((item.starts_on for row in shown for item in row.items), default=as_of)
    start = max(min(earliest, as_of - 365 * _ONE_DAY), _oldest(as_of))
    return start, as_of + 365 * _ONE_DAY


def _oldest(as_of: dt.date) -> dt.date:
    return (as_of - 5 * 365 * _ONE_DAY).replace(day=1)


def _records(
    place: int, item: TimelineItem, as_of: dt.date, start: dt.date, end: dt.date, lang: Lang
) -> Iterable[canvas.Record]:
    """Give one mark for an event, and for a span one part up to ``as_of`` and one after it."""
    common = {
        "place": place,
        "lane": word_or(f"lane.{item.lane}", item.lane, lang),
        "told": told(item, lang),
        "span": span(item, lang),
        "tone": item.tone,
    }
    if item.ends_on is None:
        if item.starts_on >= start:
            yield common | {"from": item.starts_on.isoformat(), "to": None, "strength": 1}
        return
    parts = ((item.starts_on, min(item.ends_on, as_of), 1.0), (max(item.starts_on, as_of), item.ends_on, 0.35))
    for begin, finish, strength in parts:
        begin, finish = max(begin, start), min(finish, end)
        if begin < finish:
            yield common | {"from": begin.isoformat(), "to": finish.isoformat(), "strength": strength}


def span(item: TimelineItem, lang: Lang) -> str:
    """Give the day, or from when to when."""
    begin = day(item.starts_on, lang)
    return begin if item.ends_on is None else word("timeline.span", lang, begin=begin, end=day(item.ends_on, lang))
