"""How far several models agree about the same applicants: points, ranks, sides of a cut-off, and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.calibration import Calibrator
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import CONFIDENCE, Interval
from certloan.scoring.points import Scale
from certloan.scoring.tables import Tables
from certloan.scoring.validation.judgement import told

#: How many reasons an applicant hears.
REASONS, _OF_ONE_FAMILY = 3, 2
#: A feature that costs fewer points than this is no reason.
_NO_REASON = 0.5


@dataclass(frozen=True, eq=False)
class Model:
    """A score as tables and a calibrator: the model on trial, or a refit."""

    tables: Tables
    calibrator: Calibrator


@dataclass(frozen=True)
class Agreement:
    """How far the refits of one kind agree with each other; ``n`` test rows.

    ``points_sd`` is the median over applicants of the standard deviation of their points over the refits, with the
    10th and 90th percentile of the applicants in place of an interval; ``points_sd_drawn`` is the same median with a
    jackknife interval over the refits, which says how well so few refits tell it. All others are means over every two refits, with
    jackknife intervals over the refits: ``rank_correlation``; ``side_changes``, the share of applicants who change sides
    of each cut-off; ``reasons_kept``, the share of the top reasons of one that are among those of the other,
    ``families_kept`` the same of their families, ``reasons_overlap`` their Jaccard index, ``first_kept`` how often the
    first stays first. Figures are NaN (``None`` as plain values) with fewer than two refits.
    """

    kind: str
    refits: int
    n: int
    points_sd: Interval
    points_sd_drawn: Interval
    rank_correlation: Interval
    side_changes: tuple[tuple[float, Interval], ...]
    reasons_kept: Interval
    reasons_overlap: Interval
    first_kept: Interval
    families_kept: Interval

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "kind": self.kind,
            "refits": self.refits,
            "n": self.n,
            "points_sd": told(self.points_sd),
            "points_sd_drawn": told(self.points_sd_drawn),
            "rank_correlation": told(self.rank_correlation),
            "side_changes": [{"cut_off": at, "share": told(share)} for at, share in self.side_changes],
            "reasons_kept": told(self.reasons_kept),
            "reasons_overlap": told(self.reasons_overlap),
            "first_kept": told(self.first_kept),
            "families_kept": told(self.families_kept),
        }


def agreement(
    kind: str,
    models: Sequence[Model],
    judged: Sample,
    scale: Scale,
    cut_offs: Sequence[float],
    family_of: NDArray[np.int64],
) -> Agreement:
    """Compare every two models on the judged rows; ``family_of`` numbers the family of each feature."""
    from scipy.stats import rankdata

    points = np.array([scale.points_of(one.calibrator.apply(one.tables.margin(judged.values))) for one in models])
    reasons = [reasons_of(one, judged.values, scale, family_of) for one in models]
    ranks = [rankdata(row) for row in points]
    pairs = list(combinations(range(len(models)), 2))
    weights = judged.weights
    kept = [shared_reasons(reasons[one], reasons[other], weights, family_of) for one, other in pairs]

    def changed(cut_off: float) -> Interval:
        low = points < cut_off
        return _over(len(models), [_share(low[one] != low[other], weights) for one, other in pairs], 0.0)

    return Agreement(
        kind,
        len(models),
        len(judged.defaulted),
        _spread(points, weights),
        _spread_drawn(points, weights),
        _over(len(models), [float(np.corrcoef(ranks[one], ranks[other])[0, 1]) for one, other in pairs], -1.0),
        tuple((float(at), changed(at)) for at in cut_offs),
        *(_over(len(models), [shares[at] for shares in kept], 0.0) for at in range(4)),
    )


def _spread(points: Floats, weights: Floats) -> Interval:
    if len(points) < 2:
        return Interval(float("nan"), float("nan"), float("nan"))
    each = np.std(points, axis=0, ddof=1)
    middle, low, high = (float(np.quantile(each, at, weights=weights, method="inverted_cdf")) for at in (0.5, 0.1, 0.9))
    return Interval(middle, low, high)


def _spread_drawn(points: Floats, weights: Floats) -> Interval:
    """Give the median spread with a jackknife interval that leaves out one refit at a time; of two it is everything."""
    from scipy.stats import t

    models, value = len(points), _spread(points, weights).value
    if models < 3:
        return Interval(value, 0.0 if models == 2 else value, float("inf") if models == 2 else value)
    without = np.array([_spread(np.delete(points, at, axis=0), weights).value for at in range(models)])
    error = float(np.sqrt((models - 1) / models * np.sum((without - without.mean()) ** 2)))
    width = float(t.ppf(0.5 + CONFIDENCE / 2.0, models - 1)) * error
    return Interval(value, max(0.0, value - width), value + width)


def _over(models: int, values: Sequence[float], least: float) -> Interval:
    """Give the mean over all pairs of models, with a jackknife interval that leaves out one model at a time.

    ``values`` are in the order of ``combinations``; they lie between ``least`` and 1. Two models cannot tell how much
    chance there is: their interval is everything.
    """
    from scipy.stats import t

    if models < 2:
        return Interval(float("nan"), float("nan"), float("nan"))
    mean = float(np.mean(values))
    if models == 2:
        return Interval(mean, least, 1.0)
    table = np.zeros((models, models))
    for (one, other), value in zip(combinations(range(models), 2), values, strict=True):
        table[one, other] = table[other, one] = value
    without = (table.sum() - 2.0 * table.sum(axis=1)) / ((models - 1) * (models - 2))
    error = float(np.sqrt((models - 1) / models * np.sum((without - without.mean()) ** 2)))
    width = float(t.ppf(0.5 + CONFIDENCE / 2.0, models - 1)) * error
    return Interval(mean, max(least, mean - width), min(1.0, mean + width))


def _share(rows: NDArray[np.bool_], weights: Floats) -> float:
    return float(np.sum(weights * rows) / np.sum(weights))


def reasons_of(model: Model, values: Floats, scale: Scale, family_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the features that cost each row most, the costliest first; -1 where there are fewer."""
    cost = model.tables.contributions(values) * scale.factor * model.calibrator.slope
    order, rows = np.argsort(-cost, axis=1, kind="stable"), np.arange(len(cost))
    found = np.full((len(cost), REASONS), -1)
    taken, of_family = np.zeros(len(cost), dtype=np.int64), np.zeros((len(cost), int(family_of.max()) + 1))
    for at in order.T:
        families = family_of[at]
        chosen = (cost[rows, at] > _NO_REASON) & (taken < REASONS) & (of_family[rows, families] < _OF_ONE_FAMILY)
        found[rows[chosen], taken[chosen]] = at[chosen]
        of_family[rows[chosen], families[chosen]] += 1
        taken += chosen
    return found


