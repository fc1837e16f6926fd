"""The one place of the app where errors become sentences; nobody sees a traceback."""

from __future__ import annotations

import logging
from collections.abc import Callable

import streamlit as st

from certloan.errors import CertLoanError, NotReadyError
from certloan.i18n import Lang, sentence
from certloan.ui.words import word


def guarded(draw: Callable[[], None], lang: Lang) -> None:
    """Draw, and word what goes wrong: what was found, what was expected, what to do."""
    try:
        draw()
    except NotReadyError as error:
        _told(word("error.not_ready", lang), sentence(error, lang), error.code, lang, ":material/inventory_2:")
    except CertLoanError as error:
        _told(word("error.refused", lang), sentence(error, lang), error.code, lang, ":material/info:")
    except Exception as error:
        # The last resort of a surface, as on the command line. Only the kind is logged: a message may name a firm.
        logging.getLogger(__name__).error("a page failed: %s", type(error).__name__)
        _told(word("error.title", lang), word("error.internal", lang), type(error).__name__, lang, ":material/error:")


def _told(title: str, words: str, code: str, lang: Lang, icon: str) -> None:
    with st.container(border=True, key="told-error"):
        st.markdown(f"#### {icon} {title}")
        st.text(words)
        st.caption(word("error.code", lang, code=code))
