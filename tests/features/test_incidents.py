"""Penalties by kind, complaints that were upheld, recalls, and what may not be used any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.features.conftest import DAY
from tests.features.histories import SUBJECTS, History, Record, records

from certloan.domain.evidence import Family
from certloan.features.catalog import CATALOG, by_name, for_use
from certloan.features.reach import columns_read
from certloan.features.spec import Use

D = dt.date
LAW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
_TABLES = ("inspection", "incident", "list_entry")
_ADVERSE = tuple(
    spec
    for spec in CATALOG
    if spec.family in (Family.QUALITY, Family.ENTERPRISE)
    and {column.split(".")[0] for column in columns_read(spec)} <= {*_TABLES, "enterprise"}
)


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    made = History()
    yield made
    made.warehouse.close()


def _delivered() -> list[Record]:
    """Give one record of a stranger in every table: the sources were delivered, whoever's records vanish."""
    long_ago = {"uscc": "U0", "happened_on": D(2020, 1, 1), "known_on": D(2020, 1, 1)}
    return [(table, dict(long_ago)) for table in _TABLES]


@LAW
@given(told=records(_TABLES), gone=records(_TABLES, most=4), after=st.integers(0, 200))
def test_a_repaired_record_has_no_effect_from_its_day_on_in_deciding_or_in_training(
    history: History, told: list[Record], gone: list[Record], after: int
) -> None:
    """The applications of :data:`SUBJECTS` are what a model is trained on; the records stop counting before each."""
    first = min(SUBJECTS["as_of"].to_pylist())
    repaired: list[Record] = []
    for table, row in gone:
        void = first - dt.timedelta(days=after)
        repaired.append((table, row | {"known_on": void - dt.timedelta(days=90), "void_on": void}))
    base = [*_delivered(), *told]
    assert history.matrix([*base, *repaired], _ADVERSE).equals(history.matrix(base, _ADVERSE))


