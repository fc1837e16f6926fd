"""Every page in both languages, on a real workspace, and what each shows where there is nothing."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from certloan.bootstrap import House
from certloan.domain.people import Role
from certloan.i18n import Lang, keys, text
from certloan.services.decide_loan import decide
from certloan.services.explain_case import explain, find_applications
from certloan.services.preview import scheme_choices
from certloan.ui import acts, session
from certloan.ui.words import word

BOTH = pytest.mark.parametrize("lang", list(Lang))
ROLES = [Role.OFFICER, Role.ENTERPRISE, Role.REGULATOR]


def in_language(app: AppTest, lang: Lang) -> AppTest:
    app.run()
    if lang is not Lang.ZH:
        app.segmented_control(key=session.LANG).set_value(lang).run()
    return app


def as_role(app: AppTest, role: Role) -> AppTest:
    if role is not Role.OFFICER:
        app.segmented_control(key=session.role_key(Role.OFFICER)).set_value(role).run()
    return app


def opened(app: AppTest, application_id: str, lang: Lang = Lang.ZH) -> AppTest:
    """Find an application and choose its row, as an officer does."""
    in_language(app, lang)
    app.text_input(key=session.WORDS).set_value(application_id).run()
    app.session_state["queue-0"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    return app.run()


def said(app: AppTest) -> str:
    """Give all that the page says."""
    pieces = [*(piece.value for piece in (*app.markdown, *app.caption, *app.text)), *(piece.body for piece in app.html)]
    return "\n".join(_plain(str(piece)) for piece in pieces if not str(piece).startswith("<style>"))


def _plain(markup: str) -> str:
    words: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            words.append(data)

    Reader().feed(markup)
    return " ".join(words)


def cells(app: AppTest, heading: str) -> list[list[str]]:
    """Give the rows of the first table whose head begins with ``heading``."""
    for piece in app.html:
        body = str(piece.body)
        rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", body)]
        if rows and rows[0][0] == heading:
            return rows[1:]
    raise AssertionError(f"no table begins with {heading}")


@pytest.fixture(scope="session")
def some_application(workspace: House) -> str:
    with workspace.warehouse(read_only=True) as warehouse:
        run = decide(
            warehouse, workspace.bundle(), workspace.policy(), workspace.officer, only_open=True, reasons=False
        )
    return str(run.decisions.column("application_id")[0].as_py())


@BOTH
@pytest.mark.parametrize("role", ROLES)
def test_every_page_draws_in_both_languages_and_says_that_it_is_a_demo(app: AppTest, lang: Lang, role: Role) -> None:
    as_role(in_language(app, lang), role)
    assert not app.exception
    told = said(app)
    assert word("banner.kind", lang) in told
    assert word("banner.words", lang) in told
    assert word("error.title", lang) not in told
    assert not re.search(r"\b(ui|fairness|explain|policy)\.[a-z_]+", told), "a key instead of a text"
    chinese = len(re.findall(r"[\u4e00-\u9fff]", told))
    assert (chinese > 60) if lang is Lang.ZH else (chinese < 0.1 * len(told))


@BOTH
def test_the_list_holds_every_open_application_with_its_recommendation(
    app: AppTest, workspace: House, lang: Lang
) -> None:
    in_language(app, lang)
    with workspace.warehouse(read_only=True) as warehouse:
        run = decide(
            warehouse, workspace.bundle(), workspace.policy(), workspace.officer, only_open=True, reasons=False
        )
    shown = app.dataframe[0].value
    assert sorted(shown["application_id"]) == sorted(run.decisions.column("application_id").to_pylist())
    scores = dict(
        zip(run.decisions.column("application_id").to_pylist(), run.decisions.column("score").to_pylist(), strict=True)
    )
    assert {row.application_id: row.score for row in shown.itertuples()} == scores
    assert any(word("outcome.refer", lang) in outcome for outcome in shown["outcome"])


def test_the_list_can_be_narrowed_to_one_recommendation(app: AppTest) -> None:
    app.run()
    app.pills(key=session.NARROW).set_value("refer").run()
    shown = app.dataframe[0].value
    assert len(shown) > 0
    assert all(word("outcome.refer", Lang.ZH) in outcome for outcome in shown["outcome"])


def test_a_firm_is_found_by_name_by_credit_code_and_by_number(app: AppTest, workspace: House) -> None:
    app.run()
    first = app.dataframe[0].value.iloc[0]
    for words in (first["name"], first["uscc"], first["application_id"]):
        app.text_input(key=session.WORDS).set_value(f" {words} ").run()
        assert first["application_id"] in set(app.dataframe[0].value["application_id"])


def test_a_past_application_is_found_and_said_to_have_an_outcome(app: AppTest, workspace: House) -> None:
    with workspace.warehouse(read_only=True) as warehouse:
        rows = find_applications(warehouse, workspace.officer, "", limit=10_000).to_pylist()
    past = next(row["application_id"] for row in rows if row["has_outcome"])
    app.run()
    app.text_input(key=session.WORDS).set_value(past).run()
    assert app.dataframe[0].value.iloc[0]["outcome"] == word("outcome.settled", Lang.ZH)


@BOTH
def test_words_that_nothing_matches_are_answered_with_a_sentence(app: AppTest, lang: Lang) -> None:
    in_language(app, lang)
    app.text_input(key=session.WORDS).set_value("没有这家'企业;--").run()
    assert word("queue.none_found", lang, words="没有这家'企业;--") in said(app)
    assert not app.dataframe


@BOTH
def test_a_case_shows_points_that_add_up_to_the_score(
    app: AppTest, workspace: House, some_application: str, lang: Lang
) -> None:
    opened(app, some_application, lang)
    with workspace.warehouse(read_only=True) as warehouse:
        told = explain(warehouse, workspace.bundle(), workspace.policy(), workspace.officer, some_application)
    rows = cells(app, word("waterfall.feature", lang))
    figures = [int(row[-1].replace("\N{MINUS SIGN}", "-")) for row in rows]
    assert figures[0] == told.base_points
    assert figures[-1] == told.score == sum(figures[:-1])
    page = said(app)
    assert some_application in page
    assert word(f"outcome.{told.outcome}", lang) in page
    for reason in (*told.reasons_for, *told.reasons_against):
        assert (reason.fact_zh if lang is Lang.ZH else reason.fact_en) in page
        assert all(record.told(lang) in page for record in reason.records)


def test_a_case_never_gives_the_score_as_a_reason(app: AppTest, some_application: str) -> None:
    opened(app, some_application)
    reasons = "".join(str(piece.body) for piece in app.html if "cl-item" in str(piece.body))
    assert reasons
    assert "评分" not in reasons


def test_the_language_switch_keeps_the_page_and_the_case(app: AppTest, some_application: str) -> None:
    opened(app, some_application)
    app.segmented_control(key=session.LANG).set_value(Lang.EN).run()
    page = said(app)
    assert some_application in page
    assert word("case.points", Lang.EN) in page


def test_the_way_back_leads_to_the_list_with_what_was_searched(app: AppTest, some_application: str) -> None:
    opened(app, some_application)
    app.button[0].click().run()
    assert word("queue.found", Lang.ZH) in said(app)
    assert len(app.dataframe) == 1


@BOTH
def test_an_application_that_does_not_exist_is_answered_with_a_sentence(
    app: AppTest, some_application: str, lang: Lang
) -> None:
    opened(app, some_application, lang)
    app.query_params["application"] = "NOPE-1"
    app.run()
    assert not app.exception
    assert "NOPE-1" in said(app)
    assert word("error.refused", lang) in said(app)
    assert "unknown-application" in said(app)


@pytest.mark.parametrize("strange", ["<script>alert(1)</script>", "x" * 65, "a b", "'; drop table application; --", ""])
def test_an_address_that_names_no_number_reaches_nothing(app: AppTest, some_application: str, strange: str) -> None:
    opened(app, some_application)
    app.query_params["application"] = strange
    app.run()
    assert not app.exception
    assert word("case.none", Lang.ZH) in said(app)
    assert app.session_state["application"] == some_application


def test_more_finds_than_fit_are_counted_and_said_to_be_cut(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "MOST_FOUND", 5)
    app.run()
    app.text_input(key=session.WORDS).set_value("L").run()
    assert len(app.dataframe[0].value) == 5
    assert word("queue.found", Lang.ZH) in said(app)
    assert any("只列出最近申请的 5 笔" in note.value for note in app.info)


def test_the_address_gives_the_language_of_a_fresh_page(app: AppTest) -> None:
    app.query_params["lang"] = "en"
    app.run()
    assert word("queue.title", Lang.EN) in said(app)
    app.segmented_control(key=session.LANG).set_value(Lang.ZH).run()
    assert word("queue.title", Lang.ZH) in said(app)
    assert "lang" not in app.query_params


@pytest.mark.parametrize("strange", ["fr", "", "EN", "<script>"])
def test_an_address_that_names_no_language_gives_the_first(app: AppTest, strange: str) -> None:
    app.query_params["lang"] = strange
    app.run()
    assert not app.exception
    assert word("queue.title", Lang.ZH) in said(app)


def test_the_chosen_language_and_case_stand_in_the_address(app: AppTest, some_application: str) -> None:
    opened(app, some_application, Lang.EN)
    assert app.query_params["lang"] == "en"
    assert app.query_params["application"] == some_application


@BOTH
def test_every_gate_of_every_shipped_policy_has_its_name_and_its_sentence(lang: Lang) -> None:
    for file in sorted(resources.files("certloan.policy").joinpath("versions").iterdir(), key=str):
        for gate in tomllib.loads(file.read_text(encoding="utf-8"))["gate"]:
            assert {f"ui.gate.{gate['code']}", f"policy.gate.{gate['code']}"} <= keys(lang)


def test_a_role_switch_leads_to_that_roles_page_and_back(app: AppTest) -> None:
    app.run()
    app.segmented_control(key=session.role_key(Role.OFFICER)).set_value(Role.REGULATOR).run()
    assert word("fairness.title", Lang.ZH) in said(app)
    app.segmented_control(key=session.role_key(Role.REGULATOR)).set_value(Role.OFFICER).run()
    assert word("queue.title", Lang.ZH) in said(app)


@pytest.mark.parametrize("role", ROLES)
def test_a_page_asks_the_services_as_its_own_role_only(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    def never(self: House) -> None:
        raise AssertionError("a page acted in somebody else's name")

    for other in {"officer", "risk", "enterprise", "regulator"} - {role.value}:
        monkeypatch.setattr(House, other, property(never))
    app.session_state[session.LANG] = Lang.EN
    app.run()
    if role is not Role.OFFICER:
        as_role(app, role)
    if role is Role.ENTERPRISE:
        _submit(app, Lang.EN).run()
    assert word("error.title", Lang.EN) not in said(app)
    assert not app.exception


@BOTH
def test_an_enterprise_sees_a_range_of_bands_and_no_probability(app: AppTest, lang: Lang) -> None:
    as_role(in_language(app, lang), Role.ENTERPRISE)
    app.selectbox(key="scheme-0").set_value("A01")
    app.date_input(key="issued-0").set_value(dt.date(2025, 3, 1))
    _submit(app, lang).run()
    page = said(app)
    assert word("preview.bands", lang) in page
    assert word("preview.bands_note", lang) in page
    assert "%" not in page
    assert not app.exception


def test_a_change_of_language_keeps_what_was_typed_and_the_answer(app: AppTest) -> None:
    as_role(in_language(app, Lang.ZH), Role.ENTERPRISE)
    app.selectbox(key="scheme-0").set_value("A01")
    app.date_input(key="issued-0").set_value(dt.date(2025, 3, 1))
    app.number_input(key="employees").set_value(120)
    _submit(app, Lang.ZH).run()
    app.segmented_control(key=session.LANG).set_value(Lang.EN).run()
    assert word("preview.bands", Lang.EN) in said(app)
    assert app.selectbox(key="scheme-0").value == "A01"
    assert app.number_input(key="employees").value == 120


def test_a_certificate_without_a_date_is_told_and_nothing_is_computed(app: AppTest) -> None:
    as_role(in_language(app, Lang.ZH), Role.ENTERPRISE)
    app.selectbox(key="scheme-0").set_value("A01")
    _submit(app, Lang.ZH).run()
    assert "certificate-without-date" in said(app)
    assert dict(scheme_choices(Lang.ZH))["A01"] in said(app)
    assert word("preview.bands", Lang.ZH) not in said(app)


@BOTH
def test_a_number_that_makes_no_sense_is_told_and_the_next_answer_replaces_it(app: AppTest, lang: Lang) -> None:
    as_role(in_language(app, lang), Role.ENTERPRISE)
    app.number_input(key="days_past_due").set_value(-1)
    _submit(app, lang).run()
    assert "number-out-of-range" in said(app)
    assert word("preview.days_past_due", lang) in said(app)
    app.number_input(key="days_past_due").set_value(0)
    app.number_input(key="amount").set_value(1e300)
    _submit(app, lang).run()
    assert any(word("preview.amount", lang) in piece.value for piece in app.text)
    assert word("preview.bands", lang) not in said(app)
    app.number_input(key="amount").set_value(100.0)
    _submit(app, lang).run()
    assert "number-out-of-range" not in said(app)
    assert word("preview.bands", lang) in said(app)


@BOTH
def test_no_certificate_typed_counts_as_none_and_the_form_says_so(app: AppTest, lang: Lang) -> None:
    as_role(in_language(app, lang), Role.ENTERPRISE)
    assert word("preview.certificates_note", lang) in said(app)
    _submit(app, lang).run()
    assert text("policy.gate.no-valid-certificate", lang) in said(app)


def test_certificates_can_be_added_and_taken_away(app: AppTest) -> None:
    as_role(in_language(app, Lang.ZH), Role.ENTERPRISE)
    _button(app, word("preview.add", Lang.ZH)).click().run()
    assert [box.key for box in app.selectbox if str(box.key).startswith("scheme-")] == ["scheme-0", "scheme-1"]
    _button(app, word("preview.remove", Lang.ZH)).click().run()
    assert [box.key for box in app.selectbox if str(box.key).startswith("scheme-")] == ["scheme-0"]


def _submit(app: AppTest, lang: Lang) -> AppTest:
    _button(app, word("preview.ask", lang)).click()
    return app


def _button(app: AppTest, label: str) -> Button:
    return next(button for button in app.button if button.label == label)


@BOTH
def test_a_regulator_sees_every_group_with_its_number(app: AppTest, lang: Lang) -> None:
    as_role(in_language(app, lang), Role.REGULATOR)
    rows = cells(app, word("fairness.group", lang))
    assert len(rows) >= 3
    assert all(re.fullmatch(r"[\d,]+", row[1]) for row in rows)
    assert word("fairness.screening", lang) in said(app)


@BOTH
@pytest.mark.parametrize("role", ROLES)
def test_without_a_warehouse_every_page_says_what_to_do(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lang: Lang, role: Role
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path))
    as_role(in_language(app, lang), role)
    if role is Role.ENTERPRISE:
        _submit(app, lang).run()
    assert not app.exception
    assert "no-warehouse" in said(app)
    assert "make demo" in said(app)


def test_a_fault_of_the_program_is_told_without_its_traceback(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("义乌市某某公司 leaked")

    monkeypatch.setattr(House, "policy", broken)
    app.run()
    assert not app.exception
    assert word("error.title", Lang.ZH) in said(app)
    assert "leaked" not in said(app)
