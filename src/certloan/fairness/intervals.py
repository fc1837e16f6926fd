"""Intervals for shares and for ratios of shares: what a rate could have been, had other people applied."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

#: Half a person more on either side keeps a share of a small group away from a certainty that nobody has (Jeffreys).
HALF = 0.5


def wilson(successes: np.ndarray, people: np.ndarray, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Give the Wilson score interval of each share; NaN where there is nobody.

    >>> low, high = wilson(np.array([8]), np.array([10]))
    >>> f"{low[0]:.3f} {high[0]:.3f}"
    '0.490 0.943'
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    n = np.where(people > 0, people, np.nan).astype(float)
    share = successes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # at the ends of the line the formula is exact and floating point is not
    low = np.where(successes == 0, 0.0 * n, middle - half)
    high = np.where(successes == people, 1.0 + 0.0 * n, middle + half)
    return low, high


def ratio_intervals(
    successes: np.ndarray,
    people: np.ndarray,
    reference: int,
    *,
    confidence: float = 0.95,
    resamples: int = 4000,
    seed: int = 20260101,
) -> tuple[np.ndarray, np.ndarray]:
    """Give the interval of each group's share over the reference group's; NaN where either group is empty.

    A multinomial bootstrap of the table of groups and outcomes: it draws the counts, never the people, and costs the
    same for a million of them. Every cell holds half a person more, so that no group of nobody approved is certain.
    """
    low, high = np.full(len(people), np.nan), np.full(len(people), np.nan)
    present = np.flatnonzero(people > 0)
    if people[reference] == 0:
        return low, high
    yes, no = successes[present] + HALF, people[present] - successes[present] + HALF
    cells = np.concatenate([yes, no])
    drawn = np.random.default_rng(seed).multinomial(int(people.sum()), cells / cells.sum(), size=resamples) + HALF
    drawn_yes, drawn_no = drawn[:, : len(present)], drawn[:, len(present) :]
    shares = drawn_yes / (drawn_yes + drawn_no)
    ratios = shares / shares[:, [int(np.searchsorted(present, reference))]]
    tail = (1 - confidence) / 2
    low[present], high[present] = np.quantile(ratios, [tail, 1 - tail], axis=0)
    if successes[reference]:
        # the half persons pull an extreme towards the middle: what was observed always lies inside
        observed = successes[present] / people[present] / (successes[reference] / people[reference])
        low[present], high[present] = np.minimum(low[present], observed), np.maximum(high[present], observed)
    low[reference] = high[reference] = 1.0
    return low, high
