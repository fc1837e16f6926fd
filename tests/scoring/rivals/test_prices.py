from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import norm
from tests.scoring.ensembles import made

from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Recipe
from certloan.scoring.matrix import Floats
from certloan.scoring.rivals.prices import LIMITS, Price, priced
from certloan.scoring.splits import Labels, RandomSplit, split
from certloan.scoring.trial import Terms, hold_trial, prices

QUICK = Recipe(bags=4, pairs=2, rounds=150, learning_rate=0.15, screen=False)
DIRECTIONS = {"n0": 1, "n1": -1, "n2": 0, "n3": 0, "n4": 0, "trade": 0}


def _labels(rows: int, defaulted: Floats | None = None) -> Labels:
    data = made(rows)
    days = np.datetime64("2024-01-01") + np.arange(rows).astype("timedelta64[D]")
    return Labels(
        data.defaulted if defaulted is None else defaulted, data.weights, days, days + np.timedelta64(365, "D")
    )


@cache
def _asked() -> dict[str, Price]:
    labels = _labels(1600)
    return prices(made(1600).matrix, labels, split(RandomSplit(), labels), Terms(DIRECTIONS, QUICK))


def _delong(defaulted: Floats, one: Floats, other: Floats) -> tuple[float, float]:
    """DeLong, DeLong and Clarke-Pearson (1988) as in the paper: every pair of a default and a good is compared."""

    def kernel(risk: Floats) -> Floats:
        bad, good = risk[defaulted == 1], risk[defaulted == 0]
        return np.asarray((bad[:, None] > good[None, :]) + 0.5 * (bad[:, None] == good[None, :]))

    both = [kernel(risk) for risk in (one, other)]
    auc = [of.mean() for of in both]
    by_bad = np.cov([of.mean(axis=1) for of in both])
    by_good = np.cov([of.mean(axis=0) for of in both])
    covariance = by_bad / both[0].shape[0] + by_good / both[0].shape[1]
    contrast = np.array([1.0, -1.0])
    return float(auc[0] - auc[1]), float(np.sqrt(contrast @ covariance @ contrast))


def test_the_interval_of_a_price_is_delongs() -> None:
    random = np.random.default_rng(2)
    defaulted = (random.random(700) < 0.2).astype(float)
    champion = np.round(defaulted + random.normal(size=700), 1) - 1.5
    lifted = 0.7 * champion + 0.5 * random.normal(size=700)
    told = priced(defaulted, np.ones(700), champion, lifted)
    difference, error = _delong(defaulted, lifted, champion)
    reach = norm.ppf(0.975) * error
    assert told.auc.value == pytest.approx(difference, abs=1e-12)
    assert (told.auc.low, told.auc.high) == pytest.approx((difference - reach, difference + reach), abs=1e-9)
    assert (told.n, told.defaults) == (700, int(defaulted.sum()))


def test_the_price_in_log_loss_is_the_mean_difference_of_the_rows() -> None:
    random = np.random.default_rng(3)
    defaulted = (random.random(500) < 0.3).astype(float)
    champion, lifted = random.normal(size=500) - 1.0, random.normal(size=500) - 1.0

    def lost(margin: Floats) -> Floats:
        p = probability(margin)
        return np.asarray(-defaulted * np.log(p) - (1 - defaulted) * np.log1p(-p))

    gain = lost(champion) - lost(lifted)
    told = priced(defaulted, np.ones(500), champion, lifted).log_loss
    reach = norm.ppf(0.975) * gain.std(ddof=1) / np.sqrt(500)
    assert (told.value, told.low, told.high) == pytest.approx((gain.mean(), gain.mean() - reach, gain.mean() + reach))


def test_every_limit_is_lifted_and_priced_on_the_same_rows() -> None:
    told = _asked()
    assert tuple(told) == LIMITS
    labels = _labels(1600)
    judged = split(RandomSplit(), labels)[0].test
    assert {(price.n, price.defaults) for price in told.values()} == {
        (len(judged), int(labels.defaulted[judged].sum()))
    }
    assert all(price.auc.low <= price.auc.value <= price.auc.high for price in told.values())
    flat = told["monotone"].as_json()
    assert set(flat) == {"auc", "auc_low", "auc_high", "log_loss", "log_loss_low", "log_loss_high", "n", "defaults"}


def test_without_any_pair_a_model_of_an_interaction_loses() -> None:
    price = _asked()["no_pairs"]
    assert price.auc.high < 0.0
    assert price.log_loss.value < 0.0


def test_a_wrong_direction_has_a_price() -> None:
    labels = _labels(1600)
    wrong = Terms({**DIRECTIONS, "n0": -1}, QUICK, rivals=False, prices=True)
    trial = hold_trial(made(1600).matrix, labels, split(RandomSplit(), labels), wrong)
    assert trial.prices["monotone"].auc.low > 0.0
    assert trial.scorecard is None


def test_three_features_together_price_the_depth() -> None:
    rows = 4000
    data = made(rows)
    random = np.random.default_rng(5)
    numbers = random.normal(size=(rows, 3))
    told = np.sign(numbers[:, 0]) * np.sign(numbers[:, 1]) * np.sign(numbers[:, 2]) + numbers[:, 0]
    defaulted = (random.random(rows) < probability(1.5 * told - 1.0)).astype(float)
    matrix = pa.table({f"x{at}": numbers[:, at] for at in range(3)})
    days = np.datetime64("2024-01-01") + np.arange(rows).astype("timedelta64[D]")
    labels = Labels(defaulted, np.ones(len(data.weights)), days, days)
    found = prices(matrix, labels, split(RandomSplit(), labels), Terms({"x0": 0, "x1": 0, "x2": 0}, QUICK))
    assert found["depth"].auc.low > 0.0
