"""Settings are judged on later loans of the training window."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scoring.search.loans import loans

from certloan.scoring.search.cuts import MOST_ROWS, inner_cuts
from certloan.scoring.splits import Labels


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.booleans(), st.integers(300, 1500))
def test_every_loan_that_teaches_was_settled_before_the_first_that_judges(seed: int, embargo: bool, n: int) -> None:
    labels = loans(n, seed).labels
    found = inner_cuts(labels, by_time=True, embargo=embargo, seed=seed)
    if found.account["kind"] == "folds":
        return
    last = np.datetime64("1900-01-01")
    for part in found.parts:
        first = labels.applied_on[part.judge].min()
        known = labels.observed_to[part.learn] if embargo else labels.applied_on[part.learn]
        assert known.max() < first
        assert last < first
        last = labels.applied_on[part.judge].max()
        assert not set(part.learn) & set(part.judge)


def test_a_loan_judges_once_at_most() -> None:
    found = inner_cuts(loans(1500).labels, by_time=True, embargo=True, seed=1)
    judged = np.concatenate([part.judge for part in found.parts])
    assert len(found.parts) == 3
    assert len(set(judged)) == len(judged) == found.account["judged"]


def test_a_window_that_is_too_short_for_the_embargo_is_cut_into_folds_and_says_so() -> None:
    short = loans(600, window=1400).labels
    found = inner_cuts(short, by_time=True, embargo=True, seed=1)
    assert (found.account["kind"], found.account["embargo"]) == ("folds", False)
    assert sorted(np.concatenate([part.judge for part in found.parts])) == list(range(600))


def test_without_time_every_loan_judges_once_and_no_fold_lacks_defaults() -> None:
    labels = loans(400).labels
    found = inner_cuts(labels, by_time=False, embargo=True, seed=3)
    assert sorted(np.concatenate([part.judge for part in found.parts])) == list(range(400))
    assert all(labels.defaulted[part.judge].sum() > 15 for part in found.parts)


def test_of_very_many_loans_a_share_with_the_same_rate_of_default_is_read() -> None:
    n = 2 * MOST_ROWS
    random = np.random.default_rng(5)
    applied = np.datetime64("2018-01-01") + random.integers(0, 2000, n).astype("timedelta64[D]")
    labels = Labels((random.random(n) < 0.03).astype(float), np.ones(n), applied, applied + np.timedelta64(300, "D"))
    found = inner_cuts(labels, by_time=True, embargo=True, seed=1)
    assert abs(found.account["rows"] - MOST_ROWS) <= 2
    judged = np.concatenate([part.judge for part in found.parts])
    assert abs(labels.defaulted[judged].mean() - 0.03) < 0.004
