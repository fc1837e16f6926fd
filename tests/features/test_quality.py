"""What a failed check is worth: when it counts, how often it counts, and against what it is measured."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.features.conftest import DAY
from tests.features.histories import History, Record

from certloan.features.aggregates import Count, CountDistinct, Exists
from certloan.features.catalog import by_name, for_use
from certloan.features.quality import SPECS
from certloan.features.spec import FeatureSpec, Missing, Use

D = dt.date
FAILED = {"verdict": "nonconforming"}
LAW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def failing(**more: Any) -> dict[str, Any]:
    return {**FAILED, "inspected_on": D(2024, 1, 10), "known_on": D(2024, 2, 1), **more}


@pytest.mark.parametrize(
    ("day", "failed", "undecided"),
    [(D(2024, 2, 1), 0, 1), (D(2024, 2, 20), 0, 1), (D(2024, 2, 21), 1, 0), (D(2024, 6, 1), 1, 0)],
)
def test_a_failure_does_not_count_for_fifteen_days_after_it_was_received(
    records: Any, day: dt.date, failed: int, undecided: int
) -> None:
    records.put("inspection", **failing(notified_on=D(2024, 2, 5)))
    told = records.ask("insp_failed_36m_n", "insp_undecided_n", "insp_36m_n", day=day)
    assert (told["insp_failed_36m_n"], told["insp_undecided_n"], told["insp_36m_n"]) == (failed, undecided, failed)


def test_without_a_day_of_receipt_the_window_runs_from_the_day_the_result_was_known(records: Any) -> None:
    records.put("inspection", **failing())
    assert records.ask("insp_failed_36m_n", day=D(2024, 2, 16)) == 0
    assert records.ask("insp_failed_36m_n", day=D(2024, 2, 17)) == 1


def test_a_correction_made_later_never_opens_the_window_again(records: Any) -> None:
    records.put("inspection", inspection_no="I1", **failing(void_on=D(2024, 5, 1)))
    records.put("inspection", inspection_no="I1", **failing(known_on=D(2024, 5, 1), testing_body="x"))
    assert [records.ask("insp_failed_36m_n", day=day) for day in (D(2024, 4, 30), D(2024, 5, 1))] == [1, 1]


@pytest.mark.parametrize(
    ("objection", "failed", "clean"),
    [("pending", 0, 0), ("upheld", 0, 1), ("rejected", 1, 0), ("none", 1, 0), (None, 1, 0)],
)
def test_an_objection_decides_whether_a_failure_counts(
    records: Any, objection: str | None, failed: int, clean: int
) -> None:
    records.put("inspection", **failing(objection=objection))
    told = records.ask("insp_failed_36m_n", "insp_36m_n")
    assert (told["insp_failed_36m_n"], told["insp_36m_n"] - told["insp_failed_36m_n"]) == (failed, clean)


def test_a_failure_counts_again_on_the_day_its_objection_is_rejected(records: Any) -> None:
    first, decided = D(2024, 2, 10), D(2024, 4, 1)
    records.put("inspection", inspection_no="I1", **failing(objection="pending", known_on=first, void_on=decided))
    records.put(
        "inspection", inspection_no="I1", **failing(objection="rejected", known_on=decided, notified_on=decided)
    )
    assert records.ask("insp_failed_36m_n", day=D(2024, 3, 31)) == 0
    assert records.ask("insp_failed_36m_n", day=decided) == 1


def test_of_one_batch_the_highest_level_speaks_and_speaks_once(records: Any) -> None:
    batch = {"product": "cable", "batch_no": "B1"}
    records.put("inspection", **failing(level="county", **batch))
    records.put("inspection", **failing(level="national", **batch))
    records.put("inspection", **failing(level="county", **batch))
    assert records.ask("insp_36m_n") == 1
    assert records.ask("insp_failed_36m_n") == 1
    assert records.ask("insp_upper_failed_36m_n") == 1


def test_what_the_nation_passed_the_county_does_not_fail(records: Any) -> None:
    records.put("inspection", level="county", product="cable", batch_no="B1", **failing())
    records.put("inspection", level="national", product="cable", batch_no="B1")
    assert (records.ask("insp_36m_n"), records.ask("insp_failed_36m_n")) == (1, 0)


@pytest.mark.parametrize(
    "same",
    [{"product": "Cable", "batch_no": "b1-2"}, {"product": "cable ", "batch_no": "B1－2"}, {"batch_no": "b 1-2"}],
)
def test_a_batch_is_one_however_its_number_is_typed(records: Any, same: dict[str, Any]) -> None:
    batch = {"product": "cable", "batch_no": "B1-2"}
    records.put("inspection", level="county", **failing(**batch | same))
    records.put("inspection", level="national", **batch)
    found = records.ask("insp_36m_n", "insp_failed_36m_n")
    assert (found["insp_36m_n"], found["insp_failed_36m_n"]) == (1, 0)


@pytest.mark.parametrize("other", [{"product": "plug", "batch_no": "B1"}, {"product": "cable", "batch_no": None}])
def test_another_product_or_a_batch_without_a_number_is_another_batch(records: Any, other: dict[str, Any]) -> None:
    records.put("inspection", level="national", product="cable", batch_no="B1", **failing())
    records.put("inspection", level="county", **failing(), **other)
    assert records.ask("insp_failed_36m_n") == 2


def test_samples_of_risk_monitoring_give_no_verdict(records: Any) -> None:
    records.put("inspection", kind="risk_monitoring", **failing())
    told = records.ask("insp_36m_n", "insp_failed_36m_n", "insp_severity_36m", "insp_monitoring_36m_n")
    assert (told["insp_36m_n"], told["insp_failed_36m_n"], told["insp_severity_36m"]) == (0, 0, None)
    assert told["insp_monitoring_36m_n"] == 1


@pytest.mark.parametrize(
    ("cells", "severity"),
    [
        ({"failed_item": "safety"}, 4),
        ({"safety_item": True, "failed_item": "labelling"}, 4),
        ({"failed_item": "mandatory"}, 3),
        ({"failed_item": "declared"}, 2),
        ({}, 2),
        ({"failed_item": "labelling", "safety_item": False}, 1),
        ({"objection": "upheld", "failed_item": "safety"}, 0),
        ({"verdict": "no_nonconformity", "safety_item": True}, 0),
    ],
)
def test_severity_is_derived_from_what_failed(records: Any, cells: dict[str, Any], severity: int) -> None:
    records.put("inspection", **failing(**cells))
    assert records.ask("insp_severity_36m") == severity


def test_a_refusal_and_a_missing_licence_are_told_apart_from_batches(records: Any) -> None:
    records.put("inspection", verdict="refused")
    records.put("inspection", verdict="unlicensed")
    told = records.ask(
        "insp_36m_n", "insp_refused_36m_n", "insp_refused_36m", "insp_unlicensed_36m", "insp_fail_share_36m"
    )
    assert (told["insp_36m_n"], told["insp_refused_36m_n"], told["insp_refused_36m"]) == (0, 1, 1)
    assert told["insp_unlicensed_36m"] == 1


@pytest.mark.parametrize(
    ("cells", "share", "days"),
    [
        ({}, 0, 157),
        ({"rectified_on": D(2024, 3, 10)}, 1, 60),
        ({"rectified_on": DAY + dt.timedelta(days=1)}, 0, 157),
        ({"recheck": "passed"}, 1, 22),
        ({"recheck": "failed", "rectified_on": D(2024, 3, 10)}, 0, 157),
    ],
)
def test_the_clock_of_rectification_runs_until_the_failure_is_put_right(
    records: Any, cells: dict[str, Any], share: float, days: int
) -> None:
    records.put("inspection", level="national", **failing(**cells))
    told = records.ask("insp_put_right_share_36m", "insp_put_right_days_36m", "insp_national_open_n")
    assert (told["insp_put_right_share_36m"], told["insp_put_right_days_36m"]) == (share, days)
    assert told["insp_national_open_n"] == 1 - share


def test_no_number_of_failures_reaches_the_model() -> None:
    """How often somebody is sampled follows the risk class: only rates, grades and days may be held against."""
    counting = {s.name for s in SPECS if isinstance(s, FeatureSpec) and isinstance(s.aggregate, Count | CountDistinct)}
    assert {"insp_36m_n", "insp_failed_36m_n", "insp_refused_36m_n", "insp_upper_failed_36m_n"} <= counting
    assert not counting & {spec.name for spec in for_use(Use.MODEL)}


def test_rates_are_told_to_people_and_multiples_of_the_industry_to_the_model() -> None:
    """A rate near the industry's moves with it from month to month, and would tell a model when somebody applied."""
    read = {spec.name for spec in for_use(Use.MODEL) if spec.name.startswith("insp_") and "fail_" in spec.name}
    assert read == {
        "insp_fail_to_industry_36m", "insp_fail_to_industry_12m", "insp_safety_fail_to_industry_36m",
        "insp_upper_fail_to_industry_36m",
    }  # fmt: skip
    shown = {"insp_fail_share_36m", "insp_fail_share_12m", "insp_safety_fail_share_36m", "insp_upper_fail_share_36m"}
    assert {by_name(name).use for name in shown} == {Use.FACT}


