"""Sub-scores out of a matrix of features: what is proven, and what unknown evidence could still add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from certloan.portrait.table import Side
from certloan.portrait.worth import Floats

#: Sub-scores run from 0 to this.
FULL = 100.0


@dataclass(frozen=True)
class SideScores:
    """One side of many firms.

    ``low`` counts unknown evidence as worth nothing, ``high`` as worth everything; both from 0 to 100. ``shares`` has
    one row per firm and one column per item: the share of its weight, NaN where unknown. Because ``low`` is what
    stands for the firm, telling a figure can never lower it: nobody gains by keeping quiet.
    """

    side: Side
    low: Floats
    high: Floats
    shares: Floats


def score(sides: Sequence[Side], matrix: pa.Table) -> tuple[SideScores, ...]:
    """Give each side's sub-scores for every row of ``matrix``, which has a column for each feature of the sides."""
    return tuple(_score(side, matrix) for side in sides)


def _score(side: Side, matrix: pa.Table) -> SideScores:
    shares = np.column_stack([item.worth.of(matrix.column(item.spec.name)) for item in side.items])
    weights = np.array([item.weight for item in side.items]) * (FULL / side.weight)
    unknown = np.isnan(shares)
    low = np.where(unknown, 0.0, shares) @ weights
    return SideScores(side, low, low + unknown @ weights, shares)
