"""The leakage gate, first half: no feature alone may be too good to be true.

A column that was written after the outcome gives itself away by telling more than all honest evidence together. Each
feature is therefore read alone by deep trees with a bin for nearly every value, so that a tell of any shape is found
("a multiple of 12" as well as "large"), and judged on rows that those trees had not seen. It is refused

- when its AUC alone exceeds a ceiling that nothing known before an application reaches,
- when it makes default all but certain for more than a handful of defaults (:mod:`.certainty`), or
- when its AUC alone exceeds a floor, *and* it outranks the model of all the other
  features (the better of a deep and of a monotone one) by more than chance, paired on the same rows (DeLong). Features
  that merely tell the same story (their scores alone are nearly in the same order) do not count among the others: two
  copies of a leak would otherwise hide each other.

Bounds of features alone allow for the number of features tried (Bonferroni). Nothing is tuned: floor, ceiling
and level are thresholds with reasons (:mod:`certloan.scoring.validation.judgement`). Honest evidence may be so strong
that it stands above all other (a bureau's score beside little else): who knows that it was there on the day vouches for
it by name. Where nothing is refused, all features together are looked at too (:mod:`.whole`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from certloan.errors import InputError
from certloan.scoring.growing.boosters import WORKERS, champion_settings, grow_one
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.ranking import auc_difference, auc_interval
from certloan.scoring.validation.certainty import Certain, all_but_certain
from certloan.scoring.validation.chance import lower_at, p_above
from certloan.scoring.validation.judgement import Thresholds, Verdict, thresholds, told
from certloan.scoring.validation.quick import DEEP, Advance, at_most, unseen_margins
from certloan.scoring.validation.whole import Whole, all_together

FOLDS = 4
_SALT = 4211
_STOP_PARTS = 5
#: One column, up to a thousand bins: integers keep a bin each, so that a pattern among them can be cut out.
_ALONE = {"num_leaves": 63, "max_bin": 1023, "min_data_in_bin": 1, "lambda_l2": 2.0, "learning_rate": 0.2}
_ALONE_RECIPE = Recipe(rounds=80, patience=8, bags=1)
_OTHERS_RECIPE = Recipe(rounds=400, patience=15, bags=1)
#: A leaf needs one of so many rows, within these bounds.
_ROWS_OF_A_LEAF, _LEAVES = 200, (5, 20)


@dataclass(frozen=True)
class AloneFeature:
    """What one feature tells alone, on unseen rows, and, where that is suspicious, against all the others.

    ``lower`` is the lower bound of its AUC with all features allowed for; ``difference`` is its AUC minus that of the
    others, ``p`` one-sided; ``certain`` are rows that it makes all but certain. ``why`` is ``too_good``, ``certain``,
    ``beats_all_others``, or ``None`` where nothing speaks against it; with ``vouched`` it is not refused all the same.
    """

    name: str
    auc: Interval
    lower: float
    others: Interval | None = None
    difference: Interval | None = None
    p: float | None = None
    why: str | None = None
    certain: Certain | None = None
    vouched: bool = False

    @property
    def refused(self) -> bool:
        """Whether no model may learn from it."""
        return self.why is not None and not self.vouched

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
            "certain": None if self.certain is None else self.certain.as_json(),
            "vouched": self.vouched,
        }


@dataclass(frozen=True)
class Alone:
    """Every feature alone, the most telling first; and all together, where none is refused."""

    features: tuple[AloneFeature, ...]
    n: int
    defaults: int
    limits: Thresholds
    whole: Whole | None = None

    @property
    def refused(self) -> tuple[str, ...]:
        """The features that no model may learn from."""
        return tuple(feature.name for feature in self.features if feature.refused)

    @property
    def vouched(self) -> tuple[str, ...]:
        """The features that would be refused, had nobody vouched for them."""
        return tuple(feature.name for feature in self.features if feature.why and feature.vouched)

    @property
    def verdict(self) -> Verdict:
        """Fails with a refused feature; too little where few defaults, or too good a whole, leave a suspicion open."""
        if self.refused:
            return Verdict.FAILS
        if self.whole is not None and self.whole.too_good:
            return Verdict.TOO_LITTLE
        few = self.defaults < self.limits["evidence.least_defaults"]
        return Verdict.TOO_LITTLE if few and any(self._open(one) for one in self.features) else Verdict.PASSES

    def _open(self, one: AloneFeature) -> bool:
        above = one.difference is None or one.difference.high > 0.0
        return not one.vouched and one.auc.value > self.limits["alone.least_auc"] and above

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "verdict": str(self.verdict),
            "refused": list(self.refused),
            "vouched": list(self.vouched),
            "whole": None if self.whole is None else self.whole.as_json(),
            "n": self.n,
            "defaults": self.defaults,
            "tested": len(self.features),
            "thresholds": self.limits.id,
            "features": [feature.as_json() for feature in self.features],
        }


def alone_steps(features: Sequence[ModelFeature]) -> int:
    """Give how often :func:`each_alone` reports progress."""
    return len(features) + 1


def each_alone(
    sample: Sample,
    features: Sequence[ModelFeature],
    seed: int = 1,
    limits: Thresholds | None = None,
    advance: Advance = lambda: None,
    vouched: Sequence[str] = (),
) -> Alone:
    """Judge every feature alone on folds of the training rows, and the suspicious ones against all the others.

    ``sample`` holds encoded training rows; where they are many, a stratified 20,000 of them are read. Features that are
    ``vouched`` for by name are judged alike and not refused.
    """
    limits = limits or thresholds()
    sample = sample.take(at_most(sample, seed))
    part = sample.fold(FOLDS, (seed, _SALT))

    def alone(position: int) -> Floats:
        return _margin_alone(sample, position, part, seed)

    margins = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for margin in pool.map(alone, range(len(features))):
            margins.append(margin)
            advance()
    alpha = limits["alone.alpha"] / max(len(features), 1)
    judged = [
        replace(
            _judged(sample, features, position, margins, part, seed, alpha, limits),
            vouched=features[position].name in vouched,
        )
        for position in range(len(features))
    ]
    judged.sort(key=lambda one: (-one.auc.value, one.name))
    whole = None
    if not any(one.refused for one in judged):
        whole = all_together(sample, features, part, replace(_OTHERS_RECIPE, seed=seed), limits)
    advance()
    return Alone(tuple(judged), len(sample.defaulted), int(np.count_nonzero(sample.defaulted)), limits, whole)


def refuse_leaks(found: Alone) -> None:
    """Raise ``leaking-features`` with the names and their figures when a feature is refused."""
    if found.refused:
        told = ", ".join(_suspicion(one) for one in found.features if one.refused)
        raise InputError("leaking-features", found=told, count=len(found.refused), n=found.n, defaults=found.defaults)


def _suspicion(one: AloneFeature) -> str:
    surest = "" if one.certain is None else f"; {one.certain.defaults}/{one.certain.n} = {one.certain.rate:.1%}"
    return f"{one.name} (AUC {one.auc.value:.3f}, {one.auc.low:.3f}–{one.auc.high:.3f}{surest})"


def _margin_alone(sample: Sample, position: int, part: np.ndarray, seed: int) -> Floats:
    """Give what a feature alone says of each row, from trees that had not seen the row."""
    column = sample.with_values(sample.values[:, [position]])
    # Level numbers are values like others to trees that may cut between any two of them.
    feature = ModelFeature("alone")
    out = np.empty(len(part))
    for aside in range(FOLDS):
        unseen = part == aside
        heard = column.take(~unseen)
        stop = heard.fold(_STOP_PARTS, (seed, _SALT, aside + 1)) == 0
        shape = {**_ALONE, "seed": seed + aside, "min_data_in_leaf": _leaf(len(stop))}
        booster = grow_one(heard.take(~stop), heard.take(stop), [feature], _ALONE_RECIPE, shape)
        out[unseen] = booster.predict(column.values[unseen], raw_score=True, num_threads=1)
    return out


def _leaf(rows: int) -> int:
    """Give how many rows a leaf needs: few, because a mark on few loans may be a leak."""
    return int(np.clip(rows // _ROWS_OF_A_LEAF, *_LEAVES))


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
    certain = all_but_certain(sample, own, alpha, limits)
    few = np.count_nonzero(sample.defaulted) < limits["evidence.least_defaults"]
    if (auc.value if few else lower) <= limits["alone.least_auc"]:
        return AloneFeature(name, auc, lower, why=None if certain is None else "certain", certain=certain)
    rivals = [at for at in range(len(features)) if at != position and not _same(own, margins[at], limits)]
    others, difference = _against(sample, features, rivals, own, part, seed)
    p = p_above(difference)
    why = None
    if lower > limits["alone.most_auc"]:
        why = "too_good"
    elif certain is not None:
        why = "certain"
    # Only features above the floor, at the level that allows for all, are compared: so few that each has the whole level.
    elif lower > limits["alone.least_auc"] and p < limits["alone.alpha"]:
        why = "beats_all_others"
    return AloneFeature(name, auc, lower, others, difference, p, why, certain)


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
    recipe = replace(_OTHERS_RECIPE, seed=seed)
    heard = [unseen_margins(rest, chosen, recipe, shape, part) for shape in (DEEP, champion_settings(chosen))]
    aucs = [auc_interval(sample.defaulted, margin, sample.weights) for margin in heard]
    best = int(np.argmax([auc.value for auc in aucs]))
    return aucs[best], auc_difference(sample.defaulted, own, heard[best], sample.weights)
