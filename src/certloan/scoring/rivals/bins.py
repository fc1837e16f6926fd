"""Bins for a scorecard: few, wide, and in the declared direction.

Each feature is cut by a shallow tree and the cuts are merged so that the information value is largest and the default
rate moves one way (Navas-Palencia, *Optimal binning: mathematical programming formulation and case study*, 2020; the
package ``optbinning``). A feature that declares no direction may rise, fall, peak or dip. Levels are grouped by default
rate. What is missing has a bin of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.splits import fold_of
from certloan.scoring.tables import Axis, Integers

#: No bin holds less than this share of the weight; the tree that proposes them has at most so many leaves.
LEAST_SHARE, MOST_PREBINS = 0.05, 20
#: More rows than this do not move the edges of bins that hold a twentieth of them each.
_MOST_ROWS = 30_000
#: Bins are found on counts in whole numbers, so case weights are counted in thousandths of a row.
_PER_ROW = 1000
#: The solver reads numbers of single precision; no cut lies beyond this.
_FARTHEST = 1e37
#: Keeps this draw apart from those of the folds.
_SALT = 104_729


@dataclass(frozen=True, eq=False)
class Binned:
    """The bins of one feature: ``axis`` places a value, ``group[bin]`` tells which bins share their evidence.

    For a number each bin is a group; levels of a text share groups. The last group is the missing one.
    """

    axis: Axis
    group: Integers

    @property
    def groups(self) -> int:
        """How many groups there are, the missing one included."""
        return int(self.group[-1]) + 1

    def place(self, values: Floats) -> Integers:
        """Give the group of each encoded value."""
        return np.asarray(self.group.take(self.axis.place(values)))


def bin_features(sample: Sample, features: Sequence[ModelFeature], seed: int) -> tuple[Binned, ...]:
    """Cut every feature; the cuts depend on the rows, weights and directions only (the seed thins very many rows)."""
    parts = -(-len(sample.defaulted) // _MOST_ROWS)
    if parts > 1:
        sample = sample.take(fold_of(sample.defaulted, parts, (seed, _SALT)) == 0)
    defaulted = sample.defaulted.astype(np.int64)
    weights = None if np.ptp(sample.weights) == 0 else np.maximum(np.rint(sample.weights * _PER_ROW), 1.0)
    return tuple(
        _bin_number(sample.values[:, at], defaulted, weights, feature.direction)
        if feature.levels is None
        else _bin_levels(sample.values[:, at], defaulted, weights, len(feature.levels))
        for at, feature in enumerate(features)
    )


def _bin_number(values: Floats, defaulted: Integers, weights: Floats | None, direction: int) -> Binned:
    trend = {1: "descending", -1: "ascending"}.get(direction, "auto")
    axis = Axis.of_number(np.empty(0))
    if not np.isnan(values).all():
        cuts = _cuts("numerical", trend, np.clip(values, -_FARTHEST, _FARTHEST), defaulted, weights)
        # Theirs are left-closed, ours right-closed: below a cut is the same as at most the number before it.
        axis = Axis.of_number(np.unique(np.nextafter(np.asarray(cuts, dtype=np.float64), -np.inf)))
    return Binned(axis, np.arange(axis.bins))


def _bin_levels(values: Floats, defaulted: Integers, weights: Floats | None, levels: int) -> Binned:
    axis = Axis.of_levels(levels)
    placed = axis.place(values)
    told = placed < axis.missing
    names = placed.astype("U").astype(object)
    names[~told] = None
    groups = _cuts("categorical", "auto", names, defaulted, weights) if told.any() else []
    # A level that these rows lack shares the missing group.
    group = np.full(axis.bins, len(groups))
    for number, members in enumerate(groups):
        group[np.asarray(members).astype(np.int64)] = number
    return Binned(axis, group)


def _cuts(
    kind: str, trend: str, values: NDArray[Any], defaulted: Integers, weights: Floats | None
) -> Sequence[Floats | NDArray[np.object_]]:
    """Give the cuts of a number, or the groups of levels."""
    binning = _binning().OptimalBinning(
        dtype=kind,
        monotonic_trend=trend,
        solver="cp",
        max_n_prebins=MOST_PREBINS,
        min_prebin_size=LEAST_SHARE,
        # Ties between cuts are broken by a draw.
        random_state=0,
    )
    found: Sequence[Floats | NDArray[np.object_]] = binning.fit(values, defaulted, sample_weight=weights).splits
    return found


@cache
def _binning() -> ModuleType:
    """Import the solver once, without the complaints of a solver beneath it that is never used here."""
    with _unheard("__cvxpy__"):
        return import_module("optbinning")


@contextmanager
def _unheard(logger: str) -> Iterator[None]:
    """Keep what ``logger`` says off the screen for as long as the block runs."""
    heard = logging.getLogger(logger)

    def nothing(_: logging.LogRecord) -> bool:
        return False

    heard.addFilter(nothing)
    try:
        yield
    finally:
        heard.removeFilter(nothing)
