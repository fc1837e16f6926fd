"""Monitoring sees what changed, says nothing where too few applied, and never compares a period with itself."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from certloan.bootstrap import House, house
from certloan.errors import InputError, PermissionDeniedError
from certloan.services.monitor_drift import DriftReport, State, monitor


def watched(at: House, since: dt.date | None = None) -> DriftReport:
    with at.warehouse(read_only=True) as warehouse:
        return monitor(warehouse, at.bundle(), at.policy(), at.risk, since=since)


def states(report: DriftReport) -> dict[str, State]:
    return {measure.drift.name: measure.state for measure in report.measures}


@pytest.fixture(scope="module")
def report(demo: House) -> DriftReport:
    return watched(demo)


def test_the_score_the_recommendations_and_every_feature_are_compared(report: DriftReport, demo: House) -> None:
    assert sorted(states(report)) == sorted({"score", "outcome", *demo.bundle().names})
    indices = [measure.drift.psi for measure in report.measures]
    assert indices == sorted(indices, reverse=True)


def test_both_periods_hold_every_application_of_their_days(report: DriftReport, demo: House) -> None:
    first, last, n = report.reference
    window = demo.bundle().provenance["window"]
    assert (first.isoformat(), last.isoformat()) == (window["train_from"], window["train_to"])
    assert report.since == last + dt.timedelta(days=1)
    with demo.warehouse(read_only=True) as warehouse:
        total = warehouse.query("select count(*) n from application where void_on is null").to_pylist()[0]["n"]
    for measure in report.measures:
        assert (measure.drift.n_reference, measure.drift.n_current) == (n, report.n_current)
    assert n + report.n_current == total


def test_the_state_is_the_worst_one_and_decides_the_exit_code(report: DriftReport) -> None:
    told = report.as_json()
    found = set(states(report).values())
    assert report.state is next(state for state in State if state in found)
    assert (report.exit_code == 4) == (State.RED in found)
    assert sum(int(str(told[state.value])) for state in State) == len(report.measures)


def test_amounts_ten_times_as_high_turn_red(demo: House, report: DriftReport, tmp_path: Path) -> None:
    assert states(report)["app_amount_to_assets"] is State.GREEN
    shutil.copytree(demo.settings.home, tmp_path / "home")
    changed = house(tmp_path / "home")
    with changed.warehouse() as warehouse:
        warehouse.execute("update history.application set amount = amount * 10 where applied_on >= ?", [report.since])
    again = watched(changed)
    assert states(again)["app_amount_to_assets"] is State.RED
    assert again.exit_code == 4


def test_nobody_since_is_not_enough_rather_than_steady(demo: House) -> None:
    report = watched(demo, dt.date(2090, 1, 1))
    assert set(states(report).values()) == {State.NOT_ENOUGH}
    assert report.exit_code == 0
    assert [measure["psi"] for measure in report.as_json()["measures"]] == [None] * len(report.measures)  # type: ignore[attr-defined]


def test_a_period_that_overlaps_the_training_window_is_refused(demo: House, report: DriftReport) -> None:
    with pytest.raises(InputError) as refused:
        watched(demo, report.reference[1])
    assert refused.value.code == "monitor-overlap"


@pytest.mark.parametrize(
    ("window", "code"),
    [
        ({}, "monitor-no-window"),
        ({"train_from": "1990-01-01", "train_to": "1991-01-01"}, "monitor-no-reference"),
        ({"train_from": "soon", "train_to": None}, "monitor-no-window"),
    ],
)
def test_without_a_reference_there_is_no_number(demo: House, window: dict[str, str], code: str) -> None:
    bundle = replace(demo.bundle(), provenance={"window": window})
    with demo.warehouse(read_only=True) as warehouse, pytest.raises(InputError) as refused:
        monitor(warehouse, bundle, demo.policy(), demo.risk)
    assert refused.value.code == code


def test_an_officer_does_not_watch_models(demo: House) -> None:
    with demo.warehouse(read_only=True) as warehouse, pytest.raises(PermissionDeniedError):
        monitor(warehouse, demo.bundle(), demo.policy(), demo.officer)
