"""What judges a setting inside the training window: later loans, never the ones that will judge the model.

The window is cut at several days. At each, earlier loans whose outcome was settled by then teach and the loans up to
the next cut judge, as the model itself will be judged. Where the window is too short or too thin for that, or has no
dates worth the name, stratified folds take the place of time, and the account says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from certloan.scoring.splits import Days, Labels, Rows, fold_of, settled_on, strata

#: More rows than this tell settings apart no better than their price in time allows.
MOST_ROWS = 60_000
#: The window is cut where these shares of its loans have been applied for; then at the first day alone that serves.
_CUTS = (0.55, 0.7, 0.85)
_SINGLE = (0.7, 0.6, 0.5)
#: A cut with fewer defaults, or others, than these to learn from and to judge by says nothing of settings.
_LEARN_LEAST, _JUDGE_LEAST = 30, 15
_FOLDS = 3
#: Keeps the draws of the search apart from those of bags and screening.
_SALT = 104_729


@dataclass(frozen=True, eq=False)
class Cut:
    """Rows that teach and rows that judge, as positions in the training rows."""

    learn: Rows
    judge: Rows


@dataclass(frozen=True, eq=False)
class Cuts:
    """How settings are judged, and the same in plain values for the record."""

    parts: tuple[Cut, ...]
    account: Mapping[str, Any]


def inner_cuts(labels: Labels, *, by_time: bool, embargo: bool, seed: int) -> Cuts:
    """Cut the training rows; ``labels`` are theirs alone, and no other row is looked at."""
    rows = _at_most(labels, seed)
    some = labels.take(rows)
    parts, kind = (_by_time(some, embargo), "time") if by_time else ([], "folds")
    if not parts:
        parts, kind = _by_fold(some, seed), "folds"
    judged = np.concatenate([part.judge for part in parts])
    account = {
        "kind": kind,
        "embargo": embargo and kind == "time",
        "cuts": [_told(part, some, kind) for part in parts],
        "rows": len(rows),
        "judged": len(judged),
        "judged_defaults": int(some.defaulted[judged].sum()),
    }
    return Cuts(tuple(Cut(rows[part.learn], rows[part.judge]) for part in parts), account)


def _at_most(labels: Labels, seed: int) -> Rows:
    """Give a share of the rows, of defaults as of others, where there are more than enough; in their own order."""
    if len(labels) <= MOST_ROWS:
        return np.arange(len(labels))
    return np.flatnonzero(strata(labels.defaulted, (seed, _SALT)) < MOST_ROWS / len(labels))


def _by_time(labels: Labels, embargo: bool) -> list[Cut]:
    """Give every cut of the usual ones that can be judged, or else the first single one that can, or none."""
    days = np.sort(labels.applied_on)
    after = days[-1] + np.timedelta64(1, "D")
    at = [days[int(share * len(days))] for share in _CUTS]
    parts = [_cut(labels, first, last, embargo) for first, last in zip(at, [*at[1:], after], strict=True)]
    serving = [part for part in parts if _serves(part, labels)]
    if serving:
        return serving
    singles = (_cut(labels, days[int(share * len(days))], after, embargo) for share in _SINGLE)
    return next(([part] for part in singles if _serves(part, labels)), [])


def _cut(labels: Labels, first: np.datetime64, last: np.datetime64, embargo: bool) -> Cut:
    applied: Days = labels.applied_on
    early = applied < first
    learn = early & (settled_on(labels, early) < first) if embargo else early
    return Cut(np.flatnonzero(learn), np.flatnonzero((applied >= first) & (applied < last)))


def _by_fold(labels: Labels, seed: int) -> list[Cut]:
    fold = fold_of(labels.defaulted, _FOLDS, (seed, _SALT), labels.firms)
    return [Cut(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(_FOLDS)]


def _serves(part: Cut, labels: Labels) -> bool:
    """Tell whether both sides hold enough of both classes."""
    for rows, least in ((part.learn, _LEARN_LEAST), (part.judge, _JUDGE_LEAST)):
        bad = int(labels.defaulted[rows].sum())
        if min(bad, len(rows) - bad) < least:
            return False
    return True


def _told(part: Cut, labels: Labels, kind: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "n_learn": len(part.learn),
        "defaults_learn": int(labels.defaulted[part.learn].sum()),
        "n_judge": len(part.judge),
        "defaults_judge": int(labels.defaulted[part.judge].sum()),
    }
    if kind == "time":
        told = {"judge_from": str(labels.applied_on[part.judge].min()), **told}
    return told
