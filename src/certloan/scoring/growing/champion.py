"""Growing the champion: bags of monotone depth-2 boosters, with few and chosen pairs.

Each bag learns from most of the rows, stops on a part of its own, and then speaks about a third part that had no say
in it at all: its *unseen* margins. The first bags may pair any two features; the pairs are then ranked by how much they
carry, the best are kept, and the champion's bags may use only those.

The champion's pairs are ranked on all rows, so its own unseen margins would flatter it. Further bags therefore repeat
the choice of pairs without the rows they will speak about; theirs price the limits and calibrate the model. The choice
of *features* (:mod:`certloan.scoring.growing.screening`) did see every training row, on either side of the price: only rows
outside training judge the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from certloan.scoring.calibration import Calibrator, calibrate
from certloan.scoring.compiling import compile_boosters
from certloan.scoring.growing.boosters import PARTS, Bags, champion_settings, grow_bags, parts_of
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import ModelFeature
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, eq=False)
class Grown:
    """The champion before it is bundled: tables, calibrator, boosters, and what its limits cost.

    ``price`` holds the AUC with every pair allowed and with few ones only, on training rows which neither the boosters
    nor their choice of pairs had seen.
    """

    tables: Tables
    calibrator: Calibrator
    bags: Bags
    price: Mapping[str, float | int]


def grow_champion(
    sample: Sample, features: Sequence[ModelFeature], recipe: Recipe, advance: Callable[[], None] = lambda: None
) -> Grown:
    """Train, choose the pairs, train again with those, compile and calibrate."""
    shape = champion_settings(features)
    free = grow_bags(sample, features, recipe, [shape], advance)
    tables = compile_boosters(free.boosters, features, sample.values, sample.weights)
    chosen, bags, judged = _ranked_pairs(tables, sample), free, free
    price: dict[str, float | int] = {"pairs_free": len(chosen), "auc_free": _auc_unseen(free, sample)}
    if recipe.pairs is not None and len(chosen) > recipe.pairs:
        few = shape | _only(chosen[: recipe.pairs], len(features))
        bags = grow_bags(sample, features, recipe, [few], advance)
        blind = [
            shape | _only(pairs, len(features)) for pairs in _pairs_without_each_part(free, sample, features, recipe)
        ]
        judged = grow_bags(sample, features, recipe, blind, advance)
        tables = compile_boosters(bags.boosters, features, sample.values, sample.weights)
    price |= {"pairs": len(tables.pairs), "auc": _auc_unseen(judged, sample)}
    return Grown(tables, calibrate(judged.unseen, sample.defaulted, sample.weights), bags, price)


def _pairs_without_each_part(
    free: Bags, sample: Sample, features: Sequence[ModelFeature], recipe: Recipe
) -> list[list[tuple[int, int]]]:
    """Choose the pairs once for each part set aside, from the boosters and the rows that had nothing of it."""
    part = parts_of(sample, recipe)
    chosen = []
    for aside in range(min(PARTS, len(free.boosters))):
        others = sample.take(part != aside)
        tables = compile_boosters(free.boosters[aside::PARTS], features, others.values, others.weights)
        chosen.append(_ranked_pairs(tables, others)[: recipe.pairs])
    return chosen


def _ranked_pairs(tables: Tables, sample: Sample) -> list[tuple[int, int]]:
    """Order the pairs by what they carry: the mean square of their cells over the rows, the most telling first."""
    bins = tables.bins(sample.values)
    carried = [
        (-float(np.average(pair.at(bins[pair.first], bins[pair.second]) ** 2, weights=sample.weights)), pair)
        for pair in tables.pairs
    ]
    return [(pair.first, pair.second) for _, pair in sorted(carried, key=lambda e: (e[0], e[1].first, e[1].second))]


def _only(pairs: Sequence[tuple[int, int]], features: int) -> dict[str, Any]:
    return {"interaction_constraints": [list(pair) for pair in pairs] + [[alone] for alone in range(features)]}


def _auc_unseen(bags: Bags, sample: Sample) -> float:
    known = np.isfinite(bags.unseen)
    return auc_interval(sample.defaulted[known], bags.unseen[known], sample.weights[known]).value
