"""From trees to tables: what makes the score a scorecard.

In a tree of depth 2 every leaf tests at most two features, so each leaf is a constant over a rectangle of their bins,
and the whole ensemble is a sum of one-way and two-way tables. Nothing is approximated: the only rounding is that of
adding the same leaf values in another order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.tables import Axis, Pair, Tables
from certloan.scoring.trees import Tree, parse_trees

Mask = NDArray[np.bool_]


@dataclass(eq=False)
class Sums:
    """The tables of one ensemble before centring: ``constant`` + mains + pairs = its raw score."""

    mains: list[Floats]
    constant: float = 0.0
    pairs: dict[tuple[int, int], Floats] = field(default_factory=dict)


def compile_boosters(
    model_texts: Sequence[str], features: Sequence[ModelFeature], values: Floats, weights: Floats
) -> Tables:
    """Compile the average of LightGBM models and centre it on the reference population ``values``, ``weights``.

    ``values`` are encoded rows; ``weights`` count each row. Raises ``ValueError`` for a tree that tests more than two
    features on one path.
    """
    bags = [parse_trees(text) for text in model_texts]
    axes = _axes([tree for trees in bags for tree in trees], features)
    sums = [_add_up(trees, axes) for trees in bags]
    bins = [axis.place(values[:, position]) for position, axis in enumerate(axes)]
    shares = tuple(
        np.bincount(placed, weights, axis.bins) / weights.sum() for placed, axis in zip(bins, axes, strict=True)
    )
    mains, base, purified = _purify(_mean(sums), shares)
    pairs = []
    for pair in purified:
        # Purified against the two margins taken alone; what the *joint* population still averages to goes to the base.
        mean = float(np.average(pair.at(bins[pair.first], bins[pair.second]), weights=weights))
        base += mean
        pairs.append(replace(pair, cells=pair.cells - mean))
    spread = _spread([_purify(one, shares)[0] for one in sums])
    tables = Tables(axes, base, tuple(mains), tuple(spread), shares, tuple(pairs))
    return _neutral_where_never_missing(tables, features)


def _axes(trees: Sequence[Tree], features: Sequence[ModelFeature]) -> tuple[Axis, ...]:
    cuts: list[set[float]] = [set() for _ in features]
    for tree in trees:
        for node, feature in enumerate(tree.feature):
            cuts[feature].update(tree.cuts(node))
    return tuple(
        Axis.of_number(np.array(sorted(cut))) if feature.levels is None else Axis.of_levels(len(feature.levels))
        for cut, feature in zip(cuts, features, strict=True)
    )


def _representatives(axis: Axis) -> Floats:
    """One value inside each bin: its upper end, infinity for the last, NaN for missing; a text's own code."""
    if axis.thresholds is None:
        return np.arange(axis.bins, dtype=np.float64)
    return np.concatenate([axis.thresholds, [np.inf, np.nan]])


def _add_up(trees: Sequence[Tree], axes: Sequence[Axis]) -> Sums:
    inside = [_representatives(axis) for axis in axes]
    sums = Sums([np.zeros(axis.bins) for axis in axes])
    for tree in trees:
        for value, path in _leaves(tree, inside):
            _add_leaf(sums, value, path)
    return sums


def _leaves(tree: Tree, inside: Sequence[Floats]) -> Iterator[tuple[float, dict[int, Mask]]]:
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
        feature = tree.feature[node]
        left = tree.goes_left(node, inside[feature])
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


def _mean(sums: Sequence[Sums]) -> Sums:
    mean = Sums([np.mean([one.mains[f] for one in sums], axis=0) for f in range(len(sums[0].mains))])
    mean.constant = float(np.mean([one.constant for one in sums]))
    for key in sorted({key for one in sums for key in one.pairs}):
        held = [one.pairs[key] for one in sums if key in one.pairs]
        mean.pairs[key] = np.add.reduce(held) / len(sums)
    return mean


def _purify(sums: Sums, shares: Sequence[Floats]) -> tuple[list[Floats], float, list[Pair]]:
    """Move into the mains what a pair says of one feature alone, and into the constant what a main says of nobody."""
    mains = [cells.copy() for cells in sums.mains]
    constant = sums.constant
    pairs = []
    for (first, second), table in sorted(sums.pairs.items()):
        pair = _compress(first, second, table)
        in_rows = np.bincount(pair.rows, shares[first], pair.cells.shape[0])
        in_columns = np.bincount(pair.columns, shares[second], pair.cells.shape[1])
        by_row, by_column = pair.cells @ in_columns, in_rows @ pair.cells
        mean = float(in_rows @ by_row)
        mains[first] += (by_row - mean)[pair.rows]
        mains[second] += (by_column - mean)[pair.columns]
        constant += mean
        pairs.append(replace(pair, cells=pair.cells - by_row[:, None] - by_column[None, :] + mean))
    for position, cells in enumerate(mains):
        mean = float(shares[position] @ cells)
        mains[position] = cells - mean
        constant += mean
    return mains, constant, pairs


def _spread(bags: Sequence[Sequence[Floats]]) -> list[Floats]:
    if len(bags) < 2:
        return [np.zeros_like(cells) for cells in bags[0]]
    return [np.std([bag[f] for bag in bags], axis=0, ddof=1) for f in range(len(bags[0]))]


def _compress(first: int, second: int, table: Floats) -> Pair:
    """Let bins that no tree of the pair tells apart share a row or a column."""
    kept_rows, rows = np.unique(table, axis=0, return_inverse=True)
    kept_columns, columns = np.unique(kept_rows.T, axis=0, return_inverse=True)
    return Pair(first, second, rows.ravel(), columns.ravel(), np.ascontiguousarray(kept_columns.T))


def _neutral_where_never_missing(tables: Tables, features: Sequence[ModelFeature]) -> Tables:
    """Score a value as average when it is missing now and never was in training.

    LightGBM would read it as 0.0, a claim about the applicant that nobody made.
    """
    mains, spread, pairs = list(tables.mains), list(tables.spread), list(tables.pairs)
    unseen = {position for position, feature in enumerate(features) if not feature.missing_seen}
    for position in unseen:
        mains[position] = mains[position].copy()
        spread[position] = spread[position].copy()
        mains[position][-1] = spread[position][-1] = 0.0
    for at, pair in enumerate(pairs):
        rows, columns, cells = pair.rows.copy(), pair.columns.copy(), pair.cells
        if pair.first in unseen:
            rows[-1] = len(cells)
            cells = np.vstack([cells, np.zeros((1, cells.shape[1]))])
        if pair.second in unseen:
            columns[-1] = cells.shape[1]
            cells = np.hstack([cells, np.zeros((len(cells), 1))])
        pairs[at] = Pair(pair.first, pair.second, rows, columns, cells)
    return Tables(tables.axes, tables.base, tuple(mains), tuple(spread), tables.shares, tuple(pairs))
