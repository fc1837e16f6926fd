"""The promotion gate as a pure function: facts in, one result for every check out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from certloan.governance.thresholds import Check, Comparison, Thresholds, Verdict

#: How the words of a validator's conclusion begin.
_WORDS = {"pass": Verdict.PASSES, "fail": Verdict.FAILS}


@dataclass(frozen=True)
class Checked:
    """What one check found: the value, its bounds where there are any, and the path that it was read from."""

    check: Check
    verdict: Verdict
    found: float | str | None
    low: float | None = None
    high: float | None = None
    fact: str | None = None

    @property
    def blocks(self) -> bool:
        """Tell whether this result stops the promotion."""
        return self.verdict in self.check.blocks

    @property
    def told(self) -> str:
        """Give what was found in signs, with its interval."""
        if self.found is None:
            return "–"
        value = self.found if isinstance(self.found, str) else f"{self.found:.4g}"
        return value if self.low is None or self.high is None else f"{value} ({self.low:.3g} … {self.high:.3g})"

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "name": self.check.name,
            "verdict": self.verdict.value,
            "blocks": self.blocks,
            "found": self.found,
            "low": self.low,
            "high": self.high,
            "expected": self.check.expected,
            "fact": self.fact,
            "reason_zh": self.check.reason[0],
            "reason_en": self.check.reason[1],
            "source": self.check.source,
        }


@dataclass(frozen=True)
class GateResult:
    """Every check that was asked, in the order of the version."""

    version: str
    sha256: str
    checked: tuple[Checked, ...]

    @property
    def passed(self) -> bool:
        """Tell whether nothing stops the promotion."""
        return not self.blocking

    @property
    def blocking(self) -> tuple[Checked, ...]:
        """Give the results that stop the promotion."""
        return tuple(one for one in self.checked if one.blocks)

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "version": self.version,
            "sha256": self.sha256,
            "passed": self.passed,
            "checks": [one.as_json() for one in self.checked],
        }


def examine(facts: Mapping[str, Any], thresholds: Thresholds) -> GateResult:
    """Hold ``facts`` (nested plain values) against every check; nothing is read from anywhere else.

    >>> import datetime as dt
    >>> from certloan.governance.thresholds import in_force
    >>> examine({}, in_force(dt.date(2026, 11, 20))).passed
    False
    """
    asked = [check for check in thresholds.checks if check.when is None or fact_at(facts, check.when) is not None]
    return GateResult(thresholds.id, thresholds.sha256, tuple(_examine(check, facts) for check in asked))


def fact_at(facts: Mapping[str, Any], path: str) -> float | str | None:
    """Give the plain value at a dotted path; None where there is none, or where it is no number and no word.

    >>> fact_at({"metrics": {"auc": 0.7}}, "metrics.auc"), fact_at({}, "metrics.auc")
    (0.7, None)
    """
    held: object = facts
    for part in path.split("."):
        if not isinstance(held, Mapping) or part not in held:
            return None
        held = held[part]
    if isinstance(held, bool) or not isinstance(held, int | float | str):
        return None
    return held if isinstance(held, str) or math.isfinite(held) else None


def _examine(check: Check, facts: Mapping[str, Any]) -> Checked:
    stated = ((path, fact_at(facts, path)) for path in check.facts)
    path, found = next(((path, value) for path, value in stated if value is not None), (None, None))
    if found is None:
        return Checked(check, Verdict.MISSING, None)
    low, high = (_number(fact_at(facts, bound)) for bound in check.interval) if check.interval else (None, None)
    if check.interval and (low is None or high is None):
        return Checked(check, Verdict.TOO_LITTLE, found, fact=path)
    return Checked(check, _verdict(check, found, low, high), found, low, high, path)


def _verdict(check: Check, found: float | str, low: float | None, high: float | None) -> Verdict:
    if check.comparison is Comparison.VERDICT:
        said = str(found).lower()
        return next((verdict for word, verdict in _WORDS.items() if said.startswith(word)), Verdict.TOO_LITTLE)
    if check.comparison is Comparison.EQUALS:
        return Verdict.PASSES if found == check.threshold[0] else check.short_of
    value = _number(found)
    if value is None:
        return Verdict.TOO_LITTLE
    least, most = _allowed(check)
    bottom, top = (value, value) if low is None or high is None else (low, high)
    if least <= bottom and top <= most:
        return Verdict.PASSES
    # An interval that only touches the allowed range does not decide; one that lies beside it does.
    return check.short_of if top < least or bottom > most else Verdict.TOO_LITTLE


def _allowed(check: Check) -> tuple[float, float]:
    first = float(check.threshold[0])
    match check.comparison:
        case Comparison.AT_LEAST:
            return first, math.inf
        case Comparison.AT_MOST:
            return -math.inf, first
        case _:
            return first, float(check.threshold[1])


def _number(value: float | str | None) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)
