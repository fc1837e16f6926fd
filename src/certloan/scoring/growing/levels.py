"""A number in place of each level of a text that has many: how risky its rows were, drawn towards everybody's risk.

A tree sorts such levels at a glance, where native categorical splits would learn the rare ones by heart. Every row
that teaches is given the statistic of the *other* parts of the rows (out of fold), so its own outcome never speaks
through its level; all other rows are given the statistic of every row that teaches. The statistic is only how one bag
reads the text: the compiled table has one cell per level, as if the trees had asked for the levels themselves.

The shrinkage is the m-estimate of Micci-Barreca, ACM SIGKDD Explorations 3(1), 2001.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.parts import Column

#: A text with no more levels than this is split by its levels: on the training parts of loans from 50 states, judged on
#: later years, that told more than the statistic did.
FEW_LEVELS = 64
#: A level's rate counts as much as everybody's when it has so many rows.
_PRIOR_ROWS = 20.0
_FOLDS = 5
_SALT = 104729


def read_levels(
    learn: Sample, features: Sequence[ModelFeature], seed: int | Sequence[int]
) -> tuple[tuple[Column, ...], Sample]:
    """Give how to read each feature, and the rows that teach as trees read them."""
    columns, taught = [], None
    for position, feature in enumerate(features):
        if feature.levels is None or len(feature.levels) <= FEW_LEVELS:
            columns.append(Column(position))
            continue
        codes, bins = learn.values[:, position].astype(np.int64), len(feature.levels) + 1
        columns.append(Column(position, _rates(codes, bins, learn.defaulted, learn.weights)))
        taught = learn.values.copy(order="F") if taught is None else taught
        taught[:, position] = _out_of_fold(codes, bins, learn, _folds(learn, seed))
    return tuple(columns), learn if taught is None else learn.with_values(taught)


def _folds(learn: Sample, seed: int | Sequence[int]) -> np.ndarray:
    return learn.fold(_FOLDS, (_SALT, *np.atleast_1d(seed).tolist(), 1))


def _out_of_fold(codes: np.ndarray, bins: int, learn: Sample, fold: np.ndarray) -> Floats:
    out = np.empty(len(codes))
    for number in range(_FOLDS):
        other, own = fold != number, fold == number
        out[own] = _rates(codes[other], bins, learn.defaulted[other], learn.weights[other])[codes[own]]
    return out


def _rates(codes: np.ndarray, bins: int, defaulted: Floats, weights: Floats) -> Floats:
    """Give each level's default rate, drawn towards that of all rows; a level without rows has exactly that."""
    rate = float(np.average(defaulted, weights=weights))
    bad = np.bincount(codes, weights * defaulted, bins)
    return np.asarray((bad + _PRIOR_ROWS * rate) / (np.bincount(codes, weights, bins) + _PRIOR_ROWS))
