"""Weights of evidence: what falling in a bin says of the risk, before any other feature is heard.

The weight of a bin is the log-odds of default in it, less those of everybody, so more is more risk. (Most books write
the weight of evidence with the opposite sign: Siddiqi, *Credit Risk Scorecards*, 2006.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.rivals.bins import Binned
from certloan.scoring.tables import Integers

#: Rows of average risk added to a bin that may be almost empty, so that an empty one says nothing.
PRIOR_ROWS = 20.0


def weights_of_evidence(placed: Integers, binned: Binned, direction: int, sample: Sample) -> Floats:
    """Give the weight of each group of bins; those of a directed number never move against its direction.

    The missing group, and one that holds a single class, is drawn to 0 by rows of average risk.
    """
    bad, good = _counts(placed, binned.groups, sample)
    rate = float(bad.sum() / (bad.sum() + good.sum()))
    if direction and binned.groups > 2:
        bad[:-1], good[:-1] = _pooled(bad[:-1], good[:-1], direction)
    thin = (bad <= 0.0) | (good <= 0.0)
    thin[-1] = True
    bad, good = bad + thin * PRIOR_ROWS * rate, good + thin * PRIOR_ROWS * (1.0 - rate)
    return np.asarray(np.log(bad / good) - np.log(rate / (1.0 - rate)))


def look_up(binned: Sequence[Binned], evidence: Sequence[Floats], placed: Sequence[Integers]) -> Floats:
    """Give the weight of evidence of each row and feature, shape (rows, features)."""
    out = np.empty((len(placed[0]), len(binned)), order="F")
    for at, (cells, where) in enumerate(zip(evidence, placed, strict=True)):
        out[:, at] = cells.take(where)
    return out


def place(binned: Sequence[Binned], values: Floats) -> list[Integers]:
    """Give the group of each row, feature by feature."""
    return [one.place(values[:, at]) for at, one in enumerate(binned)]


def directions_of(features: Sequence[ModelFeature]) -> list[int]:
    """Give the declared directions; a text has none."""
    return [0 if feature.categorical else feature.direction for feature in features]


def _counts(placed: Integers, groups: int, sample: Sample) -> tuple[Floats, Floats]:
    bad = np.bincount(placed, sample.weights * sample.defaulted, groups)
    good = np.bincount(placed, sample.weights * (1.0 - sample.defaulted), groups)
    return np.asarray(bad, dtype=np.float64), np.asarray(good, dtype=np.float64)


def _pooled(bad: Floats, good: Floats, direction: int) -> tuple[Floats, Floats]:
    """Let neighbours that move against the direction share their counts (pool adjacent violators)."""
    blocks: list[list[float]] = []
    for one in zip(bad.tolist(), good.tolist(), strict=True):
        blocks.append([*one, 1.0])
        while len(blocks) > 1 and _against(blocks[-2], blocks[-1], direction):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    sizes = np.array([int(block[2]) for block in blocks])
    # Evidence is a ratio, so a block's sums stand for each of its bins.
    sums = np.array([block[:2] for block in blocks], dtype=np.float64).repeat(sizes, axis=0)
    return sums[:, 0], sums[:, 1]


def _against(before: Sequence[float], after: Sequence[float], direction: int) -> bool:
    """Tell whether the default rate moves the wrong way: up where more is better evidence, down where worse."""
    return direction * (after[0] * before[1] - before[0] * after[1]) > 0.0
