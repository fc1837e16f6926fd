"""The one door to what a browser session remembers: typed, named, and nothing else is kept.

An address may carry two things, so that a reload and a change of page lose neither: the language, which is one of two
words, and the number of an application, which is checked for its form here and then looked up like one that was typed.
"""

from __future__ import annotations

import re

import streamlit as st

from certloan.i18n import Lang
from certloan.services.preview import PreviewInput

#: Keys of widgets that hold state; a widget keeps its value itself.
LANG = "lang"
WORDS = "words"
NARROW = "narrow"
_APPLICATION = "application"
_OPENED = "opened"
_CERTIFICATES = "certificates"
_NEXT = "next_certificate"
_ASKED = "asked"

#: What an application number may look like; anything longer or stranger is not even looked up.
_NUMBER = re.compile(r"[\w.\-/]{1,64}")


def lang() -> Lang:
    """Give the language that was chosen, here or by the address, Chinese until somebody chooses."""
    chosen = st.session_state.get(LANG)
    if isinstance(chosen, Lang):
        return chosen
    named = st.query_params.get(LANG)
    return Lang(named) if named in set(Lang) else Lang.ZH


def address() -> dict[str, str]:
    """Give what every address carries: the language where it is not the first, the application where there is one."""
    number = application()
    return ({} if lang() is Lang.ZH else {LANG: lang().value}) | ({} if number is None else {_APPLICATION: number})


def keep_address() -> None:
    """Write into the address of the page that is shown what a reload needs."""
    wanted = address()
    for name in (LANG, _APPLICATION):
        if name in wanted and st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]
    if LANG not in wanted and LANG in st.query_params:
        del st.query_params[LANG]


def role_key(role: str) -> str:
    """Give the key of the role switch on pages of ``role``: one each, so that the switch always shows the page's."""
    return f"role-{role}"


def application() -> str | None:
    """Give the application that is looked at: the one that the address names, else the one that was chosen."""
    if _APPLICATION in st.query_params:
        named = st.query_params[_APPLICATION]
        return named if _NUMBER.fullmatch(named) else None
    kept = st.session_state.get(_APPLICATION)
    return kept if isinstance(kept, str) else None


def look_at(application_id: str) -> dict[str, str]:
    """Remember an application, and give the address parameters of its page."""
    st.session_state[_APPLICATION] = application_id
    return {_APPLICATION: application_id}


def table_key() -> str:
    """Give the key of the queue: new after each case that was opened, so that the same row can be opened again."""
    return f"queue-{_count(_OPENED)}"


def case_opened() -> None:
    """Let go of the row that was chosen."""
    st.session_state[_OPENED] = _count(_OPENED) + 1


def certificates() -> list[int]:
    """Give the numbers of the certificates that an enterprise is typing, one to begin with."""
    kept = st.session_state.setdefault(_CERTIFICATES, [0])
    return [int(number) for number in kept]


def add_certificate() -> None:
    """Make room for one more certificate."""
    following = _count(_NEXT) + 1
    st.session_state[_NEXT] = following
    st.session_state[_CERTIFICATES] = [*certificates(), following]


def remove_certificate(number: int) -> None:
    """Take one certificate away."""
    st.session_state[_CERTIFICATES] = [kept for kept in certificates() if kept != number]


def ask(typed: PreviewInput) -> None:
    """Remember what an enterprise asked about, for this session only, so that a change of language keeps the answer."""
    st.session_state[_ASKED] = typed


def asked() -> PreviewInput | None:
    """Give what an enterprise asked about last."""
    kept = st.session_state.get(_ASKED)
    return kept if isinstance(kept, PreviewInput) else None


def _count(key: str) -> int:
    kept = st.session_state.get(key, 0)
    return kept if isinstance(kept, int) else 0
