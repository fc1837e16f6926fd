"""A trial: the champion and its rivals learn from some loans and are judged on others.

The model that is kept has learnt from the training window only and is never refitted on the test: its figures are its
own. Under folds there is no window, so the figures are those of the procedure, fold by fold, and the model that is
kept has learnt from every row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from certloan.errors import InputError
from certloan.scoring.calibration import probability
from certloan.scoring.growing.champion import Grown, grow_champion
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.growing.screening import SCREENED_FROM_DEFAULTS, beats_chance
from certloan.scoring.matrix import Floats, ModelFeature, encode, learn_features
from certloan.scoring.metrics.performance import Performance, measure
from certloan.scoring.metrics.ranking import auc_difference
from certloan.scoring.rivals.ceiling import fit_ceiling
from certloan.scoring.rivals.scorecard import fit_scorecard
from certloan.scoring.splits import Labels, Rows, Split

Advance = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A champion, the features it reads, those it does not and why, and a digest of exactly what it learnt from.

    ``digest`` covers every usable feature: those that were dropped as ``noise`` had their say in the screening.
    """

    grown: Grown
    features: tuple[ModelFeature, ...]
    dropped: Mapping[str, str]
    digest: str

    def margin(self, values: Floats) -> Floats:
        """Give the calibrated log-odds of default of encoded rows."""
        return self.grown.calibrator.apply(self.grown.tables.margin(values))


@dataclass(frozen=True, eq=False)
class Trial:
    """The kept champion with its split, and what it and its rivals said of the rows ``judged`` (log-odds of default)."""

    kept: Fitted
    split: Split
    judged: Rows
    margins: Mapping[str, Floats]
    performance: Performance
    rivals: Mapping[str, Mapping[str, float | int]]


@dataclass(frozen=True)
class Terms:
    """What every fit of a trial shares: the direction of each feature, the way to grow, and whether rivals take part."""

    directions: Mapping[str, int]
    recipe: Recipe
    rivals: bool = True


def hold_trial(
    matrix: pa.Table, labels: Labels, splits: tuple[Split, ...], terms: Terms, advance: Advance = lambda: None
) -> Trial:
    """Fit and judge on every split; rows of ``matrix`` and ``labels`` belong together.

    Raises ``no-features`` when no column can teach anything, ``no-signal`` when none beats chance.
    """
    heard: dict[str, list[Floats]] = {}
    for one in splits:
        fitted, margins = _fit_and_judge(matrix, labels, one, terms, advance)
        for name, margin in margins.items():
            heard.setdefault(name, []).append(margin)
    final = splits[0]
    if len(splits) > 1:
        everything = np.arange(len(labels))
        final = Split(everything, everything[:0], {**splits[0].account, "fold": "all"})
        fitted, _ = _fit_and_judge(matrix, labels, final, terms, advance)
    judged = np.concatenate([one.test for one in splits])
    margins = {name: np.concatenate(parts) for name, parts in heard.items()}
    defaulted, weights = labels.defaulted[judged], _scaled(labels.weights[judged])
    performance = measure(defaulted, probability(margins["champion"]), weights)
    rivals = {
        name: _compared(defaulted, weights, margins["champion"], margin)
        for name, margin in margins.items()
        if name != "champion"
    }
    return Trial(fitted, final, judged, margins, performance, rivals)


def _fit_and_judge(
    matrix: pa.Table, labels: Labels, one: Split, terms: Terms, advance: Advance
) -> tuple[Fitted, dict[str, Floats]]:
    learning = matrix.take(pa.array(one.train))
    usable, dropped = learn_features(learning, terms.directions)
    if not usable:
        raise InputError("no-features", found=len(terms.directions), dropped=len(dropped))
    sample = Sample(encode(learning, usable), labels.defaulted[one.train], _scaled(labels.weights[one.train]))
    kept = _telling(sample, usable, terms.recipe, advance)
    features = tuple(usable[at] for at in kept)
    dropped |= {feature.name: "noise" for feature in usable if feature not in features}
    grown = grow_champion(sample.of_columns(kept), features, terms.recipe, advance)
    fitted = Fitted(grown, features, dropped, _digest(sample, usable))
    if not len(one.test):
        return fitted, {}
    values = encode(matrix.take(pa.array(one.test)), usable)
    margins = {"champion": fitted.margin(values[:, kept])}
    if terms.rivals:
        # Rivals read every usable feature: what the screening costs is then part of the comparison.
        margins["scorecard"] = fit_scorecard(sample, usable, terms.recipe.seed).margin(values)
        margins["ceiling"] = fit_ceiling(sample, usable, terms.recipe.seed).margin(values)
        advance()
    return fitted, margins


def _telling(sample: Sample, usable: tuple[ModelFeature, ...], recipe: Recipe, advance: Advance) -> list[int]:
    """Give the positions of the features that enter the champion; ``no-signal`` when none beats chance."""
    if not recipe.screen or sample.defaulted.sum() < SCREENED_FROM_DEFAULTS:
        return list(range(len(usable)))
    kept = [int(at) for at in np.flatnonzero(beats_chance(sample, usable, recipe))]
    advance()
    if not kept:
        raise InputError("no-signal", found=len(usable), n=len(sample.defaulted), defaults=int(sample.defaulted.sum()))
    return kept


def _compared(defaulted: Floats, weights: Floats, champion: Floats, rival: Floats) -> dict[str, float | int]:
    """Give a rival's figures, and by how much the champion's AUC exceeds its own on the same rows."""
    figures = measure(defaulted, probability(rival), weights).as_json()
    difference = auc_difference(defaulted, champion, rival, weights)
    return {
        **{name: figures[name] for name in ("auc", "auc_low", "auc_high", "ks", "brier", "log_loss")},
        "difference": round(difference.value, 6),
        "difference_low": round(difference.low, 6),
        "difference_high": round(difference.high, 6),
    }


def _scaled(weights: Floats) -> Floats:
    return np.asarray(weights / weights.mean())


def _digest(sample: Sample, features: tuple[ModelFeature, ...]) -> str:
    """SHA-256 over names, levels, values, outcomes and weights: the same evidence gives the same digest."""
    found = hashlib.sha256(repr([(feature.name, feature.levels) for feature in features]).encode())
    for part in (sample.values, sample.defaulted, sample.weights):
        found.update(np.ascontiguousarray(part).tobytes())
    return found.hexdigest()
