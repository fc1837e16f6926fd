"""A model's grades on rows it had not seen: what each promised, what became of it, and the tests of that."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from certloan.scoring.grades.grades import Grades
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.rates import Outcome, binomial_tests, hosmer_lemeshow, jeffreys_tests, outcomes
from certloan.scoring.metrics.record import TestRecord


@dataclass(frozen=True)
class GradeBacktest:
    """The grades that had rows, best first, each with its two tests, and one test over all of them.

    ``rises`` tells whether observed rates rise from each grade to the next; ``falls`` names the neighbours whose
    rates fall by more than their intervals can explain.
    """

    outcomes: tuple[Outcome, ...]
    jeffreys: tuple[TestRecord, ...]
    binomial: tuple[TestRecord, ...]
    hosmer_lemeshow: TestRecord

    @property
    def rises(self) -> bool:
        """Whether each grade's observed rate is above that of the better one."""
        rates = [one.observed.value for one in self.outcomes]
        return all(worse > better for better, worse in pairwise(rates))

    @property
    def falls(self) -> tuple[tuple[str, str], ...]:
        """Neighbours whose intervals do not overlap, the wrong way round."""
        return tuple((a.subject, b.subject) for a, b in pairwise(self.outcomes) if b.observed.high < a.observed.low)

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "grades": [one.as_json() for one in self.outcomes],
            "rises": self.rises,
            "falls": [list(pair) for pair in self.falls],
            "jeffreys": [one.as_json() for one in self.jeffreys],
            "binomial": [one.as_json() for one in self.binomial],
            "hosmer_lemeshow": self.hosmer_lemeshow.as_json(),
        }


def backtest(grades: Grades, defaulted: Floats, pd: Floats, weights: Floats | None = None) -> GradeBacktest:
    """Hold grades against outcomes; what a grade promises is the mean probability of its rows."""
    found = outcomes(grades.codes, grades.positions(pd), defaulted, pd, weights)
    return GradeBacktest(found, jeffreys_tests(found), binomial_tests(found), hosmer_lemeshow(found))
