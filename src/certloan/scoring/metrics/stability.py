"""PSI and CSI: how far a population has moved over bins, beside how far chance alone would move it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import chdtrc, chdtri, chndtr

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import CONFIDENCE, Interval, effective, mean_error, z_value

#: Above chance, an index of this much is worth a look, and of this much a change of population (the trade's custom).
WATCH_AT = 0.10
SHIFT_AT = 0.25
#: How rarely chance alone may look like a move.
FALSE_ALARM = 0.01
_HALF = 0.5
_BINS = 10
#: Above this the chi-square is as good as normal.
_LARGE = 5000.0


class Moved(StrEnum):
    """What the index says once chance is allowed for."""

    STEADY = "steady"
    WATCH = "watch"
    SHIFTED = "shifted"
    NOT_ENOUGH = "not_enough"


@dataclass(frozen=True)
class Stability:
    """The population stability index of two samples over the same bins; 0: equal shares.

    ``beyond_chance`` is the index of the two populations, with its interval: the plain ``psi`` less what chance adds.
    ``by_chance`` is what samples of these sizes from one population give on average, ``alarm_above`` what they exceed
    once in a hundred times, ``p`` how often they reach ``psi``.
    """

    psi: float
    beyond_chance: Interval
    by_chance: float
    alarm_above: float
    p: float
    n_reference: float
    n_current: float
    bins: int

    @property
    def verdict(self) -> Moved:
        """Read the index against chance first and against the customary thresholds second."""
        if min(self.n_reference, self.n_current) <= 0 or self.alarm_above > SHIFT_AT:
            return Moved.NOT_ENOUGH
        if self.psi <= self.alarm_above or self.beyond_chance.value < WATCH_AT:
            return Moved.STEADY
        return Moved.SHIFTED if self.beyond_chance.value >= SHIFT_AT else Moved.WATCH

    def as_json(self) -> dict[str, float | int | str]:
        """Give plain values, rounded so that they agree between machines."""
        return {
            "psi": round(self.psi, 6),
            "psi_beyond_chance": round(self.beyond_chance.value, 6),
            "psi_low": round(self.beyond_chance.low, 6),
            "psi_high": round(self.beyond_chance.high, 6),
            "by_chance": round(self.by_chance, 6),
            "alarm_above": round(self.alarm_above, 6),
            "p": round(self.p, 6),
            "n_reference": round(self.n_reference, 2),
            "n_current": round(self.n_current, 2),
            "bins": self.bins,
            "verdict": str(self.verdict),
        }


def psi(reference: np.ndarray, current: np.ndarray) -> float:
    """Give the population stability index of two rows of counts over the same bins; 0 for equal shares.

    Each bin holds half a person more, so that an empty one does not make the index infinite.

    >>> psi(np.array([40, 60]), np.array([40, 60]))
    0.0
    """
    before = (reference + _HALF) / (reference.sum() + _HALF * len(reference))
    after = (current + _HALF) / (current.sum() + _HALF * len(current))
    return float(np.sum((after - before) * np.log(after / before)))


def stability_of_counts(reference: np.ndarray, current: np.ndarray) -> Stability:
    """Compare two rows of counts over the same bins; a bin that is empty in both does not count.

    Without a move the index is ``(1/n + 1/m)`` times a chi-square of bins - 1 degrees of freedom, to first order
    (Yurdakul and Naranjo 2020); with one, a non-central chi-square, whose inversion gives the interval.
    """
    used = (reference + current) > 0
    reference, current = reference[used], current[used]
    n, m = float(reference.sum()), float(current.sum())
    if n <= 0 or m <= 0:
        return Stability(0.0, Interval(0.0, 0.0, float("inf")), 0.0, float("inf"), 1.0, n, m, len(reference))
    free, scale, found = len(reference) - 1, 1.0 / n + 1.0 / m, psi(reference, current)
    if not free:
        return Stability(0.0, Interval(0.0, 0.0, 0.0), 0.0, 0.0, 1.0, n, m, 1)
    tail, chi = (1.0 - CONFIDENCE) / 2.0, found / scale
    low, high = (scale * _noncentrality(chi, free, below) for below in (1.0 - tail, tail))
    value = max(0.0, found - scale * free)
    beyond = Interval(value, min(low, value), max(high, value))
    alarm = scale * float(chdtri(free, FALSE_ALARM))
    return Stability(found, beyond, scale * free, alarm, float(chdtrc(free, chi)), n, m, len(reference))


def stability_of_values(
    reference: Floats,
    current: Floats,
    reference_weights: Floats | None = None,
    current_weights: Floats | None = None,
    bins: int = _BINS,
) -> Stability:
    """Compare a number (a score, a feature) over the quantiles of the reference; unknown (NaN) is a bin of its own.

    A number that takes at most ``bins`` values in the reference (a count, a level) has a bin for each of them.
    Weights set the shares; the sample sizes are the effective numbers of rows.
    """
    known = np.unique(reference[~np.isnan(reference)])
    edges = known[:-1]
    if len(known) > bins:
        edges = np.unique(np.nanquantile(reference, np.linspace(0, 1, bins + 1)[1:-1]))
    return stability_of_counts(_binned(reference, reference_weights, edges), _binned(current, current_weights, edges))


def points_shift(
    reference: Floats, current: Floats, reference_weights: Floats | None = None, current_weights: Floats | None = None
) -> Interval:
    """Give by how many points a feature's mean contribution moved (the scorecard's CSI), with its normal interval."""
    before = np.ones_like(reference) if reference_weights is None else reference_weights
    after = np.ones_like(current) if current_weights is None else current_weights
    moved = float(np.average(current, weights=after) - np.average(reference, weights=before))
    width = z_value() * (mean_error(current, after) ** 2 + mean_error(reference, before) ** 2) ** 0.5
    return Interval(moved, moved - width, moved + width)


def _binned(values: Floats, weights: Floats | None, edges: Floats) -> Floats:
    weights = np.ones_like(values) if weights is None else weights
    # An edge belongs to the bin below it, so that a value that half the population shares fills one bin.
    place = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))
    mass: Floats = np.bincount(place, weights, len(edges) + 2).astype(np.float64)
    total = float(mass.sum())
    return mass * (effective(weights) / total) if total > 0 else mass


def _noncentrality(chi: float, free: int, below: float) -> float:
    """The non-centrality under which a chi-square stays below ``chi`` with this probability; 0 when none is so small."""
    if chi > _LARGE:
        z = z_value() if below > 0.5 else -z_value()
        return max(0.0, chi - free - z * float(np.sqrt(2.0 * (2.0 * chi - free))))
    if float(chndtr(chi, free, 0.0)) <= below:
        return 0.0
    low, high = 0.0, chi + 10.0 * float(np.sqrt(chi + free + 1.0)) + 50.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if float(chndtr(chi, free, middle)) > below else (low, middle)
    return 0.5 * (low + high)
