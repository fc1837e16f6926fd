"""Drift is read against what chance alone would do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certloan.monitoring.drift import DriftVerdict, drift_of_numbers, drift_of_words, psi

COUNTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).map(np.array)


@given(COUNTS)
def test_the_same_population_twice_has_no_drift(counts: np.ndarray) -> None:
    assert psi(counts, counts) == 0.0


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12))
def test_the_index_is_never_negative_and_knows_no_direction(pairs: list[tuple[int, int]]) -> None:
    before, after = np.array(pairs).T
    assert psi(before, after) >= 0
    assert psi(before, after) == pytest.approx(psi(after, before))


@given(st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=80))
def test_a_sample_against_itself_is_exactly_zero(values: list[float | None]) -> None:
    sample = np.array([np.nan if value is None else value for value in values])
    drift = drift_of_numbers("x", sample, sample)
    assert drift.psi == 0.0
    assert drift.n_reference == drift.n_current == len(values)
    assert drift_of_words("w", ["a", None], ["a", None]).psi == 0.0


def test_the_benchmark_is_what_chance_does() -> None:
    generator = np.random.default_rng(3)
    runs = [drift_of_numbers("x", generator.normal(size=800), generator.normal(size=300)) for _ in range(300)]
    assert np.mean([run.psi for run in runs]) == pytest.approx(runs[0].by_chance, rel=0.15)
    assert np.mean([run.psi > run.alarm_above for run in runs]) < 0.05
    assert {run.verdict for run in runs} <= {DriftVerdict.STEADY, DriftVerdict.WATCH}
    assert np.mean([run.verdict is DriftVerdict.STEADY for run in runs]) > 0.98


def test_a_small_sample_raises_no_alarm_but_says_that_it_cannot_tell() -> None:
    generator = np.random.default_rng(4)
    drift = drift_of_numbers("x", generator.normal(size=5000), generator.normal(size=25))
    assert drift.psi > 0.1
    assert drift.verdict is DriftVerdict.NOT_ENOUGH
    assert drift_of_numbers("x", np.array([1.0]), np.array([])).verdict is DriftVerdict.NOT_ENOUGH


def test_a_real_shift_is_seen() -> None:
    generator = np.random.default_rng(5)
    reference = generator.normal(size=5000)
    assert drift_of_numbers("x", reference, generator.normal(1.0, size=2000)).verdict is DriftVerdict.SHIFTED
    assert drift_of_numbers("x", reference, generator.normal(0.45, size=5000)).verdict is DriftVerdict.WATCH
    vanished = np.where(np.arange(2000) % 2 == 0, np.nan, generator.normal(size=2000))
    assert drift_of_numbers("x", reference, vanished).verdict is DriftVerdict.SHIFTED
    assert drift_of_words("w", ["a", "b"] * 500, ["a", "c"] * 500).verdict is DriftVerdict.SHIFTED
