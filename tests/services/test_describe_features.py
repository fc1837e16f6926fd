"""A feature's account: near names for a slip, the statement it runs, and its values in a warehouse, by size and year."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.features.conftest import Records

from certloan.bootstrap import house
from certloan.cli.main import run
from certloan.domain.people import Actor, Role
from certloan.errors import InputError, PermissionDeniedError
from certloan.features.catalog import CATALOG
from certloan.features.matrix import matrix_sql, stages
from certloan.services.describe_features import list_features, show_feature
from certloan.services.feature_spread import _histogram, _quantiles
from certloan.services.feature_sql import laid_out
from certloan.storage.warehouse import DuckWarehouse

RISK = Actor("risk", Role.RISK)
D = dt.date


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    """Twenty applicants of two years, every fourth without a credit month."""
    opened = DuckWarehouse.open(None)
    records = Records(opened)
    for number in range(20):
        day, who = D(2023 + number % 2, 6, 15), f"U{number}"
        records.put(
            "application", application_id=f"A{number}", uscc=who, applied_on=day, purpose="equipment", happened_on=day
        )
        if number % 4:
            end = D(day.year, 4, 30)
            records.put(
                "credit_month",
                uscc=who,
                month=D(day.year, 4, 1),
                happened_on=end,
                known_on=end,
                days_past_due=number,
                balance=Decimal(5),
            )
    yield opened
    opened.close()


def test_a_distribution_tells_how_many_are_known_and_who_lacks_it(warehouse: DuckWarehouse) -> None:
    shown = show_feature("credit_dpd_max_6m", RISK, warehouse)
    spread = shown.spread
    assert spread is not None
    assert (spread.n, spread.there, spread.known, spread.known_share) == (20, 20, 15, 0.75)
    assert (spread.quantiles["0"], spread.quantiles["0.5"], spread.quantiles["1"], spread.zeros) == (1, 10, 19, 0)
    assert sum(count for _, _, count in spread.histogram) == 15
    assert {(each.group, each.n, each.missing) for each in spread.missing_by_year} == {("2023", 10, 5), ("2024", 10, 0)}
    assert [(each.group, each.n) for each in spread.missing_by_size] == [("unknown", 20)]
    assert json.loads(json.dumps(shown.as_json()))["distribution"]["known"] == 15


def test_a_word_has_levels_instead_of_quantiles(warehouse: DuckWarehouse) -> None:
    spread = show_feature("app_purpose", RISK, warehouse).spread
    assert spread is not None
    assert spread.levels == {"working_capital": 0, "quality_improvement": 0, "equipment": 20, "other": 0}
    assert (spread.quantiles, spread.histogram, spread.zeros) == ({}, (), None)


def test_a_sample_is_the_same_when_it_is_drawn_again_and_says_of_how_many(warehouse: DuckWarehouse) -> None:
    first = show_feature("credit_dpd_max_6m", RISK, warehouse, most=7).spread
    assert first is not None
    assert (first.n, first.there) == (7, 20)
    assert show_feature("credit_dpd_max_6m", RISK, warehouse, most=7).spread == first


def test_an_empty_warehouse_has_a_distribution_of_nobody() -> None:
    empty = DuckWarehouse.open(None)
    spread = show_feature("credit_dpd_max_6m", RISK, empty).spread
    empty.close()
    assert spread is not None
    assert (spread.n, spread.known_share, spread.quantiles, spread.missing_by_year) == (0, None, {}, ())


def test_without_a_warehouse_all_but_the_values_is_told() -> None:
    shown = show_feature("credit_debt_to_revenue", RISK)
    assert shown.spread is None
    assert shown.parts == ("credit_balance_3m", "ent_report_overdue", "ent_revenue")
    assert {"credit_month.balance", "annual_report.revenue"} <= set(shown.reads)
    assert len(shown.sql) == 3


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("credit_dpd_max_6", "credit_dpd_max_6m"),
        ("CREDIT_KNOWN", "credit_known"),
        ("buyers", "ops_buyers_12m_n"),
        ("?", ""),
    ],
)
def test_a_slip_is_answered_with_near_names(slip: str, meant: str) -> None:
    with pytest.raises(InputError, match="unknown-feature") as told:
        show_feature(slip, RISK)
    assert meant in str(told.value.facts["expected"])
    assert str(told.value.facts["expected"]).count(",") <= 2


def test_whoever_may_read_neither_cases_nor_audits_sees_no_values() -> None:
    with pytest.raises(PermissionDeniedError):
        show_feature("credit_known", Actor("x", Role.ENTERPRISE))
    for role in (Role.OFFICER, Role.REGULATOR, Role.RISK, Role.ADMIN):
        assert show_feature("credit_known", Actor("x", role)).told.name == "credit_known"


def test_a_list_can_be_one_family_or_one_use() -> None:
    assert len(list_features()) == len(CATALOG)
    assert {told.family for told in list_features(family="operations")} == {"operations"}
    assert {told.use for told in list_features(use="audit")} == {"audit"}
    for wrong in ({"family": "credits"}, {"use": "models"}):
        with pytest.raises(InputError, match="unknown-"):
            list_features(**wrong)


@pytest.mark.parametrize("spec", CATALOG, ids=lambda spec: spec.name)
def test_a_statement_laid_out_is_the_statement_that_runs(spec: object) -> None:
    for sql in (*stages([spec]).values(), matrix_sql([spec])):  # type: ignore[list-item]
        shown = laid_out(sql)
        assert re.sub(r"\s+", "", shown) == re.sub(r"\s+", "", sql)
        assert shown.count("\n") > 2


def test_what_is_shown_can_be_run(warehouse: DuckWarehouse) -> None:
    warehouse.execute(
        "create temp table feature_subjects as select 1 as subject, 'A1' as application_id, 'U1' as uscc, date '2024-06-15' as as_of"
    )
    (statement, _) = show_feature("credit_dpd_max_6m", RISK).sql
    assert warehouse.query(statement).to_pylist() == [{"subject": 1, "credit_dpd_max_6m": 1.0}]


@given(st.lists(st.integers(-1000, 1000).map(float), min_size=1, max_size=200))
def test_every_value_falls_into_exactly_one_bin_and_quantiles_never_fall(values: list[float]) -> None:
    array = np.array(values)
    bins = _histogram(array)
    assert sum(count for _, _, count in bins) == len(values)
    assert len(bins) <= 12
    quantiles = list(_quantiles(array).values())
    assert quantiles == sorted(quantiles)
    assert set(quantiles) <= set(values)


def test_the_command_line_lists_and_shows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path))
    assert run(["features", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["count"] == len(told["features"]) == len(CATALOG) >= 150
    assert run(["features", "list", "--family", "credit", "--use", "fact"]) == 0
    shown = capsys.readouterr().out
    assert "credit_balance_3m" in shown
    assert "credit_dpd_max_6m" not in shown
    assert run(["features", "show", "tax_standing"]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("声明", "预备列", "数据仓库", "select"))
    assert run(["--lang", "en", "features", "show", "credit_dpd_max_6"]) == 3
    assert "credit_dpd_max_6m" in capsys.readouterr().err


def test_the_command_line_shows_a_histogram_where_there_is_a_warehouse(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path))
    with house(tmp_path).warehouse() as warehouse:
        records = Records(warehouse)
        for number in range(3):
            day = D(2024, 1, 2)
            records.put(
                "application", application_id=f"A{number}", uscc=f"U{number}", applied_on=day, amount=Decimal(5)
            )
    assert run(["features", "show", "app_amount", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["distribution"]
    assert run(["features", "show", "app_amount"]) == 0
    shown = capsys.readouterr().out
    assert "分布" in shown
    assert (told["n"], told["there"], told["known"]) == (3, 3, 3)
    assert "█" in shown
