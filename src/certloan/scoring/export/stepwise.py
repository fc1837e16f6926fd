"""How the bins of a feature lie along its values, and what runs of neighbouring bins share.

Both exports walk the same edges: a LightGBM node and an SQL condition alike ask whether a number is at most an edge.
A text is asked by its code, so its levels lie between edges as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from certloan.scoring.matrix import Floats
from certloan.scoring.tables import Axis, Integers


@dataclass(frozen=True)
class Run:
    """Neighbouring ``bins`` that carry the same ``label``; ``upper`` is the upper edge of the last of them."""

    bins: tuple[int, ...]
    upper: float
    label: int


def edges(axis: Axis) -> tuple[Floats, Integers]:
    """Give the inclusive upper edges of an axis without the last, which is infinity, and the bin below each.

    A text's codes are whole numbers: whatever lies below 0, or from the last code on, is another text and falls in the
    missing bin. The codes between belong to the whole number below them.

    >>> edges(Axis.of_number(np.array([0.5, 2.0])))[1].tolist()
    [0, 1, 2]
    >>> edges(Axis.of_levels(2))[1].tolist()
    [2, 0, 1, 2]
    """
    if axis.thresholds is not None:
        return axis.thresholds, np.arange(axis.bins - 1)
    starts = np.nextafter(np.arange(axis.bins, dtype=np.float64), -np.inf)
    return starts, np.concatenate([[axis.missing], np.arange(axis.bins)])


def runs(axis: Axis, labels: Sequence[int] | Integers) -> list[Run]:
    """Join neighbouring bins of the same label, from the lowest values to the highest.

    What is missing has no place among the values; other texts lie at both ends of the known ones.
    """
    upper, bins = edges(axis)
    ends = np.append(upper, np.inf)
    found: list[Run] = []
    for bin_, end in zip(bins, ends, strict=True):
        label = int(labels[int(bin_)])
        if found and found[-1].label == label:
            found[-1] = Run((*found[-1].bins, int(bin_)), float(end), label)
        else:
            found.append(Run((int(bin_),), float(end), label))
    return found
