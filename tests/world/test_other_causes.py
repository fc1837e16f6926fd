"""The other arrows of the diagram: checks, incidents, bills, accounts, circles of invoices, and what tells nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from certloan.contracts import CONTRACTS
from certloan.world import economy
from certloan.world.economy import Economy


@pytest.fixture(scope="module")
def latent(drawn: Economy) -> Any:
    """The latent values of every firm that applied, by code."""
    truth = drawn.truth.to_pandas().drop_duplicates("uscc").set_index("uscc")
    return truth[["quality", "strength", "size", "pd"]]


def _frame(drawn: Economy, name: str) -> Any:
    """A table as pandas has it; what stands in a column is for the test to know."""
    return drawn.tables[name].to_pandas()


def _last(drawn: Economy, name: str) -> Any:
    """Each record as it was told last."""
    table = _frame(drawn, name).sort_values("known_on")
    return table.drop_duplicates(list(CONTRACTS[name].key), keep="last")


def test_a_bad_risk_class_brings_more_checks_and_is_not_quality_itself(drawn: Economy, latent: Any) -> None:
    classes = _frame(drawn, "enterprise").dropna(subset=["risk_class"]).drop_duplicates("uscc", keep="last")
    checks = _frame(drawn, "inspection").drop_duplicates("inspection_no").groupby("uscc").size()
    classes["checks"] = classes["uscc"].map(checks).fillna(0)
    classes["quality"] = classes["uscc"].map(latent["quality"])
    classes["size"] = classes["uscc"].map(latent["size"])
    by = classes[classes["size"].abs() < 1].groupby("risk_class")[["checks", "quality"]].mean()
    assert by.loc["D", "checks"] > 1.25 * by.loc["A", "checks"]
    assert by.loc["A", "quality"] > by.loc["D", "quality"] + 0.4
    assert classes["risk_class"].value_counts(normalize=True).between(0.05, 0.5).all()


def test_failures_that_nobody_objected_to_are_put_right_by_those_who_care(drawn: Economy, latent: Any) -> None:
    failed = _last(drawn, "inspection").query("verdict == 'nonconforming'")
    failed = failed.assign(quality=failed["uscc"].map(latent["quality"]))
    by = failed.groupby("recheck")["quality"].mean()
    assert by["passed"] > by["failed"] + 0.2
    assert (failed["rectified_on"].notna() == (failed["recheck"] == "passed")).all()
    assert (pd.to_datetime(failed["notified_on"]) > pd.to_datetime(failed["inspected_on"])).all()
    answered = failed[failed["objection"].isin(["upheld", "rejected"])]
    window = pd.to_datetime(answered["known_on"]) - pd.to_datetime(answered["notified_on"])
    assert (window.dt.days > 15).all()
    assert (answered["objection"] == "upheld").mean() == pytest.approx(0.3, abs=0.1)


def test_a_batch_checked_from_above_is_now_and_then_checked_again_below(drawn: Economy) -> None:
    checks = _frame(drawn, "inspection").drop_duplicates("inspection_no")
    twice = checks[checks.duplicated(["uscc", "batch_no"], keep=False)]
    assert 0.01 < len(twice) / 2 / len(checks) < 0.03


def test_products_of_the_catalogue_without_certificate_are_made_by_the_weak_and_found_out_now_and_then(
    drawn: Economy, latent: Any
) -> None:
    products = _frame(drawn, "product").drop_duplicates(["uscc", "product_no"])
    makers = products.loc[products["product_category"].notna(), "uscc"].unique()
    planted = drawn.planted.to_pandas().query("flag == 'sold_without_ccc'")
    bare = set(planted["uscc"])
    honest = latent[latent.index.isin(makers) & ~latent.index.isin(bare)]
    assert latent.reindex(list(bare))["pd"].mean() > 1.15 * honest["pd"].mean()
    found = _frame(drawn, "inspection").query("verdict == 'unlicensed'")
    assert len(found) > 50
    assert set(found["uscc"]) <= bare
    penalties = _frame(drawn, "incident").query("category == 'compulsory_certification'")
    assert penalties["uscc"].isin(found["uscc"]).mean() > 0.5


def test_true_complaints_tell_of_quality_and_untrue_ones_and_tip_offs_of_size_alone(
    drawn: Economy, latent: Any
) -> None:
    told = _last(drawn, "incident")
    told = told.assign(quality=told["uscc"].map(latent["quality"]), size=told["uscc"].map(latent["size"]))
    complaints = told[told["kind"] == "complaint"].groupby("result")[["quality", "size"]].mean()
    assert complaints.loc["upheld", "quality"] < complaints.loc["rejected", "quality"] - 0.3
    reports = told[told["kind"] == "report"]
    # Large firms are better firms: compare with firms of the same size.
    alike = np.polyfit(latent["size"], latent["quality"], 1)
    beyond = reports["quality"] - np.polyval(alike, reports["size"])
    assert abs(beyond.mean()) < 4 * beyond.sem()
    assert reports["size"].mean() > latent["size"].mean() + 0.2


def test_bills_stay_unpaid_where_strength_is_low(drawn: Economy, latent: Any) -> None:
    bills = _frame(drawn, "utility_bill")
    strength = bills["uscc"].map(latent["strength"])
    owes = bills["arrears"] > 0
    assert owes[strength < -0.7].mean() > 2.5 * owes[strength > 0.7].mean()
    firms = _frame(drawn, "enterprise")["uscc"].nunique()
    assert 0.15 < bills["uscc"].nunique() / firms < 0.4
    assert bills.groupby(["uscc", "kind"]).size().between(1, 31).all()


def test_loans_of_the_weak_are_extended_and_arrears_have_an_amount(drawn: Economy, latent: Any) -> None:
    accounts = _last(drawn, "credit_account")
    strength = accounts["uscc"].map(latent["strength"])
    assert accounts.loc[strength < -0.7, "extended"].mean() > 1.5 * accounts.loc[strength > 0.7, "extended"].mean()
    months = _frame(drawn, "credit_month")
    assert ((months["overdue_amount"] > 0) == (months["days_past_due"] > 0)).mean() > 0.999
    assert (months["overdue_amount"] <= months["balance"] + 10).all()


def test_circles_of_invoices_go_round_with_nearly_the_same_amount(drawn: Economy) -> None:
    invoices = _frame(drawn, "invoice").merge(
        _frame(drawn, "enterprise")[["uscc", "name"]].drop_duplicates(), on="uscc"
    )
    planted = drawn.planted.to_pandas().query("flag == 'invoice_ring'")
    assert len(planted) >= 12
    assert (planted.groupby("key").size() == 3).all()
    closed = 0
    for _, ring in planted.groupby("key"):
        own = invoices[invoices["uscc"].isin(ring["uscc"]) & (invoices["direction"] == "sale")]
        own = own[own["counterparty"].isin(own["name"])]
        pairs = own.groupby(["name", "counterparty"])["net"]
        closed += len(pairs) >= 3 and pairs.size().min() >= 2 and pairs.median().std() < 0.05 * pairs.median().mean()
    assert closed > 0.6 * planted["key"].nunique()


def test_recalls_are_voluntary_where_quality_is_high(drawn: Economy, latent: Any) -> None:
    recalls = _frame(drawn, "incident").query("kind == 'recall'")
    by = recalls.assign(quality=recalls["uscc"].map(latent["quality"])).groupby("ordered")["quality"].mean()
    assert by["voluntary"] > by["ordered"] + 0.1


@pytest.mark.parametrize(
    ("table", "condition"),
    [
        ("innovation", "kind == 'design_patent'"),
        ("innovation", "kind == 'collective_mark'"),
        ("honour", "kind == 'quality_commitment'"),
        ("honour", "kind == 'time_honoured'"),
        ("programme", "programme == 'training'"),
        ("mitigant", "kind == 'quality_deposit'"),
        ("mitigant", "kind == 'guarantee_fund'"),
    ],
)
def test_what_should_tell_nothing_beyond_size_tells_nothing(
    drawn: Economy, latent: Any, table: str, condition: str
) -> None:
    firms = latent[latent.index.str.startswith("91")]
    has = firms.index.isin(_frame(drawn, table).query(condition)["uscc"])
    log_odds = np.log(firms["pd"] / (1 - firms["pd"]))
    beyond = log_odds - np.polyval(np.polyfit(firms["size"], log_odds, 2), firms["size"])
    assert has.sum() > 8
    error = float(np.sqrt(beyond[has].var() / has.sum() + beyond[~has].var() / (~has).sum()))
    assert abs(beyond[has].mean() - beyond[~has].mean()) < 4 * error


@pytest.mark.parametrize("column", ["lender_region_code", "revolving", "area", "jobs_created"])
def test_columns_of_the_request_that_tell_nothing(drawn: Economy, column: str) -> None:
    merged = drawn.truth.to_pandas().merge(_frame(drawn, "application").drop(columns="uscc"), on="application_id")
    value = merged[column].fillna(-1).astype(str)
    if column == "lender_region_code":
        value = (merged["uscc"].str[2:6] == value.str[:4]).astype(str)
    by = merged.groupby(value)["pd"].agg(["mean", "sem", "size"]).query("size > 100")
    assert len(by) > 1
    assert ((by["mean"] - merged["pd"].mean()).abs() < 4 * by["sem"]).all()


@pytest.mark.parametrize(
    ("table", "day"), [("credit_month", "month"), ("invoice", "invoiced_on"), ("annual_report", "known_on")]
)
def test_as_much_of_the_past_is_known_of_an_applicant_of_2021_as_of_one_of_2025(
    drawn: Economy, table: str, day: str
) -> None:
    first = drawn.truth.to_pandas().sort_values("applied_on").drop_duplicates("uscc")[["uscc", "applied_on"]]
    rows = _frame(drawn, table)[["uscc", day]].merge(first, on="uscc")
    rows = rows[pd.to_datetime(rows[day]) < pd.to_datetime(rows["applied_on"])]
    seen = first["uscc"].map(rows.groupby("uscc").size()).fillna(0)
    year = pd.to_datetime(first["applied_on"]).dt.year
    early, late = seen[year == 2021].mean(), seen[year == 2025].mean()
    assert 0.8 < early / late < 1.25


def test_records_of_different_shards_share_no_number() -> None:
    shards = [economy.draw_shard(240, 4, shard, 120) for shard in range(2)]
    numbers = {
        "certificate": "certificate_no", "inspection": "inspection_no", "incident": "incident_no", "product": "product_no",
        "credit_account": "account_no", "application": "application_id", "mitigant": "mitigant_no",
        "innovation": "number", "enterprise": "uscc",
    }  # fmt: skip
    for table, column in numbers.items():
        left, right = (set(shard.tables[table][column].to_pylist()) for shard in shards)
        assert left
        assert not left & right
    assert "certification_body" not in shards[1].tables
    bodies = set(shards[0].tables["certification_body"]["body_no"].to_pylist())
    assert set(shards[1].tables["certificate"]["body_no"].to_pylist()) - {None} <= bodies
