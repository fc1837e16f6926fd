"""The parts of an account below its head: reasons, gates, every point, the evidence as a table, the provenance."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from certloan.i18n import Lang
from certloan.services.explain_case import Explanation, GateTold, Reason, TimelineItem
from certloan.ui.components import html, timeline
from certloan.ui.components.verdict import TONES
from certloan.ui.words import points, word, word_or

#: A gate on a list or a check has few records; more than this would hide the reasons below.
_MOST_RECORDS = 3


def reasons(told: Explanation, lang: Lang) -> None:
    """Draw the strongest reasons of both signs, each with what it rests on."""
    for side, found, tone in (("against", told.reasons_against, "bad"), ("for", told.reasons_for, "good")):
        st.markdown(f"##### {word(f'case.reasons_{side}', lang)}")
        st.html(_reasons(found, tone, lang) if found else html.items([html.item(word("case.no_reason", lang))]))


def _reasons(found: Sequence[Reason], tone: str, lang: Lang) -> str:
    return html.items(
        html.item(
            (reason.fact_zh or reason.zh) if lang is Lang.ZH else (reason.fact_en or reason.en),
            points(reason.points),
            tone,
            _records(reason, lang),
        )
        for reason in found
    )


def _records(reason: Reason, lang: Lang) -> list[str]:
    more = [word("case.more_records", lang, count=reason.unshown)] if reason.unshown > 0 else []
    return [record.told(lang) for record in reason.records] + more


def gates(told: Explanation, lang: Lang) -> None:
    """Draw the gates that fired with the paper each rests on, and those that could not be judged."""
    st.markdown(f"##### {word('case.gates', lang)}")
    if told.gates:
        st.html(gate_items(told.gates, lang))
    else:
        st.html(html.items([html.item(word("case.no_gate", lang))]))
    if told.gates_without_facts:
        names = word("join", lang).join(word_or_code(code, lang) for code in told.gates_without_facts)
        st.caption(word("case.gates_without_facts", lang, names=names))


def gate_items(found: Sequence[GateTold], lang: Lang) -> str:
    """Give gates as a list: what each leads to, why, the policy paper, and the records it fired on."""
    return html.items(
        html.item(
            gate.zh if lang is Lang.ZH else gate.en,
            word(f"outcome.{gate.outcome}", lang),
            TONES.get(gate.outcome, "neutral"),
            [*_papers(gate, lang), *(record.told(lang) for record in gate.records[:_MOST_RECORDS])],
        )
        for gate in found
    )


def _papers(gate: GateTold, lang: Lang) -> list[str]:
    if not gate.policy_ref:
        return []
    return [word("case.policy_ref", lang, refs=word("join", lang).join(gate.references(lang)))]


def every_point(told: Explanation, lang: Lang) -> None:
    """Draw the whole sum as a table: the base, every feature, the score."""
    zh = lang is Lang.ZH
    rows = [(word("waterfall.base", lang), "", str(told.base_points))]
    rows += [
        (each.label_zh if zh else each.label_en, each.value_zh if zh else each.value_en, points(each.points))
        for each in told.points
    ]
    rows.append((word("waterfall.total", lang), "", str(told.score)))
    head = [word(f"waterfall.{name}", lang) for name in ("feature", "value", "points")]
    st.html(html.table(head, rows, numeric=(2,)))


def evidence(items: Sequence[TimelineItem], lang: Lang) -> None:
    """Draw the evidence as a table, the newest first."""
    ordered = sorted(items, key=lambda item: item.starts_on, reverse=True)
    rows = [
        (
            timeline.span(item, lang),
            word_or(f"lane.{item.lane}", item.lane, lang),
            timeline.told(item, lang),
            word(f"tone.{item.tone}", lang),
        )
        for item in ordered
    ]
    head = [word(f"timeline.{name}", lang) for name in ("when", "lane", "evidence", "tone")]
    st.html(html.table(head, rows, tight=(3,)))


def provenance(told: Explanation, lang: Lang) -> None:
    """Say which model and which policy this rests on, so that it can be asked for again."""
    pairs = [
        (word("case.fingerprint", lang), told.fingerprint[:12]),
        (word("case.policy", lang), f"{told.policy_id} ({told.policy_hash[:12]})"),
    ]
    st.html(html.facts(pairs))


def word_or_code(code: str, lang: Lang) -> str:
    """Give a gate's short name, or its code where it has none."""
    return word_or(f"gate.{code}", code, lang)
