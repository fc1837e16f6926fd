"""Made rows with a known mechanism, for planting lies in."""

from __future__ import annotations

import numpy as np

from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature

#: Few rounds of big steps: what the tests ask of a model does not need more.
FAST = Recipe(bags=4, pairs=2, rounds=60, patience=8, learning_rate=0.2, screen=False)


def honest(rows: int = 2000, seed: int = 1, columns: int = 6, strength: float = 0.7) -> tuple[Sample, Floats]:
    """Give rows whose first three columns tell (the first is good evidence, the others bad), and their true log-odds."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, columns))
    margin = -1.5 + strength * (-values[:, 0] + values[:, 1] + 0.5 * values[:, 2])
    defaulted = (random.random(rows) < probability(margin)).astype(float)
    return Sample(np.asfortranarray(values), defaulted, np.ones(rows)), margin


def features(columns: int = 6) -> tuple[ModelFeature, ...]:
    """Describe those columns; the first two have a direction."""
    directions = (+1, -1)
    return tuple(ModelFeature(f"x{at}", directions[at] if at < 2 else 0) for at in range(columns))


def beside(sample: Sample, *columns: Floats) -> Sample:
    """Give the same rows with further columns."""
    return Sample(np.asfortranarray(np.column_stack([sample.values, *columns])), sample.defaulted, sample.weights)
