"""New slope and offset from newer outcomes: the tables, and with them the ranking and every reason, stay as they are.

The window is cut in two by the day of application. The earlier half sets the parameters and the grades; the later half,
which neither they nor the boosters have seen, says whether that was worth it. What was judged is what is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from certloan.errors import InputError
from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import Calibrator, anchored, check_anchor, fitted_line, probability
from certloan.scoring.grades.backtest import backtest
from certloan.scoring.grades.fitting import fit_grades
from certloan.scoring.grades.grades import Grades
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.line import calibrator_told
from certloan.scoring.metrics.performance import Performance, measure
from certloan.scoring.metrics.proper import brier_difference, log_loss_difference
from certloan.scoring.metrics.reliability import reliability
from certloan.scoring.splits import Labels, Rows

#: Defaults that the earlier half needs to set two parameters, and the later one to say anything of them.
MIN_DEFAULTS = 30
MIN_HELD_OUT = 5
_PICTURE_BINS = 10


@dataclass(frozen=True)
class CentralTendency:
    """A long-run rate of default that the level is brought to, and why; ``period`` says which years it rests on.

    Raises ``anchor-rate`` or ``anchor-reason``.
    """

    rate: float
    reason: str
    period: str = ""

    def __post_init__(self) -> None:
        check_anchor(self.rate, self.reason)


@dataclass(frozen=True, eq=False)
class Recalibrated:
    """The new model, its account (plain values), and the rows it was judged on with what it says of them."""

    bundle: Bundle
    account: Mapping[str, Any]
    judged: Rows
    margin: Floats
    before: Performance
    after: Performance


def recalibrate(parent: Bundle, margin: Floats, labels: Labels, anchor: CentralTendency | None = None) -> Recalibrated:
    """Fit slope and offset anew on the window that ``labels`` describe; ``margin`` is what ``parent.tables`` give.

    Raises ``recalibrate-too-few-defaults``, and ``recalibrate-slope`` when newer outcomes run against the ranking.
    """
    early, late = halves(labels)
    weights = labels.weights / labels.weights.mean()
    for part, rows, expected in (("earlier", early, MIN_DEFAULTS), ("later", late, MIN_HELD_OUT)):
        defaults = int(labels.defaulted[rows].sum())
        if min(defaults, len(rows) - defaults) < expected:
            facts = {"n": len(rows), "defaults": defaults, "others": len(rows) - defaults, "expected": expected}
            raise InputError("recalibrate-too-few-defaults", part=part, **facts)
    fitted = fitted_line(margin[early], labels.defaulted[early], weights[early], prior=1.0)
    if fitted.slope <= 0:
        found, n, defaults = round(fitted.slope, 3), len(early), int(labels.defaulted[early].sum())
        raise InputError("recalibrate-slope", found=found, n=n, defaults=defaults)
    calibrator = fitted
    if anchor is not None:
        calibrator = anchored(fitted, margin[early], weights[early], anchor.rate, anchor.reason, anchor.period)
    grades = fit_grades(calibrator.apply(margin[early]), labels.defaulted[early], weights[early])
    old, new = (probability(one.apply(margin[late])) for one in (parent.calibrator, calibrator))
    held_out = _HeldOut(labels.defaulted[late], weights[late], old, new, grades)
    before, after = held_out.performance()
    account: dict[str, Any] = {
        "parent": parent.fingerprint,
        "digest": _digest(margin, labels),
        "window": {"fitted": _window(labels, early), "held_out": _window(labels, late)},
        "before": _parameters(parent.calibrator),
        "after": _parameters(calibrator),
        "anchor": None if calibrator.anchor is None else _plain(vars(calibrator.anchor)),
        "held_out": {"before": before.as_json(), "after": after.as_json(), **held_out.as_json()},
    }
    if anchor is not None:
        # The level is then a decision; that the line itself is true can only be seen without it.
        unanchored = replace(held_out, new=probability(fitted.apply(margin[late])))
        account["held_out"]["unanchored"] = unanchored.performance()[1].as_json()
    bundle = replace(
        parent,
        calibrator=calibrator,
        grades=grades,
        parent=parent.fingerprint,
        provenance=_provenance(parent, labels, late, after, account),
    )
    return Recalibrated(bundle, account, late, calibrator.apply(margin[late]), before, after)


def halves(labels: Labels) -> tuple[Rows, Rows]:
    """Cut rows by their day of application in two halves as equal as may be; no day is torn apart."""
    days, counts = np.unique(labels.applied_on, return_counts=True)
    before = np.concatenate([[0], np.cumsum(counts)])
    cut = int(np.argmin(np.abs(before - len(labels) / 2.0)))
    early = labels.applied_on < days[cut] if cut < len(days) else np.ones(len(labels), dtype=bool)
    return np.flatnonzero(early), np.flatnonzero(~early)


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """The later half: outcomes, weights, the probabilities of the parent (``old``) and of the new model."""

    defaulted: Floats
    weights: Floats
    old: Floats
    new: Floats
    grades: Grades

    def performance(self) -> tuple[Performance, Performance]:
        before, after = (measure(self.defaulted, pd, self.weights) for pd in (self.old, self.new))
        return before, after

    def as_json(self) -> dict[str, Any]:
        """Give the paired differences (below 0: the new model is truer), the reliability pictures and the grades."""
        told: dict[str, Any] = {
            name: difference(self.defaulted, self.new, self.old, self.weights).as_json()
            for name, difference in (
                ("brier_difference", brier_difference),
                ("log_loss_difference", log_loss_difference),
            )
        }
        for name, pd in (("before", self.old), ("after", self.new)):
            bins = reliability(self.defaulted, pd, self.weights, _PICTURE_BINS)
            told[f"reliability_{name}"] = [one.as_json() for one in bins]
        return {**told, "grades": backtest(self.grades, self.defaulted, self.new, self.weights).as_json()}


def _provenance(
    parent: Bundle, labels: Labels, late: Rows, after: Performance, account: Mapping[str, Any]
) -> dict[str, Any]:
    """The parent's, but for the figures of the test: the rivals were judged on other rows and stay with the parent."""
    held = {name: value for name, value in parent.provenance.items() if name != "rivals"}
    days = labels.applied_on[late]
    window = dict(held.get("window", {})) | {
        "test_from": str(days.min()),
        "test_to": str(days.max()),
        "n_test": len(late),
        "defaults_test": after.defaults,
    }
    return {**held, "window": window, "metrics": after.as_json(), "recalibration": dict(account)}


def _parameters(calibrator: Calibrator) -> dict[str, float | bool | None]:
    """Slope and offset with their intervals; the offset is that of the fit, before any anchor."""
    anchor = calibrator.anchor
    shift = 0.0 if anchor is None else anchor.offset_after - anchor.offset_before
    return {**calibrator_told(calibrator, shift), "offset_anchored": round(calibrator.offset, 6)}


def _window(labels: Labels, rows: Rows) -> dict[str, str | int]:
    days = labels.applied_on[rows]
    defaults = int(labels.defaulted[rows].sum())
    return {"from": str(days.min()), "to": str(days.max()), "n": len(rows), "defaults": defaults}


def _plain(held: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in held.items()}


def _digest(margin: Floats, labels: Labels) -> str:
    """SHA-256 over the margins, outcomes and weights of the window: the same evidence gives the same digest."""
    found = hashlib.sha256()
    for part in (margin, labels.defaulted, labels.weights):
        found.update(np.ascontiguousarray(part).tobytes())
    return found.hexdigest()
