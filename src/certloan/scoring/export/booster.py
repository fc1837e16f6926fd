"""A whole bundle as one native LightGBM model, so that any LightGBM in any language gives its probabilities.

Each one-way table becomes a balanced tree over its bins, each pair a tree over both features, and the base with the
calibrator's offset a tree of a single leaf. The model reads encoded rows (:func:`certloan.scoring.matrix.encode`: a
text is a number there), and its raw score is the calibrated log-odds of default of any bundle, whatever its tables
were made of. Missing is NaN and parts from the values at the root.

LightGBM reads a number within 1e-35 of zero as zero; nothing else differs from the tables.

The format is that of LightGBM's ``GBDT::SaveModelToString``, version 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from certloan.scoring.bundle import Bundle
from certloan.scoring.export.stepwise import runs
from certloan.scoring.matrix import Floats
from certloan.scoring.tables import Integers, Pair, Tables

#: ``decision_type`` of a node over a number whose missing value is NaN and goes right (``include/LightGBM/tree.h``).
_NAN_GOES_RIGHT = 8
#: Counts of rows that a tree states for its leaves; only LightGBM's own attribution reads them.
_ROWS = 1_000_000
#: What may not stand in a feature's name: LightGBM parts its names by blanks and writes them into JSON.
_UNNAMEABLE = re.compile(r"[\s\[\]{}\":,]+")

_HEAD = """tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx={last}
objective=binary sigmoid:1
feature_names={names}
feature_infos={infos}
tree_sizes={sizes}

"""
_TAIL = """end of trees

feature_importances:

parameters:
end of parameters

pandas_categorical:null
"""


def as_booster(bundle: Bundle) -> str:
    """Write the bundle as LightGBM's text; its raw score is the calibrated log-odds of default of an encoded row.

    Columns are the bundle's features in order. A name that LightGBM cannot hold is written with underscores.
    """
    fitted, tables = bundle.calibrator, bundle.tables
    constant = float(fitted.apply(np.array([tables.base]))[0])
    trees = [_alone(constant)]
    trees += [_main(tables, at, fitted.slope) for at, cells in enumerate(tables.mains) if np.any(cells)]
    trees += [_pair(tables, pair, fitted.slope) for pair in tables.pairs if np.any(pair.cells)]
    blocks = [f"Tree={number}\n{tree}\n\n\n" for number, tree in enumerate(trees)]
    head = _HEAD.format(
        last=len(bundle.features) - 1,
        names=" ".join(_named(bundle.names)),
        infos=" ".join("none" for _ in bundle.features),
        sizes=" ".join(str(len(block.encode())) for block in blocks),
    )
    return head + "".join(blocks) + _TAIL


@dataclass(eq=False)
class _Tree:
    """A tree that is being built; a child below 0 is the leaf ``-child - 1``."""

    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    leaf: list[float] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)

    def add_leaf(self, value: float, weight: float) -> int:
        self.leaf.append(value)
        self.weight.append(weight)
        return -len(self.leaf)

    def add_node(self, feature: int, threshold: float) -> int:
        self.feature.append(feature)
        self.threshold.append(threshold)
        self.left.append(0)
        self.right.append(0)
        return len(self.feature) - 1

    def over(self, feature: int, uppers: Sequence[float], below: Sequence[_Branch], missing: _Branch) -> int:
        """Part missing at the root and the values by halves under it; give the root."""
        root = self.add_node(feature, np.inf)
        self.left[root] = self._halved(feature, uppers, below)
        self.right[root] = missing.grow(self)
        return root

    def _halved(self, feature: int, uppers: Sequence[float], below: Sequence[_Branch]) -> int:
        if len(below) == 1:
            return below[0].grow(self)
        half = len(below) // 2
        node = self.add_node(feature, uppers[half - 1])
        self.left[node] = self._halved(feature, uppers[:half], below[:half])
        self.right[node] = self._halved(feature, uppers[half:], below[half:])
        return node

    def written(self) -> str:
        """Give LightGBM's text of this tree, without its number."""
        counts = [max(1, round(_ROWS * weight)) for weight in self.weight]
        inner = self._counts_of_nodes(counts)
        nodes = len(self.feature)
        lines: dict[str, Sequence[object]] = {
            "num_leaves": [len(self.leaf)],
            "num_cat": [0],
            "split_feature": self.feature,
            "split_gain": [0] * nodes,
            "threshold": [repr(value) for value in self.threshold],
            "decision_type": [_NAN_GOES_RIGHT] * nodes,
            "left_child": self.left,
            "right_child": self.right,
            "leaf_value": [repr(value) for value in self.leaf],
            "leaf_weight": counts,
            "leaf_count": counts,
            "internal_value": [0] * nodes,
            "internal_weight": inner,
            "internal_count": inner,
            "is_linear": [0],
            "shrinkage": [1],
        }
        return "\n".join(f"{name}={' '.join(map(str, values))}" for name, values in lines.items())

    def _counts_of_nodes(self, leaves: Sequence[int]) -> list[int]:
        counts = [0] * len(self.feature)
        # Children are always added after their node, so the last nodes come first.
        for node in reversed(range(len(self.feature))):
            for child in (self.left[node], self.right[node]):
                counts[node] += leaves[-child - 1] if child < 0 else counts[child]
        return counts