def shared_reasons(
    one: NDArray[np.int64], other: NDArray[np.int64], weights: Floats, family_of: NDArray[np.int64]
) -> tuple[float, float, float, float]:
    """Give the shares of reasons kept, the Jaccard index, how often the first stays, and the share of families kept.

    ``one`` and ``other`` hold the reasons of each row, -1 for none. Rows without reasons in either agree.

    >>> families = np.array([0, 0, 1, 1])
    >>> told = np.array([[0, 2, -1]]), np.array([[1, 2, 3]])
    >>> [round(share, 3) for share in shared_reasons(*told, np.ones(1), families)]
    [0.333, 0.25, 0.0, 1.0]
    """
    features = [_held(row, len(family_of)) for row in (one, other)]
    families = [np.array([held[:, family_of == at].any(axis=1) for at in np.unique(family_of)]).T for held in features]
    kept, overlap = _alike(*features)
    mean = [float(np.average(share, weights=weights)) for share in (kept, overlap, _alike(*families)[0])]
    return mean[0], mean[1], _share(one[:, 0] == other[:, 0], weights), mean[2]


def _held(reasons: NDArray[np.int64], features: int) -> NDArray[np.bool_]:
    held = np.zeros((len(reasons), features + 1), dtype=bool)
    held[np.arange(len(reasons))[:, None], reasons] = True
    return held[:, :features]


def _alike(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Give the common ones as a share of the longer list, and of all that either names."""
    shared, either = (one & other).sum(axis=1), (one | other).sum(axis=1)
    most = np.maximum(one.sum(axis=1), other.sum(axis=1))
    kept = np.divide(shared, most, out=np.ones(len(one)), where=most > 0)
    return kept, np.divide(shared, either, out=np.ones(len(one)), where=either > 0)
