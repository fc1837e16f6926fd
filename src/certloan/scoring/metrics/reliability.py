"""The reliability picture: rows in bins of equal mass, what was said of them and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, effective, rate_interval

#: At most so many bins, and at least so many rows in each.
BINS = 20
ROWS_A_BIN = 50


@dataclass(frozen=True)
class Bin:
    """Rows of similar probability: the mean of what was expected, and the rate that was observed with its interval.

    ``share`` is the part of all weight in the bin; ``effective`` is how many rows of equal weight it is worth.
    """

    n: int
    defaults: int
    share: float
    effective: float
    expected: float
    observed: Interval
    pd_from: float
    pd_to: float

    @property
    def gap(self) -> float:
        """Observed less expected: above 0 the risk was underestimated."""
        return self.observed.value - self.expected

    @property
    def variance(self) -> float:
        """Of the observed rate, estimated without bias; with half a row more on each side where nothing varied."""
        rate, n = self.observed.value, self.effective
        if not 0.0 < rate < 1.0:
            rate = (rate * n + 0.5) / (n + 1.0)
        return rate * (1.0 - rate) / max(n - 1.0, 1.0)

    def as_json(self) -> dict[str, float | int]:
        """Give plain values, rounded so that they agree between machines."""
        return {
            "n": self.n,
            "defaults": self.defaults,
            "share": round(self.share, 6),
            "expected": round(self.expected, 6),
            "observed": round(self.observed.value, 6),
            "observed_low": round(self.observed.low, 6),
            "observed_high": round(self.observed.high, 6),
            "pd_from": round(self.pd_from, 6),
            "pd_to": round(self.pd_to, 6),
        }


def bin_numbers(pd: Floats, weights: Floats, bins: int | None = None) -> np.ndarray:
    """Give each row's bin, 0 for the lowest probabilities: equal mass, equal probabilities never torn apart."""
    wanted = bins or int(np.clip(effective(weights) // ROWS_A_BIN, 2, BINS))
    levels, at = np.unique(pd, return_inverse=True)
    mass = np.bincount(at, weights, len(levels))
    middle = (np.cumsum(mass) - 0.5 * mass) / mass.sum()
    number = np.minimum((middle * wanted).astype(np.int64), wanted - 1)
    return np.asarray(np.unique(number, return_inverse=True)[1][at])


def reliability(
    defaulted: Floats, pd: Floats, weights: Floats | None = None, bins: int | None = None
) -> tuple[Bin, ...]:
    """Give the bins from the lowest probability to the highest, Jeffreys' interval around each observed rate.

    As many bins of equal mass as 50 effective rows each allow, from 2 to 20, unless ``bins`` says how many.
    """
    weights = np.ones_like(pd) if weights is None else weights
    number = bin_numbers(pd, weights, bins)
    order = np.argsort(number, kind="stable")
    ends = np.cumsum(np.bincount(number))
    total = float(weights.sum())
    found = []
    for rows in np.split(order, ends[:-1]):
        bad, said, counted = defaulted[rows], pd[rows], weights[rows]
        found.append(
            Bin(
                n=len(rows),
                defaults=int(np.count_nonzero(bad)),
                share=float(counted.sum()) / total,
                effective=effective(counted),
                expected=float(np.sum(said * counted) / counted.sum()),
                observed=rate_interval(bad, counted),
                pd_from=float(said.min()),
                pd_to=float(said.max()),
            )
        )
    return tuple(found)
