"""What is recommended, and for whom: the head of a case."""

from __future__ import annotations

import streamlit as st

from certloan.i18n import Lang
from certloan.services.explain_case import Explanation
from certloan.ui.components import html
from certloan.ui.components.listing import SIGNS
from certloan.ui.words import day, percent, word

TONES = {"approve": "good", "refer": "refer", "decline": "bad"}


def draw(told: Explanation, lang: Lang) -> None:
    """Draw the head: the firm, the request, the recommendation and its figures."""
    st.markdown(f"# {_plain(told.name or told.uscc)}")
    st.html(
        html.facts(
            (word(f"case.{name}", lang), value)
            for name, value in (
                ("application_id", told.application_id),
                ("uscc", told.uscc),
                ("as_of", day(told.as_of, lang)),
                ("amount", told.amount_told(lang)),
            )
        )
    )
    outcome = f"{SIGNS.get(told.outcome, '')} {word(f'outcome.{told.outcome}', lang)}"
    st.html(
        html.cards(
            (
                html.card(word("case.outcome", lang), outcome, why(told, lang), TONES.get(told.outcome, "neutral")),
                html.card(word("case.score", lang), str(told.score), word("case.score_note", lang)),
                html.card(word("case.grade", lang), told.grade),
                html.card(word("case.pd", lang), percent(told.pd), word("case.pd_note", lang)),
                html.card(word("case.limit", lang), told.limit_told(lang), _limit_note(told, lang)),
            )
        )
    )


def _limit_note(told: Explanation, lang: Lang) -> str:
    notes = told.ladder_zh if lang is Lang.ZH else told.ladder_en
    return word("join", lang).join(notes) or word("case.limit_note", lang)


def why(told: Explanation, lang: Lang) -> str:
    """Say which layers decided: a gate, the rule for the band, the limit; never that a score is low."""
    layers = told.decided_by or ("all",)
    return word("join", lang).join(word(f"case.by_{layer}", lang, grade=told.grade) for layer in layers)


def _plain(words: str) -> str:
    """Keep a firm's name from being read as markup."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]<>()#+-.!|$~:" else sign for sign in words)
