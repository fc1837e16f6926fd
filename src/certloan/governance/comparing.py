"""Two models on the same applications: how far their scores, and what follows from them, lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, jeffreys
from certloan.scoring.metrics.ranking import auc_difference, auc_interval

#: The points of the distribution of shifts that are told.
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
#: Recommendations from the hardest to the easiest.
_EASE = {"decline": 0, "refer": 1, "approve": 2}


@dataclass(frozen=True)
class ScoreShift:
    """Challenger minus champion, in points, over ``n`` applications.

    ``quantiles`` by share (``0.05`` …). ``rank_correlation`` is Spearman's, None where one side gives all the same.
    """

    n: int
    mean: float
    mean_absolute: float
    quantiles: Mapping[str, float]
    rank_correlation: float | None

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {**_rounded(asdict(self)), "quantiles": _rounded(self.quantiles)}


@dataclass(frozen=True)
class Moves:
    """How many applications would fall elsewhere, of ``n``; ``counts`` by what it was and what it would be.

    ``easier`` and ``harder`` are shares with Jeffreys' interval: towards approval, and away from it.
    """

    n: int
    counts: Mapping[tuple[str, str], int]
    easier: Interval
    harder: Interval

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        moved = [
            {"from": was, "to": would, "n": count}
            for (was, would), count in sorted(self.counts.items())
            if was != would
        ]
        return {"n": self.n, "moved": moved, **_flat("easier", self.easier), **_flat("harder", self.harder)}


@dataclass(frozen=True)
class RankingDifference:
    """Which of two models ranks ``n`` known outcomes better; ``difference`` is other minus champion (paired DeLong)."""

    n: int
    defaults: int
    champion: Interval
    other: Interval
    difference: Interval

    def as_json(self) -> dict[str, Any]:
        """Give plain values, flat."""
        return {
            "n": self.n,
            "defaults": self.defaults,
            **_flat("auc_champion", self.champion),
            **_flat("auc", self.other),
            **_flat("auc_difference", self.difference),
        }


def score_shift(champion: Floats, other: Floats) -> ScoreShift | None:
    """Compare the points of the same applications; None without any.

    >>> score_shift(np.array([600.0, 650.0]), np.array([610.0, 650.0])).mean
    5.0
    """
    if not len(champion):
        return None
    from scipy.stats import rankdata

    away = other - champion
    ranks = [rankdata(side) for side in (champion, other)]
    spread = all(np.ptp(side) > 0 for side in ranks)
    return ScoreShift(
        n=len(away),
        mean=float(away.mean()),
        mean_absolute=float(np.abs(away).mean()),
        quantiles={
            f"{share:g}": float(value) for share, value in zip(QUANTILES, np.quantile(away, QUANTILES), strict=True)
        },
        rank_correlation=float(np.corrcoef(*ranks)[0, 1]) if spread else None,
    )


def moves(champion: Sequence[str], other: Sequence[str], order: Mapping[str, int] | None = None) -> Moves:
    """Count the applications whose recommendation (or band, with its own ``order``) would be another.

    ``order`` gives each word a number, the higher the easier for the applicant.

    >>> moves(["approve", "refer"], ["approve", "approve"]).counts
    {('approve', 'approve'): 1, ('refer', 'approve'): 1}
    """
    ease = _EASE if order is None else order
    counts: dict[tuple[str, str], int] = {}
    for pair in zip(champion, other, strict=True):
        counts[pair] = counts.get(pair, 0) + 1
    up = sum(count for (was, would), count in counts.items() if ease[would] > ease[was])
    down = sum(count for (was, would), count in counts.items() if ease[would] < ease[was])
    return Moves(len(champion), counts, jeffreys(up, len(champion)), jeffreys(down, len(champion)))


def ranking_difference(
    defaulted: Floats, champion_pd: Floats, other_pd: Floats, weights: Floats | None = None
) -> RankingDifference | None:
    """Compare the ranking of known outcomes; None unless there are both defaults and others."""
    bad = int(np.count_nonzero(defaulted))
    if not 0 < bad < len(defaulted):
        return None
    return RankingDifference(
        n=len(defaulted),
        defaults=bad,
        champion=auc_interval(defaulted, champion_pd, weights),
        other=auc_interval(defaulted, other_pd, weights),
        difference=auc_difference(defaulted, other_pd, champion_pd, weights),
    )


def _flat(name: str, interval: Interval) -> dict[str, float]:
    return _rounded({name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high})


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in values.items()}
