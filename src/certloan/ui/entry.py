"""Where Streamlit starts."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from certloan.ui import navigation, session, style
from certloan.ui.words import word

#: A file of our own: the framework would fetch a named icon from a server elsewhere.
_ICON = Path(__file__).with_name("icon.png")


def main() -> None:
    """Draw one page."""
    lang = session.lang()
    st.set_page_config(page_title=word("title", lang), page_icon=_ICON, layout="wide", menu_items={})
    style.apply()
    navigation.run(lang, style.palette())


if __name__ == "__main__":
    main()
