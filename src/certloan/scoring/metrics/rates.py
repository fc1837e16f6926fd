"""Tests of a promised rate against what became of the rows: Jeffreys', the exact binomial, Hosmer and Lemeshow's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, chdtrc, chdtri, chndtr

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, effective, rate_interval
from certloan.scoring.metrics.record import SIGNIFICANCE, WORTH_SEEING, TestRecord, adjusted

JEFFREYS = "ECB, Instructions for reporting the validation results of internal models (2019), 2.5.3.1"
BINOMIAL = "Clopper and Pearson (1934); BCBS Working Paper 14 (2005)"
HOSMER_LEMESHOW = "Hosmer and Lemeshow (1980), groups set beforehand: as many degrees of freedom as groups"
_LEAST = 1e-9


@dataclass(frozen=True)
class Outcome:
    """What was promised of some rows and what became of them; ``effective`` is how many equal rows they are worth."""

    subject: str
    n: int
    defaults: int
    effective: float
    expected: float
    observed: Interval

    def as_json(self) -> dict[str, float | int | str]:
        """Give plain values, rounded so that they agree between machines."""
        return {
            "subject": self.subject,
            "n": self.n,
            "defaults": self.defaults,
            "expected": round(self.expected, 6),
            "observed": round(self.observed.value, 6),
            "observed_low": round(self.observed.low, 6),
            "observed_high": round(self.observed.high, 6),
        }


def outcomes(
    subjects: Sequence[str], place: np.ndarray, defaulted: Floats, pd: Floats, weights: Floats | None = None
) -> tuple[Outcome, ...]:
    """Give the outcome of each subject, in their order; ``place`` is the position of each row's subject.

    A subject without rows has no outcome and is left out.
    """
    weights = np.ones_like(pd) if weights is None else weights
    found = []
    for position, subject in enumerate(subjects):
        inside = (place == position) & (weights > 0)
        if not inside.any():
            continue
        bad, counted = defaulted[inside], weights[inside]
        expected = float(np.sum(pd[inside] * counted) / counted.sum())
        observed = rate_interval(bad, counted)
        defaults = int(np.count_nonzero(bad))
        found.append(Outcome(subject, int(inside.sum()), defaults, effective(counted), expected, observed))
    return tuple(found)


def jeffreys_tests(found: Sequence[Outcome]) -> tuple[TestRecord, ...]:
    """Test H0 "the rate is no higher than promised" for each subject, one-sided, adjusted over them (Holm).

    ``statistic`` is observed less expected; ``p`` is the posterior chance that the rate is at most the promised one.
    """
    records = []
    for one in found:
        hits = one.observed.value * one.effective
        p = float(betainc(hits + 0.5, one.effective - hits + 0.5, _inside(one.expected)))
        records.append(_record("jeffreys", "not-understated", one, p, _power(one), JEFFREYS))
    return adjusted(records)


def binomial_tests(found: Sequence[Outcome]) -> tuple[TestRecord, ...]:
    """Test H0 "the rate is the promised one" for each subject, exact and two-sided (the smaller tail twice)."""
    records = []
    for one in found:
        hits = one.observed.value * one.effective
        tail = min(_at_least(one.effective, hits, one.expected), _at_most(one.effective, hits, one.expected))
        p = min(1.0, 2.0 * tail)
        records.append(_record("binomial", "as-promised", one, p, _power(one), BINOMIAL))
    return adjusted(records)


def hosmer_lemeshow(found: Sequence[Outcome]) -> TestRecord:
    """Test H0 "every subject's rate is the promised one" with one chi-square over all of them.

    The probabilities were not fitted on these rows, so there are as many degrees of freedom as subjects.
    """
    promised = np.array([_inside(one.expected) for one in found])
    n = np.array([one.effective for one in found])
    observed = np.array([one.observed.value for one in found])
    noise = promised * (1.0 - promised)
    statistic, free = float(np.sum(n * (observed - promised) ** 2 / noise)), len(found)
    worse = np.minimum(promised * WORTH_SEEING, 1.0) - promised
    centre = float(np.sum(n * worse**2 / noise))
    p, power = float(chdtrc(free, statistic)), float(1.0 - chndtr(chdtri(free, SIGNIFICANCE), free, centre))
    rows, defaults = sum(one.n for one in found), sum(one.defaults for one in found)
    return TestRecord(
        "hosmer_lemeshow", "all", "as-promised", statistic, p, p, power, rows, defaults, HOSMER_LEMESHOW, free
    )


def _record(test: str, hypothesis: str, one: Outcome, p: float, power: float, source: str) -> TestRecord:
    gap = one.observed.value - one.expected
    return TestRecord(test, one.subject, hypothesis, gap, p, p, power, one.n, one.defaults, source)


def _power(one: Outcome) -> float:
    """How often a rate of ``WORTH_SEEING`` times the promised one brings so many defaults that the test rejects."""
    low, high = 0, int(np.ceil(one.effective)) + 1
    while low < high:
        middle = (low + high) // 2
        enough = _at_least(one.effective, float(middle), one.expected) < SIGNIFICANCE
        low, high = (low, middle) if enough else (middle + 1, high)
    return _at_least(one.effective, float(low), min(1.0, one.expected * WORTH_SEEING))


def _at_least(n: float, hits: float, rate: float) -> float:
    """The chance of at least so many hits; numbers need not be whole."""
    if hits <= 0:
        return 1.0
    return 0.0 if hits > n else float(betainc(hits, n - hits + 1.0, _inside(rate)))


def _at_most(n: float, hits: float, rate: float) -> float:
    return 1.0 if hits >= n else 1.0 - float(betainc(hits + 1.0, n - hits, _inside(rate)))


def _inside(rate: float) -> float:
    return min(max(rate, _LEAST), 1.0 - _LEAST)
