"""The ceiling: deep, unconstrained boosters that nobody could print; what the champion gives up to be explained.

It is grown to win: no direction, no limit on depth or pairs, fine bins, levels as they are, and of several shapes the
one that predicts best the training rows which its boosters had set aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from certloan.scoring.calibration import Calibrator, calibrate
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature

#: Slender trees that see few features each win where rows are few, bushy ones where they are many.
_SHAPES: tuple[Mapping[str, Any], ...] = (
    {"num_leaves": 31, "max_depth": 4, "feature_fraction": 0.3, "lambda_l2": 10.0, "min_data_in_leaf": 20},
    {"num_leaves": 63, "feature_fraction": 0.5, "lambda_l2": 5.0, "min_data_in_leaf": 60},
)
_ALWAYS: Mapping[str, Any] = {
    "objective": "binary",
    "metric": "binary_logloss",
    "learning_rate": 0.04,
    "max_bin": 255,
    "cat_smooth": 20.0,
    "cat_l2": 10.0,
    "max_cat_threshold": 64,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
_ROUNDS, _PATIENCE = 3000, 60
#: Each booster never sees one part, so that every row is heard once, and stops on a fifth of the rest.
_PARTS, _STOP_PARTS = 4, 5
#: However small a share of the features a tree is shown, it is shown so many: fewer could not be told together.
_LEAST_SHOWN = 8
#: Boosters grown at once, each on one thread.
_WORKERS = 2


@dataclass(frozen=True, eq=False)
class Ceiling:
    """Deep boosters, averaged and calibrated on rows that they had not seen, and the ``shape`` that won."""

    boosters: tuple[str, ...]
    calibrator: Calibrator
    shape: Mapping[str, Any]

    def margin(self, values: Floats) -> Floats:
        """Give the calibrated log-odds of default of encoded rows."""
        return self.calibrator.apply(heard(self.boosters, values))


def fit_ceiling(sample: Sample, features: Sequence[ModelFeature], seed: int, bags: int = _PARTS) -> Ceiling:
    """Train deep boosters on the same rows; directions are not looked at.

    ``bags`` boosters are kept, of one shape; the shapes are compared with one booster for each part set aside.
    """
    tried = [_calibrated(sample, shape, *_grown(sample, features, shape, seed, range(_PARTS))) for shape in _SHAPES]
    won = min(tried, key=lambda one: one[0])[1]
    if bags <= _PARTS:
        return won
    more, _ = _grown(sample, features, won.shape, seed, range(_PARTS, bags))
    return Ceiling(won.boosters + more, won.calibrator, won.shape)


def heard(boosters: Sequence[str], values: Floats) -> Floats:
    """Give the mean raw score (log-odds of default) that LightGBM's text models give encoded rows."""
    import lightgbm

    raw = [lightgbm.Booster(model_str=text).predict(values, raw_score=True, num_threads=1) for text in boosters]
    return np.asarray(np.mean(raw, axis=0))


def _calibrated(
    sample: Sample, shape: Mapping[str, Any], boosters: tuple[str, ...], unseen: Floats
) -> tuple[float, Ceiling]:
    """Give the log-loss on unseen rows, once calibrated: what a shape can tell, not how loudly it tells it."""
    calibrator = calibrate(unseen, sample.defaulted, sample.weights)
    margin = calibrator.apply(unseen)
    lost = float(np.sum(sample.weights * (np.logaddexp(0.0, margin) - sample.defaulted * margin)))
    return lost, Ceiling(boosters, calibrator, shape)


def _grown(
    sample: Sample, features: Sequence[ModelFeature], shape: Mapping[str, Any], seed: int, bags: range
) -> tuple[tuple[str, ...], Floats]:
    """Give the boosters, and the margin of each row from one that had not seen it."""
    part = sample.fold(_PARTS, seed)
    shown = max(float(shape["feature_fraction"]), min(1.0, _LEAST_SHOWN / len(features)))
    texts = [position for position, feature in enumerate(features) if feature.categorical]

    def grow(bag: int) -> tuple[str, Floats]:
        import lightgbm

        unseen = part == bag % _PARTS
        stop = ~unseen & (sample.fold(_STOP_PARTS, (seed, bag + 1)) == 0)
        learn, judge = sample.take(~stop & ~unseen), sample.take(stop)
        settings = {**_ALWAYS, **shape, "feature_fraction": shown, "seed": seed + bag}
        data = lightgbm.Dataset(
            learn.values, learn.defaulted, weight=learn.weights, categorical_feature=texts, params=settings
        )
        booster = lightgbm.train(
            settings,
            data,
            _ROUNDS,
            valid_sets=[data.create_valid(judge.values, judge.defaulted, weight=judge.weights)],
            callbacks=[lightgbm.early_stopping(_PATIENCE, verbose=False)],
        )
        margin = booster.predict(sample.values[unseen], raw_score=True, num_threads=1)
        return booster.model_to_string(num_iteration=booster.best_iteration), np.asarray(margin)

    out = np.full(len(part), np.nan)
    with ThreadPoolExecutor(_WORKERS) as pool:
        grown = list(pool.map(grow, bags))
    for bag, (_, margin) in zip(bags, grown, strict=True):
        out[part == bag % _PARTS] = margin
    return tuple(text for text, _ in grown), out