def test_an_enterprise_without_a_failure_stands_the_same_whatever_its_industry_or_the_month(history: History) -> None:
    clean = {"verdict": "no_nonconformity", "level": "county", "safety_item": False, "months": 2}
    seen = set()
    for mean, strength in ((0.05, 4), (0.2, 19)):
        _prior(history, mean, 0.0, strength)
        told = history.matrix([_batch(1, clean)], _MULTIPLES, _ASKED).to_pylist()[0]
        seen.add(tuple(told[spec.name] for spec in _MULTIPLES))
    assert seen == {(5 / 6, 5 / 6, 5 / 6, 1.0)}


def test_one_failure_weighs_the_more_the_rarer_failures_are_in_the_industry(history: History) -> None:
    failed = {"verdict": "nonconforming", "level": "county", "safety_item": True, "months": 2}
    told = []
    for mean in (0.1, 0.05, 0.0):
        _prior(history, mean, mean, 5)
        told.append(history.matrix([_batch(1, failed)], _MULTIPLES, _ASKED).to_pylist()[0])
    # (1 / 0.1 + 5) / 6, (1 / 0.05 + 5) / 6; an industry without failures counts as one of 0.5 %.
    assert [row["insp_fail_to_industry_36m"] for row in told] == pytest.approx([2.5, 25 / 6, 205 / 6])
    assert [row["insp_safety_fail_to_industry_36m"] for row in told] == pytest.approx([2.5, 25 / 6, 205 / 6])


