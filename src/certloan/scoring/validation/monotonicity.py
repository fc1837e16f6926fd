"""Whether better evidence ever costs points: every directed feature swept over all its bins on real rows.

Constraints hold tree by tree; this asks the score itself, tables and calibration together, the way an applicant would:
all else as it is, one feature better. A directed feature is put into each of its known bins, on each row, and the
log-odds of default may never rise from a bin to the next better one. Missing is no place on that scale and is left
aside; but where missing beats every known value on average, hiding evidence pays, and that is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from certloan.scoring.calibration import Calibrator
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.tables import Axis, Tables
from certloan.scoring.validation.judgement import Thresholds, Verdict, thresholds
from certloan.scoring.validation.quick import Advance

#: Log-odds: sums in another order differ by less than this.
_ROUNDING = 1e-10
_SALT = 2203


@dataclass(frozen=True)
class Swept:
    """One directed feature: bins compared on all rows, steps to better evidence that raised the risk, and the worst.

    ``worst`` is the largest rise of log-odds over one step, 0 where there is none; ``worst_row`` and ``worst_bin`` say
    where (row among the swept ones, bin it was reached from). ``hiding_pays`` tells whether a missing value has, on
    average, less risk than every known one.
    """

    name: str
    direction: int
    bins: int
    steps: int
    violations: int
    worst: float
    worst_row: int | None
    worst_bin: int | None
    hiding_pays: bool

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "feature": self.name,
            "direction": self.direction,
            "bins": self.bins,
            "steps": self.steps,
            "violations": self.violations,
            "worst": round(self.worst, 9),
            "worst_row": self.worst_row,
            "worst_bin": self.worst_bin,
            "hiding_pays": self.hiding_pays,
        }


@dataclass(frozen=True)
class Sweep:
    """All directed features, the worst first."""

    features: tuple[Swept, ...]
    rows: int
    limits: Thresholds

    @property
    def violations(self) -> int:
        """How many steps to better evidence raised the risk, over all features and rows."""
        return sum(one.violations for one in self.features)

    @property
    def steps(self) -> int:
        """How many steps were compared."""
        return sum(one.steps for one in self.features)

    @property
    def worst(self) -> Swept | None:
        """The feature with the largest rise, ``None`` without any."""
        return self.features[0] if self.features and self.features[0].violations else None

    @property
    def verdict(self) -> Verdict:
        """Fails with more violations than allowed; a model without directed features keeps to all of them."""
        return Verdict.FAILS if self.violations > self.limits["monotonicity.violations"] else Verdict.PASSES

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "verdict": str(self.verdict),
            "violations": self.violations,
            "steps": self.steps,
            "rows": self.rows,
            "worst": self.worst.as_json() if self.worst else None,
            "hiding_pays": [one.name for one in self.features if one.hiding_pays],
            "features": [one.as_json() for one in self.features],
            "thresholds": self.limits.id,
        }


def sweep(
    tables: Tables,
    calibrator: Calibrator,
    features: Sequence[ModelFeature],
    values: Floats,
    seed: int = 1,
    rows: int = 300,
    limits: Thresholds | None = None,
    advance: Advance = lambda: None,
) -> Sweep:
    """Sweep every directed feature over its bins on ``rows`` of the encoded rows ``values``, drawn by the seed.

    Reports progress once for each directed feature.
    """
    chosen = np.sort(np.random.default_rng((seed, _SALT)).permutation(len(values))[:rows])
    drawn = values[chosen]
    swept = []
    for position, feature in enumerate(features):
        if feature.direction and not feature.categorical:
            swept.append(_swept(tables, calibrator, feature, position, drawn))
            advance()
    swept.sort(key=lambda one: (-one.worst, one.name))
    return Sweep(tuple(swept), len(drawn), limits or thresholds())


def _swept(tables: Tables, calibrator: Calibrator, feature: ModelFeature, position: int, rows: Floats) -> Swept:
    known = values_of_bins(tables.axes[position])
    risk = np.empty((len(rows), len(known)))
    at = np.array(rows, order="F")
    for bin_, value in enumerate(known):
        at[:, position] = value
        risk[:, bin_] = calibrator.apply(tables.margin(at))
    at[:, position] = np.nan
    hidden = calibrator.apply(tables.margin(at))
    # More is better: risk may not rise from bin to bin; less is better: it may not fall.
    rises = np.diff(risk, axis=1) * feature.direction
    broken = rises > _ROUNDING
    worst = np.unravel_index(int(np.argmax(rises)), rises.shape) if broken.any() else None
    return Swept(
        feature.name,
        feature.direction,
        len(known),
        rises.size,
        int(np.count_nonzero(broken)),
        float(rises[worst]) if worst else 0.0,
        int(worst[0]) if worst else None,
        int(worst[1]) if worst else None,
        bool(hidden.mean() < risk.mean(axis=0).min() - _ROUNDING),
    )


def values_of_bins(axis: Axis) -> Floats:
    """Give a value in each known bin of a number's axis, from the lowest to the highest.

    >>> values_of_bins(Axis.of_number(np.array([0.0, 10.0]))).round(6).tolist()
    [0.0, 10.0, 10.0]
    """
    if axis.thresholds is None or not len(axis.thresholds):
        return np.zeros(1)
    return np.append(axis.thresholds, np.nextafter(axis.thresholds[-1], np.inf))
