"""A small table of loans with dates, for the search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import ModelFeature
from certloan.scoring.splits import Labels


@dataclass(frozen=True, eq=False)
class Loans:
    sample: Sample
    features: tuple[ModelFeature, ...]
    labels: Labels


def loans(n: int = 900, seed: int = 1, rate: float = 0.25, window: int = 200) -> Loans:
    """Two features that tell, one text of four levels, three that say nothing; four years, sorted by nothing."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(n, 5))
    numbers[random.random((n, 5)) < 0.1] = np.nan
    text = random.integers(0, 4, n).astype(float)
    risk = -1.2 * np.nan_to_num(numbers[:, 0]) + 0.7 * np.nan_to_num(numbers[:, 1]) + 0.4 * (text == 2)
    chance = 1 / (1 + np.exp(-(risk + np.log(rate / (1 - rate)))))
    defaulted = (random.random(n) < chance).astype(float)
    applied = np.datetime64("2020-01-01") + random.integers(0, 1460, n).astype("timedelta64[D]")
    waited = np.where(defaulted > 0, random.integers(20, window, n), window)
    weights = random.uniform(0.5, 1.5, n)
    features = (
        ModelFeature("good", 1),
        ModelFeature("bad", -1),
        *(ModelFeature(f"noise_{at}") for at in range(3)),
        ModelFeature("kind", 0, ("a", "b", "c", "d")),
    )
    return Loans(
        Sample(np.asfortranarray(np.column_stack([numbers, text])), defaulted, weights / weights.mean()),
        features,
        Labels(defaulted, weights, applied, applied + waited.astype("timedelta64[D]")),
    )