def _prior(history: History, mean: float, safety: float, strength: float) -> None:
    history.warehouse.execute("delete from derived.inspection_prior")
    history.warehouse.execute(
        "insert into derived.inspection_prior values ('ALL', date '2000-01-01', null, ?, ?, ?)",
        (mean, safety, strength),
    )


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    made = History()
    yield made
    made.warehouse.close()


_RATES = tuple(
    by_name(name)
    for name in (
        "insp_fail_share_36m", "insp_fail_share_12m", "insp_safety_fail_share_36m", "insp_upper_fail_share_36m",
        "insp_fail_to_industry_36m", "insp_fail_to_industry_12m", "insp_safety_fail_to_industry_36m",
        "insp_upper_fail_to_industry_36m", "insp_severity_36m", "insp_months_since_failure",
    )
)  # fmt: skip
_MULTIPLES = tuple(spec for spec in _RATES if "_to_industry_" in spec.name)
_BATCHES = st.lists(
    st.fixed_dictionaries(
        {
            "verdict": st.sampled_from(("nonconforming", "no_nonconformity")),
            "level": st.sampled_from(("national", "county")),
            "safety_item": st.booleans(),
            "months": st.integers(1, 35),
        }
    ),
    max_size=8,
)
_ASKED = pa.table({"application_id": ["A1"], "uscc": ["U1"], "as_of": [DAY]})


def _batch(number: int, drawn: dict[str, Any]) -> Record:
    day = DAY - dt.timedelta(days=30 * drawn["months"])
    told = {name: value for name, value in drawn.items() if name != "months"}
    dates = {"inspected_on": day, "happened_on": day, "known_on": day}
    return "inspection", {"uscc": "U1", "inspection_no": f"I{number}", **told, **dates}


@LAW
@given(before=_BATCHES, one=_BATCHES.filter(bool))
def test_one_more_failure_never_helps_and_one_more_clean_batch_never_hurts(
    history: History, before: list[dict[str, Any]], one: list[dict[str, Any]]
) -> None:
    def ask(told: list[dict[str, Any]]) -> dict[str, Any]:
        rows = [_batch(number, drawn) for number, drawn in enumerate(told)]
        return dict(history.matrix(rows, _RATES, _ASKED).to_pylist()[0])

    # A first batch that says nothing of the rest: who was never inspected is unknown, not better or worse.
    known = [{"verdict": "no_nonconformity", "level": "national", "safety_item": False, "months": 1}, *before]
    more = one[0] | {"months": one[0]["months"] % 14 + 1}
    clean = more["verdict"] == "no_nonconformity"
    first, then = ask(known), ask([*known, more])
    for spec in _RATES:
        change = spec.direction * (then[spec.name] - first[spec.name])
        assert (change >= -1e-12) if clean else (change <= 1e-12), spec.name


def test_a_firm_that_nobody_inspected_was_not_found_producing_without_a_licence() -> None:
    spec = by_name("insp_unlicensed_36m")
    assert isinstance(spec, FeatureSpec)
    assert (spec.aggregate, spec.missing) == (Exists(), Missing.ZERO_IF_DELIVERED)
