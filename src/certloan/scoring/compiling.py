"""From trees to tables: what makes the score a scorecard.

In a tree of depth 2 every leaf tests at most two features, so each leaf is a constant over a rectangle of their bins,
and the whole ensemble is a sum of one-way and two-way tables. Nothing is approximated: the only rounding is that of
adding the same leaf values in another order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.parts import Forest, Part, Sums
from certloan.scoring.tables import Axis, Pair, Tables

#: The parts of one bag, each with its share in the bag's margin.
Shares = Sequence[tuple[float, Part]]


def compile_boosters(
    model_texts: Sequence[str], features: Sequence[ModelFeature], values: Floats, weights: Floats
) -> Tables:
    """Compile the average of LightGBM models and centre it on the reference population ``values``, ``weights``.

    ``values`` are encoded rows; ``weights`` count each row. Raises ``ValueError`` for a tree that tests more than two
    features on one path.
    """
    return compile_bags([[(1.0, Forest(text))] for text in model_texts], features, values, weights)


def compile_bags(bags: Sequence[Shares], features: Sequence[ModelFeature], values: Floats, weights: Floats) -> Tables:
    """Compile the average of bags, each a sum of parts times their shares, and centre it on the reference population.

    The bags' standard deviation becomes the tables' ``spread``.
    """
    axes = _axes([part for bag in bags for _, part in bag], features)
    sums = [_added(bag, axes) for bag in bags]
    bins = [axis.place(values[:, position]) for position, axis in enumerate(axes)]
    shares = tuple(
        np.bincount(placed, weights, axis.bins) / weights.sum() for placed, axis in zip(bins, axes, strict=True)
    )
    mean = Sums.nothing(axes)
    for one in sums:
        mean.add(one, 1.0 / len(sums))
    mains, base, purified = _purify(mean, shares)
    alone = [_purify(one, shares) for one in sums] if len(sums) > 1 else []
    told = [{(pair.first, pair.second): pair for pair in held} for *_, held in alone]
    pairs = []
    for pair in purified:
        # Purified against the two margins taken alone; what the *joint* population still averages to goes to the base.
        average = float(np.average(pair.at(bins[pair.first], bins[pair.second]), weights=weights))
        base += average
        pairs.append(replace(pair, cells=pair.cells - average, spread=_pair_spread(pair, told)))
    spread = _spread([mains_alone for mains_alone, *_ in alone]) if alone else [np.zeros_like(main) for main in mains]
    tables = Tables(axes, base, tuple(mains), tuple(spread), shares, tuple(pairs))
    return _neutral_where_never_missing(tables, features)


def _axes(parts: Sequence[Part], features: Sequence[ModelFeature]) -> tuple[Axis, ...]:
    cuts: list[set[float]] = [set() for _ in features]
    for part in parts:
        for feature, cut in part.cuts():
            cuts[feature].add(cut)
    return tuple(
        Axis.of_number(np.array(sorted(cut))) if feature.levels is None else Axis.of_levels(len(feature.levels))
        for cut, feature in zip(cuts, features, strict=True)
    )


def _added(bag: Shares, axes: Sequence[Axis]) -> Sums:
    total = Sums.nothing(axes)
    for share, part in bag:
        total.add(part.sums(axes), share)
    return total


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
    return [np.std([bag[f] for bag in bags], axis=0, ddof=1) for f in range(len(bags[0]))]


def _pair_spread(pair: Pair, bags: Sequence[Mapping[tuple[int, int], Pair]]) -> Floats | None:
    """Give how far the bags disagree about each cell; a bag without the pair says nothing of it."""
    if not bags:
        return None
    rows, columns = (np.unique(codes, return_index=True)[1] for codes in (pair.rows, pair.columns))
    told = np.zeros((len(bags), *pair.cells.shape))
    for number, held in enumerate(bags):
        own = held.get((pair.first, pair.second))
        if own is not None:
            told[number] = own.cells[np.ix_(own.rows[rows], own.columns[columns])]
    return np.asarray(np.std(told, axis=0, ddof=1))


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
        rows, columns = pair.rows.copy(), pair.columns.copy()
        more = (int(pair.first in unseen), int(pair.second in unseen))
        if more[0]:
            rows[-1] = len(pair.cells)
        if more[1]:
            columns[-1] = pair.cells.shape[1]
        beyond = ((0, more[0]), (0, more[1]))
        bars = None if pair.spread is None else np.pad(pair.spread, beyond)
        pairs[at] = replace(pair, rows=rows, columns=columns, cells=np.pad(pair.cells, beyond), spread=bars)
    return Tables(tables.axes, tables.base, tuple(mains), tuple(spread), tables.shares, tuple(pairs))
