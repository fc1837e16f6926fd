"""How to grow a model, and what it learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats
from certloan.scoring.splits import Integers, fold_of


@dataclass(frozen=True)
class Recipe:
    """How to grow a model.

    ``bags`` and ``pairs`` are chosen by validation where they are ``None``; a number of pairs is the most kept, and a
    number of bags is kept to. ``screen`` drops the features that do not beat chance. ``rounds`` is the most trees of a
    booster; growing ends when the set-aside rows have gained nothing for ``patience`` rounds. ``settings`` are
    LightGBM's and go before everything that would otherwise hold.
    """

    seed: int = 1
    bags: int | None = None
    pairs: int | None = None
    screen: bool = True
    rounds: int = 2000
    patience: int = 40
    learning_rate: float = 0.1
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Sample:
    """Encoded rows, outcomes (1.0 defaulted) and case weights of mean 1.

    ``groups`` numbers the enterprise of each row: rows of one enterprise are never dealt apart. ``None`` where every row
    stands for itself.
    """

    values: Floats
    defaulted: Floats
    weights: Floats
    groups: Integers | None = None

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Sample:
        """Give some of the rows."""
        groups = None if self.groups is None else self.groups[rows]
        return Sample(np.asfortranarray(self.values[rows]), self.defaulted[rows], self.weights[rows], groups)

    def of_columns(self, positions: Sequence[int]) -> Sample:
        """Give all rows with some of the columns."""
        return self.with_values(self.values[:, positions])

    def with_values(self, values: Floats) -> Sample:
        """Give the same rows with these columns instead."""
        return Sample(np.asfortranarray(values), self.defaulted, self.weights, self.groups)

    def fold(self, folds: int, seed: int | Sequence[int]) -> Integers:
        """Deal the rows into folds (:func:`certloan.scoring.splits.fold_of`), enterprises whole."""
        return fold_of(self.defaulted, folds, seed, self.groups)

    def surprise(self, margin: Floats) -> Floats:
        """Give each row's weighted log-loss under these log-odds of default, NaN where the margin is."""
        known = np.isfinite(margin)
        at = np.where(known, margin, 0.0)
        return np.where(known, self.weights * (np.logaddexp(0.0, at) - self.defaulted * at), np.nan)
