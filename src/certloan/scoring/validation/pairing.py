"""The two features that tell most together: a default where they differ is found by no feature alone, nor by trees.

A tree takes the best cut first, and where only two cuts together tell, the first is worth nothing. Every two features
are therefore laid out as a table of coarse cells, and the tables compared by likelihood; the best ones are judged by
what their cells say of rows that had no part in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.validation.chance import lower_at
from certloan.scoring.validation.judgement import told

#: A feature has so many bins for its values, and one more for the missing.
_BINS = 8
#: So many pairs, the likeliest, are judged on unseen rows.
_JUDGED = 10
#: How many rows of everybody's rate a cell is drawn towards.
_PRIOR = 1.0


@dataclass(frozen=True)
class Couple:
    """Two features and how their coarse table ranks unseen rows; ``lower`` allows for all pairs that were tried."""

    names: tuple[str, str]
    auc: Interval
    lower: float

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {"features": list(self.names), "auc": told(self.auc), "lower": round(self.lower, 6)}


def best_couple(
    sample: Sample, features: Sequence[ModelFeature], part: NDArray[np.int64], alpha: float
) -> Couple | None:
    """Give the two features that rank unseen rows best by their table; ``None`` where there are no two."""
    pairs = list(combinations(range(len(features)), 2))
    if not pairs:
        return None
    coarse = [_coarse(column) for column in sample.values.T]
    bad = sample.weights * sample.defaulted
    gains = [_gain(coarse[one] * (_BINS + 1) + coarse[other], sample.weights, bad) for one, other in pairs]
    found = []
    for at in np.argsort(-np.array(gains), kind="stable")[:_JUDGED].tolist():
        one, other = pairs[at]
        cells = coarse[one] * (_BINS + 1) + coarse[other]
        auc = auc_interval(sample.defaulted, _unseen(cells, part, sample.weights, bad), sample.weights)
        names = (features[one].name, features[other].name)
        found.append(Couple(names, auc, lower_at(auc, alpha / len(pairs))))
    return max(found, key=lambda one: (one.auc.value, one.names))


def _coarse(column: Floats) -> NDArray[np.int64]:
    """Give the bin of each value: a bin for each of few values, else quantiles; the missing come last."""
    known = np.isfinite(column)
    values = np.unique(column[known])
    if len(values) > _BINS:
        values = np.unique(np.quantile(column[known], np.arange(_BINS) / _BINS))
    out = np.full(len(column), _BINS, dtype=np.int64)
    out[known] = np.clip(np.searchsorted(values, column[known], side="right") - 1, 0, _BINS - 1)
    return out


def _gain(cells: NDArray[np.int64], weights: Floats, bad: Floats) -> float:
    """Give the log-likelihood of the rows when each cell has its own rate."""
    n, hit = (np.bincount(cells, of, (_BINS + 1) ** 2) for of in (weights, bad))
    some = n > 0
    rate = (hit[some] + 0.5 * _PRIOR) / (n[some] + _PRIOR)
    return float(np.sum(hit[some] * np.log(rate) + (n[some] - hit[some]) * np.log1p(-rate)))


def _unseen(cells: NDArray[np.int64], part: NDArray[np.int64], weights: Floats, bad: Floats) -> Floats:
    """Give each row the rate of its cell among the other parts' rows."""
    out = np.empty(len(cells))
    for aside in range(int(part.max()) + 1):
        own = part == aside
        n, hit = (np.bincount(cells[~own], of[~own], (_BINS + 1) ** 2) for of in (weights, bad))
        out[own] = ((hit + _PRIOR * hit.sum() / n.sum()) / (n + _PRIOR))[cells[own]]
    return out
