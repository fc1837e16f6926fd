"""An enterprise sees where it stands: a range of bands and what counts, out of what it types. Nothing is kept."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from certloan.i18n import Lang
from certloan.services.preview import Preview
from certloan.ui import acts, session
from certloan.ui.components import account, html, self_told
from certloan.ui.components.verdict import TONES
from certloan.ui.visit import Visit


def show(visit: Visit) -> None:
    """Draw the form and, once asked, what it comes to."""
    today = dt.datetime.now(tz=dt.UTC).date()
    st.markdown(f"# {visit.word('preview.title')}")
    st.caption(visit.word("preview.promise"))
    left, right = st.columns([11, 9], gap="medium")
    with left:
        just_typed = self_told.draw(visit, acts.scheme_choices(visit.lang), today)
    if just_typed is not None:
        session.ask(just_typed)
    typed = session.asked()
    with right:
        if typed is None:
            st.html(
                html.items([html.item(visit.word(f"preview.how_{step}"), str(step), "neutral") for step in (1, 2, 3)])
            )
            return
        with st.spinner(visit.word("preview.working")):
            found = acts.preview(typed, today)
        _result(found, visit)


def _result(found: Preview, visit: Visit) -> None:
    worst, best = found.grade_low, found.grade_high
    bands = best if worst == best else visit.word("preview.range", best=best, worst=worst)
    outcomes = dict.fromkeys((found.outcome_high, found.outcome_low))
    told = visit.word("preview.or").join(visit.word(f"outcome.{outcome}") for outcome in outcomes)
    tone = TONES.get(found.outcome_low, "neutral") if len(outcomes) == 1 else ""
    st.html(
        html.cards(
            (
                html.card(visit.word("preview.bands"), bands, visit.word("preview.bands_note")),
                html.card(visit.word("preview.likely"), told, visit.word("preview.likely_note"), tone),
            )
        )
    )
    if found.gates:
        st.markdown(f"##### {visit.word('preview.gates')}")
        st.html(account.gate_items(found.gates, visit.lang))
    _counts(found, visit)
    unknown = found.unknown_zh if visit.lang is Lang.ZH else found.unknown_en
    if unknown:
        with st.expander(visit.word("preview.unknown", count=len(unknown))):
            st.caption(visit.word("preview.unknown_note"))
            st.html(html.items(html.item(each) for each in unknown))


def _counts(found: Preview, visit: Visit) -> None:
    for effect, tone, sign in (("up", "good", "↑"), ("down", "bad", "↓")):
        told = [item.zh if visit.lang is Lang.ZH else item.en for item in found.counts if item.effect == effect]
        if told:
            st.markdown(f"##### {visit.word(f'preview.{effect}')}")
            st.html(html.items(html.item(each, sign, tone) for each in told))
