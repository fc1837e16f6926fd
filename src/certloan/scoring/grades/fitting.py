"""Grades of a model from outcomes it has not learnt from: the master scale, merged where rates do not rise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.calibration import probability
from certloan.scoring.grades.grades import Grade, Grades
from certloan.scoring.grades.scale import MasterScale, newest_scale
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import rate_interval

Places = NDArray[np.intp]

#: Decimals of what a model keeps: its fingerprint must not hang on the last bit of a quantile.
_DECIMALS = 8


def fit_grades(margin: Floats, defaulted: Floats, weights: Floats, scale: MasterScale | None = None) -> Grades:
    """Grade calibrated log-odds of default on the master scale and look at what became of each grade.

    Adjacent grades whose observed rates do not rise are merged (pool adjacent violators, Ayer et al. 1955), and one
    that holds nobody joins its worse neighbour, the last one its better. Rows without a margin (NaN) or without weight
    do not count. ``ValueError`` when no row is left.
    """
    scale = scale or newest_scale()
    known = np.isfinite(margin) & (weights > 0)
    if not known.any():
        raise ValueError("no row to grade")
    pd, bad, counted = probability(margin[known]), defaulted[known], weights[known]
    at = np.searchsorted(np.array(scale.bounds[:-1]), pd, side="right")
    total: Floats = np.bincount(at, counted, len(scale.codes)).astype(np.float64)
    defaults: Floats = np.bincount(at, counted * bad, len(scale.codes)).astype(np.float64)
    return Grades(scale.id, tuple(_grade(scale, block, at, pd, bad, counted) for block in _pooled(defaults, total)))


def _pooled(defaults: Floats, total: Floats) -> list[tuple[int, int]]:
    """Give the first and last grade of each block whose rates rise strictly; nobody in a block is no rate."""
    blocks: list[tuple[int, int, float, float]] = []
    for place in range(len(total)):
        block = (place, place, float(defaults[place]), float(total[place]))
        while blocks and (blocks[-1][3] == 0 or (block[3] > 0 and not _rises(blocks[-1], block))):
            first, _, bad, n = blocks.pop()
            block = (first, block[1], bad + block[2], n + block[3])
        blocks.append(block)
    if len(blocks) > 1 and blocks[-1][3] == 0:
        last = blocks.pop()
        blocks[-1] = (blocks[-1][0], last[1], *blocks[-1][2:])
    return [(first, last) for first, last, _, _ in blocks]


def _rises(better: tuple[int, int, float, float], worse: tuple[int, int, float, float]) -> bool:
    return worse[2] * better[3] > better[2] * worse[3]


def _grade(scale: MasterScale, block: tuple[int, int], at: Places, pd: Floats, bad: Floats, weights: Floats) -> Grade:
    first, last = block
    inside = (at >= first) & (at <= last)
    rate = rate_interval(bad[inside], weights[inside])
    names = scale.codes[first : last + 1]
    return Grade(
        code=names[0] if first == last else f"{names[0]}-{names[-1]}",
        pd_from=scale.bounds[first - 1] if first else 0.0,
        pd_below=scale.bounds[last],
        n=int(inside.sum()),
        defaults=int(np.count_nonzero(bad[inside])),
        expected=round(float(np.average(pd[inside], weights=weights[inside])), _DECIMALS),
        rate=round(rate.value, _DECIMALS),
        rate_low=round(rate.low, _DECIMALS),
        rate_high=round(rate.high, _DECIMALS),
        of=names,
    )
