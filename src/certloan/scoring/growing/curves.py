"""The smooth part of every bag, as stiff as the rows that the bags set aside like it best."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.growing.boosters import WORKERS
from certloan.scoring.growing.deals import aside_of
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.growing.smooth import PENALTIES, fit_smooth
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.parts import Steps
from certloan.scoring.splits import fold_of
from certloan.scoring.tables import Axis

#: Curves need no more rows than this; where there are more, each bag reads its own.
_MOST_ROWS = 20_000
_SALT = 15485863

#: Which features each bag may read, of shape (bags, features).
Masks = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Curves:
    """The curves of each bag, their unseen margins (NaN where no bag set a row aside) and their stiffness."""

    steps: tuple[Steps, ...]
    unseen: Floats
    penalty: float


def draw_curves(
    sample: Sample, features: Sequence[ModelFeature], recipe: Recipe, bags: int, reads: Masks | None = None
) -> Curves:
    """Fit every bag with every penalty and keep the penalty with the smallest log-loss on set-aside rows.

    ``reads`` tells for each bag which features it may read, all where it is ``None``; the others' steps are all zero.
    """

    def fit(bag: int) -> list[Steps]:
        learn = _at_most(sample.take(~aside_of(sample, recipe, bag)), (recipe.seed, _SALT, bag + 1))
        if reads is None:
            return fit_smooth(learn, features)
        read = np.flatnonzero(reads[bag]).tolist()
        found = fit_smooth(learn.of_columns(read), [features[at] for at in read])
        return [_widened(steps, read, features) for steps in found]

    with ThreadPoolExecutor(WORKERS) as pool:
        fitted = list(pool.map(fit, range(bags)))
    total = np.zeros((len(PENALTIES), len(sample.defaulted)))
    heard = np.zeros(len(sample.defaulted))
    for bag, by_penalty in enumerate(fitted):
        aside = aside_of(sample, recipe, bag)
        heard[aside] += 1
        for at, steps in enumerate(by_penalty):
            total[at, aside] += steps.margin(sample.values[aside])
    unseen = np.divide(total, heard, out=np.full(total.shape, np.nan), where=heard > 0)
    best = int(np.argmin([np.nansum(sample.surprise(margin)) for margin in unseen]))
    return Curves(tuple(by_penalty[best] for by_penalty in fitted), unseen[best], PENALTIES[best])


def _widened(steps: Steps, read: Sequence[int], features: Sequence[ModelFeature]) -> Steps:
    """Put steps of zero in the place of every feature that was not read."""
    axes = [
        Axis.of_number(np.empty(0)) if feature.levels is None else Axis.of_levels(len(feature.levels))
        for feature in features
    ]
    cells = [np.zeros(axis.bins) for axis in axes]
    for at, axis, own in zip(read, steps.axes, steps.cells, strict=True):
        axes[at], cells[at] = axis, own
    return Steps(tuple(axes), tuple(cells), steps.constant)


def _at_most(sample: Sample, seed: Sequence[int]) -> Sample:
    parts = -(-len(sample.defaulted) // _MOST_ROWS)
    return sample if parts < 2 else sample.take(fold_of(sample.defaulted, parts, seed) == 0)
