"""How far two contenders differ on the same rows, with an interval.

Rows are ranked within their fold only, since models of different folds need not share a level. Contenders judged by
folds more than once (several seeds) are compared by row: what a row adds to the difference is averaged over the seeds
first, so that judging the same 123 firms twenty times does not look like 2,460 firms. Intervals take rows as
independent and models as given: what another draw of the training rows would change is not in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from benchmarks.credit.problem import Floats, Rows
from scipy.stats import norm

_CONFIDENCE = 0.95
#: Probabilities closer to 0 or 1 than this are taken as this in the logarithmic loss.
EDGE = 1e-15


@dataclass(frozen=True, eq=False)
class Truth:
    """What happened to the judged rows, and their weights."""

    defaulted: Floats
    weights: Floats


@dataclass(frozen=True, eq=False)
class Voice:
    """What a contender said about the judged rows with one seed, and by which fold each row was judged."""

    pd: Floats
    fold: Rows


@dataclass(frozen=True)
class Difference:
    """A mean difference with its 95 % interval and the two-sided chance of one as large without any."""

    value: float
    low: float
    high: float
    p: float


def auc_difference(truth: Truth, ours: Sequence[Voice], other: Sequence[Voice]) -> Difference:
    """Give by how much the area under the curve exceeds the other's, after DeLong et al. (Biometrics 44, 1988)."""
    pairs = zip(ours, other, strict=False)
    return _of_placements(truth, np.mean([placements(truth, a) - placements(truth, b) for a, b in pairs], axis=0))


def auc_interval(truth: Truth, said: Sequence[Voice]) -> Difference:
    """Give the area under the curve, the mean of folds and seeds, with DeLong's interval over the rows."""
    return _of_placements(truth, np.mean([placements(truth, voice) for voice in said], axis=0))


def loss_difference(truth: Truth, ours: Sequence[Voice], other: Sequence[Voice]) -> Difference:
    """Give by how much the mean logarithmic loss exceeds the other's (negative: ours is better)."""
    pairs = zip(ours, other, strict=False)
    parts = np.mean([surprise(truth, a.pd) - surprise(truth, b.pd) for a, b in pairs], axis=0)
    value = float(np.average(parts, weights=truth.weights))
    away = truth.weights * (parts - value)
    return _told(value, float(np.sqrt(away @ away * len(away) / (len(away) - 1)) / truth.weights.sum()))


def surprise(truth: Truth, pd: Floats) -> Floats:
    """Give each row's logarithmic loss."""
    sure = np.clip(pd, EDGE, 1.0 - EDGE)
    return np.asarray(-np.where(truth.defaulted > 0, np.log(sure), np.log1p(-sure)))


def placements(truth: Truth, voice: Voice) -> Floats:
    """Give for each row the weighted share of the other class of its fold that it outranks; ties count half."""
    found = np.empty(len(voice.pd))
    for fold in np.unique(voice.fold):
        mine = voice.fold == fold
        found[mine] = _placements(truth.defaulted[mine], truth.weights[mine], voice.pd[mine])
    return found


def holm(chances: Sequence[float]) -> list[float]:
    """Adjust chances so that the risk of any false alarm among them stays what it says (Holm, 1979).

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(chances, kind="stable")
    stepped = [(len(order) - place) * chances[at] for place, at in enumerate(order)]
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(stepped))
    return [float(p) for p in adjusted]


def _placements(defaulted: Floats, weights: Floats, risk: Floats) -> Floats:
    levels, at = np.unique(risk, return_inverse=True)
    bad = np.bincount(at, weights * defaulted, len(levels))
    good = np.bincount(at, weights * (1.0 - defaulted), len(levels))
    goods_below = (np.cumsum(good) - 0.5 * good) / good.sum()
    bads_above = 1.0 - (np.cumsum(bad) - 0.5 * bad) / bad.sum()
    return np.asarray(np.where(defaulted > 0, goods_below[at], bads_above[at]))


def _of_placements(truth: Truth, parts: Floats) -> Difference:
    bad = truth.defaulted > 0
    value = float(np.average(parts[bad], weights=truth.weights[bad]))
    variance = _variance(parts[bad], truth.weights[bad]) + _variance(parts[~bad], truth.weights[~bad])
    return _told(value, float(np.sqrt(variance)))


def _variance(parts: Floats, weights: Floats) -> float:
    away = weights * (parts - np.average(parts, weights=weights))
    return float(away @ away / weights.sum() ** 2 * len(parts) / (len(parts) - 1))


def _told(value: float, error: float) -> Difference:
    reach = float(norm.ppf(0.5 + _CONFIDENCE / 2.0)) * error
    chance = 1.0 if error == 0.0 else float(2.0 * norm.sf(abs(value) / error))
    return Difference(value, value - reach, value + reach, chance)
