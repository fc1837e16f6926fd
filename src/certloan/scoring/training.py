"""Growing the champion: bags of monotone depth-2 boosters, with few and chosen pairs.

Each bag learns from most of the rows, stops on a part of its own, and then speaks about a third part that had no say
in it at all: its *unseen* margins. The first bags may pair any two features; the pairs are then ranked by how much they
carry, the best are kept, and the champion's bags may use only those.

The champion's pairs are ranked on all rows, so its own unseen margins would flatter it. Further bags therefore repeat
the choice of pairs without the rows they will speak about; theirs price the limits and calibrate the model. The choice
of *features* (:mod:`certloan.scoring.screening`) did see every training row, on either side of the price: only rows
outside training judge the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.calibration import Calibrator, calibrate
from certloan.scoring.compiling import compile_boosters
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics import auc_interval
from certloan.scoring.splits import fold_of
from certloan.scoring.tables import Tables
from certloan.scoring.trees import slim

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightgbm import Booster

#: Bags grown at once, each on one thread: two boosters side by side wait for nobody, two threads of one booster wait
#: for each other at every node (measured: up to ten times slower on a busy machine).
WORKERS = 2
#: Each bag never sees one part in four, the same for every fourth bag, and stops on a fifth of the rest, its own.
_PARTS, _STOP_PARTS = 4, 5
#: How many features a tree is shown, but never less than this share of them.
_SHOWN, _LEAST_SHOWN = 30, 0.3
#: However much the bags disagree, this share of the spread of their margins is taken for knowledge.
_LEAST_KEPT = 0.2


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


@dataclass(frozen=True, eq=False)
class Bags:
    """Trained boosters as text, how many trees each grew, and the margin of rows that no booster had seen.

    ``unseen`` is an estimate from the bags that set the row aside, NaN where none did.
    """

    boosters: tuple[str, ...]
    trees: tuple[int, ...]
    unseen: Floats


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
    part = _parts(sample, recipe)
    chosen = []
    for aside in range(min(_PARTS, len(free.boosters))):
        others = sample.take(part != aside)
        tables = compile_boosters(free.boosters[aside::_PARTS], features, others.values, others.weights)
        chosen.append(_ranked_pairs(tables, others)[: recipe.pairs])
    return chosen


def champion_settings(features: Sequence[ModelFeature]) -> dict[str, Any]:
    """Trees of depth 2 that may never let better evidence raise the risk.

    The cautious default of LightGBM's monotone method forbids more than it must, so the exact one is used.
    """
    return {
        "num_leaves": 4,
        "max_depth": 2,
        "monotone_constraints": [-feature.direction for feature in features],
        "monotone_constraints_method": "advanced",
        "max_bin": 63,
        # Each tree is shown some of the features, so that bags differ in more than their rows.
        "feature_fraction": float(np.clip(_SHOWN / len(features), _LEAST_SHOWN, 1.0)),
        # Levels with few rows are drawn towards the others before they are sorted and split.
        "cat_smooth": 50.0,
        "cat_l2": 20.0,
    }


def grow_bags(
    sample: Sample,
    features: Sequence[ModelFeature],
    recipe: Recipe,
    shapes: Sequence[Mapping[str, Any]],
    advance: Callable[[], None] = lambda: None,
) -> Bags:
    """Train ``recipe.bags`` boosters, each stopped on a part of the rows that it did not learn from.

    ``shapes`` holds LightGBM's settings: one for all bags, or one for each part that is set aside.
    """
    part = _parts(sample, recipe)

    def grow(bag: int) -> tuple[str, int, Floats]:
        unseen = part == bag % _PARTS
        stop = ~unseen & (fold_of(sample.defaulted, _STOP_PARTS, (recipe.seed, bag + 1)) == 0)
        learn = sample.take(~stop & ~unseen)
        shape = {**shapes[bag % _PARTS % len(shapes)], "seed": recipe.seed + bag}
        booster = grow_one(learn, sample.take(stop), features, recipe, shape)
        margins = np.full(len(part), np.nan)
        margins[unseen] = booster.predict(sample.values[unseen], raw_score=True, num_threads=1)
        text = slim(booster.model_to_string(num_iteration=booster.best_iteration))
        return text, int(booster.best_iteration), margins

    grown = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for one in pool.map(grow, range(recipe.bags)):
            grown.append(one)
            advance()
    texts, trees, margins = zip(*grown, strict=True)
    return Bags(texts, trees, _as_of_all_bags(np.array(margins), sample.weights))


def _parts(sample: Sample, recipe: Recipe) -> NDArray[np.int64]:
    """Give the part of each row; bag ``b`` never sees the rows of part ``b % _PARTS``."""
    return fold_of(sample.defaulted, _PARTS, recipe.seed)


def _as_of_all_bags(margins: Floats, weights: Floats) -> Floats:
    """Estimate what the average of all bags would say of each row, from the few bags that had not seen it.

    The mean of few bags carries more of their noise than the mean of all, which would make the model look
    overconfident; the difference is known from how far the bags disagree, and the margins are drawn together by as
    much (regression calibration).
    """
    heard = np.count_nonzero(np.isfinite(margins), axis=0)
    total = np.nansum(margins, axis=0)
    mean = np.divide(total, heard, out=np.full(len(heard), np.nan), where=heard > 0)
    several = heard > 1
    if not several.any():
        return np.asarray(mean)
    within = np.nansum((margins[:, several] - mean[several]) ** 2, axis=0) / (heard[several] - 1)
    noise = float(np.average(within, weights=weights[several]))
    excess = noise * (1.0 / float(np.mean(heard[several])) - 1.0 / len(margins))
    known = heard > 0
    centre = float(np.average(mean[known], weights=weights[known]))
    spread = float(np.average((mean[known] - centre) ** 2, weights=weights[known]))
    kept = max(1.0 - excess / spread, _LEAST_KEPT) if spread > 0 else 1.0
    return np.asarray(centre + kept * (mean - centre))


def grow_one(
    learn: Sample, judge: Sample, features: Sequence[ModelFeature], recipe: Recipe, shape: Mapping[str, Any]
) -> Booster:
    """Train one booster on ``learn`` until ``judge`` no longer gains from another tree."""
    import lightgbm

    settings: dict[str, Any] = {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": recipe.learning_rate,
        "min_data_in_leaf": int(np.clip(len(learn.defaulted) // 200, 5, 40)),
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
        **shape,
        **recipe.settings,
    }
    texts = [position for position, feature in enumerate(features) if feature.categorical]
    names = [f"f{position}" for position in range(len(features))]
    data = lightgbm.Dataset(
        learn.values,
        learn.defaulted,
        weight=learn.weights,
        categorical_feature=texts,
        feature_name=names,
        params=settings,
    )
    return lightgbm.train(
        settings,
        data,
        recipe.rounds,
        valid_sets=[data.create_valid(judge.values, judge.defaulted, weight=judge.weights)],
        callbacks=[lightgbm.early_stopping(recipe.patience, verbose=False)],
    )


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
