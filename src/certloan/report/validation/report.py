"""What a validation found, as plain values: the record that is kept, read by the promotion gate and drawn as a page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

#: What the areas look like; areas of another form are never shown together.
FORM = 2
PASSES, FAILS, TOO_LITTLE = "passes", "fails", "too_little"


class Independence(StrEnum):
    """Whether the validator is another person than the makers of the model."""

    OTHER = "other"
    SAME = "same"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ValidationReport:
    """One validation of one model.

    ``areas`` maps the name of each area to its figures, every one with interval, n and defaults; an area that can pass
    or fail tells so under ``verdict``. ``left_out`` names the areas that were not asked for. ``operator`` validated,
    ``makers`` are on record as having made the model, nobody where no ledger tells.
    """

    fingerprint: str
    kind: str
    window: Mapping[str, Any]
    evidence_unchanged: bool
    operator: str
    areas: Mapping[str, Mapping[str, Any]]
    left_out: tuple[str, ...]
    seconds: float
    makers: tuple[str, ...] = ()
    independence: Independence = Independence.UNKNOWN

    @property
    def verdicts(self) -> dict[str, str]:
        """Give the verdict of each area that has one, in the order of the report."""
        return {name: str(area["verdict"]) for name, area in self.areas.items() if "verdict" in area}

    @property
    def verdict(self) -> str:
        """Fails with any area; passes when all pass. Where no area could fail, nothing has been passed."""
        found = set(self.verdicts.values()) or {TOO_LITTLE}
        return next((verdict for verdict in (FAILS, TOO_LITTLE) if verdict in found), PASSES)

    def as_json(self) -> dict[str, Any]:
        """Give one object: what was validated, the verdicts, and every area under its name.

        A figure that cannot be given (the rate of a group with nobody in it) is null.
        """
        return {
            "form": FORM,
            "fingerprint": self.fingerprint,
            "kind": self.kind,
            "verdict": self.verdict,
            "verdicts": self.verdicts,
            "window": dict(self.window),
            "evidence_unchanged": self.evidence_unchanged,
            "operator": self.operator,
            "makers": list(self.makers),
            "independence": self.independence.value,
            "left_out": list(self.left_out),
            "seconds": round(self.seconds, 1),
            **{name: _finite(area) for name, area in self.areas.items()},
        }


def _finite(held: object) -> object:
    if isinstance(held, Mapping):
        return {str(name): _finite(value) for name, value in held.items()}
    if isinstance(held, list | tuple):
        return [_finite(value) for value in held]
    return None if isinstance(held, float) and not math.isfinite(held) else held
