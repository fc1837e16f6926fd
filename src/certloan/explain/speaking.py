"""Which values may stand as a reason on which side.

A contribution compares an applicant with the whole reference population, those included of whom nothing is known. Where
unknown is common and costly, even a poor value earns points by being known at all; naming the value as a reason in her
favour would mislead. So a value speaks only on the side that its feature's declared direction gives it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from certloan.scoring.bundle import Bundle

Flags = NDArray[np.bool_]
_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Speaking:
    """For each row and feature, whether its value may be named as a reason for, and as a reason against."""

    positive: Flags
    negative: Flags


def speaking(bundle: Bundle, matrix: pa.Table) -> Speaking:
    """Judge every value of a matrix; shape (rows, features).

    The unknown may count against an applicant, and is then said; it is never put forward in her favour. A value of a
    feature with a direction speaks for her only where its bin is better than the one that holds the median of the known
    reference population, or is the best there is; against her only where it is worse, or the worst there is. Where all
    who are known share one bin, their value tells nothing. A number without a direction may count against her, and is then
    said, but is never put forward in her favour: there is no side on which it is a merit. A word may speak on either.
    """
    shape = (matrix.num_rows, len(bundle.names))
    positive, negative = np.ones(shape, dtype=bool), np.ones(shape, dtype=bool)
    placed = bundle.tables.bins(bundle.encode(matrix))
    for position, feature in enumerate(bundle.features):
        axis, shares = bundle.tables.axes[position], bundle.tables.shares[position]
        unknown = np.asarray(matrix.column(feature.name).is_null())
        positive[unknown, position] = False
        if feature.categorical:
            continue
        if feature.direction == 0:
            positive[:, position] = False
            continue
        low, median, high = feature.direction * np.array(_spread(shares[: axis.missing]))
        worst, best = min(low, high), max(low, high)
        rank = feature.direction * placed[position]
        telling = best > worst
        positive[:, position] &= (rank > median) | ((rank >= best) & telling)
        negative[:, position] &= unknown | (rank < median) | ((rank <= worst) & telling)
    return Speaking(positive, negative)


def _spread(shares: NDArray[np.float64]) -> tuple[int, int, int]:
    """Give the lowest bin of the known population, the one that holds its median, and the highest.

    >>> _spread(np.array([0.0, 0.6, 0.1, 0.2, 0.0]))
    (1, 1, 3)
    """
    held = np.flatnonzero(shares > 0)
    if not held.size:
        return 0, 0, 0
    median = np.searchsorted(np.cumsum(shares) / shares.sum(), _HALF)
    return int(held[0]), int(median), int(held[-1])
