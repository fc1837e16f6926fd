"""What more loans would buy: a learning curve over whole enterprises, its asymptote, and the width of the test.

Models learn from nested, growing shares of the enterprises (several draws) and are judged on the same later rows. The
AUC over the share s is read as ``asymptote - gap * s ** -rate`` (an inverse power law, as fitted by Figueroa et al.,
BMC Medical Informatics and Decision Making 12:8, 2012): the gap is what the model still lacks with all rows, and the
share at which it lacks no more than so much follows. How sure that is comes from drawing the test's enterprises and the
seeds again; where the draws disagree too widely the answer is "cannot be told", never a number.

The other question, how many loans narrow the test's interval, needs no curve
(:mod:`certloan.scoring.validation.sample_size`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.splits import fold_of
from certloan.scoring.validation.chance import mean_of_firms
from certloan.scoring.validation.judgement import Thresholds, Verdict, thresholds, told
from certloan.scoring.validation.power_law import Law, fit_law
from certloan.scoring.validation.quick import Advance, cheap, quick_fit
from certloan.scoring.validation.sample_size import Narrower, narrower
from certloan.scoring.validation.stage import Stage

SHARES = (0.125, 0.25, 0.5, 0.75, 1.0)
#: A share with fewer defaults than this teaches nothing that a curve could be drawn through.
_LEAST_DEFAULTS = 20
_DRAWS = 200
#: An answer beyond so many times the rows at hand is no answer.
_FARTHEST = 50.0
_SALT = 8123
_TAIL = 0.025


class Answer(StrEnum):
    """Whether more training loans are needed for the aim, and whether that can be told."""

    ENOUGH = "enough"
    MORE = "more"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class CurvePoint:
    """One share of the enterprises: mean rows and defaults, mean figures over the draws; intervals are the test's."""

    share: float
    n: int
    defaults: int
    auc: Interval
    log_loss: Interval

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "share": self.share,
            "n": self.n,
            "defaults": self.defaults,
            "auc": told(self.auc),
            "log_loss": told(self.log_loss),
        }


@dataclass(frozen=True)
class Training:
    """How many training loans bring the AUC within ``within`` of its asymptote; ``loans`` only where it can be told."""

    answer: Answer
    within: float
    loans: Interval | None
    defaults: Interval | None

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "answer": str(self.answer),
            "within": self.within,
            "loans": told(self.loans) if self.loans else None,
            "defaults": told(self.defaults) if self.defaults else None,
        }


@dataclass(frozen=True)
class LearningCurve:
    """The points, the law through them (``None`` with fewer than four), and both answers."""

    points: tuple[CurvePoint, ...]
    draws: int
    law: Law | None
    training: Training
    narrower: Narrower
    counts: dict[str, int]
    limits: Thresholds

    @property
    def verdict(self) -> Verdict:
        """Passes when the test is narrow enough; too little where it is not."""
        return Verdict.PASSES if self.narrower.width_now <= self.narrower.width else Verdict.TOO_LITTLE

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "verdict": str(self.verdict),
            "points": [point.as_json() for point in self.points],
            "draws": self.draws,
            "law": self.law.as_json() if self.law else None,
            "training": self.training.as_json(),
            "narrower": self.narrower.as_json(),
            "thresholds": self.limits.id,
            **self.counts,
        }


def learn_curve(
    stage: Stage,
    shares: Sequence[float] = SHARES,
    seeds: int = 3,
    limits: Thresholds | None = None,
    advance: Advance = lambda: None,
) -> LearningCurve:
    """Draw the curve with refits of the champion's kind; reports progress after each of ``seeds * len(shares)`` fits."""
    limits = limits or thresholds()
    parts = [_order_of_firms(stage, seed) for seed in range(seeds)]
    points, heard, used = [], [], []
    for share in sorted(shares):
        taken = [np.flatnonzero(order < share) for order in parts]
        if min(int(np.count_nonzero(stage.train.defaulted[rows])) for rows in taken) < _LEAST_DEFAULTS:
            for _ in parts:
                advance()
            continue
        margins = []
        for seed, rows in enumerate(taken):
            recipe = replace(cheap(stage.recipe), seed=stage.recipe.seed + seed)
            margins.append(quick_fit(stage.train.take(rows), stage.features, recipe).margin(stage.test.values))
            advance()
        points.append(_point(stage, share, taken, margins))
        heard.append(margins)
        used.append(share)
    law = _law(stage, np.array(used), heard) if len(used) > 3 else None
    final = points[-1].auc if points else auc_interval(stage.test.defaulted, np.zeros(len(stage.test.defaulted)))
    return LearningCurve(
        tuple(points),
        seeds,
        law,
        enough(law, limits["learning.within"], stage.counts["n_train"], stage.counts["defaults_train"]),
        narrower(final, stage.counts["defaults_test"], stage.counts["n_test"], limits["learning.width"]),
        stage.counts,
        limits,
    )


