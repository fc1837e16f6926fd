"""EMP: what a ranking is worth at best when the loss of a default is itself uncertain (Verbraken et al. 2014)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certloan.errors import InputError
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, mean_interval


@dataclass(frozen=True)
class LossTerms:
    """What a good loan returns, and how much of a bad one is lost, as shares of the amount lent.

    The loss is 0 with chance ``none_lost``, everything with chance ``all_lost``, and else anything between, each alike.
    The values are those that Verbraken, Bravo, Weber and Baesens (European Journal of Operational Research 238, 2014)
    took from their data; a bank has its own.
    """

    return_on_loan: float = 0.2644
    none_lost: float = 0.55
    all_lost: float = 0.10

    def __post_init__(self) -> None:
        sure = self.none_lost + self.all_lost
        wrong = {
            "return_on_loan": (self.return_on_loan, not 0.0 < self.return_on_loan <= 1.0),
            "none_lost": (self.none_lost, not 0.0 <= self.none_lost <= 1.0),
            "all_lost": (self.all_lost, not 0.0 <= self.all_lost <= 1.0),
            "none_lost + all_lost": (sure, sure > 1.0),
        }
        for name, (found, bad) in wrong.items():
            if bad:
                raise InputError("profit-terms", name=name, found=found)


def expected_maximum_profit(
    defaulted: Floats, risk: Floats, terms: LossTerms | None = None, weights: Floats | None = None
) -> Interval:
    """Give by how much refusing the riskiest raises the profit over lending to all, per yuan asked for.

    For each possible loss the cut is the best one on the convex hull of the ROC curve; losses are averaged. A row is
    then refused from some loss on, so the figure is a mean over rows, whose interval holds the hull fixed. The hull is
    that of these very rows and flatters a little, every model alike.
    """
    from sklearn.isotonic import IsotonicRegression

    terms = terms or LossTerms()
    weights = np.ones_like(risk) if weights is None else weights
    rate = IsotonicRegression(y_min=0.0, y_max=1.0).fit(risk, defaulted, sample_weight=weights).predict(risk)
    with np.errstate(divide="ignore"):
        refused_from = terms.return_on_loan * (1.0 - rate) / rate
    ever = refused_from <= 1.0
    start = np.where(ever, refused_from, 1.0)
    between = 1.0 - terms.none_lost - terms.all_lost
    saved = between * (1.0 - start**2) / 2.0 + terms.all_lost * ever
    forgone = terms.return_on_loan * (between * (1.0 - start) + terms.all_lost * ever)
    return mean_interval(np.where(defaulted > 0, saved, -forgone), weights)
