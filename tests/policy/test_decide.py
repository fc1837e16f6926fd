"""A policy decides in one statement, and keeps its layers apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certloan.domain.decision import Outcome
from certloan.policy.decide import compile_policy
from certloan.policy.policy import Policy, in_force, load_policy

CLEAN: dict[str, Any] = {
    "ent_known": 1.0,
    "ent_operating": 1.0, "list_serious_violation_n": 0.0, "list_dishonest_debtor_n": 0.0,
    "list_abnormal_operation_n": 0.0, "quality_penalty_36m_n": 0.0, "insp_refused_36m_n": 0.0, "cert_known": 1.0,
    "cert_ccc_missing_n": 0.0, "cert_ccc_by_another_n": 0.0, "penalty_fraud_60m_n": 0.0,
    "penalty_stopped_36m_n": 0.0, "insp_unlicensed_36m": 0.0, "ent_revenue_withheld": 0.0, "ops_known": 0.0,
    "cert_transition_audits": 0.0, "cert_valid_n": 2.0, "cert_valid_audits": 2.0, "consent_valid": 1.0, "ent_revenue": 10_000_000.0,
    "ops_sales_12m": None, "app_amount": 500_000.0, "score": 650, "pd": 0.02,
}  # fmt: skip
POLICY = in_force(date(2026, 6, 1))


def matrix(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    columns: dict[str, Any] = {
        "application_id": pa.array([f"A{place}" for place in range(len(rows))]),
        "uscc": pa.array(["X"] * len(rows)),
        "as_of": pa.array([date(2026, 6, 1)] * len(rows)),
    }
    for name in rows[0]:
        columns[name] = pa.array([row[name] for row in rows], pa.int64() if name == "score" else pa.float64())
    return pa.table(columns)


def decide(policy: Policy, *rows: Mapping[str, Any]) -> list[dict[str, Any]]:
    table = matrix(rows)
    with duckdb.connect() as connection:
        connection.register("matrix", table)
        statement = compile_policy(policy, table.column_names).sql
        result: list[dict[str, Any]] = connection.sql(statement).to_arrow_table().to_pylist()
    return result


def test_a_clean_applicant_with_a_good_score_is_approved_with_a_limit() -> None:
    (decided,) = decide(POLICY, CLEAN)
    assert decided["outcome"] == "approve"
    assert decided["grade"] == "B"
    assert decided["limit"] == Decimal("2200000.00")  # 10m × 0.2 × 1.0 × 1.1
    assert decided["gates"] == decided["gates_without_facts"] == decided["ladder"] == []
    assert (decided["policy_id"], decided["policy_hash"]) == (POLICY.id, POLICY.hash)


@pytest.mark.parametrize(
    ("fact", "value", "code", "outcome"),
    [
        ("ent_known", 0.0, "registration-unknown", "refer"),
        ("ent_operating", 0.0, "not-operating", "decline"),
        ("list_serious_violation_n", 1.0, "serious-violation", "decline"),
        ("list_dishonest_debtor_n", 2.0, "dishonest-debtor", "decline"),
        ("list_abnormal_operation_n", 1.0, "abnormal-operation", "decline"),
        ("quality_penalty_36m_n", 1.0, "quality-penalty", "decline"),
        ("penalty_stopped_36m_n", 1.0, "production-stopped", "decline"),
        ("cert_ccc_missing_n", 1.0, "ccc-missing", "decline"),
        ("cert_ccc_by_another_n", 1.0, "ccc-held-by-another", "refer"),
        ("penalty_fraud_60m_n", 1.0, "certification-fraud", "decline"),
        ("insp_refused_36m_n", 1.0, "inspection-refused", "refer"),
        ("insp_unlicensed_36m", 1.0, "unlicensed-production", "refer"),
        ("cert_transition_audits", 1.0, "surveillance-transition", "refer"),
        ("cert_valid_n", 0.0, "no-valid-certificate", "refer"),
        ("cert_known", 0.0, "no-valid-certificate", "refer"),
        ("ent_revenue_withheld", 1.0, "revenue-withheld", "refer"),
        ("consent_valid", 0.0, "consent-missing", "refer"),
    ],
)
def test_each_gate_fires_on_its_fact_and_not_on_an_unknown_one(
    fact: str, value: float, code: str, outcome: str
) -> None:
    fired, unknown = decide(POLICY, CLEAN | {fact: value, "score": 900}, CLEAN | {fact: None})
    assert (fired["gates"], fired["gate_outcome"], fired["outcome"]) == ([code], outcome, outcome)
    assert fired["score_outcome"] == "approve"
    assert unknown["gates"] == []
    assert unknown["gates_without_facts"] == [code]
    assert unknown["outcome"] == "approve"


def test_a_column_that_the_source_lacks_is_reported_and_counts_as_unknown() -> None:
    row = {name: value for name, value in CLEAN.items() if name not in ("list_dishonest_debtor_n", "app_amount")}
    compiled = compile_policy(POLICY, matrix([row]).column_names)
    assert compiled.missing == ("app_amount", "list_dishonest_debtor_n")
    assert compiled.gates_without_facts == ("dishonest-debtor",)
    (decided,) = decide(POLICY, row)
    assert decided["gates_without_facts"] == ["dishonest-debtor"]
    assert (decided["gate_outcome"], decided["score_outcome"]) == ("approve", "approve")


@pytest.mark.parametrize("amount", [None, 0.0])
def test_nobody_is_approved_for_an_amount_that_nobody_stated(amount: float | None) -> None:
    (decided,) = decide(POLICY, CLEAN | {"app_amount": amount, "score": 900})
    assert (decided["outcome"], decided["ladder_outcome"]) == ("refer", "refer")
    assert "amount-unknown" in decided["ladder"]


def test_the_layers_keep_their_own_codes_and_the_severest_holds() -> None:
    (decided,) = decide(POLICY, CLEAN | {"score": 500, "consent_valid": 0.0, "insp_refused_36m_n": 1.0})
    assert decided["outcome"] == decided["score_outcome"] == "decline"
    assert decided["gate_outcome"] == "refer"
    assert decided["gates"] == ["inspection-refused", "consent-missing"]
    assert decided["ladder"] == []
    assert decided["limit"] is None


def test_the_limit_is_capped_rounded_down_and_says_so() -> None:
    rich, odd, poor, nothing, unknown, sales = decide(
        POLICY,
        CLEAN | {"ent_revenue": 1e9, "app_amount": 2e7},
        CLEAN | {"ent_revenue": 549_999.0, "cert_valid_audits": 1.0},
        CLEAN | {"ent_revenue": 100_000.0},
        CLEAN | {"ent_revenue": -5.0},
        CLEAN | {"ent_revenue": None},
        CLEAN | {"ent_revenue": None, "ops_sales_12m": 500_000.0, "cert_valid_audits": 0.0},
    )
    assert (rich["limit"], rich["ladder"]) == (Decimal("15000000.00"), ["limit-capped", "limit-below-request"])
    assert (odd["limit"], odd["ladder"]) == (Decimal("100000.00"), ["limit-below-request"])
    for low in (poor, nothing):
        assert (low["limit"], low["outcome"], low["ladder_outcome"]) == (None, "refer", "refer")
        assert low["ladder"] == ["limit-below-minimum", "limit-below-request"]
    assert (unknown["limit"], unknown["ladder"], unknown["outcome"]) == (None, ["limit-unknown"], "approve")
    assert sales["limit"] == Decimal("100000.00")  # 0.2 × 500,000 is not lost to a binary fraction


def test_an_applicant_without_a_score_is_referred() -> None:
    (decided,) = decide(POLICY, CLEAN | {"score": None})
    assert (decided["outcome"], decided["grade"], decided["limit"]) == ("refer", None, None)


_FACTS = st.fixed_dictionaries(
    {
        name: st.sampled_from([None, 0.0, 1.0, 3.0])
        for name in CLEAN
        if name not in ("ent_revenue", "ops_sales_12m", "app_amount", "score", "pd")
    }
    | {name: st.none() | st.floats(-1e9, 1e12) for name in ("ent_revenue", "ops_sales_12m", "app_amount")}
    | {"score": st.integers(200, 1000), "pd": st.just(0.1)}
)


@given(_FACTS, st.floats(0, 1e12), st.sampled_from([None, 1e5, 1e9]))
def test_to_withhold_the_newest_revenue_never_raises_the_limit_nor_betters_the_outcome(
    row: dict[str, Any], revenue: float, sales: float | None
) -> None:
    row |= {"ops_sales_12m": sales, "ops_known": float(sales is not None), "ent_revenue_mean_60m": 1e9}
    stated, withheld = decide(
        POLICY,
        row | {"ent_revenue": revenue, "ent_revenue_withheld": 0.0},
        row | {"ent_revenue": None, "ent_revenue_withheld": 1.0},
    )
    assert (withheld["limit"] or 0) <= (stated["limit"] or 0)
    assert Outcome(withheld["outcome"]).severity >= Outcome(stated["outcome"]).severity


@given(_FACTS, st.integers(1, 200))
def test_a_higher_score_never_makes_the_outcome_worse_or_the_limit_lower(row: dict[str, Any], more: int) -> None:
    before, after = decide(POLICY, row, row | {"score": row["score"] + more})
    assert Outcome(after["outcome"]).severity <= Outcome(before["outcome"]).severity
    if before["limit"] is not None:
        assert after["limit"] >= before["limit"]


@given(_FACTS)
def test_the_statement_decides_as_the_policy_reads(row: dict[str, Any]) -> None:
    (decided,) = decide(POLICY, row)
    band = POLICY.band_of(row["score"])
    fired = [POLICY.gate(code) for code in decided["gates"]]
    layers = [band.outcome, Outcome(decided["ladder_outcome"]), *(gate.outcome for gate in fired)]
    assert decided["grade"] == band.code
    assert decided["outcome"] == max(layers, key=lambda outcome: outcome.severity)
    assert not set(decided["gates"]) & set(decided["gates_without_facts"])
    if decided["limit"] is not None:
        assert POLICY.limit.minimum <= decided["limit"] <= POLICY.limit.cap
        assert decided["limit"] % POLICY.limit.round_to == 0


@pytest.mark.spark
def test_spark_decides_the_same(spark: Any) -> None:
    rows = [
        CLEAN,
        CLEAN | {"ent_revenue": None},
        CLEAN | {"score": 570},
        CLEAN | {"cert_valid_n": None, "cert_known": 0.0},
    ]
    table = matrix(rows)
    statement = compile_policy(POLICY, table.column_names, dialect="spark").sql
    kinds = {"application_id": "string", "uscc": "string", "as_of": "date", "score": "bigint"}
    schema = ", ".join(f"{name} {kinds.get(name, 'double')}" for name in table.column_names)
    values = [tuple(row.values()) for row in table.to_pylist()]
    spark.createDataFrame(values, schema).createOrReplaceTempView("matrix")
    there = [row.asDict() for row in spark.sql(statement).collect()]
    assert sorted(there, key=lambda row: str(row["application_id"])) == decide(POLICY, *rows)


def test_a_shipped_file_and_a_copy_decide_alike(tmp_path: Path) -> None:
    assert load_policy(Path(__file__).parents[2] / "src/certloan/policy/versions/2026-01.toml") == POLICY