def enough(law: Law | None, within: float, rows: int, defaults: int) -> Training:
    """Read the law: the share at which the gap is ``within``, in loans, or that the draws do not agree on any."""
    if law is None:
        return Training(Answer.CANNOT_TELL, within, None, None)
    value, low, high = law.share_within(within)
    if high <= 1.0:
        return Training(Answer.ENOUGH, within, None, None)
    if not np.isfinite(value) or high > _FARTHEST:
        return Training(Answer.CANNOT_TELL, within, None, None)
    loans, bad = (Interval(value * n, low * n, high * n) for n in (rows, defaults))
    return Training(Answer.MORE if low > 1.0 else Answer.CANNOT_TELL, within, loans, bad)


def _order_of_firms(stage: Stage, seed: int) -> Floats:
    """Give each training row its enterprise's place in 0..1: those below a share are the share, defaulters and others."""
    numbers, of_row = np.unique(stage.firms_train, return_inverse=True)
    ever = np.zeros(len(numbers))
    np.maximum.at(ever, of_row, stage.train.defaulted)
    fine = 10_000
    return np.asarray((fold_of(ever, fine, (stage.recipe.seed, _SALT, seed + 1)) / fine)[of_row])


def _point(stage: Stage, share: float, taken: Sequence[NDArray[np.int64]], margins: Sequence[Floats]) -> CurvePoint:
    test = stage.test
    aucs = [auc_interval(test.defaulted, margin, test.weights) for margin in margins]
    losses = [
        mean_of_firms(np.logaddexp(0.0, margin) - test.defaulted * margin, test.weights, stage.firms_test)
        for margin in margins
    ]
    return CurvePoint(
        share,
        round(float(np.mean([len(rows) for rows in taken]))),
        round(float(np.mean([stage.train.defaulted[rows].sum() for rows in taken]))),
        _middle(aucs),
        _middle(losses),
    )


def _middle(draws: Sequence[Interval]) -> Interval:
    return Interval(*(float(np.mean([getattr(one, end) for one in draws])) for end in ("value", "low", "high")))


def _law(stage: Stage, shares: Floats, heard: Sequence[Sequence[Floats]]) -> Law:
    """Fit the law to the mean AUCs, and again with the test's enterprises and the seeds drawn anew."""
    random = np.random.default_rng((stage.recipe.seed, _SALT, 0, 1))
    ranked = [[_Ranked.of(stage.test.defaulted, margin) for margin in margins] for margins in heard]
    seeds = len(heard[0])
    numbers, of_row = np.unique(stage.firms_test, return_inverse=True)
    curves = np.empty((_DRAWS + 1, len(shares)))
    curves[0] = [np.mean([one.auc(stage.test.weights) for one in margins]) for margins in ranked]
    for draw in range(_DRAWS):
        times = random.multinomial(len(numbers), np.full(len(numbers), 1.0 / len(numbers)))[of_row]
        weights = stage.test.weights * times
        chosen = random.integers(0, seeds, seeds)
        curves[draw + 1] = [np.mean([margins[at].auc(weights) for at in chosen]) for margins in ranked]
    return fit_law(shares, curves[0], curves[1:], _TAIL)


@dataclass(frozen=True, eq=False)
class _Ranked:
    """One margin's order, so that its AUC under many weights costs no sorting."""

    at: NDArray[np.int64]
    levels: int
    defaulted: Floats

    @staticmethod
    def of(defaulted: Floats, margin: Floats) -> _Ranked:
        levels, at = np.unique(margin, return_inverse=True)
        return _Ranked(at, len(levels), defaulted)

    def auc(self, weights: Floats) -> float:
        bad = np.bincount(self.at, weights * self.defaulted, self.levels)
        good = np.bincount(self.at, weights * (1.0 - self.defaulted), self.levels)
        below = np.cumsum(good) - 0.5 * good
        return float(bad @ below / (bad.sum() * good.sum()))
