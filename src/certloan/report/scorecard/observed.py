"""The loans that a scorecard is held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from certloan.report.scorecard.card import Counted
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import jeffreys
from certloan.scoring.tables import Integers


@dataclass(frozen=True, eq=False)
class Observed:
    """Encoded loans with what became of them, and the days on which the first and the last was applied for."""

    values: Floats
    defaulted: Floats
    weights: Floats
    first: str
    last: str

    def counted(self, bins: Integers, size: int) -> list[Counted]:
        """Count the loans, and the defaults among them, of each bin; every loan once, whatever it weighs."""
        n = np.bincount(bins, minlength=size)
        bad = np.bincount(bins, self.defaulted > 0, size).astype(np.int64)
        return [Counted(int(a), int(b), jeffreys(int(b), int(a))) for a, b in zip(n, bad, strict=True)]
