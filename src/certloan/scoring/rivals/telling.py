"""Which features say anything at all: two textbook tests on bins that were cut without a look at the outcomes.

Bins that were sought for their information find some in noise, so they cannot be their own judge.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import chi2, norm, rankdata

from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.tables import Integers

#: A number is cut into this many bins of about equally many rows, and one for the missing.
_BINS = 10
#: How often each test lets a feature pass that says nothing.
_BY_CHANCE = 0.025


def tell_something(sample: Sample, features: Sequence[ModelFeature]) -> list[int]:
    """Give the positions of the features that pass a test; all of them where none does.

    Every feature may pass by Pearson's chi-squared: default rates differ between its bins, the missing one included. A
    number with a direction may pass by Armitage's trend in its ranks, one-sided (Armitage, *Biometrics* 11, 1955).
    """
    kept = [
        at
        for at, feature in enumerate(features)
        if _differs(_fixed_bins(sample.values[:, at], feature), sample)
        or (feature.direction and _leans(sample.values[:, at], feature.direction, sample))
    ]
    return kept or list(range(len(features)))


def _fixed_bins(values: Floats, feature: ModelFeature) -> Integers:
    if feature.levels is not None:
        return values.astype(np.int64)
    known = ~np.isnan(values)
    placed = np.zeros(len(values), dtype=np.int64)
    if known.any():
        cuts = np.unique(np.quantile(values[known], np.arange(1, _BINS) / _BINS, method="lower"))
        placed[known] = 1 + np.searchsorted(cuts, values[known], side="left")
    return placed


def _differs(placed: Integers, sample: Sample) -> bool:
    held = np.bincount(placed, sample.weights)
    bad = np.bincount(placed, sample.weights * sample.defaulted)
    bad, held = bad[held > 0], held[held > 0]
    rate = float(bad.sum() / held.sum())
    statistic = float(np.sum((bad - held * rate) ** 2 / held)) / (rate * (1.0 - rate))
    return len(held) > 1 and statistic > float(chi2.isf(_BY_CHANCE, len(held) - 1))


def _leans(values: Floats, direction: int, sample: Sample) -> bool:
    known = ~np.isnan(values)
    if not known.any():
        return False
    weights, defaulted = sample.weights[known], sample.defaulted[known]
    ranks = rankdata(values[known])
    away = weights * (ranks - np.average(ranks, weights=weights))
    rate = float(np.average(defaulted, weights=weights))
    error = float(np.sqrt(np.sum(away * away) * rate * (1.0 - rate)))
    return error > 0.0 and -direction * float(np.sum(away * (defaulted - rate))) / error > float(norm.isf(_BY_CHANCE))
