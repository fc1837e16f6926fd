"""How debts were served: the worse of word and days counts, a contradiction is told, and arrears only ever hurt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.features.conftest import DAY
from tests.features.histories import History
from tests.features.histories import records as drawn

from certloan.domain.evidence import Family
from certloan.features.catalog import CATALOG, by_name, for_use
from certloan.features.spec import Use

D = dt.date
LAW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
CREDIT = tuple(spec for spec in CATALOG if spec.family is Family.CREDIT)


def _month(records: Any, month: dt.date, **cells: Any) -> None:
    end = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    records.put("credit_month", month=month, happened_on=end, known_on=end + dt.timedelta(days=10), **cells)


@pytest.mark.parametrize(
    ("word", "days", "counted", "contradictions"),
    [
        ("normal", 0, 1, 0),
        ("normal", 7, 1, 0),  # a technical delay
        ("normal", 8, 2, 1),
        ("special_mention", 8, 2, 0),
        ("special_mention", 90, 2, 0),
        ("special_mention", 91, 3, 1),
        ("substandard", 270, 3, 0),
        ("substandard", 271, 4, 1),
        ("doubtful", 360, 4, 0),
        ("doubtful", 361, 5, 1),
        ("loss", 0, 5, 0),  # a bank may grade worse for reasons of its own
        ("doubtful", None, 4, 0),
        (None, 120, 3, 0),
        (None, None, None, 0),
    ],
)
def test_the_worse_of_word_and_days_counts_and_a_better_word_is_a_contradiction(
    records: Any, word: str | None, days: int | None, counted: int | None, contradictions: int
) -> None:
    _month(records, D(2024, 4, 1), five_class=word, days_past_due=days)
    found = records.ask("credit_worst_class_3m", "credit_class_now", "credit_contradictions_24m_n")
    assert (found["credit_worst_class_3m"], found["credit_class_now"]) == (counted, counted)
    assert found["credit_contradictions_24m_n"] == contradictions


def test_before_the_rules_of_2023_only_more_than_ninety_days_without_a_bad_grade_is_a_contradiction(
    records: Any,
) -> None:
    for month, days in ((4, 60), (5, 91), (6, 300)):
        word = "substandard" if days == 300 else "normal"
        _month(records, D(2023, month, 1), account_no=f"L{days}", five_class=word, days_past_due=days)
    assert records.ask("credit_contradictions_24m_n") == 1
    assert records.ask("credit_worst_class_24m") == 4, "what counts is the same on either side of the day"


def test_worst_mean_and_newest_are_taken_over_their_own_months(records: Any) -> None:
    for month, days in ((D(2024, 5, 1), 0), (D(2024, 2, 1), 40), (D(2023, 8, 1), 80), (D(2022, 8, 1), 200)):
        _month(records, month, days_past_due=days)
    spans = (3, 6, 12, 24)
    assert [records.ask(f"credit_dpd_max_{span}m") for span in spans] == [0, 40, 80, 200]
    assert [records.ask(f"credit_dpd_mean_{span}m") for span in spans] == [0, 20, 40, 80]
    assert [records.ask(f"credit_worst_class_{span}m") for span in spans] == [1, 2, 2, 3]
    assert records.ask("credit_dpd_now") == 0


def test_the_newest_month_is_the_worst_of_its_accounts_however_late_one_was_told(records: Any) -> None:
    _month(records, D(2024, 3, 1), account_no="L1", days_past_due=300)
    end, told_late = D(2024, 4, 30), D(2024, 6, 1)
    records.put(
        "credit_month", month=D(2024, 4, 1), happened_on=end, known_on=D(2024, 5, 10), account_no="L1", days_past_due=35
    )
    records.put(
        "credit_month", month=D(2024, 4, 1), happened_on=end, known_on=told_late, account_no="L2", days_past_due=2
    )
    assert (records.ask("credit_dpd_now"), records.ask("credit_class_now")) == (35, 2)


def test_what_is_overdue_by_its_amount_is_past_due_without_a_number_of_days(records: Any) -> None:
    _month(records, D(2024, 5, 1), days_past_due=None, overdue_amount=Decimal(5), balance=Decimal(100))
    _month(records, D(2024, 4, 1), days_past_due=None, overdue_amount=Decimal(0), balance=Decimal(100))
    _month(records, D(2024, 3, 1), days_past_due=None, overdue_amount=None)
    _month(records, D(2023, 9, 1), days_past_due=0, overdue_amount=None)
    assert records.ask("credit_months_past_due_6m") == 1
    assert records.ask("credit_months_since_past_due") == 1
    assert records.ask("credit_overdue_share_12m") == pytest.approx(5 / 200)


def test_who_was_never_past_due_is_as_long_clean_as_anybody_can_be(records: Any) -> None:
    _month(records, D(2024, 5, 1), days_past_due=0)
    assert records.ask("credit_months_since_past_due") == 36
    _month(records, D(2018, 5, 1), days_past_due=9)
    assert records.ask("credit_months_since_past_due") == 36


def test_a_trend_compares_the_later_half_of_its_span_with_the_earlier(records: Any) -> None:
    records.put("credit_account", account_no="L1", kind="credit_line", opened_on=D(2021, 1, 1))
    for month, balance, days in (
        (D(2024, 5, 1), 80, 5),
        (D(2024, 1, 1), 40, 0),
        (D(2023, 8, 1), 20, 5),
        (D(2022, 9, 1), 10, 0),
    ):
        _month(records, month, balance=Decimal(balance), days_past_due=days)
    assert records.ask("credit_utilisation_trend_6m") == pytest.approx(0.4)
    assert records.ask("credit_utilisation_trend_12m") == pytest.approx(0.4)  # 0.6 against 0.2
    assert records.ask("credit_utilisation_trend_24m") == pytest.approx(140 / 300 - 0.1)
    assert records.ask("credit_balance_growth_6m") == pytest.approx(1.0)
    assert records.ask("credit_balance_growth_12m") == pytest.approx(2.0)
    assert [records.ask(f"credit_past_due_trend_{span}m") for span in (6, 12, 24)] == [1, 0, 2]


def test_a_guaranteed_debt_that_is_watched_counts_apart_and_as_arrears(records: Any) -> None:
    records.put("credit_account", account_no="G", kind="guarantee", opened_on=D(2021, 1, 1))
    _month(records, D(2024, 5, 1), account_no="G", five_class="special_mention", days_past_due=20)
    found = records.ask("credit_guaranteed_watched_12m", "credit_dpd_max_3m", "credit_months_watched_24m")
    assert [found[name] for name in found if name.startswith("credit")] == [20, 1, 1]


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    made = History()
    yield made
    made.warehouse.close()


@LAW
@given(told=drawn(("credit_month", "credit_account", "annual_report")), more=st.integers(1, 400), data=st.data())
def test_more_days_past_due_never_improve_anything(history: History, told: Any, more: int, data: Any) -> None:
    late = [
        place for place, (table, row) in enumerate(told) if table == "credit_month" and row["days_past_due"] is not None
    ]
    if not late:
        return
    at = data.draw(st.sampled_from(late))
    table, row = told[at]
    worse = [*told[:at], (table, row | {"days_past_due": row["days_past_due"] + more}), *told[at + 1 :]]
    before, after = (history.matrix(state, CREDIT).to_pylist() for state in (told, worse))
    for was, becomes in zip(before, after, strict=True):
        for spec in CREDIT:
            if spec.direction and was[spec.name] is not None:
                assert spec.direction * becomes[spec.name] <= spec.direction * was[spec.name], spec.name


def test_a_trend_of_arrears_claims_no_direction_because_older_arrears_would_improve_it() -> None:
    trends = [spec for spec in CATALOG if spec.name.startswith("credit_past_due_trend")]
    assert len(trends) == 4
    assert {spec.direction for spec in trends} == {0}


def _grades(records: Any, registered: dt.date | None, **grades: str) -> None:
    records.put("enterprise", registered_on=registered, happened_on=registered or D(2010, 1, 1))
    for year, grade in grades.items():
        number = int(year.removeprefix("y"))
        records.put("tax_grade", year=number, grade=grade, happened_on=D(number, 12, 31), known_on=D(number + 1, 4, 30))


def test_no_a_can_be_missed_before_three_years_of_operation(records: Any) -> None:
    _grades(records, D(2021, 2, 1), y2021="M", y2022="B", y2023="B")
    found = records.ask("tax_a_missed_60m_n", "tax_a_share_60m", "tax_standing", "tax_low_years_60m_n")
    assert (found["tax_a_missed_60m_n"], found["tax_a_share_60m"], found["tax_standing"]) == (0, None, "B_capped")
    assert found["tax_low_years_60m_n"] == 0


@pytest.mark.parametrize(("registered", "missed"), [(D(2020, 12, 31), 1), (D(2021, 1, 1), 0)])
def test_three_years_are_counted_to_the_end_of_the_year_that_is_graded(
    records: Any, registered: dt.date, missed: int
) -> None:
    _grades(records, registered, y2023="B")
    assert records.ask("tax_a_missed_60m_n") == missed


def test_an_old_firms_b_is_an_a_missed_and_its_share_of_a_is_that_of_the_years_it_could_have_one(records: Any) -> None:
    _grades(records, D(2010, 1, 1), y2019="A", y2020="B", y2021="D", y2022="B", y2023="A")
    found = records.ask("tax_a_missed_60m_n", "tax_a_share_60m", "tax_standing", "tax_step", "tax_d_years_60m_n")
    # 2022 follows a D: no A was possible. 2020 and 2021 missed one.
    assert (found["tax_a_missed_60m_n"], found["tax_a_share_60m"]) == (2, 0.5)
    assert (found["tax_standing"], found["tax_step"], found["tax_d_years_60m_n"]) == ("A", 1, 1)


def test_m_is_no_step_up_or_down_and_no_a_missed(records: Any) -> None:
    _grades(records, D(2010, 1, 1), y2022="B", y2023="M")
    found = records.ask("tax_step", "tax_standing", "tax_a_missed_60m_n")
    assert (found["tax_step"], found["tax_standing"], found["tax_a_missed_60m_n"]) == (None, "M", 1)


def test_without_a_registration_nobody_can_say_whether_an_a_was_possible(records: Any) -> None:
    records.put("tax_grade", year=2022, grade="B", happened_on=D(2022, 12, 31))
    found = records.ask("tax_a_missed_60m_n", "tax_standing")
    assert (found["tax_a_missed_60m_n"], found["tax_standing"]) == (0, "B")


def test_no_direction_of_the_model_holds_youth_against_a_firm() -> None:
    """What a young firm cannot have (years of grade A, a share of them) is a fact, and so is a level of its own."""
    for name in ("tax_a_years_60m_n", "tax_a_share_60m", "tax_standing", "tax_step"):
        assert by_name(name).use is Use.FACT


_TAX_READ = tuple(spec.name for spec in for_use(Use.MODEL) if spec.name.startswith("tax_"))


@pytest.mark.parametrize("grades", [{"y2023": "M"}, {"y2023": "B"}, {"y2022": "M", "y2023": "B"}])
def test_to_be_too_young_for_an_a_reads_like_having_had_one_every_year(records: Any, grades: dict[str, str]) -> None:
    _grades(records, D(2022, 2, 1), **grades)
    young = records.ask(*_TAX_READ)
    records.put("enterprise", uscc="OLD", registered_on=D(2010, 1, 1), happened_on=D(2010, 1, 1))
    for year in range(2019, 2024):
        records.put(
            "tax_grade", uscc="OLD", year=year, grade="A", happened_on=D(year, 12, 31), known_on=D(year + 1, 4, 30)
        )
    old = records.ask(*_TAX_READ, uscc="OLD")
    assert len(_TAX_READ) >= 5
    assert (
        {name: young[name] for name in _TAX_READ}
        == {name: old[name] for name in _TAX_READ}
        == dict.fromkeys(_TAX_READ, 0)
    )


@pytest.mark.parametrize(
    ("registered", "asked", "told"),
    [
        (D(2023, 9, 1), D(2024, 6, 1), 0),  # no whole year yet
        (D(2023, 1, 2), D(2025, 4, 30), 0),  # the grades of 2024 are not out before May
        (D(2022, 12, 31), D(2024, 6, 1), None),  # all of 2023 could have been graded, and was not
        (D(2010, 1, 1), D(2024, 6, 1), None),
        (None, D(2024, 6, 1), None),
    ],
)
def test_to_be_too_young_for_any_grade_reads_like_the_best_and_to_be_old_without_one_is_unknown(
    records: Any, registered: dt.date | None, asked: dt.date, told: int | None
) -> None:
    records.put("enterprise", registered_on=registered, happened_on=registered or D(2010, 1, 1))
    # Somebody else's grade: the source has been delivered.
    records.put("tax_grade", uscc="OLD", year=2019, grade="A", happened_on=D(2019, 12, 31), known_on=D(2020, 4, 30))
    found = records.ask(*_TAX_READ, day=asked)
    assert {name: found[name] for name in _TAX_READ} == dict.fromkeys(_TAX_READ, told)


def test_nothing_is_said_of_a_young_firm_where_grades_were_never_delivered(records: Any) -> None:
    records.put("enterprise", registered_on=D(2024, 1, 1), happened_on=D(2024, 1, 1))
    found = records.ask(*_TAX_READ, day=D(2024, 6, 1))
    assert {name: found[name] for name in _TAX_READ} == dict.fromkeys(_TAX_READ)


def test_a_young_firms_bad_grade_counts(records: Any) -> None:
    _grades(records, D(2023, 2, 1), y2023="D")
    found = records.ask("tax_shortfall", "tax_d_years_60m_n", day=D(2024, 6, 1))
    assert (found["tax_shortfall"], found["tax_d_years_60m_n"]) == (3, 1)


@pytest.mark.parametrize(
    ("now", "shortfall", "fall"), [("A", 0, 0), ("B", 1, 1), ("M", 1, 0), ("C", 2, 2), ("D", 3, 3)]
)
def test_an_old_firm_falls_short_of_an_a_by_steps(records: Any, now: str, shortfall: int, fall: int) -> None:
    _grades(records, D(2010, 1, 1), y2022="A", y2023=now)
    found = records.ask("tax_shortfall", "tax_fall")
    assert (found["tax_shortfall"], found["tax_fall"]) == (shortfall, fall)


def test_arrears_with_utilities_and_with_social_insurance_are_told_apart(records: Any) -> None:
    for month, kind, arrears in (
        (2, "water", 10),
        (3, "water", 0),
        (3, "social_insurance", 7),
        (4, "gas", 30),
        (4, "water", 5),
    ):
        day = D(2024, month, 28)
        records.put(
            "utility_bill",
            kind=kind,
            month=day.replace(day=1),
            happened_on=day,
            arrears=Decimal(arrears),
            billed=Decimal(1),
        )
    names = ("bill_arrears_months_12m", "bill_social_arrears_months_12m", "bill_arrears_max_12m", "bill_months_12m")
    assert [records.ask(name) for name in names] == [2, 1, 30, 3]


def test_the_power_bill_is_compared_with_the_same_months_a_year_before(records: Any) -> None:
    for day, billed in ((D(2024, 2, 29), 150), (D(2023, 2, 28), 100), (D(2023, 8, 31), 900)):
        records.put(
            "utility_bill", kind="electricity", month=day.replace(day=1), happened_on=day, billed=Decimal(billed)
        )
    assert records.ask("bill_power_trend") == pytest.approx(0.5)
    assert D(2024, 6, 15) == DAY
