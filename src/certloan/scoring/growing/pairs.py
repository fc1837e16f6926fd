"""Which pairs of features a booster may test together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.compiling import compile_bags
from certloan.scoring.growing.boosters import Bags
from certloan.scoring.growing.deals import aside_of
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import ModelFeature
from certloan.scoring.tables import Tables

#: More rows than this are not needed to tell which pairs carry more.
_MOST_ROWS = 20_000

Pairs = list[tuple[int, int]]


def pairs_of_bags(free: Bags, sample: Sample, features: Sequence[ModelFeature], recipe: Recipe) -> list[Pairs]:
    """Rank the pairs of each bag by what they carry in its own boosters, on the rows that it learnt from."""
    ranked = []
    for number, forest in enumerate(free.forests):
        taught = sample.take(_some(np.flatnonzero(~aside_of(sample, recipe, number))))
        ranked.append(_ranked(compile_bags([[(1.0, forest)]], features, taught.values, taught.weights), taught))
    return ranked


def _some(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give every row, or evenly spaced ones where there are more than it takes to rank."""
    return rows[:: -(-len(rows) // _MOST_ROWS)]


def kept(ranked: Sequence[Pairs], most: int) -> list[Pairs]:
    """Keep the same number of pairs in each bag, as many as leave no more than ``most`` different ones altogether.

    >>> kept([[(0, 1), (1, 2)], [(0, 1), (0, 2)]], 2)
    [[(0, 1)], [(0, 1)]]
    """
    each = max((len(pairs) for pairs in ranked), default=0)
    while each and len({pair for pairs in ranked for pair in pairs[:each]}) > most:
        each -= 1
    return [pairs[:each] for pairs in ranked]


def only(pairs: Pairs, features: int) -> dict[str, Any]:
    """Give the setting that lets a booster pair these and no others."""
    return {"interaction_constraints": [list(pair) for pair in pairs] + [[alone] for alone in range(features)]}


def _ranked(tables: Tables, sample: Sample) -> Pairs:
    """Order the pairs by the mean square of their cells over the rows, the most telling first."""
    bins = tables.bins(sample.values)
    carried = [
        (-float(np.average(pair.at(bins[pair.first], bins[pair.second]) ** 2, weights=sample.weights)), pair)
        for pair in tables.pairs
    ]
    return [(pair.first, pair.second) for _, pair in sorted(carried, key=lambda e: (e[0], e[1].first, e[1].second))]
