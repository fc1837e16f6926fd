"""Neighbouring bins that the bags cannot tell apart, joined for print.

Two groups are joined only while every bin of both lies within its own error bar, and within a given limit, of their
common value (the mean over the applicants in them), the closest neighbours first. So what is printed of a bin is never
further from its points than the bags were from each other, a rare bin that says much is not lost among many that say
little, however uncertain it is, and a monotone table stays monotone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from certloan.scoring.matrix import Floats

#: Points in log-odds below which two numbers are one.
_SAME = 1e-12


@dataclass(frozen=True, eq=False)
class Groups:
    """Which bins are printed together, in order, and the common value of each group (a row of ``values``)."""

    members: tuple[tuple[int, ...], ...]
    values: Floats


def joined(cells: Floats, errors: Floats, shares: Floats, order: Sequence[int], most: float = np.inf) -> Groups:
    """Join neighbours in ``order``; ``cells`` and ``errors`` have a row a bin, with one or more values in it.

    ``most`` is the limit of what joining may cost any bin.
    A bin that nobody of the reference population is in counts for next to nothing in a common value.

    >>> found = joined(np.array([[0.0], [0.1], [0.9]]), np.full((3, 1), 0.2), np.array([0.5, 0.3, 0.2]), [0, 1, 2])
    >>> found.members, found.values.round(4).tolist()
    (((0, 1), (2,)), [[0.0375], [0.9]])
    """
    weights, errors = shares + 1e-9, np.minimum(errors, most)
    groups: list[tuple[int, ...]] = [(at,) for at in order]
    costs = [_cost(cells, errors, weights, left + right) for left, right in pairwise(groups)]
    while costs and np.isfinite(best := min(costs)):
        at = costs.index(best)
        groups[at : at + 2] = [groups[at] + groups[at + 1]]
        del costs[at]
        for beside in (at - 1, at):
            if 0 <= beside < len(costs):
                costs[beside] = _cost(cells, errors, weights, groups[beside] + groups[beside + 1])
    values = [_common(cells, weights, group) for group in groups]
    return Groups(tuple(groups), np.array(values).reshape(len(groups), cells.shape[1]))


def _common(cells: Floats, weights: Floats, members: Sequence[int]) -> Floats:
    held = list(members)
    if len(held) == 1:
        return np.asarray(cells[held[0]], dtype=np.float64)
    return np.asarray(np.average(cells[held], axis=0, weights=weights[held]), dtype=np.float64)


def _cost(cells: Floats, errors: Floats, weights: Floats, members: Sequence[int]) -> float:
    """How far the furthest bin lies from the common value; infinity when one lies outside its error bar."""
    held = list(members)
    away = np.abs(cells[held] - _common(cells, weights, held))
    if np.any(away > errors[held] + _SAME):
        return float("inf")
    return float(away.max())
