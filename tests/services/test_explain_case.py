"""The account of one decision: who decided it, and how its application is found."""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq
import pytest

from certloan.bootstrap import House
from certloan.domain.decision import Outcome
from certloan.services.decide_loan import decide
from certloan.services.explain_case import count_applications, explain, find_applications

LAYERS = ("gate", "score", "ladder")


@pytest.fixture(scope="module")
def decisions(demo: House) -> list[dict[str, Any]]:
    """Every application of the demo, decided."""
    with demo.warehouse(read_only=True) as warehouse:
        run = decide(warehouse, demo.bundle(), demo.policy(), demo.officer, reasons=False)
    rows: list[dict[str, Any]] = run.decisions.to_pylist()
    return rows


def test_a_layer_is_named_only_if_its_own_outcome_is_the_severest_and_no_approval(
    demo: House, decisions: list[dict[str, Any]]
) -> None:
    ways = {tuple(row[f"{layer}_outcome"] for layer in LAYERS): row for row in decisions}
    assert {row["outcome"] for row in ways.values()} == {"approve", "refer", "decline"}
    with demo.warehouse(read_only=True) as warehouse:
        for way, row in ways.items():
            told = explain(warehouse, demo.bundle(), demo.policy(), demo.officer, row["application_id"])
            severest = max(Outcome(outcome).severity for outcome in way)
            assert Outcome(told.outcome).severity == severest
            named = {layer for layer, outcome in zip(LAYERS, way, strict=True) if Outcome(outcome).severity == severest}
            assert set(told.decided_by) == (set() if told.outcome == "approve" else named)
            assert ("gate" in told.decided_by) <= bool(told.gates)


@pytest.fixture(scope="module")
def firm(decisions: list[dict[str, Any]]) -> dict[str, Any]:
    return next(row for row in decisions if row["name"])


def wide(words: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in words)


@pytest.mark.parametrize("typed", [str, wide, str.lower, lambda words: f" {words[:2]} {words[2:]}\u3000"])
@pytest.mark.parametrize("field", ["application_id", "uscc", "name"])
def test_full_width_signs_capitals_and_blanks_make_no_difference(
    demo: House, firm: dict[str, Any], field: str, typed: Any
) -> None:
    with demo.warehouse(read_only=True) as warehouse:
        found = find_applications(warehouse, demo.officer, typed(firm[field]))
    assert firm["application_id"] in found.column("application_id").to_pylist()


@pytest.mark.parametrize("words", ["", "公司", "%", "'", "没有这家"])
def test_a_limit_cuts_the_list_and_not_the_count(demo: House, words: str) -> None:
    with demo.warehouse(read_only=True) as warehouse:
        every = find_applications(warehouse, demo.officer, words, limit=10**6).num_rows
        assert count_applications(warehouse, demo.officer, words) == every
        assert find_applications(warehouse, demo.officer, words, limit=3).num_rows == min(3, every)


def test_a_gate_that_fired_on_a_record_shows_it(demo: House) -> None:
    decisions = pq.read_table(demo.decisions / "decisions.parquet").to_pylist()
    listed = [row["application_id"] for row in decisions if "abnormal-operation" in row["gates"]]
    assert listed
    with demo.warehouse(read_only=True) as warehouse:
        told = explain(warehouse, demo.bundle(), demo.policy(), demo.officer, listed[0])
    (gate,) = (gate for gate in told.gates if gate.code == "abnormal-operation")
    assert any("列入日期" in record.told("zh") for record in gate.records)
