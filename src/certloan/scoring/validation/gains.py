"""By how much one model is better than another on the same rows, in ranking and in truth, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.ranking import auc_difference
from certloan.scoring.validation.chance import mean_of_firms
from certloan.scoring.validation.judgement import told


@dataclass(frozen=True)
class Gain:
    """What the first model has over the second; positive is better in every figure.

    ``auc`` is the difference of the areas (paired DeLong); ``log_loss`` and ``brier`` are mean falls per row, whose
    intervals take the enterprise as what was drawn.
    """

    auc: Interval
    log_loss: Interval
    brier: Interval

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {"auc": told(self.auc), "log_loss": told(self.log_loss), "brier": told(self.brier)}


def gain(judged: Sample, margin: Floats, other: Floats, firms: NDArray[np.int64]) -> Gain:
    """Compare calibrated log-odds ``margin`` with ``other`` on the judged rows; ``firms`` numbers their enterprises."""
    surprise = [np.logaddexp(0.0, at) - judged.defaulted * at for at in (other, margin)]
    squared = [(probability(at) - judged.defaulted) ** 2 for at in (other, margin)]
    return Gain(
        auc_difference(judged.defaulted, margin, other, judged.weights),
        mean_of_firms(surprise[0] - surprise[1], judged.weights, firms),
        mean_of_firms(squared[0] - squared[1], judged.weights, firms),
    )
