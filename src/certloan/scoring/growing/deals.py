"""How the rows are dealt into parts: each bag sets one part aside, and a deal sets every row aside once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.splits import ever_defaulted

#: Parts that the rows are dealt into when there are bags enough to hear them all; fewer bags deal fewer parts.
PARTS, _LEAST_PARTS = 8, 5


def parts_of(sample: Sample, recipe: Recipe, bag: int = 0) -> NDArray[np.int64]:
    """Give the part of each row in the deal that ``bag`` belongs to; the bag learns nothing of its own part."""
    parts = how_many_parts(sample, recipe)
    deal = bag // parts
    # numpy takes a seed that ends in 0 for the same seed without it.
    return sample.fold(parts, recipe.seed if deal == 0 else (recipe.seed, deal))


def aside_of(sample: Sample, recipe: Recipe, bag: int) -> NDArray[np.bool_]:
    """Tell which rows ``bag`` sets aside."""
    return np.asarray(parts_of(sample, recipe, bag) == bag % how_many_parts(sample, recipe))


def how_many_parts(sample: Sample, recipe: Recipe) -> int:
    """Give into how many parts the rows are dealt: no part may be without a row of the rarer class."""
    wanted = PARTS if recipe.bags is None else int(np.clip(recipe.bags, _LEAST_PARTS, PARTS))
    bad = int(np.count_nonzero(sample.defaulted))
    least = min(bad, len(sample.defaulted) - bad)
    if sample.groups is not None:
        # A part is dealt enterprises: each wants one that ever defaulted and one that was ever good.
        least = min(
            int(ever_defaulted(outcome, sample.groups)[0].sum())
            for outcome in (sample.defaulted, 1.0 - sample.defaulted)
        )
    return int(np.clip(least, 2, wanted))
