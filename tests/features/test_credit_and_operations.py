"""Debts, sales and figures: sums, ratios, months and shares, checked by hand."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest
from tests.features.conftest import DAY

from certloan.features.catalog import by_name
from certloan.i18n import Lang, text

D = dt.date


def _month(records: Any, month: dt.date, **cells: Any) -> None:
    end = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    records.put("credit_month", month=month, happened_on=end, known_on=end + dt.timedelta(days=10), **cells)


def _accounts(records: Any, **kinds: str) -> None:
    for number, kind in kinds.items():
        records.put("credit_account", account_no=number, kind=kind, opened_on=D(2022, 1, 1))


def test_utilisation_is_debt_over_limit_and_not_the_mean_of_ratios(records: Any) -> None:
    _accounts(records, L1="credit_line", L2="credit_line")
    _month(records, D(2024, 5, 1), account_no="L1", balance=Decimal(90), credit_limit=Decimal(100))
    _month(records, D(2024, 5, 1), account_no="L2", balance=Decimal(0), credit_limit=Decimal(900))
    assert records.ask("credit_utilisation_3m") == pytest.approx(0.09)


def test_only_a_revolving_line_has_a_utilisation(records: Any) -> None:
    _accounts(records, T="working_capital", G="guarantee")
    _month(records, D(2024, 5, 1), account_no="T", balance=Decimal(90), credit_limit=Decimal(100))
    _month(records, D(2024, 5, 1), account_no="G", balance=Decimal(80), credit_limit=Decimal(100))
    _month(records, D(2024, 5, 1), account_no="UNTOLD", balance=Decimal(70), credit_limit=Decimal(100))
    assert records.ask("credit_utilisation_3m") is None
    _accounts(records, L="credit_line")
    _month(records, D(2024, 5, 1), account_no="L", balance=Decimal(25), credit_limit=Decimal(100))
    assert records.ask("credit_utilisation_3m") == 0.25


def test_the_kind_of_an_account_counts_from_the_day_on_which_it_was_known(records: Any) -> None:
    _month(records, D(2024, 5, 1), account_no="L", balance=Decimal(25), credit_limit=Decimal(100))
    records.put("credit_account", account_no="L", kind="credit_line", opened_on=D(2022, 1, 1), known_on=D(2024, 6, 20))
    assert records.ask("credit_utilisation_3m", day=D(2024, 6, 19)) is None
    assert records.ask("credit_utilisation_3m", day=D(2024, 6, 20)) == 0.25


def test_a_guarantee_given_is_no_debt_of_the_guarantor(records: Any) -> None:
    _accounts(records, T="working_capital", G="guarantee")
    records.put("annual_report", year=2022, happened_on=D(2022, 12, 31), revenue=Decimal(1000))
    for account, balance in (("T", 90), ("G", 500), ("UNTOLD", 10)):
        _month(records, D(2024, 5, 1), account_no=account, balance=Decimal(balance))
    found = records.ask("credit_balance_3m", "credit_debt_to_revenue", "credit_guarantees_n")
    assert (found["credit_balance_3m"], found["credit_debt_to_revenue"], found["credit_guarantees_n"]) == (100, 0.1, 1)


def test_debt_of_two_accounts_in_one_month_is_one_month_of_debt(records: Any) -> None:
    _month(records, D(2024, 4, 1), account_no="L1", balance=Decimal(100))
    _month(records, D(2024, 5, 1), account_no="L1", balance=Decimal(50))
    _month(records, D(2024, 5, 1), account_no="L2", balance=Decimal(30))
    assert records.ask("credit_balance_3m") == 90


def test_months_past_due_are_calendar_months_whatever_the_number_of_accounts(records: Any) -> None:
    for month in (2, 3):
        for account in ("L1", "L2"):
            _month(records, D(2024, month, 1), account_no=account, days_past_due=10 * month)
    _month(records, D(2024, 4, 1), days_past_due=45)
    _month(records, D(2023, 4, 1), days_past_due=5)
    found = records.ask("credit_months_past_due_12m", "credit_months_past_due_24m", "credit_months_over_30_24m")
    assert [found[name] for name in found if name.startswith("credit")] == [3, 4, 1]


def test_the_worst_day_and_the_worst_class_are_those_of_the_window(records: Any) -> None:
    _month(records, D(2024, 5, 1), days_past_due=3)
    _month(records, D(2023, 9, 1), days_past_due=40, five_class="special_mention")
    _month(records, D(2022, 9, 1), days_past_due=200, five_class="doubtful")
    found = records.ask("credit_dpd_max_6m", "credit_dpd_max_12m", "credit_dpd_max_24m", "credit_worst_class_12m")
    assert (found["credit_dpd_max_6m"], found["credit_dpd_max_12m"], found["credit_dpd_max_24m"]) == (3, 40, 200)
    assert found["credit_worst_class_12m"] == 2


def test_a_history_without_a_recent_month_is_unknown_and_not_clean(records: Any) -> None:
    _month(records, D(2021, 1, 1), days_past_due=100)
    found = records.ask("credit_known", "credit_dpd_max_12m", "credit_utilisation_3m", "credit_months_past_due_12m")
    assert (found["credit_known"], found["credit_dpd_max_12m"], found["credit_utilisation_3m"]) == (1, None, None)


def test_grade_m_is_its_own_level_and_not_a_bad_grade(records: Any) -> None:
    records.put("tax_grade", year=2021, grade="D", happened_on=D(2021, 12, 31))
    records.put("tax_grade", year=2022, grade="M", happened_on=D(2022, 12, 31))
    found = records.ask("tax_grade_now", "tax_d_years_60m_n")
    assert (found["tax_grade_now"], found["tax_d_years_60m_n"]) == ("M", 1)
    assert text("feature.level.M", Lang.ZH) == "M级(新设或无收入)"


def test_void_invoices_are_no_sales_and_red_letters_take_back(records: Any) -> None:
    records.put("invoice", net=Decimal(1000), counterparty="a")
    records.put("invoice", net=Decimal(-300), status="red_letter", counterparty="a")
    records.put("invoice", net=Decimal(5000), status="void", counterparty="a")
    records.put("invoice", net=Decimal(400), direction="purchase", counterparty="b")
    found = records.ask("ops_sales_12m", "ops_void_share_36m", "ops_red_letter_share_36m", "ops_purchases_to_sales_36m")
    assert found["ops_sales_12m"] == 700
    assert found["ops_void_share_36m"] == pytest.approx(1 / 3)
    assert found["ops_red_letter_share_36m"] == 0.5
    assert found["ops_purchases_to_sales_36m"] == pytest.approx(400 / 700)


def test_a_red_letter_is_no_sale_and_no_buyer(records: Any) -> None:
    records.put("invoice", net=Decimal(1000), counterparty="a", invoiced_on=D(2024, 1, 15))
    records.put("invoice", net=Decimal(-100), status="red_letter", counterparty="b", invoiced_on=D(2024, 3, 1))
    records.put("invoice", net=Decimal(-200), counterparty="c", invoiced_on=D(2024, 4, 1))
    records.put("invoice", net=Decimal(-9), direction="purchase", counterparty="d", invoiced_on=D(2024, 4, 1))
    names = ("sales_invoices_12m_n", "sales_invoices_36m_n", "buyers_36m_n", "sales_months_24m", "days_since_sale")
    assert [records.ask(f"ops_{name}") for name in names] == [1, 1, 1, 1, (DAY - D(2024, 1, 15)).days]
    assert [records.ask(f"ops_{name}") for name in ("purchase_invoices_36m_n", "suppliers_36m_n")] == [0, 0]
    assert records.ask("ops_sales_12m") == 700
    assert records.ask("ops_red_letter_share_36m") == pytest.approx(2 / 3)


def test_the_largest_buyer_is_the_one_with_the_largest_sum(records: Any) -> None:
    for buyer, net in (("a", 60), ("b", 50), ("b", 50), ("c", 40), (None, 900)):
        records.put("invoice", net=Decimal(net), counterparty=buyer)
    assert records.ask("ops_top_buyer_share_36m") == 0.5
    assert records.ask("ops_buyers_36m_n") == 3


def test_steady_sales_vary_nothing_and_one_month_of_twelve_varies_most(records: Any) -> None:
    months = [D(2023 + (month + 6) // 13, (month + 5) % 12 + 1, 20) for month in range(1, 12)]
    for day in (*months, D(2024, 6, 1)):
        records.put("invoice", uscc="steady", invoiced_on=day, net=Decimal(100))
    records.put("invoice", uscc="once", invoiced_on=D(2024, 1, 5), net=Decimal(1200))
    assert records.ask("ops_sales_variation_12m", uscc="steady") == pytest.approx(0, abs=1e-6)
    assert records.ask("ops_sales_variation_12m", uscc="once") == pytest.approx(math.sqrt(11))


def test_months_without_sales_are_counted_and_never_below_zero(records: Any) -> None:
    records.put("invoice", invoiced_on=D(2024, 5, 1), net=Decimal(1))
    records.put("invoice", invoiced_on=D(2024, 5, 9), net=Decimal(1))
    assert records.ask("ops_months_without_sales_24m") == 23
    for month in range(25):
        records.put("invoice", invoiced_on=D(2022 + (month + 5) // 12, (month + 5) % 12 + 1, 15), net=Decimal(1))
    assert records.ask("ops_months_without_sales_24m") == 0


@pytest.mark.parametrize(
    ("inspections", "months"),
    [
        ([], None),
        ([("no_nonconformity", D(2024, 1, 10))], 36),
        ([("no_nonconformity", D(2012, 1, 10))], 36),
        ([("nonconforming", D(2016, 1, 10)), ("no_nonconformity", D(2024, 1, 10))], 36),
        ([("nonconforming", D(2021, 12, 15)), ("no_nonconformity", D(2024, 1, 10))], 30),
        ([("nonconforming", D(2024, 1, 10)), ("nonconforming", D(2021, 1, 10))], 5),
        ([("refused", D(2024, 1, 10))], None),
    ],
)
def test_who_was_inspected_and_never_failed_is_as_good_as_anybody_can_be(
    records: Any, inspections: list[tuple[str, dt.date]], months: int | None
) -> None:
    records.put("inspection", uscc="somebody")
    for verdict, day in inspections:
        records.put("inspection", verdict=verdict, inspected_on=day)
    assert records.ask("insp_months_since_failure") == months
    assert by_name("insp_months_since_failure").direction == 1


def test_withheld_figures_are_counted_in_the_latest_report_only(records: Any) -> None:
    records.put("annual_report", year=2021, happened_on=D(2021, 12, 31), revenue=Decimal(100))
    records.put("annual_report", year=2022, happened_on=D(2022, 12, 31), assets=Decimal(50), liabilities=Decimal(40))
    found = records.ask("ent_figures_withheld", "ent_revenue", "ent_liability_ratio", "ent_reports_60m_n")
    assert (found["ent_figures_withheld"], found["ent_revenue"], found["ent_reports_60m_n"]) == (6, None, 2)
    assert found["ent_liability_ratio"] == 0.8


def test_a_report_of_last_year_is_used_only_once_it_was_published(records: Any) -> None:
    records.put("annual_report", year=2022, happened_on=D(2022, 12, 31), revenue=Decimal(100))
    records.put("annual_report", year=2023, happened_on=D(2023, 12, 31), known_on=D(2024, 6, 30), revenue=Decimal(200))
    assert records.ask("ent_revenue", day=DAY) == 100
    assert records.ask("ent_revenue", day=D(2024, 6, 30)) == 200


def test_an_application_reads_its_own_record_and_not_another_of_the_same_enterprise(records: Any) -> None:
    records.put("application", application_id="A1", applied_on=DAY, amount=Decimal(500), startup=False)
    records.put("application", application_id="A2", applied_on=DAY, amount=Decimal(900), startup=True)
    found = records.ask("app_amount", "app_startup", "app_franchise")
    assert (found["app_amount"], found["app_startup"], found["app_franchise"]) == (500, 0, None)


@pytest.mark.parametrize(("lender", "local"), [("330106", 1), ("440106", 0), (None, None)])
def test_a_lender_is_local_in_the_same_province(records: Any, lender: str | None, local: int | None) -> None:
    records.put("enterprise", name="x", region_code="330521", registered_on=D(2010, 1, 1))
    records.put("application", application_id="A1", applied_on=DAY, lender_region_code=lender)
    assert records.ask("app_local_lender") == local


@pytest.mark.parametrize(
    ("expires_on", "purpose", "valid"),
    [(None, "credit_check", 1), (DAY, "credit_check", 1), (D(2024, 6, 14), "credit_check", 0), (None, "data_use", 0)],
)
def test_consent_is_for_a_purpose_and_ends(records: Any, expires_on: dt.date | None, purpose: str, valid: int) -> None:
    records.put("consent", purpose=purpose, granted_on=D(2024, 1, 1), expires_on=expires_on)
    assert records.ask("consent_valid") == valid


def test_an_award_counts_by_its_highest_level(records: Any) -> None:
    for level in ("county", "province", "city"):
        records.put("honour", kind="quality_award", level=level, granted_on=D(2022, 1, 1))
    assert records.ask("honour_award_level") == 3


def test_only_mitigants_in_force_cover_a_loss(records: Any) -> None:
    records.put("mitigant", kind="quality_deposit", insured_amount=Decimal(100), starts_on=D(2023, 1, 1), ends_on=DAY)
    records.put(
        "mitigant", kind="quality_deposit", insured_amount=Decimal(50), starts_on=D(2023, 1, 1), ends_on=D(2024, 1, 1)
    )
    records.put(
        "mitigant", kind="guarantee_fund", insured_amount=Decimal(7), starts_on=D(2024, 7, 1), known_on=D(2024, 6, 1)
    )
    found = records.ask("mitigant_amount", "mitigant_quality_n", "mitigant_guarantee_fund")
    assert (found["mitigant_amount"], found["mitigant_quality_n"], found["mitigant_guarantee_fund"]) == (100, 1, 0)
