"""Lift and gains: how many of the defaults stand among the riskiest rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, effective, jeffreys, rate_interval
from certloan.scoring.metrics.reliability import bin_numbers


@dataclass(frozen=True)
class Gain:
    """One part of the rows, the riskiest part first, and all rows down to it.

    ``share`` is the weight of this and all riskier parts. ``gain`` is the share of all defaults among them, ``lift`` by
    how often they default more than the average (1: no more often), ``rate`` the default rate of this part alone. Cuts
    are held fixed in the intervals.
    """

    part: int
    n: int
    defaults: int
    share: float
    rate: Interval
    gain: Interval
    lift: Interval

    def as_json(self) -> dict[str, float | int]:
        """Give plain values, rounded so that they agree between machines."""
        flat: dict[str, float | int] = {
            "part": self.part,
            "n": self.n,
            "defaults": self.defaults,
            "share": round(self.share, 6),
        }
        for name, found in (("rate", self.rate), ("gain", self.gain), ("lift", self.lift)):
            flat |= {
                name: round(found.value, 6),
                f"{name}_low": round(found.low, 6),
                f"{name}_high": round(found.high, 6),
            }
        return flat


def gains(defaulted: Floats, risk: Floats, weights: Floats | None = None, parts: int = 10) -> tuple[Gain, ...]:
    """Give the gains table; rows of equal risk are never torn apart, so there may be fewer parts than asked for."""
    weights = np.ones_like(risk) if weights is None else weights
    number = bin_numbers(-risk, weights, parts)
    n_bad = effective(weights[defaulted > 0])
    all_weight, all_bad = float(weights.sum()), float(np.sum(weights * defaulted))
    found, seen, caught = [], 0.0, 0.0
    for part in range(int(number.max()) + 1):
        inside = number == part
        seen += float(weights[inside].sum()) / all_weight
        caught += float(np.sum(weights[inside] * defaulted[inside])) / all_bad
        caught, seen = min(caught, 1.0), min(seen, 1.0)
        bounds = jeffreys(caught * n_bad, n_bad)
        gain = Interval(caught, min(bounds.low, caught), max(bounds.high, caught))
        lift = Interval(gain.value / seen, gain.low / seen, gain.high / seen)
        rate = rate_interval(defaulted[inside], weights[inside])
        defaults = int(np.count_nonzero(defaulted[inside]))
        found.append(Gain(part + 1, int(inside.sum()), defaults, seen, rate, gain, lift))
    return tuple(found)
