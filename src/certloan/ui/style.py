"""How the app looks beyond what the theme options reach: one style sheet, and the colours of the theme in use."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import altair as alt
import streamlit as st

from certloan.ui.palette import DARK, LIGHT, Palette

_SHEET = Path(__file__).with_name("style.css")


def apply() -> None:
    """Put the style sheet into the page."""
    st.html(_SHEET)


def palette() -> Palette:
    """Give the colours for the theme that the browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def dressed(chart: alt.LayerChart, colours: Palette) -> alt.LayerChart:
    """Give a picture the colours of its ground: the same everywhere, so that pictures look alike."""
    return cast(
        "alt.LayerChart",
        chart.configure(background="transparent", padding={"left": 0, "right": 4, "top": 4, "bottom": 0})
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=colours.ink,
            titleColor=colours.faint,
            gridColor=colours.line,
            gridOpacity=0.5,
            domainColor=colours.line,
            tickColor=colours.line,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=8,
        )
        .configure_axisX(labelPadding=6),
    )


def draw(chart: alt.LayerChart, colours: Palette, told: str) -> None:
    """Draw a picture over the full width, with words for those who cannot see it."""
    st.altair_chart(dressed(chart, colours), width="stretch", alt=told)
