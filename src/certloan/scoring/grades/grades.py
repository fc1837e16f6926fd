"""A model's grades: intervals of the probability of default, each with what became of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats


@dataclass(frozen=True)
class Grade:
    """One grade: probabilities from ``pd_from`` to below ``pd_below`` (the worst grade holds 1 as well).

    ``rate`` is the share of its rows that defaulted with Jeffreys' interval, ``expected`` their mean probability. ``of``
    names the grades of the master scale that it was made of: several where their rates did not rise, or where one of
    them held nobody.
    """

    code: str
    pd_from: float
    pd_below: float
    n: int
    defaults: int
    expected: float
    rate: float
    rate_low: float
    rate_high: float
    of: tuple[str, ...]

    @property
    def merged(self) -> bool:
        """Tell whether the grade was made of several of the master scale."""
        return len(self.of) > 1


@dataclass(frozen=True)
class Grades:
    """Grades from best to worst, whose observed rates of default rise from each to the next."""

    scale: str
    grades: tuple[Grade, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, best first."""
        return tuple(grade.code for grade in self.grades)

    def positions(self, pd: Floats) -> NDArray[np.int64]:
        """Give the place of each probability's grade, 0 for the best; a probability on a bound belongs above it."""
        inner = np.array([grade.pd_below for grade in self.grades[:-1]], dtype=np.float64)
        return np.searchsorted(inner, pd, side="right").astype(np.int64, copy=False)

    def of(self, pd: Floats) -> NDArray[np.str_]:
        """Give the code of each probability's grade."""
        return np.array(self.codes, dtype=np.str_)[self.positions(pd)]

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "scale": self.scale,
            "grades": [{**asdict(grade), "of": list(grade.of)} for grade in self.grades],
        }

    @staticmethod
    def from_json(held: Mapping[str, Any]) -> Grades:
        """Read what :meth:`as_json` wrote; ``KeyError``, ``TypeError`` or ``ValueError`` if it is something else."""
        grades = tuple(Grade(**{**entry, "of": tuple(entry["of"])}) for entry in held["grades"])
        if not grades:
            raise ValueError("no grades")
        return Grades(str(held["scale"]), grades)
