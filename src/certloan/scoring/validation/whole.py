"""Whether all features together are too good to be true, where none is so alone.

Two columns can hold the outcome between them and each of them nothing: a default where they differ. Deep trees read
every column, and every two columns are laid side by side (:mod:`.pairing`). A high AUC alone proves no leak (ratios of a balance sheet shortly before a bankruptcy come
near), so this asks somebody to look, and says at which columns, but refuses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import ModelFeature
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.validation.chance import lower_at
from certloan.scoring.validation.judgement import Thresholds, told
from certloan.scoring.validation.pairing import Couple, best_couple
from certloan.scoring.validation.quick import DEEP, unseen_boosters

_SALT = 4219
#: So many features, those that gained most in growing, are shuffled one after the other; so many are named.
_SHUFFLED, _NAMED = 12, 5


@dataclass(frozen=True)
class Whole:
    """What all features tell together on unseen rows; ``lower`` is the one-sided bound that was compared.

    Where it is too good, ``costs`` names the features whose shuffling costs most AUC, with what it costs; ``couple`` are
    two features that are too good together.
    """

    auc: Interval
    lower: float
    costs: tuple[tuple[str, float], ...] = ()
    couple: Couple | None = None

    @property
    def too_good(self) -> bool:
        """Whether somebody must look."""
        return bool(self.costs) or self.couple is not None

    @property
    def named(self) -> tuple[str, ...]:
        """The features to look at, the most telling first."""
        couple = () if self.couple is None else self.couple.names
        return tuple(dict.fromkeys((*couple, *(name for name, _ in self.costs))))

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        costs = [{"feature": name, "cost": round(cost, 6)} for name, cost in self.costs]
        return {
            "auc": told(self.auc),
            "lower": round(self.lower, 6),
            "too_good": self.too_good,
            "named": list(self.named),
            "costs": costs,
            "couple": None if self.couple is None else self.couple.as_json(),
        }


def all_together(
    sample: Sample, features: Sequence[ModelFeature], part: np.ndarray, recipe: Recipe, limits: Thresholds
) -> Whole:
    """Judge deep trees of all features on the parts of the rows that they had not seen."""
    grown = unseen_boosters(sample, features, recipe, DEEP, part)
    margin = np.empty(len(part))
    for rows, booster in grown:
        margin[rows] = booster.predict(sample.values[rows], raw_score=True, num_threads=1)
    auc = auc_interval(sample.defaulted, margin, sample.weights)
    lower = lower_at(auc, limits["alone.alpha"])
    couple = best_couple(sample, features, part, limits["alone.alpha"])
    if couple is not None and couple.lower <= limits["alone.most_auc"]:
        couple = None
    if lower <= limits["whole.most_auc"]:
        return Whole(auc, lower, couple=couple)
    gains = np.sum([booster.feature_importance("gain") for _, booster in grown], axis=0)
    costs = []
    for position in np.argsort(-gains, kind="stable")[:_SHUFFLED].tolist():
        without = np.empty(len(part))
        for aside, (rows, booster) in enumerate(grown):
            values = sample.values[rows]
            # Counted from 1: numpy takes a seed that ends in 0 for the same seed without it.
            random = np.random.default_rng((recipe.seed, _SALT, aside + 1))
            values[:, position] = random.permutation(values[:, position])
            without[rows] = booster.predict(values, raw_score=True, num_threads=1)
        left = auc_interval(sample.defaulted, without, sample.weights).value
        costs.append((features[position].name, auc.value - left))
    costs.sort(key=lambda one: (-one[1], one[0]))
    return Whole(auc, lower, tuple(costs[:_NAMED]), couple)
