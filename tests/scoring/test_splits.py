from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certloan.errors import InputError
from certloan.i18n.catalog import sentence
from certloan.scoring.splits import FoldSplit, Labels, RandomSplit, TimeSplit, split


def _labels(n: int = 2000, seed: int = 1, rate: float = 0.2, window: int = 365) -> Labels:
    random = np.random.default_rng(seed)
    applied = np.datetime64("2020-01-01") + random.integers(0, 1500, n).astype("timedelta64[D]")
    defaulted = (random.random(n) < rate).astype(float)
    waited = np.where(defaulted > 0, random.integers(30, window, n), window)
    return Labels(defaulted, np.ones(n), applied, applied + waited.astype("timedelta64[D]"))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_what_becomes_of_the_loans_that_judge_has_no_say_in_who_teaches(seed: int) -> None:
    labels, random = _labels(seed=seed), np.random.default_rng(seed + 1)
    (before,) = split(TimeSplit(), labels)
    changed, observed = labels.defaulted.copy(), labels.observed_to.copy()
    changed[before.test] = (random.random(len(before.test)) < 0.5).astype(float)
    observed[before.test] += np.timedelta64(200, "D")
    (after,) = split(TimeSplit(), Labels(changed, labels.weights, labels.applied_on, observed))
    np.testing.assert_array_equal(before.train, after.train)


def test_fewer_defaults_than_usual_are_enough_only_where_it_was_asked_for() -> None:
    labels = _first(240)
    assert 20 < labels.defaulted.sum() < 40
    with pytest.raises(InputError) as refused:
        split(RandomSplit(), labels)
    assert (refused.value.code, refused.value.facts["expected"]) == ("too-few-defaults", 30)
    assert len(split(RandomSplit(), labels, least=10)) == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.booleans())
def test_every_training_loan_is_earlier_than_every_test_loan(seed: int, embargo: bool) -> None:
    labels = _labels(seed=seed)
    (one,) = split(TimeSplit(embargo=embargo), labels)
    assert labels.applied_on[one.train].max() < labels.applied_on[one.test].min()
    assert not set(one.train) & set(one.test)
    if embargo:
        assert labels.observed_to[one.train].max() < labels.applied_on[one.test].min()
        assert one.account["embargoed"] > 0


def test_the_embargo_does_not_favour_defaults_because_they_are_known_early() -> None:
    labels = _labels(40_000, rate=0.1)
    (one,) = split(TimeSplit(test_from=date(2022, 6, 1)), labels)
    last_quarter = one.train[
        labels.applied_on[one.train] > labels.applied_on[one.train].max() - np.timedelta64(90, "D")
    ]
    assert labels.defaulted[last_quarter].mean() == pytest.approx(0.1, abs=0.03)


def test_days_bound_the_windows_as_named() -> None:
    labels = _labels()
    plan = TimeSplit(date(2022, 1, 1), date(2023, 1, 1), date(2023, 7, 1), embargo=False)
    (one,) = split(plan, labels)
    assert labels.applied_on[one.train].max() < np.datetime64("2022-01-01")
    assert labels.applied_on[one.test].min() >= np.datetime64("2023-01-01")
    assert labels.applied_on[one.test].max() < np.datetime64("2023-07-01")
    assert one.account["train_before"] == "2022-01-01"


def test_train_before_alone_also_starts_the_test() -> None:
    (one,) = split(TimeSplit(train_before=date(2022, 1, 1), embargo=False), _labels())
    assert one.account["test_from"] == "2022-01-01"


@given(st.integers(2, 8), st.integers(0, 100))
def test_folds_judge_every_row_once_and_share_the_defaults(folds: int, seed: int) -> None:
    labels = _labels(300, seed)
    splits = split(FoldSplit(folds, seed), labels, least=10)
    assert sorted(np.concatenate([one.test for one in splits])) == list(range(300))
    counts = [labels.defaulted[one.test].sum() for one in splits]
    assert max(counts) - min(counts) <= 1


def test_a_random_split_keeps_the_rate_of_default() -> None:
    labels = _labels()
    (one,) = split(RandomSplit(0.25, seed=3), labels)
    assert len(one.test) == pytest.approx(500, abs=2)
    assert labels.defaulted[one.test].mean() == pytest.approx(labels.defaulted.mean(), abs=0.003)


@pytest.mark.parametrize("plan", [FoldSplit(seed=4), RandomSplit(seed=4)])
def test_the_same_seed_gives_the_same_rows_and_another_seed_others(plan: FoldSplit | RandomSplit) -> None:
    labels = _labels(300)
    once, again = split(plan, labels)[0], split(plan, labels)[0]
    np.testing.assert_array_equal(once.test, again.test)
    other = split(type(plan)(seed=5), labels)[0]
    assert once.test.tolist() != other.test.tolist()


def _one_class(labels: Labels) -> Labels:
    return Labels(np.zeros(len(labels)), labels.weights, labels.applied_on, labels.observed_to)


def _first(n: int) -> Labels:
    labels = _labels()
    return Labels(*(getattr(labels, name)[:n] for name in ("defaulted", "weights", "applied_on", "observed_to")))


@pytest.mark.parametrize(
    ("plan", "labels", "code"),
    [
        (TimeSplit(), _first(0), "no-labels"),
        (TimeSplit(), _one_class(_labels()), "one-class"),
        (TimeSplit(), _first(60), "too-few-defaults"),
        (FoldSplit(), _first(60), "too-few-defaults"),
        (TimeSplit(test_from=date(2019, 1, 1)), _labels(), "split-empty"),
        (TimeSplit(test_from=date(2020, 6, 1)), _labels(), "split-empty"),
        (TimeSplit(test_from=date(2040, 1, 1)), _labels(), "split-dates-crossed"),
        (TimeSplit(date(2023, 1, 1), date(2022, 1, 1)), _labels(), "split-dates-crossed"),
    ],
    ids=["nothing", "one class", "few", "few folds", "before all", "embargo", "after all", "crossed"],
)
def test_a_split_that_cannot_be_judged_is_refused_with_its_reason(plan: Any, labels: Labels, code: str) -> None:
    with pytest.raises(InputError) as refused:
        split(plan, labels)
    assert refused.value.code == code
    assert sentence(refused.value, "zh")
    assert sentence(refused.value, "en")
