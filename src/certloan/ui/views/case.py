"""One application: what is recommended, how the points add up, why, and what was known when."""

from __future__ import annotations

import streamlit as st

from certloan.services.explain_case import Explanation
from certloan.ui import acts, session, style
from certloan.ui.components import account, empty, integrity, portrait, timeline, verdict, waterfall
from certloan.ui.visit import Visit


def show(visit: Visit) -> None:
    """Draw the case that was chosen or that the address names."""
    if st.button(visit.word("case.back"), icon=":material/arrow_back:", type="tertiary"):
        visit.go("queue", {})
    application_id = session.application()
    if application_id is None:
        empty.draw(visit.word("case.none"), visit.word("case.none_hint"))
        return
    with st.spinner(visit.word("case.working")):
        told = acts.explain(application_id)
    verdict.draw(told, visit.lang)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _points(told, visit)
    with right:
        account.gates(told, visit.lang)
        account.reasons(told, visit.lang)
    integrity.draw(acts.integrity(application_id), visit.lang)
    portrait.draw(acts.portrait(application_id), visit)
    _evidence(told, visit)
    account.provenance(told, visit.lang)


def _points(told: Explanation, visit: Visit) -> None:
    st.markdown(f"##### {visit.word('case.points')}")
    rows = waterfall.steps(told, visit.lang)
    style.draw(
        waterfall.picture(rows, visit.lang, visit.palette),
        visit.palette,
        visit.word("case.points_alt", score=told.score),
    )
    with st.expander(visit.word("case.every_point", count=len(told.points))):
        account.every_point(told, visit.lang)


def _evidence(told: Explanation, visit: Visit) -> None:
    st.markdown(f"##### {visit.word('case.timeline')}")
    if not told.timeline:
        empty.draw(visit.word("case.no_evidence"), visit.word("case.no_evidence_hint"))
        return
    rows = timeline.rows(told.timeline, told.as_of, visit.lang)
    style.draw(
        timeline.picture(rows, told.as_of, visit.lang, visit.palette), visit.palette, visit.word("case.timeline_alt")
    )
    st.caption(visit.word("case.legend"))
    left_out = timeline.left_out(told.timeline, told.as_of)
    if left_out:
        st.caption(visit.word("case.left_out", count=left_out))
    with st.expander(visit.word("case.every_record", count=len(told.timeline))):
        account.evidence(told.timeline, visit.lang)
