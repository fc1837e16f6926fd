"""What a cut-off earns, per yuan (or loan) asked for, given what a good loan brings and a bad one costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certloan.errors import InputError
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, mean_interval


@dataclass(frozen=True)
class ProfitTerms:
    """What one yuan lent brings when it is repaid (``margin``) and costs when it is not (``loss_severity``, LGD).

    >>> ProfitTerms(margin=0.03, loss_severity=0.57).break_even
    0.05
    """

    margin: float
    loss_severity: float

    def __post_init__(self) -> None:
        for name, found in (("margin", self.margin), ("loss_severity", self.loss_severity)):
            if not 0.0 < found <= 1.0:
                raise InputError("profit-terms", name=name, found=found)

    @property
    def break_even(self) -> float:
        """The probability of default at which a loan earns nothing: the cut-off that true probabilities call for."""
        return round(self.margin / (self.margin + self.loss_severity), 12)


@dataclass(frozen=True)
class Profit:
    """What lending to everybody below ``cut`` earns, in shares of all that was asked for.

    ``observed`` is what it earned, ``promised`` what it would have earned were every probability true; ``accepted`` is
    the share of the amount that is lent, ``n`` and ``defaults`` count all rows, ``n_accepted`` and
    ``defaults_accepted`` those below the cut.
    """

    cut: float
    observed: Interval
    promised: float
    accepted: float
    n: int
    defaults: int
    n_accepted: int
    defaults_accepted: int

    def as_json(self) -> dict[str, float | int]:
        """Give plain values, rounded so that they agree between machines."""
        return {
            "cut": round(self.cut, 6),
            "profit": round(self.observed.value, 8),
            "profit_low": round(self.observed.low, 8),
            "profit_high": round(self.observed.high, 8),
            "promised": round(self.promised, 8),
            "accepted": round(self.accepted, 6),
            "n": self.n,
            "defaults": self.defaults,
            "n_accepted": self.n_accepted,
            "defaults_accepted": self.defaults_accepted,
        }


def profit_at(
    defaulted: Floats,
    pd: Floats,
    terms: ProfitTerms,
    cut: float | None = None,
    amounts: Floats | None = None,
    weights: Floats | None = None,
) -> Profit:
    """Give the profit of lending to every row whose probability lies below ``cut`` (the break-even one unless given).

    ``amounts`` are what each row asked for (all alike unless given): figures are then shares of all yuan asked for, and
    the interval is that of a ratio of sums (linearised: Cochran, Sampling Techniques, 1977, ch. 6), because the yuan
    asked for vary too. The cut is held fixed in the interval; a cut that was chosen on these same rows would flatter
    itself.
    """
    counted = np.ones_like(pd) if weights is None else weights
    asked = counted if amounts is None else counted * amounts
    limit = terms.break_even if cut is None else cut
    lent = pd < limit
    earned = lent * (terms.margin * (1.0 - defaulted) - terms.loss_severity * defaulted)
    promised = lent * (terms.margin * (1.0 - pd) - terms.loss_severity * pd)
    return Profit(
        limit,
        mean_interval(earned, asked),
        float(np.average(promised, weights=asked)),
        float(np.average(lent, weights=asked)),
        len(pd),
        int(np.count_nonzero(defaulted)),
        int(lent.sum()),
        int(np.count_nonzero(defaulted[lent])),
    )


def profit_curve(
    defaulted: Floats,
    pd: Floats,
    terms: ProfitTerms,
    amounts: Floats | None = None,
    weights: Floats | None = None,
    points: int = 20,
) -> tuple[Profit, ...]:
    """Give the profit at cut-offs that accept ever more rows, evenly from few to all, and at the break-even one."""
    cuts = np.unique(np.quantile(pd, np.linspace(0.0, 1.0, points + 1)[1:-1]))
    every = np.unique(np.concatenate([cuts, [terms.break_even, np.nextafter(1.0, 2.0)]]))
    return tuple(profit_at(defaulted, pd, terms, float(cut), amounts, weights) for cut in every)
