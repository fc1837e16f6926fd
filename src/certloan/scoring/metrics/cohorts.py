"""Calibration in the large: whether each year, quarter, product or region got the rate that was promised to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.rates import Outcome, binomial_tests, outcomes
from certloan.scoring.metrics.record import TestRecord

Days = np.ndarray


@dataclass(frozen=True)
class Cohort:
    """What a cohort was promised, what became of it, and whether that is more than chance (Holm over the cohorts)."""

    outcome: Outcome
    test: TestRecord

    def as_json(self) -> dict[str, object]:
        """Give plain values."""
        return {**self.outcome.as_json(), "test": self.test.as_json()}


def by_cohort(
    cohorts: Sequence[str] | np.ndarray, defaulted: Floats, pd: Floats, weights: Floats | None = None
) -> tuple[Cohort, ...]:
    """Give each cohort in the order of its name; ``cohorts`` names every row's."""
    names, place = np.unique(np.asarray(cohorts, dtype=np.str_), return_inverse=True)
    found = outcomes([str(name) for name in names], place, defaulted, pd, weights)
    return tuple(Cohort(one, test) for one, test in zip(found, binomial_tests(found), strict=True))


def years(days: Days) -> np.ndarray:
    """Name the year of each day.

    >>> years(np.array(["2025-11-03"], dtype="datetime64[D]")).tolist()
    ['2025']
    """
    return np.asarray(days.astype("datetime64[Y]").astype(np.str_))


def quarters(days: Days) -> np.ndarray:
    """Name the quarter of each day.

    >>> quarters(np.array(["2025-11-03", "2026-01-31"], dtype="datetime64[D]")).tolist()
    ['2025Q4', '2026Q1']
    """
    month = days.astype("datetime64[M]").astype(np.int64)
    return np.array([f"{1970 + at // 12}Q{at % 12 // 3 + 1}" for at in month.tolist()], dtype=np.str_)
