"""Bins are joined for print only where the bags cannot tell them apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from certloan.scoring.export.groups import joined


@given(seed=some.integers(0, 10_000), bins=some.integers(1, 30), wide=some.integers(1, 4))
def test_every_bin_is_printed_once_and_within_its_error_bar_and_the_limit(seed: int, bins: int, wide: int) -> None:
    random = np.random.default_rng(seed)
    cells, errors = random.normal(size=(bins, wide)), random.uniform(0, 1.5, (bins, wide))
    shares = random.dirichlet(np.ones(bins)) * random.integers(0, 2, bins)
    found = joined(cells, errors, shares, range(bins), most=0.8)
    assert [bin_ for group in found.members for bin_ in group] == list(range(bins))
    for group, value in zip(found.members, found.values, strict=True):
        away = np.abs(cells[list(group)] - value)
        assert np.all(away <= np.minimum(errors[list(group)], 0.8) + 1e-9)


@given(seed=some.integers(0, 10_000))
def test_a_monotone_table_stays_monotone_and_keeps_its_mean(seed: int) -> None:
    random = np.random.default_rng(seed)
    cells = np.sort(random.normal(size=25))[:, None]
    shares = random.dirichlet(np.ones(25))
    found = joined(cells, np.full((25, 1), 0.3), shares, range(25))
    assert np.all(np.diff(found.values[:, 0]) >= -1e-12)
    held = np.array([shares[list(group)].sum() for group in found.members])
    np.testing.assert_allclose(held @ found.values[:, 0], shares @ cells[:, 0], atol=1e-6)


def test_without_error_bars_only_equal_bins_are_joined() -> None:
    cells = np.array([[1.0], [1.0], [2.0], [1.0]])
    found = joined(cells, np.zeros((4, 1)), np.full(4, 0.25), range(4))
    assert found.members == ((0, 1), (2,), (3,))


def test_a_rare_bin_that_says_much_stays_apart_though_it_is_uncertain() -> None:
    cells, errors = np.array([[0.0], [5.0]]), np.array([[0.1], [9.0]])
    shares = np.array([0.999, 0.001])
    assert len(joined(cells, errors, shares, [0, 1], most=1.0).members) == 2
    assert len(joined(cells, errors, shares, [0, 1]).members) == 1
