"""Annual figures: what is withheld never stands better than what is stated, and no group of people is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.features.conftest import DAY
from tests.features.histories import History, Record

from certloan.domain.evidence import Family
from certloan.features.catalog import by_name, for_use
from certloan.features.definition import definition
from certloan.features.figures import FIGURES
from certloan.features.reach import columns_read
from certloan.features.spec import Spec, Use

D = dt.date
LAW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
_ASKED = pa.table({"application_id": ["A1"], "uscc": ["U1"], "as_of": [DAY]})
_JUDGED = tuple(
    spec for spec in for_use(Use.MODEL) if columns_read(spec) & {f"annual_report.{figure}" for figure in FIGURES}
)
_MEASURED = tuple(spec for spec in _JUDGED if spec.family is not Family.ENTERPRISE)


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    made = History()
    yield made
    made.warehouse.close()


_MONEY = st.integers(0, 10**9).map(Decimal)
_SIGNED = st.integers(-(10**9), 10**9).map(Decimal)
_KINDS = {"employees": st.integers(0, 5000), "profit": _SIGNED, "equity": _SIGNED}
_YEAR = st.fixed_dictionaries({figure: st.none() | _KINDS.get(figure, _MONEY) for figure in FIGURES})


_OWED = st.fixed_dictionaries(
    {"asked": st.none() | _MONEY, "balance": st.none() | _MONEY, "limit": _MONEY, "guaranteed": _MONEY}
    | {"penalty": st.none() | _MONEY, "complaints": st.integers(0, 3)}
)


def _owing(told: dict[str, Any]) -> list[Record]:
    """Give what is measured against annual figures: a request, debts, guarantees, penalties, complaints."""
    day = D(2024, 5, 31)
    who = {"uscc": "U1", "happened_on": day, "known_on": day}
    open_ = {**who, "opened_on": day, "matures_on": D(2026, 1, 1)}
    complaint = {**who, "kind": "complaint", "occurred_on": day, "result": "upheld"}
    return [
        ("application", {**who, "application_id": "A1", "applied_on": day, "amount": told["asked"]}),
        ("credit_month", {**who, "account_no": "L", "month": D(2024, 5, 1), "balance": told["balance"]}),
        ("credit_account", {**open_, "account_no": "L", "kind": "working_capital", "credit_limit": told["limit"]}),
        ("credit_account", {**open_, "account_no": "G", "kind": "guarantee", "credit_limit": told["guaranteed"]}),
        ("incident", {**who, "kind": "penalty", "occurred_on": day, "amount": told["penalty"]}),
        *[("incident", complaint)] * told["complaints"],
    ]


def _reports(years: list[dict[str, Any]]) -> list[Record]:
    """Give the yearly reports, the newest first: of 2022, 2021 and so on."""
    told: list[Record] = []
    for back, figures in enumerate(years):
        end = D(2022 - back, 12, 31)
        dates = {"year": end.year, "happened_on": end, "known_on": end + dt.timedelta(days=180)}
        told.append(("annual_report", {"uscc": "U1", **dates, **figures}))
    return told


@LAW
@given(
    years=st.lists(_YEAR, min_size=1, max_size=5), withheld=st.sets(st.sampled_from(FIGURES), min_size=1), owed=_OWED
)
def test_to_withhold_a_figure_never_stands_better_than_to_state_it(
    history: History, years: list[dict[str, Any]], withheld: set[str], owed: dict[str, Any]
) -> None:
    stated = history.matrix([*_reports(years), *_owing(owed)], _JUDGED, _ASKED).to_pylist()[0]
    hidden = {**years[0], **dict.fromkeys(withheld)}
    hiding = history.matrix([*_reports([hidden, *years[1:]]), *_owing(owed)], _JUDGED, _ASKED).to_pylist()[0]
    for spec in _JUDGED:
        if stated[spec.name] is None:
            assert hiding[spec.name] is None, spec.name
        else:
            assert spec.direction * (hiding[spec.name] - stated[spec.name]) <= 1e-12, spec.name


_SOMETHING = {"asked": Decimal(100), "balance": Decimal(50), "limit": Decimal(200), "guaranteed": Decimal(30)}
_SOMETHING_OWED = {**_SOMETHING, "penalty": Decimal(5), "complaints": 1}
_WORST = {
    "app_amount_to_revenue": 2, "app_amount_to_assets": 1.5, "app_debt_after_to_revenue": 3,
    "credit_debt_to_revenue": 2, "credit_debt_to_assets": 1.5, "credit_limit_to_revenue": 2,
    "credit_new_limit_to_revenue": 2, "credit_guaranteed_to_revenue": 2,
    "penalty_to_revenue_36m": 0.2, "incident_complaint_rate_36m": 50,
}  # fmt: skip


def _measured(history: History, years: list[dict[str, Any]], owed: dict[str, Any]) -> dict[str, Any]:
    told = history.matrix([*_reports(years), *_owing(owed)], _MEASURED, _ASKED).to_pylist()[0]
    return {spec.name: told[spec.name] for spec in _MEASURED}


def test_what_is_measured_against_a_withheld_figure_is_as_bad_as_can_be_and_its_definition_says_so(
    history: History,
) -> None:
    assert _measured(history, [{"tax_paid": Decimal(1)}], _SOMETHING_OWED) == _WORST
    for spec in _MEASURED:
        assert spec.withheld_as is not None
        assert spec.withheld_as.value == _WORST[spec.name]
        assert f"计为 {_WORST[spec.name]}。" in definition(spec)
        assert f"it counts as {_WORST[spec.name]}." in definition(spec, "en")


@pytest.mark.parametrize("spec", [spec for spec in _JUDGED if spec.withheld_as], ids=lambda spec: spec.name)
def test_a_stand_in_is_what_a_feature_takes_where_one_of_its_figures_is_withheld(history: History, spec: Spec) -> None:
    """The marker is what people are told by: a wrong one would call a stated value withheld, or the other way round."""
    assert spec.withheld_as is not None
    whole = {figure: Decimal(10**4) for figure in FIGURES}
    for figure in spec.withheld_as.figures:
        withheld = {**whole, figure.removeprefix("ent_"): None}
        told = history.matrix([*_reports([withheld, whole, whole, whole]), *_owing(_SOMETHING_OWED)], (spec,), _ASKED)
        assert told.to_pylist()[0][spec.name] == spec.withheld_as.value
        assert by_name(figure).use is Use.FACT
    read = {column.removeprefix("annual_report.") for column in columns_read(spec)} & set(FIGURES)
    assert {figure.removeprefix("ent_") for figure in spec.withheld_as.figures} == read


def test_every_feature_that_a_withheld_figure_moves_says_what_stands_in_for_it() -> None:
    counts = {"ent_figures_withheld", "ent_loss_years_60m_n"}  # they count what is withheld and say so
    # The best of several years: a year that is withheld stands as the worst, and the others still count.
    best = {"ent_liability_ratio_best_60m", "ent_profit_margin_best_60m"}
    assert {spec.name for spec in _JUDGED if spec.withheld_as is None} == counts | best


def test_of_several_years_the_best_counts_and_one_that_is_withheld_is_the_worst(records: Any) -> None:
    stated = {"assets": Decimal(100), "liabilities": Decimal(40), "revenue": Decimal(100), "profit": Decimal(7)}
    _report(records, 2021, **stated)
    _report(records, 2022, **dict.fromkeys(stated))
    _report(records, 2022, uscc="U2", **dict.fromkeys(stated))
    names = ("ent_liability_ratio_best_60m", "ent_profit_margin_best_60m", "ent_liability_ratio")
    first, second = records.ask(*names), records.ask(*names, uscc="U2")
    assert [first[name] for name in names] == pytest.approx([0.4, 0.07, 1.5])
    assert [second[name] for name in names] == [1.5, -0.5, 1.5]


def test_what_is_measured_against_a_stated_figure_is_a_plain_ratio_up_to_its_bound(history: History) -> None:
    stated = _measured(history, [{"revenue": Decimal(10**4), "assets": Decimal(1000)}], _SOMETHING_OWED)
    assert stated == pytest.approx({
        "app_amount_to_revenue": 0.01, "app_amount_to_assets": 0.1, "app_debt_after_to_revenue": 0.015,
        "credit_debt_to_revenue": 0.005, "credit_debt_to_assets": 0.05, "credit_limit_to_revenue": 0.02,
        "credit_new_limit_to_revenue": 0.02, "credit_guaranteed_to_revenue": 0.003,
        "penalty_to_revenue_36m": 0.0005, "incident_complaint_rate_36m": 50,
    })  # fmt: skip
    assert _measured(history, [{"revenue": Decimal(1), "assets": Decimal(1)}], _SOMETHING_OWED) == _WORST


def test_nothing_owed_is_nothing_whatever_is_withheld(history: History) -> None:
    nothing = {name: Decimal(0) for name in _SOMETHING} | {"penalty": Decimal(0), "complaints": 0}
    for years in ([{"tax_paid": Decimal(1)}], []):
        assert _measured(history, years, nothing) == dict.fromkeys(_WORST, 0)


def test_without_any_annual_report_nothing_can_be_measured(history: History) -> None:
    assert _measured(history, [], _SOMETHING_OWED) == dict.fromkeys(_WORST)


def test_the_only_revenue_withheld_is_no_trend_unknown_but_the_worst_one(records: Any) -> None:
    _report(records, 2022, revenue=Decimal(100))
    _report(records, 2022, revenue=None, uscc="U2")
    assert (records.ask("ent_revenue_trend"), records.ask("ent_revenue_trend", uscc="U2")) == (0, -1)


def test_whatever_the_model_reads_of_an_annual_report_has_a_direction() -> None:
    """Without one, what is withheld could stand anywhere."""
    assert len(_JUDGED) >= 22
    assert [spec.name for spec in _JUDGED if spec.direction == 0] == []


def test_without_any_annual_report_nothing_is_claimed(records: Any) -> None:
    told = records.ask("ent_liability_ratio", "ent_log_revenue", "ent_loss_years_60m_n", "ent_revenue_trend")
    assert [told[name] for name in list(told)[3:]] == [None] * 4


def _report(records: Any, year: int, **figures: Any) -> None:
    end = D(year, 12, 31)
    records.put(
        "annual_report", year=year, happened_on=end, known_on=figures.pop("known_on", D(year + 1, 6, 30)), **figures
    )


def test_growth_is_measured_against_the_same_figure_one_and_three_years_before(records: Any) -> None:
    for year, revenue in ((2022, 150), (2021, 100), (2019, 50)):
        _report(records, year, revenue=Decimal(revenue), assets=Decimal(100 + revenue))
    told = records.ask("ent_revenue_growth_1y", "ent_revenue_growth_3y", "ent_asset_growth_1y", "ent_asset_growth_3y")
    assert list(told.values())[3:] == pytest.approx([0.5, 2.0, 0.25, 250 / 150 - 1])


def test_growth_is_unknown_without_an_earlier_figure_and_lost_where_the_new_one_is_withheld(records: Any) -> None:
    _report(records, 2021, revenue=Decimal(100))
    assert records.ask("ent_revenue_growth_1y") is None
    _report(records, 2022)
    assert (records.ask("ent_revenue_growth_1y"), records.ask("ent_asset_growth_1y")) == (-1, None)


@pytest.mark.parametrize(
    ("years", "gaps", "overdue"),
    [((2022, 2021, 2020), 0, 0), ((2022, 2020), 1, 0), ((2021,), 0, 1), ((2021, 2019), 1, 1)],
)
def test_years_without_a_report_and_a_report_overdue_are_told(
    records: Any, years: tuple[int, ...], gaps: int, overdue: int
) -> None:
    for year in years:
        _report(records, year, revenue=Decimal(1))
    assert records.ask("ent_report_gaps_60m_n", day=D(2024, 6, 15)) == gaps
    assert records.ask("ent_report_overdue", day=D(2024, 6, 15)) == overdue
    assert records.ask("ent_report_overdue", day=D(2024, 7, 15)) == 1


def test_a_report_known_after_june_is_late_and_a_fact_for_the_officer(records: Any) -> None:
    _report(records, 2022, known_on=D(2023, 7, 1))
    _report(records, 2021)
    assert records.ask("ent_reports_late_60m_n") == 1
    assert by_name("ent_reports_late_60m_n").use is Use.FACT


def test_the_supervisors_risk_class_is_for_the_audit_alone(records: Any) -> None:
    records.put("enterprise", name="x", registered_on=D(2010, 1, 1), risk_class="C")
    assert records.ask("ent_risk_class") == "risk_C"
    assert by_name("ent_risk_class").use is Use.AUDIT
    assert by_name("ent_risk_class") not in for_use(Use.FACT)
