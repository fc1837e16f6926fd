"""One pair as it is printed: rows and columns that say the same, or nearly, joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from certloan.features.spec import Spec
from certloan.report.scorecard.card import Told, Two
from certloan.report.scorecard.labels import axis_told
from certloan.report.scorecard.observed import Observed
from certloan.scoring.bundle import Bundle
from certloan.scoring.export.groups import Groups, joined
from certloan.scoring.matrix import Floats
from certloan.scoring.tables import Integers, Pair


@dataclass(frozen=True, eq=False)
class PrintedPair:
    """The table for people, and the same as the score would read it (in log-odds)."""

    two: Two
    pair: Pair


def printed_pair(
    bundle: Bundle,
    pair: Pair,
    specs: Mapping[str, Spec],
    observed: Observed | None,
    bins: Sequence[Integers] | None,
    most: float,
    *,
    full: bool,
) -> PrintedPair:
    """Join rows, then columns, whose every cell lies within its error bar of the common one.

    ``full`` joins only what says exactly the same. A model without bags has no error bars, so that nothing else is
    joined there either.
    """
    tables, per_margin = bundle.tables, bundle.points_per_margin
    cells = pair.cells[np.ix_(pair.rows, pair.columns)]
    held = pair.spread
    spread = np.zeros_like(cells) if held is None else held[np.ix_(pair.rows, pair.columns)]
    bars = np.zeros_like(cells) if full else spread
    shares = tables.shares[pair.first], tables.shares[pair.second]
    bars = np.minimum(bars, most)
    rows = _joined(cells, bars, shares[0], pair.rows, by_code=bundle.features[pair.first].categorical)
    by_row = _averaged(bars, rows, shares[0])
    columns = _joined(
        rows.values.T, by_row.T, shares[1], pair.columns, by_code=bundle.features[pair.second].categorical
    )
    common = columns.values.T
    row_of, column_of = _number_of(rows, len(cells)), _number_of(columns, cells.shape[1])
    counted = _counted(pair, row_of, column_of, common.shape, observed, bins)
    error = _averaged(_averaged(spread, rows, shares[0]).T, columns, shares[1]).T * abs(per_margin)
    told = [_told(bundle, at, specs) for at in (pair.first, pair.second)]
    weight = float(np.sqrt(shares[0] @ cells**2 @ shares[1])) * abs(per_margin)
    two = Two(
        first=bundle.names[pair.first],
        second=bundle.names[pair.second],
        label_first=told[0],
        label_second=told[1],
        weight=weight,
        rows=_labels(bundle, pair.first, rows, specs),
        columns=_labels(bundle, pair.second, columns, specs),
        points=_plain(common * per_margin),
        error=() if held is None else _plain(error),
        n=counted[0],
        defaults=counted[1],
    )
    return PrintedPair(two, Pair(pair.first, pair.second, row_of, column_of, common))


def _joined(cells: Floats, bars: Floats, shares: Floats, codes: Integers, *, by_code: bool) -> Groups:
    missing = len(cells) - 1
    order = sorted(range(missing), key=lambda bin_: (int(codes[bin_]) if by_code else 0, bin_))
    found = joined(cells, bars, shares, order)
    return Groups((*found.members, (missing,)), np.vstack([found.values, cells[missing]]))


def _averaged(cells: Floats, groups: Groups, shares: Floats) -> Floats:
    weights = shares + 1e-9
    return np.array(
        [np.average(cells[list(members)], axis=0, weights=weights[list(members)]) for members in groups.members]
    )


def _number_of(groups: Groups, size: int) -> Integers:
    number_of = np.empty(size, dtype=np.int64)
    for number, members in enumerate(groups.members):
        number_of[list(members)] = number
    return number_of


def _counted(
    pair: Pair,
    row_of: Integers,
    column_of: Integers,
    shape: tuple[int, ...],
    observed: Observed | None,
    bins: Sequence[Integers] | None,
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    if observed is None or bins is None:
        return (), ()
    place = row_of[bins[pair.first]] * shape[1] + column_of[bins[pair.second]]
    size = shape[0] * shape[1]
    n = np.bincount(place, minlength=size).reshape(shape)
    bad = np.bincount(place, observed.defaulted > 0, size).reshape(shape)
    return _whole(n), _whole(bad)


def _labels(bundle: Bundle, at: int, groups: Groups, specs: Mapping[str, Spec]) -> tuple[Told, ...]:
    thresholds = bundle.tables.axes[at].thresholds
    return axis_told(specs.get(bundle.names[at]), bundle.features[at], thresholds, groups)


def _told(bundle: Bundle, at: int, specs: Mapping[str, Spec]) -> Told:
    spec = specs.get(bundle.names[at])
    return Told(bundle.names[at], bundle.names[at]) if spec is None else Told(spec.zh, spec.en)


def _plain(cells: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in cells)


def _whole(cells: Floats | Integers) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(value) for value in row) for row in cells)
