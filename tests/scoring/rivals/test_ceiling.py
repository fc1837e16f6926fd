from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.scoring.ensembles import FEATURES, made

from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import ModelFeature, encode
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.rivals.ceiling import fit_ceiling


def _sample(rows: int = 900, seed: int = 1) -> Sample:
    data = made(rows, seed)
    return Sample(encode(data.matrix, FEATURES), data.defaulted, data.weights / data.weights.mean())


def test_directions_are_not_looked_at() -> None:
    turned = tuple(replace(feature, direction=-feature.direction) for feature in FEATURES)
    later = _sample(200, 2).values
    one, other = (fit_ceiling(_sample(), features, seed=1) for features in (FEATURES, turned))
    assert (one.margin(later) == other.margin(later)).all()


def test_three_features_that_tell_only_together_are_found() -> None:
    """Each of the first two features tells something alone; what the three tell together, depth 2 cannot see."""
    random = np.random.default_rng(5)
    values = np.asfortranarray(random.normal(size=(5000, 4)))
    together = np.sign(values[:, 0] * values[:, 1] * values[:, 2])
    margin = 2.0 * together + 0.5 * np.sign(values[:, 0]) + 0.5 * np.sign(values[:, 1]) - 0.5
    defaulted = (random.random(5000) < probability(margin)).astype(float)
    features = tuple(ModelFeature(f"x{at}") for at in range(4))
    ceiling = fit_ceiling(Sample(values[:3500], defaulted[:3500], np.ones(3500)), features, seed=1)
    low = auc_interval(defaulted[3500:], ceiling.margin(values[3500:])).low
    without = auc_interval(defaulted[3500:], values[3500:, 0] + values[3500:, 1]).high
    assert low > without + 0.1


def test_it_is_calibrated_on_rows_that_its_boosters_had_not_seen() -> None:
    ceiling, later = fit_ceiling(_sample(2000), FEATURES, seed=1, bags=5), _sample(2000, 2)
    assert len(ceiling.boosters) == 5
    told = np.average(probability(ceiling.margin(later.values)), weights=later.weights)
    assert abs(told - np.average(later.defaulted, weights=later.weights)) < 0.05
    assert auc_interval(later.defaulted, ceiling.margin(later.values)).low > 0.65
