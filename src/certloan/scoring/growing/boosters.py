"""Bags of boosters, each stopped on rows it did not learn from, and heard on rows it never saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.splits import fold_of
from certloan.scoring.trees import slim

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightgbm import Booster

#: Bags grown at once, each on one thread: two boosters side by side wait for nobody, two threads of one booster wait
#: for each other at every node (measured: up to ten times slower on a busy machine).
WORKERS = 2
#: Each bag never sees one part in four, the same for every fourth bag, and stops on a fifth of the rest, its own.
PARTS, _STOP_PARTS = 4, 5
#: How many features a tree is shown, but never less than this share of them.
_SHOWN, _LEAST_SHOWN = 30, 0.3
#: However much the bags disagree, this share of the spread of their margins is taken for knowledge.
_LEAST_KEPT = 0.2


@dataclass(frozen=True, eq=False)
class Bags:
    """Trained boosters as text, how many trees each grew, and the margin of rows that no booster had seen.

    ``unseen`` is an estimate from the bags that set the row aside, NaN where none did.
    """

    boosters: tuple[str, ...]
    trees: tuple[int, ...]
    unseen: Floats


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
    part = parts_of(sample, recipe)

    def grow(bag: int) -> tuple[str, int, Floats]:
        unseen = part == bag % PARTS
        stop = ~unseen & (fold_of(sample.defaulted, _STOP_PARTS, (recipe.seed, bag + 1)) == 0)
        learn = sample.take(~stop & ~unseen)
        shape = {**shapes[bag % PARTS % len(shapes)], "seed": recipe.seed + bag}
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


def parts_of(sample: Sample, recipe: Recipe) -> NDArray[np.int64]:
    """Give the part of each row; bag ``b`` never sees the rows of part ``b % PARTS``."""
    return fold_of(sample.defaulted, PARTS, recipe.seed)


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
