"""Who lends, asks, buys and supplies: new ones, lost ones, shares, and what falls due together."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.features.conftest import DAY
from tests.features.histories import SUBJECTS, History

from certloan.features.catalog import by_name, for_use
from certloan.features.spec import Use

D = dt.date


def test_new_debt_counts_accounts_amounts_and_lenders_but_no_guarantee(records: Any) -> None:
    accounts = (
        ("a", "working_capital", D(2019, 1, 1), 100),
        ("a", "working_capital", D(2024, 1, 1), 40),
        ("b", "credit_line", D(2024, 5, 1), 60),
        ("c", "guarantee", D(2024, 5, 1), 500),
    )
    for lender, kind, opened, limit in accounts:
        records.put("credit_account", lender=lender, kind=kind, opened_on=opened, credit_limit=Decimal(limit))
    names = ("accounts_3m_n", "accounts_6m_n", "accounts_12m_n", "limit_12m", "lenders_12m_n")
    assert [records.ask(f"credit_new_{name}") for name in names] == [1, 2, 2, 100, 1]


def test_a_first_borrower_is_one_whose_records_were_asked_for_and_hold_no_loan(records: Any) -> None:
    assert records.ask("credit_borrowed_before") is None
    records.put("credit_account", uscc="somebody", kind="other", opened_on=D(2023, 1, 1))
    assert records.ask("credit_borrowed_before") == 0
    records.put("credit_account", kind="guarantee", opened_on=D(2023, 1, 1))
    assert records.ask("credit_borrowed_before") == 0
    records.put("credit_account", kind="credit_line", opened_on=D(2023, 1, 1))
    assert records.ask("credit_borrowed_before") == 1


def test_what_falls_due_in_one_month_is_one_peak(records: Any) -> None:
    for matures, limit in (
        (D(2024, 9, 1), 30),
        (D(2024, 9, 30), 30),
        (D(2025, 3, 1), 20),
        (D(2026, 9, 1), 20),
        (D(2024, 6, 14), 900),
    ):
        records.put(
            "credit_account",
            kind="working_capital",
            opened_on=D(2023, 1, 1),
            matures_on=matures,
            credit_limit=Decimal(limit),
        )
    assert records.ask("credit_maturity_peak_share") == pytest.approx(0.6)
    assert records.ask("credit_maturing_share_6m") == pytest.approx(0.6)
    assert records.ask("credit_maturing_share_12m") == pytest.approx(0.8)


def test_an_extension_counts_while_the_account_is_open_and_from_the_day_it_is_known(records: Any) -> None:
    records.put(
        "credit_account", account_no="X", opened_on=D(2023, 1, 1), matures_on=D(2025, 1, 1), void_on=D(2024, 6, 1)
    )
    records.put(
        "credit_account",
        account_no="X",
        opened_on=D(2023, 1, 1),
        matures_on=D(2025, 1, 1),
        extended=True,
        known_on=D(2024, 6, 1),
    )
    assert records.ask("credit_extended_n", day=D(2024, 5, 31)) == 0
    assert records.ask("credit_extended_n") == 1
    assert records.ask("credit_extended_n", day=D(2025, 1, 2)) == 0
    assert records.ask("credit_extended_share_60m", day=D(2025, 1, 2)) == 1


def test_contingent_debt_is_the_larger_of_accounts_and_annual_report(records: Any) -> None:
    records.put("annual_report", year=2023, happened_on=D(2023, 12, 31), revenue=Decimal(1000), guarantees=Decimal(300))
    assert records.ask("credit_contingent_to_revenue") == pytest.approx(0.3)
    records.put("credit_account", kind="guarantee", opened_on=D(2023, 5, 1), credit_limit=Decimal(450))
    assert records.ask("credit_contingent_to_revenue") == pytest.approx(0.45)


def test_hiding_guarantees_from_the_annual_report_changes_nothing_that_the_model_reads(records: Any) -> None:
    records.put("credit_account", kind="guarantee", opened_on=D(2023, 5, 1), credit_limit=Decimal(450))
    for who, told in (("open", Decimal(900)), ("silent", None)):
        records.put("credit_account", uscc=who, kind="guarantee", opened_on=D(2023, 5, 1), credit_limit=Decimal(450))
        figures = {"revenue": Decimal(1000), "guarantees": told}
        records.put("annual_report", uscc=who, year=2023, happened_on=D(2023, 12, 31), **figures)
    reading = tuple(spec for spec in for_use(Use.MODEL) if spec.name.startswith("credit_"))
    stated, silent = (records.ask(uscc=who, specs=reading) for who in ("open", "silent"))
    assert {name for name in stated if stated[name] != silent[name]} == {"uscc"}


def test_many_questions_of_one_lender_are_one_lender_asking(records: Any) -> None:
    for day, lender, purpose in (
        (D(2024, 6, 1), "a", "loan_approval"), (D(2024, 5, 1), "a", "loan_approval"),
        (D(2024, 1, 1), "b", "loan_approval"), (D(2024, 6, 1), "c", "post_loan"), (D(2023, 9, 1), "d", "loan_approval"),
    ):  # fmt: skip
        records.put("credit_inquiry", inquired_on=day, lender=lender, purpose=purpose)
    assert [records.ask(f"credit_inquiries_{span}m_n") for span in (3, 6, 12)] == [2, 3, 4]
    assert [records.ask(f"credit_inquirers_{span}m_n") for span in (6, 12)] == [2, 3]
    assert records.ask("credit_asked_not_lent_12m_n") is None, "without accounts nobody knows who lent"
    records.put("credit_account", lender="a", kind="other", opened_on=D(2024, 5, 9))
    assert records.ask("credit_asked_not_lent_12m_n") == 2


def test_a_season_is_no_trend(records: Any) -> None:
    for day, net in (
        (D(2024, 5, 1), 900),
        (D(2023, 5, 1), 900),
        (D(2024, 1, 5), 90),
        (D(2023, 1, 5), 100),
        (D(2023, 10, 1), 10),
    ):
        records.put("invoice", invoiced_on=day, net=Decimal(net))
    assert records.ask("ops_sales_trend_3m") == 0
    assert records.ask("ops_sales_trend_6m") == pytest.approx(990 / 1000 - 1)


def test_there_is_no_trend_against_months_in_which_nothing_was_sold(records: Any) -> None:
    records.put("invoice", invoiced_on=D(2024, 5, 1), net=Decimal(900))
    records.put("invoice", invoiced_on=D(2023, 5, 1), net=Decimal(-5), status="red_letter")
    assert records.ask("ops_sales_trend_3m") is None
    assert records.ask("ops_sales_growth") is None


def test_a_new_buyer_is_one_whose_first_invoice_lies_within_the_year(records: Any) -> None:
    for buyer, day in (("old", D(2021, 1, 1)), ("old", D(2024, 1, 1)), ("new", D(2024, 1, 1)), ("left", D(2023, 1, 1))):
        records.put("invoice", counterparty=buyer, invoiced_on=day, net=Decimal(10))
    records.put("invoice", counterparty="new", invoiced_on=D(2020, 1, 1), net=Decimal(10), status="void")
    records.put("invoice", counterparty="new", invoiced_on=D(2020, 1, 1), net=Decimal(10), direction="purchase")
    assert (records.ask("ops_new_buyers_12m_n"), records.ask("ops_new_buyer_share_12m")) == (1, 0.5)
    assert (records.ask("ops_lost_buyers_12m_n"), records.ask("ops_lost_buyer_share_12m")) == (1, 1.0)
    assert records.ask("ops_both_ways_36m_n") == 0, "the purchase lies before the window"


def test_whoever_buys_and_supplies_in_the_same_time_is_told(records: Any) -> None:
    for party, direction in (("a", "sale"), ("a", "purchase"), ("b", "sale"), ("c", "purchase")):
        records.put("invoice", counterparty=party, direction=direction, net=Decimal(10))
    assert records.ask("ops_both_ways_36m_n") == 1
    assert by_name("ops_both_ways_36m_n").use.value == "fact"


def test_an_index_of_concentration_is_one_over_the_number_of_equal_buyers(records: Any) -> None:
    for buyer in "abcd":
        records.put("invoice", counterparty=buyer, net=Decimal(25))
        records.put("invoice", counterparty=buyer, net=Decimal(1), direction="purchase" if buyer == "a" else "sale")
    records.put("invoice", counterparty="e", net=Decimal(-500), status="red_letter")
    assert records.ask("ops_supplier_concentration_12m") == 1
    sold = [25, 26, 26, 26]
    assert records.ask("ops_buyer_concentration_12m") == pytest.approx(sum(v * v for v in sold) / sum(sold) ** 2)


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    made = History()
    yield made
    made.warehouse.close()


_INVOICES = st.lists(
    st.tuples(
        st.sampled_from(("sale", "purchase")),
        st.sampled_from(("a", "b", "c", None)),
        st.integers(0, 1500),
        st.integers(1, 99),
        st.sampled_from(("valid", "void")),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=_INVOICES)
def test_parties_are_counted_as_one_would_count_by_hand(history: History, told: list[Any]) -> None:
    day = SUBJECTS["as_of"][0].as_py()
    rows = [
        ("invoice", {
            "uscc": "U1", "invoice_no": str(number), "direction": direction, "counterparty": party, "status": status,
            "invoiced_on": day - dt.timedelta(days=back), "net": Decimal(net),
            "happened_on": day - dt.timedelta(days=back), "known_on": day - dt.timedelta(days=back),
        })
        for number, (direction, party, back, net, status) in enumerate(told)
    ]  # fmt: skip
    names = ("ops_new_buyers_12m_n", "ops_lost_buyers_12m_n", "ops_both_ways_36m_n", "ops_buyer_concentration_12m")
    found = history.matrix(rows, tuple(by_name(name) for name in names), SUBJECTS.slice(0, 1)).to_pylist()[0]
    if not rows:
        assert [found[name] for name in names] == [None] * 4
        return
    valid = [
        (direction, party, day - dt.timedelta(days=back), net)
        for direction, party, back, net, status in told
        if status == "valid" and party
    ]
    year, two, three = D(2022, 2, 28), D(2021, 2, 28), D(2020, 2, 28)
    days = {
        party: [when for way, other, when, _ in valid if way == "sale" and other == party] for _, party, _, _ in valid
    }
    days = {party: seen for party, seen in days.items() if seen}
    sold = Counter[str]()
    for way, party, when, net in valid:
        if way == "sale" and when > year:
            sold[party] += net
    bought = {party for way, party, when, _ in valid if way == "purchase" and when > three}
    assert found[names[0]] == sum(min(seen) > year for seen in days.values())
    assert found[names[1]] == sum(two < max(seen) <= year for seen in days.values())
    assert found[names[2]] == sum(max(seen) > three and party in bought for party, seen in days.items())
    total = sum(sold.values())
    expected = sum(net * net for net in sold.values()) / total**2 if total else None
    assert found[names[3]] == (None if expected is None else pytest.approx(expected))


def test_the_amount_asked_for_is_measured_against_what_there_is(records: Any) -> None:
    records.put(
        "application",
        application_id="A1",
        applied_on=DAY,
        amount=Decimal(600),
        term_months=12,
        purpose="equipment",
        happened_on=DAY,
    )
    records.put("annual_report", year=2022, happened_on=D(2022, 12, 31), revenue=Decimal(2000), assets=Decimal(1200))
    records.put("invoice", net=Decimal(1200), invoiced_on=D(2024, 1, 1))
    found = records.ask(
        "app_amount_to_revenue",
        "app_amount_to_assets",
        "app_debt_after_to_revenue",
        "app_repayment_to_sales",
        "app_amount_to_debt",
    )
    assert [found[name] for name in found if name.startswith("app")][1:] == [0.3, 0.5, None, 0.3, 0.5]
    records.put(
        "credit_month", month=D(2024, 5, 1), happened_on=D(2024, 5, 31), known_on=D(2024, 6, 10), balance=Decimal(400)
    )
    assert records.ask("app_debt_after_to_revenue") == pytest.approx(0.5)
    assert records.ask("app_amount_to_debt") == pytest.approx(1.5)
    assert records.ask("app_quality_purpose") == 1