class _Branch(Protocol):
    """What hangs under an edge: grown when its place in the tree is known."""

    def grow(self, tree: _Tree) -> int:
        """Add it to the tree and give its number there."""
        ...


@dataclass(frozen=True)
class _Leaf:
    value: float
    weight: float

    def grow(self, tree: _Tree) -> int:
        return tree.add_leaf(self.value, self.weight)


@dataclass(frozen=True)
class _Over:
    """A further question, about another feature."""

    feature: int
    uppers: tuple[float, ...]
    below: tuple[_Branch, ...]
    missing: _Branch

    def grow(self, tree: _Tree) -> int:
        return tree.over(self.feature, self.uppers, self.below, self.missing)


def _alone(value: float) -> str:
    tree = _Tree()
    tree.add_leaf(value, 1.0)
    return tree.written()


def _main(tables: Tables, feature: int, slope: float) -> str:
    codes, values = _by_value(tables.mains[feature] * slope)
    return _grown(_over(tables, feature, codes, values, tables.shares[feature]))


def _pair(tables: Tables, pair: Pair, slope: float) -> str:
    """Ask for the row, then for the column; columns that a row does not tell apart are asked for together."""
    cells, axis = pair.cells * slope, tables.axes[pair.first]
    shares = tables.shares[pair.first]
    in_rows = np.bincount(pair.rows, shares, len(cells))
    columns = [
        _over(tables, pair.second, *_by_value(row[pair.columns]), tables.shares[pair.second] * in_rows[at])
        for at, row in enumerate(cells)
    ]
    told = runs(axis, pair.rows)
    below = tuple(columns[run.label] for run in told)
    uppers = tuple(run.upper for run in told[:-1])
    return _grown(_Over(pair.first, uppers, below, columns[int(pair.rows[axis.missing])]))


def _by_value(cells: Floats) -> tuple[Integers, Floats]:
    values, codes = np.unique(cells, return_inverse=True)
    return codes, values


def _over(tables: Tables, feature: int, codes: Integers, values: Floats, shares: Floats) -> _Over:
    axis = tables.axes[feature]
    told = runs(axis, codes)
    # Other texts share the missing bin and are counted there.
    valued = [float(share) for share in shares[: axis.missing]] + [0.0]
    below = tuple(_Leaf(float(values[run.label]), sum(valued[bin_] for bin_ in run.bins)) for run in told)
    missing = _Leaf(float(values[int(codes[axis.missing])]), float(shares[axis.missing]))
    return _Over(feature, tuple(run.upper for run in told[:-1]), below, missing)


def _grown(question: _Over) -> str:
    tree = _Tree()
    question.grow(tree)
    return tree.written()


def _named(names: Sequence[str]) -> list[str]:
    """Give names that LightGBM can hold and that differ from each other."""
    told: list[str] = []
    for number, name in enumerate(names):
        plain = _UNNAMEABLE.sub("_", name) or f"Column_{number}"
        told.append(f"{plain}_{number}" if plain in told else plain)
    return told
