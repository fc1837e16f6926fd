"""The few words that every picture needs of the drawing library, typed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

import altair as alt

Record = Mapping[str, object]


def chart(records: Sequence[Record]) -> alt.Chart:
    """Give an empty picture of ``records``."""
    data: alt.Data = alt.Data(values=[dict(record) for record in records])  # type: ignore[no-untyped-call]
    return alt.Chart(data)


def layered(layers: Sequence[alt.Chart], height: int) -> alt.LayerChart:
    """Lay pictures over each other, the first at the bottom."""
    return cast("alt.LayerChart", alt.layer(*layers).properties(height=height))


def rows(labels: Sequence[Sequence[str]]) -> alt.Y:
    """Give an axis with one row for each label of one or more lines, drawn where ``place`` says; none is ever dropped.

    Rows are counted, not named, so that two rows may have the same label.
    """
    lines = json.dumps(labels, ensure_ascii=False)
    axis = alt.Axis(
        labelExpr=f"{lines}[datum.value]",
        labelLimit=170,
        labelLineHeight=13,
        labelPadding=8,
        labelOverlap=False,
        ticks=False,
        domain=False,
        grid=True,
        gridOpacity=0.35,
    )
    return alt.Y("place:O", title=None, axis=axis, scale=alt.Scale(domain=list(range(len(labels))), paddingInner=0.4))
