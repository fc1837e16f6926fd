"""What a page shows where there is nothing to show."""

from __future__ import annotations

from html import escape

import streamlit as st


def draw(words: str, hint: str = "") -> None:
    """Say that there is nothing, and what to do about it."""
    below = f'<div class="cl-note">{escape(hint)}</div>' if hint else ""
    st.html(f'<div class="cl-empty"><div>{escape(words)}</div>{below}</div>')
