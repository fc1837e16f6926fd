"""The promotion gate: every row of the versioned file, three-valued results, and a pure function."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.validations import SOUND

from certloan.errors import NotReadyError
from certloan.governance.gate import GateResult, examine, fact_at
from certloan.governance.thresholds import Comparison, Thresholds, Verdict, in_force, read, versions

TODAY = dt.date(2026, 11, 20)


def record(**changed: Any) -> dict[str, Any]:
    """What a sound model states of itself."""
    metrics = {"n": 5000, "defaults": 300, "auc": 0.75, "auc_low": 0.72, "auc_high": 0.78}
    metrics |= {"slope": 1.0, "slope_low": 0.9, "slope_high": 1.1, **changed}
    return {"provenance": {"metrics": metrics, "split": {"kind": "time"}}, **validated()}


def validated(**changed: Any) -> dict[str, Any]:
    """What somebody else found of it, in the areas that are asked for at least."""
    held = {name: value for name, value in SOUND.items() if name != "evidence_unchanged"}
    report = {"state": "recorded", "by": "other", "order": "after", "evidence": "unchanged"}
    return {"validation": {**held, **changed}, "report": report}


def verdicts(found: GateResult) -> dict[str, str]:
    return {one.check.name: one.verdict.value for one in found.checked}


def test_a_sound_model_passes_and_what_nobody_asked_for_is_named() -> None:
    found = examine(record(), in_force(TODAY))
    assert found.passed
    told = verdicts(found)
    assert {name for name, verdict in told.items() if verdict == "missing"} == {
        "reproduction",
        "enterprises",
        "refits",
        "certificates",
    }
    assert "against-champion" not in told


def test_an_empty_record_is_refused_for_what_it_does_not_state() -> None:
    found = examine({}, in_force(TODAY))
    measured = {"test-set", "test-defaults", "ranking", "calibration-slope"}
    judged = {"validated", "independent-validation", "performance", "level", "stability", "monotonicity", "leakage"}
    assert {one.check.name for one in found.blocking} == measured | judged
    assert {one.verdict for one in found.blocking} == {Verdict.MISSING}


@pytest.mark.parametrize(
    ("changed", "check", "verdict", "stops"),
    [
        ({"n": 199}, "test-set", "fails", True),
        ({"defaults": 19}, "test-defaults", "fails", True),
        ({"defaults": 20}, "test-defaults", "passes", False),
        ({"defaults": 99}, "test-defaults-wanted", "too_little", False),
        ({"auc_low": 0.59}, "ranking", "too_little", True),
        ({"auc": 0.55, "auc_low": 0.52, "auc_high": 0.58}, "ranking", "fails", True),
        ({"slope_low": 0.7}, "calibration-slope", "too_little", False),
        ({"slope": 0.5, "slope_low": 0.4, "slope_high": 0.6}, "calibration-slope", "fails", True),
        ({"slope": 2.0, "slope_low": 1.5, "slope_high": 2.5}, "calibration-slope", "fails", True),
        ({"auc": float("nan")}, "ranking", "missing", True),
        ({"auc_low": None}, "ranking", "too_little", True),
    ],
)
def test_each_threshold_decides_as_it_says(changed: dict[str, Any], check: str, verdict: str, stops: bool) -> None:
    found = examine(record(**changed), in_force(TODAY))
    assert verdicts(found)[check] == verdict
    assert (check in {one.check.name for one in found.blocking}) is stops


@pytest.mark.parametrize(
    ("validation", "check", "verdict"),
    [
        ({"leakage": {"verdict": "fails"}}, "leakage", "fails"),
        ({"leakage": {"verdict": "passes"}}, "leakage", "passes"),
        ({"leakage": {"verdict": "too_little"}}, "leakage", "too_little"),
        ({"monotonicity": {"violations": 1}}, "monotonicity", "fails"),
        ({"monotonicity": {"violations": 0}}, "monotonicity", "passes"),
        ({"calibration": {"verdict": "fails"}}, "level", "fails"),
        ({"stability": {"psi_beyond_chance": 0.4, "psi_low": 0.3, "psi_high": 0.5}}, "stability", "fails"),
        ({"stability": {"psi_beyond_chance": 0.2, "psi_low": 0.1, "psi_high": 0.3}}, "stability", "too_little"),
        ({"reproduction": {"verdict": "fails"}}, "reproduction", "fails"),
    ],
)
def test_the_validation_report_counts_where_there_is_one(validation: dict[str, Any], check: str, verdict: str) -> None:
    found = examine({**record(), **validated(**validation)}, in_force(TODAY))
    assert verdicts(found)[check] == verdict
    assert found.passed is (verdict != "fails")


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(-0.01, 0.02, "passes"), (-0.03, 0.01, "too_little"), (-0.06, -0.03, "fails")]
)
def test_a_model_may_not_fall_behind_the_champion(low: float, high: float, verdict: str) -> None:
    middle = (low + high) / 2
    compared = {"n": 900, "auc_difference": middle, "auc_difference_low": low, "auc_difference_high": high}
    found = examine({**record(), "comparison": compared}, in_force(TODAY))
    assert verdicts(found)["against-champion"] == verdict
    assert found.passed is (verdict != "fails")


def test_every_row_has_a_reason_in_both_languages_and_a_source_and_names_its_own_choices() -> None:
    for version in versions():
        assert len(version.sha256) == 64
        for check in version.checks:
            assert check.told("zh") != check.told("en")
            assert check.source
            assert Verdict.PASSES not in check.blocks


def test_before_the_first_version_nothing_can_be_promoted() -> None:
    with pytest.raises(NotReadyError) as refused:
        in_force(dt.date(2020, 1, 1))
    assert refused.value.code == "no-gate-in-force"


def test_a_version_with_a_check_twice_or_a_threshold_short_is_no_version() -> None:
    row = '[[check]]\nname = "a"\nfacts = ["x"]\ncomparison = "{}"\nthreshold = [1]\nblocks = []\nzh = "一"\nen = "a"\nsource = "s"\n'
    head = 'id = "t"\neffective_from = 2026-01-01\n'
    assert read((head + row.format("at_least")).encode()).checks[0].comparison is Comparison.AT_LEAST
    with pytest.raises(ValueError, match="twice"):
        read((head + 2 * row.format("at_least")).encode())
    with pytest.raises(ValueError, match="threshold"):
        read((head + row.format("within")).encode())


BOUNDS = st.floats(-2, 2, allow_nan=False)


@given(BOUNDS, BOUNDS, BOUNDS)
def test_an_interval_passes_or_fails_only_as_a_whole(one: float, two: float, three: float) -> None:
    low, value, high = sorted((one, two, three))
    compared = {"n": 1, "auc_difference": value, "auc_difference_low": low, "auc_difference_high": high}
    gate = in_force(TODAY)
    (found,) = (c for c in examine({"comparison": compared}, gate).checked if c.check.name == "against-champion")
    least = gate.check("against-champion").threshold[0]
    assert isinstance(least, float)
    expected = "passes" if low >= least else "fails" if high < least else "too_little"
    assert found.verdict == expected


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda held: st.dictionaries(st.sampled_from(["provenance", "metrics", "auc", "n", "validation"]), held),
)


@given(st.dictionaries(st.sampled_from(["provenance", "validation", "comparison"]), PLAIN))
def test_no_facts_of_whatever_shape_pass_unless_they_are_stated(facts: dict[str, Any]) -> None:
    gate: Thresholds = in_force(TODAY)
    found = examine(facts, gate)
    for one in found.checked:
        assert (one.verdict is Verdict.MISSING) is all(fact_at(facts, path) is None for path in one.check.facts)
