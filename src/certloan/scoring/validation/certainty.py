"""Whether a feature makes default all but certain somewhere: a level, or a range, in which nearly every loan defaulted.

Nothing that is known before an application does that. A mark that only defaulted loans were given may cover few of them
and so hardly rank anybody (its AUC stays ordinary), but where it stands it is never wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats
from certloan.scoring.validation.judgement import Thresholds

#: The rows in question are those of which trees that had not seen them said at least this; fixed before any is looked at.
_SAID = (0.5, 0.8, 0.95)


@dataclass(frozen=True)
class Certain:
    """The surest rows by one feature: how many they are, how many defaulted, their rate with its lower bound.

    ``share`` is how much of all defaults they hold (weighted, as the rate is).
    """

    n: int
    defaults: int
    rate: float
    low: float
    share: float

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        figures = {name: round(float(getattr(self, name)), 6) for name in ("rate", "low", "share")}
        return {"n": self.n, "defaults": self.defaults, **figures}


def all_but_certain(sample: Sample, unseen: Floats, alpha: float, limits: Thresholds) -> Certain | None:
    """Give the surest rows where their default rate is too high to have been known, at the one-sided level ``alpha``.

    ``unseen`` are log-odds from trees that had not seen the row. Loans of one enterprise count as one draw.
    """
    told = probability(unseen)
    least, most = limits["certainty.least_share"], limits["certainty.most_rate"]
    tried = (_surest(sample, told >= said, alpha) for said in _SAID)
    refused = [found for found in tried if found is not None and found.share >= least and found.low > most]
    return max(refused, key=lambda one: (one.share, one.low)) if refused else None


def _surest(sample: Sample, rows: np.ndarray, alpha: float) -> Certain | None:
    """Give the exact bound of Clopper and Pearson (Biometrika 26(4), 1934) for as many draws as the weights leave."""
    from scipy.stats import beta

    weights, bad = sample.weights[rows], sample.defaulted[rows]
    if not bad.any():
        return None
    draws = float(weights.sum() ** 2 / np.sum(weights**2))
    if sample.groups is not None:
        draws = min(draws, float(len(np.unique(sample.groups[rows]))))
    rate = float(np.average(bad, weights=weights))
    low = float(beta.ppf(alpha, rate * draws, (1.0 - rate) * draws + 1.0))
    share = float(np.sum(weights * bad) / np.sum(sample.weights * sample.defaulted))
    return Certain(len(bad), int(np.count_nonzero(bad)), rate, low, share)
