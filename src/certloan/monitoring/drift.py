"""Whether applicants of today still look like those of then, and how much of a difference chance alone would make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import chdtri

#: Above chance, a population stability index of this much is worth a look, and of this much a change of population.
WATCH_AT = 0.10
SHIFT_AT = 0.25
#: How rarely chance alone may look like drift.
FALSE_ALARM = 0.01
_BINS = 10
_HALF = 0.5


class DriftVerdict(StrEnum):
    """What the index says once chance is allowed for."""

    STEADY = "steady"
    WATCH = "watch"
    SHIFTED = "shifted"
    NOT_ENOUGH = "not_enough"


@dataclass(frozen=True)
class Drift:
    """The population stability index of one feature; 0 means that both populations fill the bins alike.

    ``by_chance`` is what two samples of these sizes from one population give on average, ``alarm_above`` what they
    exceed once in a hundred times.
    """

    name: str
    psi: float
    by_chance: float
    alarm_above: float
    n_reference: int
    n_current: int
    bins: int

    @property
    def verdict(self) -> DriftVerdict:
        """Read the index against chance first and against the practical thresholds second."""
        if min(self.n_reference, self.n_current) == 0 or self.alarm_above > SHIFT_AT:
            return DriftVerdict.NOT_ENOUGH
        above = self.psi - self.by_chance
        if self.psi <= self.alarm_above or above < WATCH_AT:
            return DriftVerdict.STEADY
        return DriftVerdict.SHIFTED if above >= SHIFT_AT else DriftVerdict.WATCH


def psi(reference: np.ndarray, current: np.ndarray) -> float:
    """Give the population stability index of two rows of counts over the same bins; 0 for equal shares.

    Each bin holds half a person more, so that an empty one does not make the index infinite.

    >>> psi(np.array([40, 60]), np.array([40, 60]))
    0.0
    """
    before = (reference + _HALF) / (reference.sum() + _HALF * len(reference))
    after = (current + _HALF) / (current.sum() + _HALF * len(current))
    return float(np.sum((after - before) * np.log(after / before)))


def drift_of_numbers(name: str, reference: np.ndarray, current: np.ndarray, bins: int = _BINS) -> Drift:
    """Compare a numeric feature over the quantiles of the reference; unknown (NaN) is a bin of its own."""
    known = reference[~np.isnan(reference)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if known.size else np.empty(0)
    return _drift(name, _binned(reference, edges), _binned(current, edges))


def drift_of_words(name: str, reference: Sequence[str | None], current: Sequence[str | None]) -> Drift:
    """Compare a categorical feature; unknown is a category of its own."""
    words = sorted({word or "" for word in (*reference, *current)})
    before, after = (
        np.array([sum((word or "") == wanted for word in side) for wanted in words]) for side in (reference, current)
    )
    return _drift(name, before, after)


def _binned(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    unknown = np.isnan(values)
    # an edge belongs to the bin below it, so that a value that half the population shares fills one bin
    counts = np.bincount(np.searchsorted(edges, values[~unknown], side="left"), minlength=len(edges) + 1)
    return np.append(counts, unknown.sum())


def _drift(name: str, reference: np.ndarray, current: np.ndarray) -> Drift:
    used = (reference + current) > 0
    reference, current = reference[used], current[used]
    n, m = int(reference.sum()), int(current.sum())
    if not n or not m:
        return Drift(name, 0.0, 0.0, float("inf"), n, m, len(reference))
    # without drift the index is (1/n + 1/m) times a chi-square of bins - 1 degrees of freedom, to first order
    free, scale = len(reference) - 1, 1 / n + 1 / m
    alarm = scale * float(chdtri(free, FALSE_ALARM)) if free else 0.0
    return Drift(name, psi(reference, current), scale * free, alarm, n, m, len(reference))
