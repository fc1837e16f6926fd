"""A value is named as a reason only on the side that its declared direction gives it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from certloan.explain.speaking import speaking
from certloan.scoring.bundle import Bundle
from certloan.scoring.matrix import ModelFeature
from certloan.scoring.tables import Axis, Tables


@pytest.fixture
def bundle() -> Bundle:
    """Three features of three known bins each: less is better, more is better, neither. Half of all are unknown."""
    axis = Axis.of_number(np.array([0.3, 0.6]))
    shares = np.array([0.1, 0.3, 0.1, 0.5])
    cells = np.array([-0.2, -0.1, -0.05, 0.3])
    features = (ModelFeature("utilisation", -1), ModelFeature("audits", +1), ModelFeature("amount", 0))
    return Bundle(features, Tables((axis,) * 3, -3.0, (cells,) * 3, (cells * 0,) * 3, (shares,) * 3, ()))


def rows(value: float | None) -> pa.Table:
    return pa.table({name: pa.array([value], pa.float64()) for name in ("utilisation", "audits", "amount")})


@pytest.mark.parametrize(
    ("value", "positive", "negative"),
    [
        # The amount has no direction: never put forward in her favour.
        (0.9, [False, True, False], [True, False, True]),
        (0.5, [False, False, False], [False, False, True]),
        (0.1, [True, False, False], [False, True, True]),
        (None, [False, False, False], [True, True, True]),
    ],
)
def test_worse_than_the_median_never_speaks_for_and_better_never_against(
    bundle: Bundle, value: float | None, positive: list[bool], negative: list[bool]
) -> None:
    may = speaking(bundle, rows(value))
    assert may.positive[0].tolist() == positive
    assert may.negative[0].tolist() == negative


def test_the_median_bin_speaks_where_it_is_the_best_or_the_worst_there_is() -> None:
    axis = Axis.of_number(np.array([0.0, 30.0]))
    cells = np.array([-0.2, 0.1, 0.4, 0.0])
    mostly_none = np.array([0.8, 0.1, 0.1, 0.0])
    features = (ModelFeature("days_past_due", -1), ModelFeature("honours", +1))
    bundle = Bundle(features, Tables((axis,) * 2, -3.0, (cells,) * 2, (cells * 0,) * 2, (mostly_none,) * 2, ()))
    none = pa.table({name: pa.array([0.0]) for name in ("days_past_due", "honours")})
    may = speaking(bundle, none)
    assert may.positive[0].tolist() == [True, False]
    assert may.negative[0].tolist() == [False, True]


def test_a_value_that_all_who_are_known_share_tells_nothing() -> None:
    axis, cells = Axis.of_number(np.array([0.5])), np.array([-0.3, -0.3, 0.3])
    tables = Tables((axis,), -3.0, (cells,), (cells * 0,), (np.array([0.5, 0.0, 0.5]),), ())
    may = speaking(Bundle((ModelFeature("utilisation", -1),), tables), pa.table({"utilisation": [0.2]}))
    assert not may.positive.any()
    assert not may.negative.any()


def test_being_known_earns_points_that_are_not_credited_to_a_poor_value(bundle: Bundle) -> None:
    poor = rows(0.9)
    assert bundle.contributions(poor)[0, 0] > 0
    assert not speaking(bundle, poor).positive[0, 0]
