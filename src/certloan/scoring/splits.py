"""Which rows teach and which rows judge.

The honest split is by time: a model is judged on loans applied for after every loan it learnt from, whose outcomes
were known by then. Sets without dates are cut into stratified folds instead, or, for a quick look, at random.

Wherever rows are dealt, an enterprise with several loans stays whole: what its other loans became would otherwise be
taught to a model that is then said never to have seen it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.errors import InputError
from certloan.scoring.matrix import Floats

Rows = NDArray[np.int64]
Integers = NDArray[np.int64]
Days = NDArray[np.datetime64]

#: Fewer than this and a model would memorise its defaults (or its goods). Still too few to lend by: the intervals of the
#: report say so. Whoever must go below says so by name.
MIN_TRAIN_OF_EACH = 30
#: Fewer than this and no figure of the test means anything.
MIN_TEST_OF_EACH = 5
#: Where the caller names no date, the test begins when this share of the applications has been made.
_DEFAULT_TRAIN_SHARE = 0.7


@dataclass(frozen=True, eq=False)
class Labels:
    """What became of each row: 1.0 defaulted or 0.0, how much it counts, and the days it was applied for and settled.

    ``firms`` numbers the enterprise behind each row; ``None`` where every row stands for itself.
    """

    defaulted: Floats
    weights: Floats
    applied_on: Days
    observed_to: Days
    firms: Integers | None = None

    def take(self, rows: Rows) -> Labels:
        """Give some of the rows."""
        firms = None if self.firms is None else self.firms[rows]
        return Labels(self.defaulted[rows], self.weights[rows], self.applied_on[rows], self.observed_to[rows], firms)

    def __len__(self) -> int:
        return len(self.defaulted)


@dataclass(frozen=True)
class TimeSplit:
    """Train on applications before one day, test on those from another on.

    ``embargo`` leaves out training rows whose outcome was not settled when the test begins. Days that are ``None``
    come from the data: the test begins at the 70th percentile of the application days.
    """

    train_before: date | None = None
    test_from: date | None = None
    test_before: date | None = None
    embargo: bool = True


@dataclass(frozen=True)
class FoldSplit:
    """Judge every row by a model that was trained on the other folds; stratified by outcome."""

    folds: int = 5
    seed: int = 1


@dataclass(frozen=True)
class RandomSplit:
    """Set a stratified random share aside. It flatters a model that will be used on later applicants."""

    test_share: float = 0.25
    seed: int = 1


SplitPlan = TimeSplit | FoldSplit | RandomSplit


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers that teach, row numbers that judge, and how they were chosen (plain values, for the record)."""

    train: Rows
    test: Rows
    account: Mapping[str, Any]


def split(plan: SplitPlan, labels: Labels, least: int = MIN_TRAIN_OF_EACH) -> tuple[Split, ...]:
    """Choose the rows; one split, or one per fold. Training wants ``least`` defaults and as many others.

    Raises ``no-labels``, ``split-dates-crossed``, ``split-empty``, ``one-class`` or ``too-few-defaults`` before any
    training starts.
    """
    if not len(labels):
        raise InputError("no-labels")
    _require_both(labels.defaulted, "all", 1)
    match plan:
        case TimeSplit():
            return (_by_time(plan, labels, least),)
        case FoldSplit():
            return _by_fold(plan, labels, least)
        case RandomSplit():
            test = strata(labels.defaulted, plan.seed, labels.firms) < plan.test_share
            account = {"kind": "random", "seed": plan.seed}
            return (_checked(np.flatnonzero(~test), np.flatnonzero(test), labels, account, least),)


def _by_time(plan: TimeSplit, labels: Labels, least: int) -> Split:
    applied = labels.applied_on
    from_day = plan.test_from or plan.train_before
    starts = np.sort(applied)[int(_DEFAULT_TRAIN_SHARE * len(labels))] if from_day is None else np.datetime64(from_day)
    ends = applied.max() + np.timedelta64(1, "D") if plan.test_before is None else np.datetime64(plan.test_before)
    until = starts if plan.train_before is None else np.datetime64(plan.train_before)
    if until > starts or starts >= ends:
        raise InputError("split-dates-crossed", train_before=str(until), test_from=str(starts), test_before=str(ends))
    early = applied < until
    settled = settled_on(labels, early) < starts if plan.embargo else np.ones_like(early)
    account = {
        "kind": "time",
        "train_before": str(until),
        "test_from": str(starts),
        "test_before": str(ends),
        "embargo": plan.embargo,
        "embargoed": int(np.count_nonzero(early & ~settled)),
    }
    test = (applied >= starts) & (applied < ends)
    return _checked(np.flatnonzero(early & settled), np.flatnonzero(test), labels, account, least)


