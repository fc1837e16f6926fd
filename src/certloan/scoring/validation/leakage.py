"""The leakage gate, first half: no feature alone may be too good to be true.

A column that was written after the outcome gives itself away by telling more than all honest evidence together. Each
feature is therefore read alone by deep trees with a bin for nearly every value, so that a tell of any shape is found
("a multiple of 12" as well as "large"), and judged on rows that those trees had not seen. It is refused

- when its AUC alone exceeds a ceiling that nothing known before an application reaches, or
- when its AUC alone exceeds a floor that honest evidence seldom reaches, *and* it outranks the model of all the other
  features (the better of a deep and of a monotone one) by more than chance, paired on the same rows (DeLong). Features
  that merely tell the same story (their scores alone are nearly in the same order) do not count among the others: two
  copies of a leak would otherwise hide each other.

Both are asked at a level that allows for the number of features tried (Bonferroni). Nothing is tuned: floor, ceiling
and level are thresholds with reasons (:mod:`certloan.scoring.validation.judgement`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from certloan.errors import InputError
from certloan.scoring.growing.boosters import WORKERS, champion_settings, grow_one
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.ranking import auc_difference, auc_interval
from certloan.scoring.splits import fold_of
from certloan.scoring.validation.chance import lower_at, p_above
from certloan.scoring.validation.judgement import Thresholds, Verdict, thresholds, told
from certloan.scoring.validation.quick import DEEP, Advance, at_most, unseen_margins

FOLDS = 4
_SALT = 4211
_STOP_PARTS = 5
#: One column, up to a thousand bins: integers keep a bin each, so that a pattern among them can be cut out.
_ALONE = {"num_leaves": 63, "max_bin": 1023, "min_data_in_bin": 1, "lambda_l2": 2.0, "learning_rate": 0.2}
_ALONE_RECIPE = Recipe(rounds=80, patience=8, bags=1)
_OTHERS_RECIPE = Recipe(rounds=400, patience=15, bags=1)


@dataclass(frozen=True)
class AloneFeature:
    """What one feature tells alone, on unseen rows, and, where that is suspicious, against all the others.

    ``lower`` is the lower bound of its AUC with all features allowed for; ``difference`` is its AUC minus that of the
    others, ``p`` one-sided; ``why`` is ``too_good``, ``beats_all_others``, or ``None`` where it is not refused.
    """

    name: str
    auc: Interval
    lower: float
    others: Interval | None = None
    difference: Interval | None = None
    p: float | None = None
    why: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "feature": self.name,
            "auc": told(self.auc),
            "lower": round(self.lower, 6),
            "others": told(self.others) if self.others else None,
            "difference": told(self.difference) if self.difference else None,
            "p": None if self.p is None else round(self.p, 8),
            "why": self.why,
        }


@dataclass(frozen=True)
class Alone:
    """Every feature alone, the most telling first."""

    features: tuple[AloneFeature, ...]
    n: int
    defaults: int
    limits: Thresholds

    @property
    def refused(self) -> tuple[str, ...]:
        """The features that no model may learn from."""
        return tuple(feature.name for feature in self.features if feature.why)

    @property
    def verdict(self) -> Verdict:
        """Fails with a refused feature; too little when few defaults leave a suspicion open."""
        if self.refused:
            return Verdict.FAILS
        floor, few = self.limits["alone.least_auc"], self.defaults < self.limits["evidence.least_defaults"]
        return Verdict.TOO_LITTLE if few and any(one.auc.value > floor for one in self.features) else Verdict.PASSES

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "verdict": str(self.verdict),
            "refused": list(self.refused),
            "n": self.n,
            "defaults": self.defaults,
            "tested": len(self.features),
            "thresholds": self.limits.id,
            "features": [feature.as_json() for feature in self.features],
        }


def alone_steps(features: Sequence[ModelFeature]) -> int:
    """Give how often :func:`each_alone` reports progress."""
    return len(features)


def each_alone(
    sample: Sample,
    features: Sequence[ModelFeature],
    seed: int = 1,
    limits: Thresholds | None = None,
    advance: Advance = lambda: None,
) -> Alone:
    """Judge every feature alone on folds of the training rows, and the suspicious ones against all the others.

    ``sample`` holds encoded training rows; where they are many, a stratified 20,000 of them are read.
    """
    limits = limits or thresholds()
    sample = sample.take(at_most(sample, seed))
    part = fold_of(sample.defaulted, FOLDS, (seed, _SALT))

    def alone(position: int) -> Floats:
        return _margin_alone(sample, position, part, seed)

    margins = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for margin in pool.map(alone, range(len(features))):
            margins.append(margin)
            advance()
    alpha = limits["alone.alpha"] / max(len(features), 1)
    judged = [
        _judged(sample, features, position, margins, part, seed, alpha, limits) for position in range(len(features))
    ]
    judged.sort(key=lambda one: (-one.auc.value, one.name))
    return Alone(tuple(judged), len(sample.defaulted), int(np.count_nonzero(sample.defaulted)), limits)


def refuse_leaks(found: Alone) -> None:
    """Raise ``leaking-features`` with the names and their figures when a feature is refused."""
    if found.refused:
        told = ", ".join(
            f"{one.name} (AUC {one.auc.value:.3f}, {one.auc.low:.3f}–{one.auc.high:.3f})"
            for one in found.features
            if one.why
        )
        raise InputError("leaking-features", found=told, count=len(found.refused), n=found.n, defaults=found.defaults)


def _margin_alone(sample: Sample, position: int, part: np.ndarray, seed: int) -> Floats:
    """Give what a feature alone says of each row, from trees that had not seen the row."""
    column = sample.values[:, [position]]
    # Level numbers are values like others to trees that may cut between any two of them.
    feature = ModelFeature("alone")
    out = np.empty(len(part))
    for aside in range(FOLDS):
        unseen = part == aside
        others = np.flatnonzero(~unseen)
        stop = fold_of(sample.defaulted[others], _STOP_PARTS, (seed, _SALT, aside + 1)) == 0
        learn, judge = (
            Sample(column[rows], sample.defaulted[rows], sample.weights[rows]) for rows in (others[~stop], others[stop])
        )
        booster = grow_one(learn, judge, [feature], _ALONE_RECIPE, {**_ALONE, "seed": seed + aside})
        out[unseen] = booster.predict(column[unseen], raw_score=True, num_threads=1)
    return out


def _judged(
    sample: Sample,
    features: Sequence[ModelFeature],
    position: int,
    margins: Sequence[Floats],
    part: np.ndarray,
    seed: int,
    alpha: float,
    limits: Thresholds,
) -> AloneFeature:
    name, own = features[position].name, margins[position]
    auc = auc_interval(sample.defaulted, own, sample.weights)
    lower = lower_at(auc, alpha)
    if auc.value <= limits["alone.least_auc"]:
        return AloneFeature(name, auc, lower)
    rivals = [at for at in range(len(features)) if at != position and not _same(own, margins[at], limits)]
    others, difference = _against(sample, features, rivals, own, part, seed)
    p = p_above(difference)
    why = None
    if lower > limits["alone.most_auc"]:
        why = "too_good"
    elif lower > limits["alone.least_auc"] and p < alpha:
        why = "beats_all_others"
    return AloneFeature(name, auc, lower, others, difference, p, why)


def _same(own: Floats, other: Floats, limits: Thresholds) -> bool:
    from scipy.stats import rankdata

    ranks, against = rankdata(own), rankdata(other)
    if ranks.std() == 0.0 or against.std() == 0.0:
        return False
    return bool(abs(np.corrcoef(ranks, against)[0, 1]) > limits["alone.same_story"])


def _against(
    sample: Sample, features: Sequence[ModelFeature], rivals: list[int], own: Floats, part: np.ndarray, seed: int
) -> tuple[Interval, Interval]:
    """Give the AUC of the better of two models of the other features, and by how much the feature alone exceeds it."""
    if not rivals:
        nothing = np.zeros(len(own))
        return Interval(0.5, 0.5, 0.5), auc_difference(sample.defaulted, own, nothing, sample.weights)
    rest, chosen = sample.of_columns(rivals), [features[at] for at in rivals]
    recipe = Recipe(seed=seed, rounds=_OTHERS_RECIPE.rounds, patience=_OTHERS_RECIPE.patience, bags=1)
    heard = [unseen_margins(rest, chosen, recipe, shape, part) for shape in (DEEP, champion_settings(chosen))]
    aucs = [auc_interval(sample.defaulted, margin, sample.weights) for margin in heard]
    best = int(np.argmax([auc.value for auc in aucs]))
    return aucs[best], auc_difference(sample.defaulted, own, heard[best], sample.weights)
