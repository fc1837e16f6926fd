"""The smooth part of every bag, as stiff as the rows that the bags set aside like it best."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from certloan.scoring.growing.boosters import WORKERS, aside_of
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.growing.smooth import PENALTIES, fit_smooth
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.parts import Steps
from certloan.scoring.splits import fold_of

#: Curves need no more rows than this; where there are more, each bag reads its own.
_MOST_ROWS = 20_000
_SALT = 15485863


@dataclass(frozen=True, eq=False)
class Curves:
    """The curves of each bag, their unseen margins (NaN where no bag set a row aside) and their stiffness."""

    steps: tuple[Steps, ...]
    unseen: Floats
    penalty: float


def draw_curves(sample: Sample, features: Sequence[ModelFeature], recipe: Recipe, bags: int) -> Curves:
    """Fit every bag with every penalty and keep the penalty with the smallest log-loss on set-aside rows."""

    def fit(bag: int) -> list[Steps]:
        return fit_smooth(
            _at_most(sample.take(~aside_of(sample, recipe, bag)), (recipe.seed, _SALT, bag + 1)), features
        )

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


def _at_most(sample: Sample, seed: Sequence[int]) -> Sample:
    parts = -(-len(sample.defaulted) // _MOST_ROWS)
    return sample if parts < 2 else sample.take(fold_of(sample.defaulted, parts, seed) == 0)