def settled_on(labels: Labels, early: NDArray[np.bool_]) -> Days:
    """Give the day from which each row may teach.

    A default is known at once, a good loan only when its window ends. Taking each at its own day would keep the
    recent defaults and leave out the goods of the same months, so a default waits as long as a typical good loan.
    What is typical is read from the rows ``early`` alone: what becomes of a loan that judges has no say in who teaches.
    """
    good = labels.defaulted == 0
    if not (good & early).any():
        return labels.observed_to
    typical = np.median((labels.observed_to - labels.applied_on)[good & early].astype(np.int64))
    waited = labels.applied_on + np.timedelta64(int(typical), "D")
    return np.where(good, labels.observed_to, np.maximum(labels.observed_to, waited))


def _by_fold(plan: FoldSplit, labels: Labels, least: int) -> tuple[Split, ...]:
    fold = fold_of(labels.defaulted, plan.folds, plan.seed, labels.firms)
    _require_both(labels.defaulted, "test", max(MIN_TEST_OF_EACH, plan.folds))
    splits = []
    for number in range(plan.folds):
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        _require_both(labels.defaulted[train], "train", least)
        splits.append(Split(train, test, {"kind": "folds", "folds": plan.folds, "fold": number, "seed": plan.seed}))
    return tuple(splits)


def fold_of(defaulted: Floats, folds: int, seed: int | Sequence[int], groups: Integers | None = None) -> Rows:
    """Deal the rows into folds, each with its share of the defaults; rows of one of ``groups`` stay together.

    >>> fold_of(np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]), 3, seed=1).tolist()
    [0, 1, 2, 1, 2, 0]
    >>> fold_of(np.array([0.0, 1.0, 0.0, 0.0]), 2, seed=1, groups=np.array([7, 7, 9, 9])).tolist()
    [1, 1, 1, 1]
    """
    return (strata(defaulted, seed, groups) * folds).astype(np.int64)


def strata(defaulted: Floats, seed: int | Sequence[int], groups: Integers | None = None) -> Floats:
    """Spread each class evenly over 0..1 in random order: cutting anywhere cuts both classes alike.

    All rows of one of ``groups`` stand at one place; groups that ever defaulted and the others are each spread evenly.
    How the groups are numbered does not matter, and groups of one row each are spread as rows are.
    """
    if groups is not None:
        ever, of_row = ever_defaulted(defaulted, groups)
        return strata(ever, seed)[of_row]
    random = np.random.default_rng(seed)
    out = np.empty(len(defaulted))
    for value in (0.0, 1.0):
        members = np.flatnonzero(defaulted == value)
        out[random.permutation(members)] = (np.arange(len(members)) + 0.5) / max(len(members), 1)
    return out


def ever_defaulted(defaulted: Floats, groups: Integers) -> tuple[Floats, Rows]:
    """Tell for each group, in the order of first appearance, whether a row of it defaulted; and the group of each row."""
    _, first, of_row = np.unique(groups, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    ever = np.zeros(len(first))
    np.maximum.at(ever, place[of_row], defaulted)
    return ever, place[of_row]


def _checked(train: Rows, test: Rows, labels: Labels, account: Mapping[str, Any], least: int) -> Split:
    for rows, part in ((train, "train"), (test, "test")):
        if not len(rows):
            raise InputError("split-empty", part=part, embargoed=account.get("embargoed", 0))
    _require_both(labels.defaulted[train], "train", least)
    _require_both(labels.defaulted[test], "test", MIN_TEST_OF_EACH)
    return Split(train, test, account)


def _require_both(defaulted: Floats, part: str, least: int) -> None:
    bad = int(np.count_nonzero(defaulted))
    good = len(defaulted) - bad
    if not bad or not good:
        raise InputError("one-class", part=part, found=len(defaulted), defaults=bad)
    if min(bad, good) < least:
        raise InputError("too-few-defaults", part=part, defaults=bad, others=good, expected=least)
