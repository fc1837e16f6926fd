"""What surrounds every page: whose page it is, the language, and what kind of installation this is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from certloan.domain.people import Role
from certloan.i18n import Lang
from certloan.ui import session
from certloan.ui.words import word

_LANGUAGES = {Lang.ZH: "中文", Lang.EN: "English"}


def header(role: Role, roles: Sequence[Role], lang: Lang) -> Role:
    """Draw the switches and the banner, and give the role that is wanted now."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="frame"):
        st.html(f'<div class="cl-brand">{escape(word("brand", lang))}</div>', width="content")
        wanted = st.segmented_control(
            word("frame.role", lang),
            roles,
            default=role,
            required=True,
            format_func=lambda each: word(f"role.{each}", lang),
            key=session.role_key(role),
            label_visibility="collapsed",
        )
        st.session_state.setdefault(session.LANG, lang)
        st.segmented_control(
            word("frame.lang", lang),
            list(Lang),
            required=True,
            format_func=_LANGUAGES.__getitem__,
            key=session.LANG,
            persist_state="session",
            label_visibility="collapsed",
        )
    st.html(
        f'<div class="cl-banner"><b>{escape(word("banner.kind", lang))}</b> {escape(word("banner.words", lang))}</div>'
    )
    return wanted if isinstance(wanted, Role) else role


def footer(lang: Lang) -> None:
    """Say who decides."""
    st.html(f'<div class="cl-foot">{escape(word("footer", lang))}</div>')
