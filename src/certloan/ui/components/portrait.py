"""The two pictures of a firm side by side, with the evidence behind each side below."""

from __future__ import annotations

import streamlit as st

from certloan.i18n import Lang, text
from certloan.services.portray import Portrait, SideTold
from certloan.ui import style
from certloan.ui.components import html, radar
from certloan.ui.visit import Visit

_PICTURES = ("dimensions", "axes")


def draw(told: Portrait, visit: Visit) -> None:
    """Draw both pictures."""
    lang = visit.lang
    for place, picture in zip(st.columns(2, gap="medium"), _PICTURES, strict=True):
        with place:
            _picture(picture, told.pictures[picture], visit)
    for picture in _PICTURES:
        with st.expander(text(f"portrait.{picture}_details", lang)):
            for side in told.pictures[picture]:
                _details(side, lang)
    peers, table = (told.peers_zh, told.table_zh) if lang is Lang.ZH else (told.peers_en, told.table_en)
    st.caption(text("portrait.peers_line", lang, peers=peers, n=f"{told.peers:,}", table=f"{table} ({told.table_id})"))
    st.caption(text("portrait.caution", lang))


def _picture(picture: str, sides: tuple[SideTold, ...], visit: Visit) -> None:
    lang = visit.lang
    title = text(f"portrait.{picture}", lang)
    st.markdown(f"##### {title}")
    with st.container(key=f"note-{picture}"):
        st.caption(text(f"portrait.{picture}_note", lang))
    style.draw(radar.picture(sides, lang, visit.palette), visit.palette, spoken(title, sides, lang))
    st.caption(text("portrait.legend", lang))
    st.html(
        html.table(
            [text(f"portrait.{key}", lang) for key in ("side", "score", "most", "percentile")],
            [
                (radar.name(side, lang), f"{side.low:.0f}", f"{side.high:.0f}", side.standing_told(lang))
                for side in sides
            ],
            numeric=(1, 2),
        )
    )


def _details(side: SideTold, lang: Lang) -> None:
    st.markdown(f"**{radar.name(side, lang)}** · {side.low:.0f}")
    st.caption(side.note_zh if lang is Lang.ZH else side.note_en)
    unknown = text("portrait.unknown", lang)
    rows = []
    for item in side.items:
        label, value = (item.label_zh, item.value_zh) if lang is Lang.ZH else (item.label_en, item.value_en)
        earned = unknown if item.earned is None else f"{item.earned:.1f}"
        rows.append((label, value, earned, f"{item.weight:.1f}"))
    head = [text(f"portrait.{key}", lang) for key in ("item", "value", "earned", "weight")]
    st.html(html.table(head, rows, numeric=(2, 3)))


def spoken(title: str, sides: tuple[SideTold, ...], lang: Lang) -> str:
    """Say the picture in words, for those who cannot see it."""
    told = [text("portrait.side_alt", lang, name=radar.name(side, lang), low=f"{side.low:.0f}") for side in sides]
    return text("portrait.alt", lang, picture=title, sides=text("portrait.join", lang).join(told))
