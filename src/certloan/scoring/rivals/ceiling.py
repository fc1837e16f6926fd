"""The ceiling: deep, unconstrained boosters that nobody could print; what the champion gives up to be explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from certloan.scoring.calibration import calibrate
from certloan.scoring.growing.boosters import grow_bags
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature


@dataclass(frozen=True, eq=False)
class Ceiling:
    """Deep boosters, averaged and calibrated like the champion."""

    boosters: tuple[str, ...]
    slope: float
    offset: float

    def margin(self, values: Floats) -> Floats:
        """Give the log-odds of default of encoded rows."""
        import lightgbm

        raw = [
            lightgbm.Booster(model_str=text).predict(values, raw_score=True, num_threads=1) for text in self.boosters
        ]
        return np.asarray(self.offset + self.slope * np.mean(raw, axis=0))


def fit_ceiling(sample: Sample, features: Sequence[ModelFeature], seed: int, bags: int = 4) -> Ceiling:
    """Train boosters of 31 leaves without any constraint on the same rows, stopped in the same way."""
    recipe = Recipe(seed=seed, bags=bags, learning_rate=0.05)
    shape = {"num_leaves": 31, "feature_fraction": 0.7, "lambda_l2": 1.0}
    grown = grow_bags(sample, features, recipe, [shape])
    fitted = calibrate(grown.unseen, sample.defaulted, sample.weights)
    return Ceiling(grown.boosters, fitted.slope, fitted.offset)
