"""A regulator compares approval rates of groups, with intervals and numbers: a screen that says where to look."""

from __future__ import annotations

import streamlit as st

from certloan.i18n import text
from certloan.services.audit_fairness import AttributeRates, FairnessReport, GroupRate, Verdict
from certloan.ui import acts, style
from certloan.ui.components import empty, html, intervals
from certloan.ui.visit import Visit
from certloan.ui.words import percent

_TONES = {Verdict.OUTSIDE: "bad", Verdict.NOT_ENOUGH: "weak"}


def show(visit: Visit) -> None:
    """Draw one comparison for each attribute: a picture, and the table beside it."""
    st.markdown(f"# {visit.word('fairness.title')}")
    st.caption(visit.word("fairness.screening"))
    with st.spinner(visit.word("fairness.working")):
        report = acts.audit()
    if not report.people:
        empty.draw(visit.word("fairness.none"))
        return
    st.html(
        html.facts(
            (visit.word(f"fairness.{name}"), value)
            for name, value in (
                ("people", f"{report.people:,}"),
                ("approved", f"{report.approved:,} ({percent(report.approved / report.people)})"),
                ("threshold", f"{report.threshold:.2f}–{1 / report.threshold:.2f}"),
                ("confidence", percent(report.confidence, 0)),
            )
        )
    )
    st.caption(report.covers(visit.lang))
    for attribute in report.attributes:
        _attribute(attribute, report, visit)
    st.caption(visit.word("fairness.how"))


def _attribute(attribute: AttributeRates, report: FairnessReport, visit: Visit) -> None:
    st.markdown(f"##### {visit.word('fairness.by', attribute=attribute.label(visit.lang))}")
    left, right = st.columns([5, 6], gap="medium")
    rates = [_rate(group, visit) for group in attribute.groups]
    compared = next((group.rate for group in attribute.groups if group.code == attribute.reference), None)
    reference = None if compared is None else intervals.Reference(compared, report.threshold)
    with left:
        picture = intervals.picture(rates, reference, visit.lang, visit.palette)
        style.draw(picture, visit.palette, visit.word("fairness.alt"))
    with right:
        _table(attribute, rates, visit)
    _layers(attribute, visit)
    st.caption(attribute.inputs(visit.lang))


def _rate(group: GroupRate, visit: Visit) -> intervals.Rate:
    verdict = text(f"fairness.verdict.{group.verdict}", visit.lang)
    tone = _TONES.get(group.verdict, "good")
    return intervals.Rate(group.label(visit.lang), group.n, group.rate, group.low, group.high, verdict, tone)


def _table(attribute: AttributeRates, rates: list[intervals.Rate], visit: Visit) -> None:
    names = ("group", "n", "rate_interval", "ratio", "verdict")
    rows = [
        (
            rate.label,
            f"{rate.n:,}",
            percent(rate.rate) if rate.rate is None else f"{percent(rate.rate)} ({intervals.span(rate)})",
            "–" if group.ratio is None else f"{group.ratio:.2f}",
            rate.verdict,
        )
        for group, rate in zip(attribute.groups, rates, strict=True)
    ]
    st.html(html.table([visit.word(f"fairness.{name}") for name in names], rows, numeric=(1, 2, 3)))


def _layers(attribute: AttributeRates, visit: Visit) -> None:
    """Draw what each layer alone would approve: a group may pass the gates and fall behind in the score."""
    rows = [
        (group.label(visit.lang), *(_alone(layer.groups[place]) for layer in attribute.layers))
        for place, group in enumerate(attribute.groups)
    ]
    head = [attribute.label(visit.lang), *(layer.label(visit.lang) for layer in attribute.layers)]
    st.caption(f"{text('fairness.layers', visit.lang)} {text('fairness.layers_how', visit.lang)}")
    st.html(html.table(head, rows, numeric=range(1, len(head))))


def _alone(group: GroupRate) -> str:
    if group.rate is None:
        return "–"
    return f"{percent(group.rate)} ({percent(group.low)}–{percent(group.high)}, {group.n:,})"
