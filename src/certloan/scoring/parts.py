"""What a model is added up from: trees and steps, each read as one-way and two-way tables over common bins.

A sum of table models, each times a number, is a table model. That is all that blending needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats
from certloan.scoring.tables import Axis
from certloan.scoring.trees import Tree, parse_trees

Mask = NDArray[np.bool_]


@dataclass(eq=False)
class Sums:
    """The tables of one model before centring: ``constant`` + mains + pairs = its margin."""

    mains: list[Floats]
    constant: float = 0.0
    pairs: dict[tuple[int, int], Floats] = field(default_factory=dict)

    @staticmethod
    def nothing(axes: Sequence[Axis]) -> Sums:
        """Tables full of zeros."""
        return Sums([np.zeros(axis.bins) for axis in axes])

    def add(self, other: Sums, share: float) -> None:
        """Add ``share`` times another model over the same bins."""
        for cells, added in zip(self.mains, other.mains, strict=True):
            cells += share * added
        self.constant += share * other.constant
        for key, table in sorted(other.pairs.items()):
            held = self.pairs.get(key)
            self.pairs[key] = share * table if held is None else held + share * table


class Part(Protocol):
    """A model that can be written as tables."""

    def cuts(self) -> Iterator[tuple[int, float]]:
        """Give every (feature, number) up to which the model treats the feature's values alike."""

    def sums(self, axes: Sequence[Axis]) -> Sums:
        """Write the model over bins that hold all its cuts."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column that trees read: a feature as it is, or (``of_level``) a number in place of each level of a text.

    The last number of ``of_level`` stands for every other text and for none at all.
    """

    feature: int
    of_level: Floats | None = None

    def read(self, values: Floats) -> Floats:
        """Give the column for encoded rows of shape (rows, features)."""
        read = values[:, self.feature]
        return read if self.of_level is None else np.asarray(self.of_level[read.astype(np.int64)])

    def inside(self, axis: Axis) -> Floats:
        """Give what the column holds inside each bin of its feature."""
        return representatives(axis) if self.of_level is None else self.of_level


@dataclass(frozen=True, eq=False)
class Forest:
    """A LightGBM text model over columns; features in order where ``columns`` is ``None``."""

    text: str
    columns: tuple[Column, ...] | None = None

    @cached_property
    def _trees(self) -> list[Tree]:
        return parse_trees(self.text)

    def _column(self, position: int) -> Column:
        return Column(position) if self.columns is None else self.columns[position]

    def cuts(self) -> Iterator[tuple[int, float]]:
        """Give the thresholds on features that are read as they are; a text has no cuts."""
        for tree in self._trees:
            for node, position in enumerate(tree.feature):
                column = self._column(position)
                if column.of_level is None:
                    for cut in tree.cuts(node):
                        yield column.feature, cut

    def read(self, values: Floats) -> Floats:
        """Give encoded rows as the trees read them."""
        if self.columns is None or all(column.of_level is None for column in self.columns):
            return values
        return np.asfortranarray(np.column_stack([column.read(values) for column in self.columns]))

    def pairs(self) -> set[tuple[int, int]]:
        """Give every two features that stand on one path."""
        found = set()
        for tree in self._trees:
            for parent, children in enumerate(zip(tree.left, tree.right, strict=True)):
                for child in children:
                    if child >= 0:
                        ends = {self._column(tree.feature[node]).feature for node in (parent, child)}
                        if len(ends) == 2:
                            found.add((min(ends), max(ends)))
        return found

    def sums(self, axes: Sequence[Axis]) -> Sums:
        """Add every leaf to the rectangle of bins that reaches it; ``ValueError`` for a path of three features."""
        columns = self.columns or tuple(Column(position) for position in range(len(axes)))
        inside = [column.inside(axes[column.feature]) for column in columns]
        sums = Sums.nothing(axes)
        for tree in self._trees:
            for value, path in _leaves(tree, columns, inside):
                _add_leaf(sums, value, path)
        return sums


@dataclass(frozen=True, eq=False)
class Steps:
    """Step functions of one feature each, over bins of their own (``axes``), and a constant."""

    axes: tuple[Axis, ...]
    cells: tuple[Floats, ...]
    constant: float

    def cuts(self) -> Iterator[tuple[int, float]]:
        """Give the edges of the bins."""
        for feature, axis in enumerate(self.axes):
            for cut in () if axis.thresholds is None else axis.thresholds:
                yield feature, float(cut)

    def margin(self, values: Floats) -> Floats:
        """Give the log-odds of encoded rows."""
        out = np.full(len(values), self.constant)
        for feature, (axis, cells) in enumerate(zip(self.axes, self.cells, strict=True)):
            out += cells.take(axis.place(values[:, feature]))
        return out

    def sums(self, axes: Sequence[Axis]) -> Sums:
        """Look every common bin up among the bins of these steps."""
        mains = [
            cells.take(own.place(representatives(axis)))
            for own, cells, axis in zip(self.axes, self.cells, axes, strict=True)
        ]
        return Sums(mains, self.constant)


def representatives(axis: Axis) -> Floats:
    """One value inside each bin: its upper end, infinity for the last, NaN for missing; a text's own code."""
    if axis.thresholds is None:
        return np.arange(axis.bins, dtype=np.float64)
    return np.concatenate([axis.thresholds, [np.inf, np.nan]])


def _leaves(tree: Tree, columns: Sequence[Column], inside: Sequence[Floats]) -> Iterator[tuple[float, dict[int, Mask]]]:
    """Give each leaf's value and, for each feature tested on the way to it, which bins reach it."""
    if not tree.feature:
        yield tree.leaf_value[0], {}
        return
    waiting: list[tuple[int, dict[int, Mask]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        if node < 0:
            yield tree.leaf_value[-node - 1], path
            continue
        position = tree.feature[node]
        feature, left = columns[position].feature, tree.goes_left(node, inside[position])
        reached = path.get(feature, np.ones_like(left))
        waiting.append((tree.left[node], {**path, feature: reached & left}))
        waiting.append((tree.right[node], {**path, feature: reached & ~left}))


def _add_leaf(sums: Sums, value: float, path: dict[int, Mask]) -> None:
    match sorted(path):
        case []:
            sums.constant += value
        case [only]:
            sums.mains[only][path[only]] += value
        case [first, second]:
            table = sums.pairs.get((first, second))
            if table is None:
                table = sums.pairs[first, second] = np.zeros((len(path[first]), len(path[second])))
            table[np.ix_(path[first], path[second])] += value
        case tested:
            raise ValueError(f"a leaf tests {len(tested)} features; tables hold at most two")
