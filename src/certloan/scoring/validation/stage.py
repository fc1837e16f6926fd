"""What every validation looks at: encoded rows that teach, rows that judge, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature, encode
from certloan.scoring.splits import Labels, Rows, Split, fold_of

Integers = NDArray[np.int64]

#: More training rows than this are not needed to tell what a column adds.
MOST_ROWS = 40_000
_SALT = 7001


@dataclass(frozen=True, eq=False)
class Stage:
    """Rows that teach and rows that judge, with the number of the enterprise behind each row.

    The same enterprise has the same number on both sides. Weights have mean 1 on each side.
    """

    features: tuple[ModelFeature, ...]
    train: Sample
    test: Sample
    firms_train: Integers
    firms_test: Integers
    recipe: Recipe

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows, defaults and enterprises of each side, for every report."""
        return {
            "n_train": len(self.train.defaulted),
            "defaults_train": int(np.count_nonzero(self.train.defaulted)),
            "enterprises_train": len(np.unique(self.firms_train)),
            "n_test": len(self.test.defaulted),
            "defaults_test": int(np.count_nonzero(self.test.defaulted)),
            "enterprises_test": len(np.unique(self.firms_test)),
        }

    def positions(self, names: Sequence[str]) -> list[int]:
        """Give the columns of the features called so, in the stage's order; names that are none are passed over."""
        wanted = set(names)
        return [at for at, feature in enumerate(self.features) if feature.name in wanted]


def set_stage(
    matrix: pa.Table,
    labels: Labels,
    one: Split,
    features: Sequence[ModelFeature],
    firms: pa.ChunkedArray | pa.Array,
    recipe: Recipe,
) -> Stage:
    """Encode the rows of both sides; ``firms`` names the enterprise of each row of ``matrix`` and ``labels``."""
    codes = numbered(firms)

    def side(rows: Rows) -> Sample:
        weights = labels.weights[rows]
        values = encode(matrix.take(pa.array(rows)), features)
        return Sample(values, labels.defaulted[rows], _scaled(weights), codes[rows])

    return Stage(tuple(features), side(one.train), side(one.test), codes[one.train], codes[one.test], recipe)


def thinned(stage: Stage, rows: int = MOST_ROWS) -> tuple[Stage, Integers]:
    """Give the stage with about ``rows`` training rows at most, whole enterprises, and the positions of those it keeps.

    Enough to tell what columns add; a figure that depends on the number of loans wants the whole stage.
    """
    everything = np.arange(len(stage.train.defaulted))
    parts = -(-len(everything) // rows)
    if parts < 2:
        return stage, everything
    dealt = fold_of(stage.train.defaulted, parts, (stage.recipe.seed, _SALT), stage.firms_train)
    kept = np.flatnonzero(dealt == 0)
    taken = stage.train.take(kept)
    train = replace(taken, weights=_scaled(taken.weights))
    return replace(stage, train=train, firms_train=stage.firms_train[kept]), kept


def numbered(names: pa.ChunkedArray | pa.Array) -> Integers:
    """Give each distinct name a number, in the order of first appearance.

    >>> numbered(pa.array(["b", "a", "b"])).tolist()
    [0, 1, 0]
    """
    held = names.combine_chunks() if isinstance(names, pa.ChunkedArray) else names
    return np.asarray(pc.dictionary_encode(held).indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _scaled(weights: Floats) -> Floats:
    return np.asarray(weights / weights.mean()) if len(weights) else weights
