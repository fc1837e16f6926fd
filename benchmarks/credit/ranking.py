"""Who is first over all sets, and whether chance could have done it.

Mean ranks with Friedman's test and Nemenyi's critical difference (Demšar, JMLR 7, 2006). Sets that share rows (the three
of the SBA) are not independent, so the test is read as a description.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from benchmarks.credit.problem import Floats
from scipy.stats import friedmanchisquare, rankdata, studentized_range

_ALPHA = 0.05


@dataclass(frozen=True)
class Ranks:
    """Mean rank of each contender (1 is best); two differ by more than chance when they are ``critical`` apart."""

    mean: Mapping[str, float]
    sets: int
    p: float
    critical: float


def ranks(figures: Mapping[str, Mapping[str, float]], higher_is_better: bool) -> Ranks:
    """Rank the contenders on each set and average; ``figures`` is set → contender → figure, the same in each set.

    >>> found = ranks({"a": {"x": 0.8, "y": 0.7, "z": 0.7}, "b": {"x": 0.9, "y": 0.8, "z": 0.6}}, True)
    >>> found.mean
    {'x': 1.0, 'y': 2.25, 'z': 2.75}
    """
    names = list(next(iter(figures.values())))
    table: Floats = np.array([[by_name[name] for name in names] for by_name in figures.values()], dtype=np.float64)
    placed = np.apply_along_axis(rankdata, 1, -table if higher_is_better else table)
    sets, many = placed.shape
    chance = float(friedmanchisquare(*placed.T).pvalue) if sets > 1 and many > 2 else 1.0
    reach = float(studentized_range.ppf(1.0 - _ALPHA, many, np.inf)) / np.sqrt(2.0)
    means = dict(zip(names, (float(value) for value in placed.mean(axis=0)), strict=True))
    return Ranks(means, sets, chance, float(reach * np.sqrt(many * (many + 1) / (6.0 * sets))))
