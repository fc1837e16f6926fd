"""What the app asks of the services, each act as the role of its page.

The warehouse is opened for reading and closed within each act, so that a delivery can be loaded while the app is
open. What concerns applicants is remembered for the length of one browser session only, and only while warehouse,
champion and policy stay what they were.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import streamlit as st

from certloan.bootstrap import House, house
from certloan.errors import InputError, NotReadyError

if TYPE_CHECKING:
    import pyarrow as pa

    from certloan.services.audit_fairness import FairnessReport
    from certloan.services.check_integrity import Flag
    from certloan.services.explain_case import Bundle, Explanation
    from certloan.services.portray import Portrait
    from certloan.services.preview import Preview, PreviewInput

#: Rows that one search gives; whoever needs more types more.
MOST_FOUND = 200
#: A list without entries is an answer here, not an error.
_NOTHING = "nothing-to-score"


@dataclass(frozen=True)
class Entry:
    """One application as a list shows it. What a person has not yet asked to be scored is ``None``."""

    application_id: str
    uscc: str
    name: str | None
    applied_on: dt.date
    amount: Decimal | None
    outcome: str | None
    score: int | None
    grade: str | None
    settled: bool


@dataclass(frozen=True)
class _State:
    """What an answer depends on: if any of it changes, the answer is asked for again."""

    home: str
    written: int
    champion: str
    policy: str
    reference: str


def open_applications() -> list[Entry]:
    """Give every application without an outcome, with its recommendation; the newest first."""
    return _open_applications(_state(house()))


def find(words: str) -> tuple[list[Entry], int]:
    """Give the newest applications that the words name by firm, credit code or number, and how many there are."""
    from certloan.services.explain_case import count_applications, find_applications

    at = house()
    with at.warehouse(read_only=True) as warehouse:
        rows = find_applications(warehouse, at.officer, words, limit=MOST_FOUND).to_pylist()
        total = len(rows) if len(rows) < MOST_FOUND else count_applications(warehouse, at.officer, words)
    scored = {entry.application_id: entry for entry in open_applications()}
    return [scored.get(row["application_id"]) or _settled(row) for row in rows], total


def explain(application_id: str) -> Explanation:
    """Give the account of one decision."""
    return _explain(_state(house()), application_id)


def integrity(application_id: str) -> tuple[Flag, ...]:
    """Give what an officer should ask about one application."""
    return _integrity(_state(house()), application_id)


def portrait(application_id: str) -> Portrait:
    """Give the two pictures of the firm behind an application."""
    return _portrait(_state(house()), application_id)


def preview(typed: PreviewInput, day: dt.date) -> Preview:
    """Give an enterprise its view; what it typed is not kept."""
    from certloan.services.preview import preview as act

    at = house()
    with at.warehouse(read_only=True) as warehouse:
        state = _state(at)
        return act(_bundle(state), at.policy(), warehouse, typed, day, at.enterprise, past=_donors(state))


def scheme_choices(lang: str) -> list[tuple[str, str]]:
    """Give the certification schemes that can be chosen: code and name."""
    from certloan.services.preview import scheme_choices as act

    return act(lang)


def audit() -> FairnessReport:
    """Give the comparison of groups over all applications."""
    return _audit(_state(house()))


@st.cache_data(scope="session", max_entries=2, show_spinner=False)
def _open_applications(state: _State) -> list[Entry]:
    from certloan.services.decide_loan import decide

    at = house()
    try:
        with at.warehouse(read_only=True) as warehouse:
            run = decide(warehouse, _bundle(state), at.policy(), at.officer, only_open=True, reasons=False)
    except InputError as error:
        if error.code != _NOTHING:
            raise
        return []
    entries = [_open(row) for row in run.decisions.to_pylist()]
    return sorted(entries, key=lambda entry: (entry.applied_on, entry.application_id), reverse=True)


@st.cache_data(scope="session", max_entries=20, show_spinner=False)
def _explain(state: _State, application_id: str) -> Explanation:
    from certloan.services.explain_case import explain as act

    at = house()
    with at.warehouse(read_only=True) as warehouse:
        return act(warehouse, _bundle(state), at.policy(), at.officer, application_id)


@st.cache_data(scope="session", max_entries=20, show_spinner=False)
def _portrait(state: _State, application_id: str) -> Portrait:
    from certloan.services.portray import portray

    at = house()
    with at.warehouse(read_only=True) as warehouse:
        return portray(warehouse, at.officer, application_id)


@st.cache_data(scope="session", max_entries=20, show_spinner=False)
def _integrity(state: _State, application_id: str) -> tuple[Flag, ...]:
    from certloan.services.check_integrity import integrity as act

    at = house()
    with at.warehouse(read_only=True) as warehouse:
        return act(warehouse, [application_id], at.officer)[0].flags


@st.cache_data(scope="session", max_entries=2, show_spinner=False)
def _audit(state: _State) -> FairnessReport:
    from certloan.services.audit_fairness import audit as act
    from certloan.services.decide_loan import decide

    at = house()
    with at.warehouse(read_only=True) as warehouse:
        run = decide(warehouse, _bundle(state), at.policy(), at.regulator, reasons=False)
        return act(warehouse, run.decisions, at.regulator)


@st.cache_data(scope="session", max_entries=1, show_spinner=False)
def _donors(state: _State) -> pa.Table:
    from certloan.services.preview import donors

    with house().warehouse(read_only=True) as warehouse:
        return donors(warehouse)


def _bundle(state: _State) -> Bundle:
    return _loaded(state.home, state.champion)


@st.cache_resource(max_entries=2, show_spinner=False)
def _loaded(home: str, champion: str) -> Bundle:
    return house().bundle()


def _state(at: House) -> _State:
    """Look at what answers depend on, and refuse where there is nothing to ask."""
    if not at.warehouse_file.exists():
        raise NotReadyError("no-warehouse", home=at.settings.home)
    champion = at.models().champion()
    if champion is None:
        raise NotReadyError("no-champion", home=at.settings.home)
    written = at.warehouse_file.stat().st_mtime_ns
    return _State(str(at.settings.home), written, champion, at.policy().hash, at.reference)


def _open(row: dict[str, Any]) -> Entry:
    return Entry(
        application_id=row["application_id"],
        uscc=row["uscc"],
        name=row["name"],
        applied_on=row["as_of"],
        amount=row["amount"],
        outcome=row["outcome"],
        score=row["score"],
        grade=row["grade"],
        settled=False,
    )


def _settled(row: dict[str, Any]) -> Entry:
    return Entry(
        application_id=row["application_id"],
        uscc=row["uscc"],
        name=row["name"],
        applied_on=row["applied_on"],
        amount=row["amount"],
        outcome=None,
        score=None,
        grade=None,
        settled=bool(row["has_outcome"]),
    )
