"""The officer's list: open applications with their recommendation, and a search over all applications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from certloan.ui import acts, session
from certloan.ui.components import empty, listing
from certloan.ui.visit import Visit

_ALL = "all"
_OUTCOMES = ("refer", "approve", "decline")


def show(visit: Visit) -> None:
    """Draw the list; choosing a row opens its case."""
    heading = st.empty()
    words = st.text_input(
        visit.word("queue.search"),
        key=session.WORDS,
        placeholder=visit.word("queue.search_hint"),
        icon=":material/search:",
        max_chars=80,
        persist_state="session",
        label_visibility="collapsed",
    )
    words = (words or "").strip()
    heading.markdown(f"# {visit.word('queue.found' if words else 'queue.title')}")
    with st.spinner(visit.word("queue.working")):
        entries, total = acts.find(words) if words else _all_open()
    if not entries:
        empty.draw(visit.word("queue.none_found", words=words) if words else visit.word("queue.none_open"))
        return
    if total > len(entries):
        st.info(visit.word("queue.cut", count=total, shown=len(entries)), icon=":material/filter_list:")
    shown = _narrowed(entries, total, visit)
    chosen = listing.draw(shown, visit.lang, session.table_key())
    if chosen is not None:
        session.case_opened()
        visit.go("case", session.look_at(chosen))
    st.caption(visit.word("queue.how"))


def _all_open() -> tuple[list[acts.Entry], int]:
    entries = acts.open_applications()
    return entries, len(entries)


def _narrowed(entries: Sequence[acts.Entry], total: int, visit: Visit) -> list[acts.Entry]:
    """Let the reader narrow the list to one recommendation; the counts are always those of the whole list."""
    counts = Counter(entry.outcome for entry in entries if entry.outcome)
    options = [_ALL, *(outcome for outcome in _OUTCOMES if counts[outcome])]
    if len(options) == 1:
        return list(entries)

    def named(outcome: str) -> str:
        if outcome == _ALL:
            return visit.word("queue.all" if total == len(entries) else "queue.listed", count=len(entries))
        return visit.word("queue.some", outcome=visit.word(f"outcome.{outcome}"), count=counts[outcome])

    wanted = st.pills(
        visit.word("queue.narrow"),
        options,
        default=_ALL,
        required=True,
        format_func=named,
        key=session.NARROW,
        persist_state="session",
        label_visibility="collapsed",
    )
    return [entry for entry in entries if wanted in {None, _ALL} or entry.outcome == wanted]
