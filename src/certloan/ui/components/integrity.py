"""What an officer should ask about one application; never shown to the enterprise."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from certloan.i18n import Lang, text
from certloan.services.check_integrity import Flag
from certloan.ui.components import html
from certloan.ui.words import word

_TONES = {"serious": "bad", "notice": "refer"}
_MOST_RECORDS = 3


def draw(flags: Sequence[Flag], lang: Lang) -> None:
    """Draw the flags as questions, each with the records behind it and what to ask for."""
    st.markdown(f"##### {word('integrity.title', lang)}")
    st.html(items(flags, lang))
    if flags:
        st.caption(word("integrity.note", lang))


def items(flags: Sequence[Flag], lang: Lang) -> str:
    """Give the flags as a list, or say that there is none."""
    if not flags:
        return html.items([html.item(word("integrity.none", lang))])
    return html.items(
        html.item(
            flag.told(lang),
            text(f"integrity.severity.{flag.severity}", lang),
            _TONES[flag.severity],
            [
                *(record.told(lang) for record in flag.records[:_MOST_RECORDS]),
                f"{word('integrity.ask', lang)}{flag.ask(lang)}",
            ],
        )
        for flag in flags
    )
