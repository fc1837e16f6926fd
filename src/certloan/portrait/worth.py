"""What a value is worth to a sub-score: a share of the item's weight, straight between a few documented points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """A rising or falling curve over numbers, or a share for each word. Outside its points the curve stays level.

    >>> Worth(knots=((0.0, 0.0), (4.0, 1.0))).of(pa.chunked_array([[1.0, 9.0, None]])).tolist()
    [0.25, 1.0, nan]
    """

    knots: tuple[tuple[float, float], ...] = ()
    levels: Mapping[str, float] = field(default_factory=dict)

    @property
    def direction(self) -> int:
        """Tell which way better evidence lies: +1 where more is worth more, -1 where less is; 0 for words."""
        if not self.knots:
            return 0
        return 1 if self.knots[-1][1] >= self.knots[0][1] else -1

    @property
    def monotone(self) -> bool:
        """Tell whether the points rise or fall throughout, in the order of their values."""
        values, shares = zip(*self.knots, strict=True) if self.knots else ((), ())
        steps = np.diff(np.asarray(shares, dtype=np.float64)) * self.direction
        return bool(np.all(np.diff(np.asarray(values, dtype=np.float64)) > 0) and np.all(steps >= 0))

    @property
    def shares(self) -> tuple[float, ...]:
        """Give every share that a point or a word may have."""
        return tuple(share for _, share in self.knots) or tuple(self.levels.values())

    def of(self, values: pa.ChunkedArray) -> Floats:
        """Give the share of each value; NaN where it is unknown, or a word that the table does not name."""
        if self.levels:
            told = values.to_pylist()
            return np.array([self.levels.get(word, np.nan) if word else np.nan for word in told], dtype=np.float64)
        numbers = values.cast(pa.float64()).to_numpy()
        at, shares = zip(*self.knots, strict=True)
        return np.where(np.isnan(numbers), np.nan, np.interp(numbers, at, shares))
