"""How wide an AUC is when enterprises, not loans, were drawn: several loans of one firm tell less than as many firms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import CONFIDENCE, Interval
from certloan.scoring.metrics.ranking import auc_interval

_SALT = 7309
#: Percentiles of so many draws.
DRAWS = 400


@dataclass(frozen=True)
class Clustered:
    """An AUC with the percentiles of its bootstrap over enterprises.

    ``by_loan`` is DeLong's interval of the same rows; ``repeated`` the share of rows whose enterprise has another.
    """

    by_enterprise: Interval
    by_loan: Interval
    n: int
    defaults: int
    enterprises: int
    repeated: float
    draws: int

    def as_json(self) -> dict[str, object]:
        """Give plain values."""
        return {
            "by_enterprise": self.by_enterprise.as_json(),
            "by_loan": self.by_loan.as_json(),
            "n": self.n,
            "defaults": self.defaults,
            "enterprises": self.enterprises,
            "repeated": round(self.repeated, 6),
            "draws": self.draws,
        }


def auc_of_firms(
    defaulted: Floats, risk: Floats, weights: Floats, firms: NDArray[np.int64], seed: int = 1, draws: int = DRAWS
) -> Clustered:
    """Draw the enterprises with replacement, each with all its loans; a draw without both classes does not count."""
    numbers, of_row, sizes = np.unique(firms, return_inverse=True, return_counts=True)
    levels, at = np.unique(risk, return_inverse=True)
    random = np.random.default_rng((seed, _SALT))
    even = np.full(len(numbers), 1.0 / len(numbers))
    found = []
    for _ in range(draws):
        times = random.multinomial(len(numbers), even)[of_row] * weights
        bads, goods = (np.bincount(at, times * part, len(levels)) for part in (defaulted, 1.0 - defaulted))
        if bads.sum() > 0.0 and goods.sum() > 0.0:
            found.append(float(bads @ (np.cumsum(goods) - 0.5 * goods) / (bads.sum() * goods.sum())))
    by_loan = auc_interval(defaulted, risk, weights)
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = (float(bound) for bound in np.quantile(found, [tail, 1.0 - tail]))
    return Clustered(
        Interval(by_loan.value, min(low, by_loan.value), max(high, by_loan.value)),
        by_loan,
        len(risk),
        int(np.count_nonzero(defaulted)),
        len(numbers),
        float(np.mean(sizes[of_row] > 1)),
        len(found),
    )
