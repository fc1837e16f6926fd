"""Whether applicants of today still look like those of then, and how much of a difference chance alone would make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from certloan.scoring.metrics.stability import SHIFT_AT, WATCH_AT, psi, stability_of_counts
from certloan.scoring.metrics.stability import Moved as DriftVerdict

__all__ = ["Drift", "DriftVerdict", "drift_of_numbers", "drift_of_words", "psi"]

_BINS = 10


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
    found = stability_of_counts(reference, current)
    n, m = int(found.n_reference), int(found.n_current)
    return Drift(name, found.psi, found.by_chance, found.alarm_above, n, m, found.bins)
