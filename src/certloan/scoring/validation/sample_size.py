"""How many loans a test needs for an interval of a chosen width.

The variance of an AUC falls with the number of defaults and of the others, so with the same rate of default its interval
narrows with the root of the sample. DeLong's variance of the rows at hand is scaled, and Hanley and McNeil's (Radiology
143:29, 1982), which knows only the AUC and the counts, stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from certloan.scoring.metrics.interval import Interval, z_value
from certloan.scoring.validation.chance import error_of_auc
from certloan.scoring.validation.judgement import told


@dataclass(frozen=True)
class Narrower:
    """How many test loans (and defaults) narrow the interval of the AUC to ``width`` at the same rate of default.

    ``defaults`` scales DeLong's variance; ``hanley_mcneil`` is the same by their formula at the AUC found, and at the
    ends of its interval.
    """

    width_now: float
    width: float
    defaults_now: int
    defaults: int
    loans: int
    hanley_mcneil: Interval

    @property
    def more_defaults(self) -> int:
        """How many further defaults the test needs; 0 where it is narrow enough."""
        return max(0, self.defaults - self.defaults_now)

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "width_now": round(self.width_now, 6),
            "width": self.width,
            "defaults_now": self.defaults_now,
            "defaults": self.defaults,
            "more_defaults": self.more_defaults,
            "loans": self.loans,
            "hanley_mcneil": told(self.hanley_mcneil),
        }


def narrower(auc: Interval, defaults: int, rows: int, width: float) -> Narrower:
    """Scale the test until the interval of its AUC is no wider than ``width``."""
    error = error_of_auc(auc)
    now = auc.high - auc.low
    times = (2.0 * z_value() * error / width) ** 2 if np.isfinite(error) else float("nan")
    needed = ceil(times * defaults) if np.isfinite(times) else defaults
    ratio = (rows - defaults) / defaults
    by_formula = [_hanley_mcneil_needed(at, ratio, width) for at in (auc.value, auc.high, auc.low)]
    return Narrower(
        now, width, defaults, needed, ceil(needed * (1.0 + ratio)), Interval(by_formula[0], *sorted(by_formula[1:]))
    )


def hanley_mcneil_error(auc: float, bad: float, good: float) -> float:
    """Give the standard error of an AUC from its value and the counts alone (Hanley and McNeil 1982).

    >>> round(hanley_mcneil_error(0.8, 50, 950), 4)
    0.0381
    """
    first, second = auc / (2.0 - auc), 2.0 * auc**2 / (1.0 + auc)
    spread = auc * (1.0 - auc) + (bad - 1.0) * (first - auc**2) + (good - 1.0) * (second - auc**2)
    return float(np.sqrt(spread / (bad * good)))


def _hanley_mcneil_needed(auc: float, ratio: float, width: float) -> float:
    """The least number of defaults whose interval is no wider; the error falls steadily with the sample."""
    low, high = 2.0, 1e9
    while high / low > 1.0 + 1e-9:
        middle = (low * high) ** 0.5
        wide = 2.0 * z_value() * hanley_mcneil_error(auc, middle, middle * ratio) > width
        low, high = (middle, high) if wide else (low, middle)
    return float(ceil(high - 1e-6))
