"""Quick fits for validation: enough boosters to tell two sets of features apart, not enough to lend by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from certloan.scoring.calibration import Calibrator, calibrate
from certloan.scoring.compiling import compile_bags
from certloan.scoring.growing.boosters import WORKERS, champion_settings, grow_bags, grow_one
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.parts import Forest
from certloan.scoring.splits import fold_of
from certloan.scoring.tables import Tables

if TYPE_CHECKING:
    from lightgbm import Booster

Advance = Callable[[], None]

#: Deep and free of constraints: whatever a column knows of the outcome, in whatever shape, such trees find.
DEEP: Mapping[str, Any] = {"num_leaves": 31, "feature_fraction": 0.7, "lambda_l2": 1.0, "learning_rate": 0.1}
#: More rows than this are not needed to tell two models apart by what a validator would act on.
MOST_ROWS = 20_000
_STOP_PARTS = 5
_BAGS, _BIG_STEP, _SOON = 5, 0.2, 15
#: What else may set the pace of growing.
_PACE = frozenset({"learning_rate", "num_iterations", "early_stopping_round"})
_SALT = 6007


@dataclass(frozen=True, eq=False)
class Quick:
    """Averaged boosters and a calibrator."""

    forests: tuple[Forest, ...]
    calibrator: Calibrator

    def margin(self, values: Floats) -> Floats:
        """Give the calibrated log-odds of default of encoded rows."""
        import lightgbm

        raw = [
            lightgbm.Booster(model_str=forest.text).predict(forest.read(values), raw_score=True, num_threads=1)
            for forest in self.forests
        ]
        return self.calibrator.apply(np.asarray(np.mean(raw, axis=0)))

    def tables(self, features: Sequence[ModelFeature], sample: Sample) -> Tables:
        """Compile the boosters, centred on ``sample``; they must be of the champion's kind."""
        return compile_bags([[(1.0, forest)] for forest in self.forests], features, sample.values, sample.weights)


def cheap(recipe: Recipe) -> Recipe:
    """Give the same recipe with five bags, one for each part set aside, and big steps; its other settings stay."""
    settings = {name: value for name, value in recipe.settings.items() if name not in _PACE}
    return replace(
        recipe,
        bags=_BAGS,
        learning_rate=_BIG_STEP,
        patience=_SOON,
        rounds=min(recipe.rounds, 1000),
        screen=False,
        settings=settings,
    )


def quick_fit(
    sample: Sample, features: Sequence[ModelFeature], recipe: Recipe, shape: Mapping[str, Any] | None = None
) -> Quick:
    """Grow bags and calibrate them on rows that they had not seen.

    Without ``shape`` they are of the champion's kind, with every pair allowed.
    """
    bags = grow_bags(sample, features, recipe, [shape or champion_settings(features)])
    return Quick(tuple(bags.forests), calibrate(bags.unseen, sample.defaulted, sample.weights))


def unseen_margins(
    sample: Sample,
    features: Sequence[ModelFeature],
    recipe: Recipe,
    shape: Mapping[str, Any],
    part: np.ndarray,
) -> Floats:
    """Give the margin of each row from one booster that learnt from the other parts only.

    ``part`` gives the part of each row, 0, 1, …; every part must leave both classes in the others.
    """
    out = np.empty(len(part))
    for rows, booster in unseen_boosters(sample, features, recipe, shape, part):
        out[rows] = booster.predict(sample.values[rows], raw_score=True, num_threads=1)
    return out


def unseen_boosters(
    sample: Sample,
    features: Sequence[ModelFeature],
    recipe: Recipe,
    shape: Mapping[str, Any],
    part: np.ndarray,
) -> list[tuple[np.ndarray, Booster]]:
    """Give for each part the positions of its rows, and a booster that learnt from the other parts only."""

    def grown(aside: int) -> tuple[np.ndarray, Booster]:
        others = np.flatnonzero(part != aside)
        heard = sample.take(others)
        stop = heard.fold(_STOP_PARTS, (recipe.seed, _SALT, aside + 1)) == 0
        settings = {**shape, "seed": recipe.seed + aside}
        booster = grow_one(heard.take(~stop), heard.take(stop), features, recipe, settings)
        return np.flatnonzero(part == aside), booster

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(grown, range(int(part.max()) + 1)))


def at_most(sample: Sample, seed: int, rows: int = MOST_ROWS) -> np.ndarray:
    """Give the positions of a stratified share of the rows where there are more than ``rows``."""
    parts = -(-len(sample.defaulted) // rows)
    if parts < 2:
        return np.arange(len(sample.defaulted))
    return np.flatnonzero(fold_of(sample.defaulted, parts, (seed, _SALT)) == 0)
