"""The score as tables: one per feature and one per chosen pair, over bins.

A ``Tables`` is what an ensemble of depth-2 trees *is* (``compiling.py`` writes it, exactly), centred on a reference
population. Every cell is then already a Shapley value: what the bin of a feature adds to the average applicant's
log-odds of default, and, for a pair, what both bins add beyond that, half to each feature. Scoring and explaining are
look-ups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats

Integers = NDArray[np.int64]

#: Rows per block of a batch: a block's bins and sums stay in the processor's cache.
BLOCK_ROWS = 8192


@dataclass(frozen=True, eq=False)
class Axis:
    """The bins of one feature. The last bin is the missing one.

    A number falls in bin ``i`` when it is at most ``thresholds[i]`` and above the threshold before; a text falls in
    the bin of its level (``thresholds`` is ``None``, and the last bin also takes every other text).
    """

    thresholds: Floats | None
    bins: int

    @staticmethod
    def of_number(thresholds: Floats) -> Axis:
        """An axis with a bin up to each threshold, one above them all, and one for missing."""
        return Axis(thresholds, len(thresholds) + 2)

    @staticmethod
    def of_levels(levels: int) -> Axis:
        """An axis with a bin for each level and one for anything else."""
        return Axis(None, levels + 1)

    @property
    def missing(self) -> int:
        """The number of the missing bin."""
        return self.bins - 1

    def place(self, values: Floats) -> Integers:
        """Give the bin of each encoded value.

        >>> Axis.of_number(np.array([0.0, 10.0])).place(np.array([-np.inf, 0.0, 0.1, 10.0, np.inf, np.nan]))
        array([0, 0, 1, 1, 2, 3])
        """
        absent = np.isnan(values)
        if self.thresholds is None:
            inside = ~absent & (values >= 0) & (values < self.missing)
            return np.where(inside, values, self.missing).astype(np.int64)
        placed = np.searchsorted(self.thresholds, values, side="left").astype(np.int64, copy=False)
        placed[absent] = self.missing
        return placed


@dataclass(frozen=True, eq=False)
class Pair:
    """What two features say together beyond what each says alone, in log-odds of default.

    ``rows[b]`` and ``columns[b]`` give the row and column of ``cells`` for a bin of the first and second feature
    (bins that behave alike share one). Cells average to zero over the reference population. ``spread`` is the standard
    deviation of the same cells over the bags, ``None`` where there are no bags.
    """

    first: int
    second: int
    rows: Integers
    columns: Integers
    cells: Floats
    spread: Floats | None = None

    @cached_property
    def _flat(self) -> tuple[Integers, Floats]:
        return self.rows * self.cells.shape[1], np.ascontiguousarray(self.cells).ravel()

    def at(self, first: Integers, second: Integers) -> Floats:
        """Look up the cells of these bins."""
        starts, flat = self._flat
        return flat.take(starts.take(first) + self.columns.take(second))


@dataclass(frozen=True, eq=False)
class Tables:
    """A whole model as look-ups, centred on its reference population.

    ``base`` is the mean margin (log-odds of default) of that population; ``mains[f][b]`` is what bin ``b`` of feature
    ``f`` adds; ``spread`` is the standard deviation of the same cells over the bags; ``shares[f][b]`` is the part of
    the reference population in the bin (for drift).
    """

    axes: tuple[Axis, ...]
    base: float
    mains: tuple[Floats, ...]
    spread: tuple[Floats, ...]
    shares: tuple[Floats, ...]
    pairs: tuple[Pair, ...]

    def bins(self, values: Floats) -> list[Integers]:
        """Give the bins of encoded rows, one array per feature."""
        return [axis.place(values[:, position]) for position, axis in enumerate(self.axes)]

    def margin(self, values: Floats) -> Floats:
        """Give the log-odds of default (before calibration) of encoded rows of shape (rows, features).

        Sums run feature by feature, never along a row, so that a row alone and in a batch agree to the last bit.
        """
        out = np.full(len(values), self.base)
        for block in _blocks(len(values)):
            bins = self.bins(values[block])
            for cells, placed in zip(self.mains, bins, strict=True):
                out[block] += cells.take(placed)
            for pair in self.pairs:
                out[block] += pair.at(bins[pair.first], bins[pair.second])
        return out

    def contributions(self, values: Floats) -> Floats:
        """Give each feature's Shapley value against the reference population, shape (rows, features).

        They are interventional and exact; with ``base`` they add up to the margin.
        """
        out = np.empty(values.shape, dtype=np.float64, order="F")
        for block in _blocks(len(values)):
            bins = self.bins(values[block])
            for position, cells in enumerate(self.mains):
                out[block, position] = cells.take(bins[position])
            for pair in self.pairs:
                half = pair.at(bins[pair.first], bins[pair.second])
                half *= 0.5
                out[block, pair.first] += half
                out[block, pair.second] += half
        return out

    @property
    def cells(self) -> int:
        """How many numbers the model consists of."""
        return sum(len(main) for main in self.mains) + sum(pair.cells.size for pair in self.pairs)

    def as_json(self) -> dict[str, Any]:
        """Give the tables as plain values; every float survives the round trip bit for bit."""
        return {
            "axes": [
                {"bins": axis.bins, "thresholds": None if axis.thresholds is None else axis.thresholds.tolist()}
                for axis in self.axes
            ],
            "base": self.base,
            "mains": [cells.tolist() for cells in self.mains],
            "spread": [cells.tolist() for cells in self.spread],
            "shares": [cells.tolist() for cells in self.shares],
            "pairs": [
                {
                    "features": [pair.first, pair.second],
                    "rows": pair.rows.tolist(),
                    "columns": pair.columns.tolist(),
                    "cells": pair.cells.tolist(),
                    "spread": None if pair.spread is None else pair.spread.tolist(),
                }
                for pair in self.pairs
            ],
        }

    @staticmethod
    def from_json(held: Mapping[str, Any]) -> Tables:
        """Read what :meth:`as_json` wrote; ``KeyError``, ``TypeError`` or ``ValueError`` if it is something else."""
        axes = tuple(
            Axis(None if entry["thresholds"] is None else _floats(entry["thresholds"]), int(entry["bins"]))
            for entry in held["axes"]
        )
        pairs = tuple(
            Pair(
                int(entry["features"][0]),
                int(entry["features"][1]),
                np.asarray(entry["rows"], dtype=np.int64),
                np.asarray(entry["columns"], dtype=np.int64),
                np.asarray(entry["cells"], dtype=np.float64),
                None if entry.get("spread") is None else np.asarray(entry["spread"], dtype=np.float64),
            )
            for entry in held["pairs"]
        )
        mains, spread, shares = (
            tuple(_floats(cells) for cells in held[name]) for name in ("mains", "spread", "shares")
        )
        return Tables(axes, float(held["base"]), mains, spread, shares, pairs)


def _floats(items: Sequence[float]) -> Floats:
    return np.asarray(items, dtype=np.float64)


def _blocks(rows: int) -> Iterator[slice]:
    for start in range(0, rows, BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, rows))