@LAW
@given(
    told=records(_TABLES),
    gone=records(("incident",), most=4),
    shown=st.sampled_from(
        [("minor", "fine", 3), ("moderate", None, 36), (None, "criticism", 36), ("minor", "revocation", 36)]
    ),
    after=st.integers(0, 200),
)
def test_a_penalty_has_no_effect_from_the_end_of_its_publication_on(
    history: History, told: list[Record], gone: list[Record], shown: tuple[str | None, str | None, int], after: int
) -> None:
    severity, form, months = shown
    first = min(SUBJECTS["as_of"].to_pylist())
    day = D(first.year - (months + 11) // 12, first.month, 1) - dt.timedelta(days=after)
    ended: list[Record] = []
    for table, row in gone:
        told_then = {"severity": severity, "form": form, "occurred_on": day, "happened_on": day, "known_on": day}
        ended.append((table, row | told_then | {"kind": "penalty", "void_on": None}))
    base = [*_delivered(), *told]
    assert history.matrix([*base, *ended], _ADVERSE).equals(history.matrix(base, _ADVERSE))


@pytest.mark.parametrize(
    ("told", "day", "last"),
    [
        ({"severity": "minor"}, D(2026, 4, 10), D(2026, 7, 9)),
        ({"severity": "moderate"}, D(2026, 4, 10), D(2027, 4, 9)),
        ({"severity": "serious"}, D(2026, 4, 10), D(2029, 4, 9)),
        ({}, D(2026, 4, 10), D(2029, 4, 9)),
        ({"severity": "moderate", "form": "suspension"}, D(2026, 4, 10), D(2029, 4, 9)),
        # The rule of the day of the penalty governs it: three years until March 2026.
        ({"severity": "moderate"}, D(2026, 3, 31), D(2029, 3, 30)),
    ],
)
def test_a_penalty_vanishes_on_the_day_its_longest_publication_ends(
    records: Any, told: dict[str, str], day: dt.date, last: dt.date
) -> None:
    records.put("incident", kind="penalty", occurred_on=day, **told)
    asked = ("quality_penalty_36m_n", "penalty_form_60m", "incident_amount_36m")
    assert records.ask("quality_penalty_36m_n", day=last) == 1
    gone = records.ask(*asked, day=last + dt.timedelta(days=1))
    assert [gone[name] for name in asked] == [0, 0, 0]


def test_an_accident_is_no_penalty_and_is_not_taken_off(records: Any) -> None:
    records.put("incident", kind="accident", severity="minor", occurred_on=D(2026, 4, 10))
    assert records.ask("incident_accident_60m_n", day=D(2029, 4, 10)) == 1


@LAW
@given(told=records(_TABLES), tips=st.lists(st.integers(0, 900), max_size=4))
def test_a_tip_off_never_reaches_the_model(history: History, told: list[Record], tips: list[int]) -> None:
    model = tuple(spec for spec in _ADVERSE if spec in for_use(Use.MODEL))
    base = [*_delivered(), *told]
    rows: list[Record] = []
    for number, days in enumerate(tips):
        day = D(2021, 6, 1) + dt.timedelta(days=days)
        row = {"uscc": "U1", "incident_no": f"T{number}", "kind": "report", "severity": "serious", "result": "upheld"}
        rows.append(
            ("incident", {**row, "amount": Decimal(10**6), "occurred_on": day, "happened_on": day, "known_on": day})
        )
    assert history.matrix([*base, *rows], model).equals(history.matrix(base, model))


@pytest.mark.parametrize(
    ("category", "counted"),
    [
        ("product_quality", 1), ("certification_fraud", 1), ("compulsory_certification", 1), ("food_safety", 1),
        ("licence", 1), (None, 1), ("measurement", 0), ("advertising", 0), ("other", 0),
    ],
)  # fmt: skip
def test_a_penalty_is_one_of_product_quality_unless_its_kind_says_otherwise(
    records: Any, category: str | None, counted: int
) -> None:
    records.put("incident", kind="penalty", category=category, occurred_on=D(2024, 1, 1))
    told = records.ask("quality_penalty_36m_n", "penalty_other_36m_n")
    assert (told["quality_penalty_36m_n"], told["penalty_other_36m_n"]) == (counted, 1 - counted)


def test_penalties_are_looked_back_at_over_one_and_three_years_and_no_longer_than_they_are_shown(records: Any) -> None:
    for day in (D(2024, 1, 1), D(2022, 1, 1), D(2020, 1, 1), D(2019, 1, 1)):
        records.put("incident", kind="penalty", occurred_on=day)
    assert [records.ask(f"quality_penalty_{months}m_n") for months in (12, 36, 60)] == [1, 2, 2]


def test_the_heaviest_form_of_penalty_is_told(records: Any) -> None:
    records.put("incident", kind="penalty", form="fine", occurred_on=D(2024, 1, 1))
    assert records.ask("penalty_form_60m") == 2
    records.put("incident", kind="penalty", form="suspension", occurred_on=D(2023, 1, 1))
    assert (records.ask("penalty_form_60m"), records.ask("penalty_stopped_60m_n")) == (4, 1)


def test_only_what_stopped_production_counts_as_stopped_for_as_long_as_it_is_shown(records: Any) -> None:
    for form, day in (("revocation", D(2022, 1, 1)), ("suspension", D(2020, 1, 1)), ("fine", D(2024, 1, 1))):
        records.put("incident", kind="penalty", form=form, occurred_on=day)
    assert [records.ask(f"penalty_stopped_{months}m_n") for months in (36, 60)] == [1, 1]


def test_an_incident_whose_day_is_not_told_counts_from_the_day_it_became_known(records: Any) -> None:
    records.put("incident", kind="penalty", happened_on=D(2024, 3, 1), known_on=D(2024, 3, 1))
    assert (
        records.ask("quality_penalty_36m_n", "quality_penalty_12m_n", day=D(2024, 3, 1))["quality_penalty_36m_n"] == 1
    )
    assert records.ask("quality_penalty_36m_n", day=D(2027, 3, 1)) == 0


@pytest.mark.parametrize(("result", "counted"), [("upheld", 1), ("rejected", 0), ("pending", 0), (None, 0)])
def test_only_upheld_complaints_count(records: Any, result: str | None, counted: int) -> None:
    records.put(
        "incident", kind="complaint", result=result, severity="serious", amount=Decimal(5), occurred_on=D(2024, 1, 1)
    )
    told = records.ask("incident_complaint_36m_n", "incident_serious_36m_n", "incident_amount_36m")
    assert told["incident_complaint_36m_n"] == told["incident_serious_36m_n"] == counted
    assert told["incident_amount_36m"] == 5 * counted


def test_complaints_are_measured_by_size_and_without_a_size_their_rate_is_unknown(records: Any) -> None:
    records.put("incident", uscc="U2", kind="complaint", result="rejected", occurred_on=D(2024, 1, 1))
    for number in range(3):
        records.put("incident", kind="complaint", result="upheld", incident_no=f"T{number}", occurred_on=D(2024, 1, 1))
    rates = ("incident_complaint_rate_36m", "incident_complaint_per_100")
    assert set(records.ask(*rates, uscc="U2").values()) >= {0.0}
    assert [records.ask(name) for name in rates] == [None, None]
    records.put("annual_report", year=2022, revenue=Decimal(60_000_000), employees=150, known_on=D(2023, 6, 30))
    assert [records.ask(name) for name in rates] == [0.5, 2.0]


def test_a_voluntary_recall_is_a_fact_and_an_ordered_one_counts_against(records: Any) -> None:
    records.put("incident", kind="recall", ordered="voluntary", occurred_on=D(2024, 1, 1))
    told = records.ask("incident_recall_voluntary_36m_n", "incident_recall_ordered_36m_n")
    assert (told["incident_recall_voluntary_36m_n"], told["incident_recall_ordered_36m_n"]) == (1, 0)
    assert by_name("incident_recall_voluntary_36m_n").use is Use.FACT


@pytest.mark.parametrize(("kind", "listed"), [("enforcement", (1, 0)), ("dishonest_debtor", (0, 1))])
def test_a_debt_under_enforcement_is_not_dishonesty(records: Any, kind: str, listed: tuple[int, int]) -> None:
    records.put("list_entry", list=kind, listed_on=D(2024, 1, 1))
    assert (records.ask("list_enforcement_n"), records.ask("list_dishonest_debtor_n")) == listed


@pytest.mark.parametrize("kind", ["quality_whitelist", "key_supervision"])
def test_a_list_that_is_no_fault_is_no_adverse_entry(records: Any, kind: str) -> None:
    records.put("list_entry", list=kind, listed_on=D(2024, 1, 1))
    told = records.ask("list_entries_60m_n", "list_longest_days_60m", f"list_{kind}_n")
    assert (told["list_entries_60m_n"], told["list_longest_days_60m"], told[f"list_{kind}_n"]) == (0, 0, 1)
    assert by_name(f"list_{kind}_n").use is Use.FACT


def test_an_entry_that_was_taken_off_stays_as_history_and_a_repaired_one_does_not(records: Any) -> None:
    records.put("list_entry", list="abnormal_operation", listed_on=D(2022, 1, 1), removed_on=D(2022, 4, 11))
    told = records.ask("list_abnormal_operation_n", "list_abnormal_operation_60m_n", "list_longest_days_60m")
    assert tuple(told.values())[3:] == (0, 1, 100)
    records.put("list_entry", uscc="U2", list="enforcement", listed_on=D(2022, 1, 1), void_on=DAY)
    assert records.ask("list_entries_60m_n", uscc="U2") == 0
