"""Nothing in the world is known before it happened, and nothing that is missing tells the future."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from certloan.contracts import CONTRACTS
from certloan.world.calendar import SECOND_DELIVERY
from certloan.world.economy import Economy

#: The day each fact is about, read anew from the tables.
_HAPPENED = {
    "enterprise": "registered_on", "list_entry": "listed_on", "certificate": "issued_on", "certificate_event": "event_on",
    "certification_body": "licensed_from", "inspection": "inspected_on", "incident": "occurred_on",
    "credit_account": "opened_on", "credit_inquiry": "inquired_on", "honour": "granted_on", "innovation": "granted_on",
    "mitigant": "starts_on", "invoice": "invoiced_on", "application": "applied_on", "outcome": "observed_to",
    "consent": "granted_on",
}  # fmt: skip


def test_the_world_has_every_table_and_only_columns_of_its_contract(drawn: Economy) -> None:
    assert set(drawn.tables) == set(CONTRACTS)
    for name, table in drawn.tables.items():
        assert table.num_rows
        assert set(table.column_names) <= {*CONTRACTS[name].names, "known_on", "void_on"}
        required = {column.name for column in CONTRACTS[name].columns if column.required}
        assert all(table[column].null_count == 0 for column in required)


@pytest.mark.parametrize("name", list(CONTRACTS))
def test_a_record_has_one_statement_for_each_day_on_which_something_became_known(drawn: Economy, name: str) -> None:
    keys = drawn.tables[name].select([*CONTRACTS[name].key, "known_on"]).to_pandas()
    assert not keys.duplicated().any()


@pytest.mark.parametrize("name", list(_HAPPENED))
def test_nothing_is_known_before_it_happened_or_after_the_world_closes(drawn: Economy, name: str) -> None:
    table = drawn.tables[name].select([_HAPPENED[name], "known_on"]).to_pandas()
    assert (table["known_on"] >= table[_HAPPENED[name]]).all()
    assert (table["known_on"] <= SECOND_DELIVERY).all()


@pytest.mark.parametrize("name", [name for name in CONTRACTS if name in ("list_entry", "inspection", "incident")])
def test_a_record_loses_its_force_only_after_it_was_known(drawn: Economy, name: str) -> None:
    table = drawn.tables[name].to_pandas()
    void = table[table["void_on"].notna()]
    assert len(void)
    assert (void["void_on"] >= void["known_on"]).all()


@pytest.mark.parametrize(
    ("name", "later"),
    [
        ("list_entry", ["removed_on"]),
        ("inspection", ["recheck", "rectified_on"]),
        ("certification_body", ["sanction", "sanction_article"]),
        ("product", ["until"]),
        ("programme", ["ended_on", "problems_found", "problems_closed", "reports"]),
        ("enterprise", ["risk_class"]),
    ],
)
def test_what_happened_later_stands_only_in_a_later_statement(drawn: Economy, name: str, later: list[str]) -> None:
    table = drawn.tables[name].to_pandas().sort_values("known_on")
    first = ~table.duplicated(list(CONTRACTS[name].key))
    assert table.loc[first, later].isna().all(axis=None)
    assert table.loc[~first, later].notna().any().all()


@pytest.mark.parametrize(
    ("name", "column", "at_first"),
    [
        ("inspection", "objection", {"none", "pending"}),
        ("incident", "result", {"pending"}),
        ("certificate", "state_stated", {"valid"}),
        ("credit_account", "extended", {False}),
    ],
)
def test_the_first_statement_of_a_record_knows_no_ending(
    drawn: Economy, name: str, column: str, at_first: set[object]
) -> None:
    table = drawn.tables[name].to_pandas().sort_values("known_on")
    first = ~table.duplicated(list(CONTRACTS[name].key))
    assert set(table.loc[first, column].dropna()) == at_first
    assert set(table.loc[~first, column].dropna()) - at_first


def test_a_firm_that_ended_has_the_statement_of_its_better_days_too(drawn: Economy) -> None:
    table = drawn.tables["enterprise"].to_pandas().sort_values("known_on")
    ended = table[table["status"] != "operating"]
    first = table.drop_duplicates("uscc").set_index("uscc")
    assert len(ended) > 50
    assert (first["status"] == "operating").all()
    assert (first["known_on"] == first["registered_on"]).all()
    assert (ended["known_on"] > ended["registered_on"]).all()


def test_only_granted_loans_whose_twelve_months_are_over_have_an_outcome(drawn: Economy) -> None:
    truth = drawn.truth.to_pandas().set_index("application_id")
    outcome = drawn.tables["outcome"].to_pandas().set_index("application_id")
    due = truth["granted"] & (pd.to_datetime(truth["applied_on"]) + pd.Timedelta(days=365) <= str(SECOND_DELIVERY))
    assert set(outcome.index) == set(truth.index[due])
    assert (outcome["defaulted"] == truth.loc[outcome.index, "defaulted"]).all()
    recent = pd.to_datetime(truth["applied_on"]) > "2025-07-01"
    assert 0.1 < recent.mean() < 0.4


def test_a_default_comes_after_the_application_and_within_twelve_months(drawn: Economy) -> None:
    truth = drawn.truth.to_pandas()
    failed = truth[truth["defaulted"]]
    days = (pd.to_datetime(failed["default_on"]) - pd.to_datetime(failed["applied_on"])).dt.days
    assert days.between(91, 365).all()
    assert truth.loc[~truth["defaulted"], "default_on"].isna().all()


def test_a_default_leaves_arrears_of_more_than_ninety_days_on_the_bureau(drawn: Economy) -> None:
    truth = drawn.truth.to_pandas()
    failed = truth[truth["defaulted"] & (pd.to_datetime(truth["default_on"]) < "2026-03-01")]
    failed = failed.sort_values("default_on").drop_duplicates("uscc").set_index("uscc")["default_on"]
    months = drawn.tables["credit_month"].to_pandas()
    months = months[months["uscc"].isin(failed.index)]
    since = months[pd.to_datetime(months["month"]) > pd.to_datetime(months["uscc"].map(failed))]
    worst = since.groupby("uscc")["days_past_due"].max()
    assert len(worst) > 50
    assert (worst > 90).mean() > 0.95
    before = months[
        pd.to_datetime(months["month"]) < pd.to_datetime(months["uscc"].map(failed)) - dt.timedelta(days=130)
    ]
    assert (before["days_past_due"] > 90).mean() < 0.1


def test_certificates_run_in_cycles_of_their_scheme_and_never_after_the_firm_failed(drawn: Economy) -> None:
    table = drawn.tables["certificate"].to_pandas()
    days = (pd.to_datetime(table["expires_on"]) - pd.to_datetime(table["issued_on"])).dt.days
    years = {"A01": 3, "CCC": 5, "ORGANIC": 1, "GREEN": 5}
    for scheme, span in years.items():
        assert days[table["scheme"] == scheme].between(span * 365 - 5, span * 365 + 3).all()
    assert (table["first_issued_on"] <= table["issued_on"]).all()
    together = table[table["audit_id"].notna()].groupby("audit_id")
    assert (together["issued_on"].nunique() == 1).all()
    assert (together["uscc"].nunique() == 1).all()
    assert (together["scheme"].nunique() > 1).mean() > 0.05


def test_events_happen_while_their_certificate_runs(drawn: Economy) -> None:
    runs = drawn.tables["certificate"].to_pandas().set_index("certificate_no")[["issued_on", "expires_on"]]
    events = drawn.tables["certificate_event"].to_pandas().join(runs, on="certificate_no")
    assert events["issued_on"].notna().all()
    assert (events["event_on"] >= events["issued_on"]).all()
    ended = events["event"] == "expired"
    assert (events.loc[~ended, "event_on"] <= events.loc[~ended, "expires_on"]).all()
    assert (events.loc[ended, "event_on"] > events.loc[ended, "expires_on"]).all()
    assert set(events["event"]) == set(CONTRACTS["certificate_event"].column("event").levels)
