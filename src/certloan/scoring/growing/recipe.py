"""How to grow a model, and what it learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats


@dataclass(frozen=True)
class Recipe:
    """How to grow a model.

    ``pairs`` is the most pairs kept; ``None`` leaves them all. ``screen`` drops the features that do not beat chance.
    """

    seed: int = 1
    bags: int = 8
    pairs: int | None = 40
    screen: bool = True
    rounds: int = 2000
    patience: int = 40
    learning_rate: float = 0.1
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Sample:
    """Encoded rows, outcomes (1.0 defaulted) and case weights of mean 1."""

    values: Floats
    defaulted: Floats
    weights: Floats

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Sample:
        """Give some of the rows."""
        return Sample(np.asfortranarray(self.values[rows]), self.defaulted[rows], self.weights[rows])

    def of_columns(self, positions: Sequence[int]) -> Sample:
        """Give all rows with some of the columns."""
        return Sample(np.asfortranarray(self.values[:, positions]), self.defaulted, self.weights)
