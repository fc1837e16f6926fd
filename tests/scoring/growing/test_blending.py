from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from certloan.scoring.calibration import probability
from certloan.scoring.growing.blending import blend
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats


def _told(seed: int, rows: int, skill: tuple[float, float]) -> tuple[list[Floats], Sample]:
    """Two margins that each see the truth through their own noise."""
    random = np.random.default_rng(seed)
    truth = random.normal(size=rows) * 1.5 - 1.0
    parts = [truth * share + random.normal(size=rows) * (1 - share) for share in skill]
    defaulted = (random.random(rows) < probability(truth)).astype(float)
    weights = random.uniform(0.5, 2.0, rows)
    return parts, Sample(truth[:, None], defaulted, weights / weights.mean())


def _loss(margin: Floats, sample: Sample) -> Floats:
    """The log-loss of each row, after the best line through the margin."""

    def lost(line: Floats) -> float:
        return float(np.sum(sample.surprise(line[0] + line[1] * margin)))

    found = minimize(lost, np.array([0.0, 1.0]), method="Nelder-Mead").x
    return sample.surprise(found[0] + found[1] * margin)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 0.95), st.floats(0.1, 0.95))
def test_a_blend_is_never_clearly_worse_than_its_best_part(seed: int, one: float, other: float) -> None:
    parts, sample = _told(seed, 600, (one, other))
    weights = blend(parts, sample)
    assert weights.min() >= 0
    assert weights.sum() == 1.0 or abs(weights.sum() - 1.0) < 1e-12
    mixed = _loss(np.sum(weights[:, None] * np.array(parts), axis=0), sample)
    best = min((_loss(part, sample) for part in parts), key=lambda lost: float(lost.sum()))
    lost = mixed - best
    assert lost.mean() <= np.std(lost) / len(lost) ** 0.5 + 1e-9


def test_weights_minimise_the_loss_with_its_pull_towards_equal_ones() -> None:
    """Against scipy's bounded optimiser on the same sum."""
    parts, sample = _told(5, 900, (0.8, 0.5))
    margins = np.array(parts)

    def lost(at: Floats) -> float:
        margin = at[2] + at[:2] @ margins
        return float(np.sum(sample.surprise(margin)) + 0.5 * 10.0 * np.sum((at[:2] - 0.5) ** 2))

    theirs = minimize(
        lost, np.array([0.5, 0.5, 0.0]), bounds=[(0, None), (0, None), (None, None)], method="L-BFGS-B", tol=1e-12
    ).x[:2]
    np.testing.assert_allclose(blend(parts, sample), theirs / theirs.sum(), atol=1e-4)


def test_many_rows_leave_out_a_part_that_says_nothing_and_few_rows_keep_a_share_of_it() -> None:
    parts, sample = _told(1, 20_000, (0.9, 0.0))
    assert blend(parts, sample)[0] > 0.95
    parts, sample = _told(1, 40, (0.9, 0.0))
    assert blend(parts, sample)[1] > 0.03


def test_rows_that_no_bag_had_set_aside_have_no_say() -> None:
    parts, sample = _told(2, 500, (0.8, 0.6))
    half = np.arange(500) < 250
    holed = [np.where(half, part, np.nan) for part in parts]
    np.testing.assert_array_equal(blend(holed, sample), blend([part[half] for part in parts], sample.take(half)))
