"""What counts as passed: thresholds as data, each with its reason, and the three verdicts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import isfinite
from typing import Any

from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.record import Verdict as Verdict

_VERSIONS = "versions"


@dataclass(frozen=True)
class Thresholds:
    """A versioned set of thresholds; ``reasons`` gives for each why it is where it is, in both languages.

    >>> thresholds()["monotonicity.violations"]
    0.0
    """

    id: str
    values: Mapping[str, float]
    reasons: Mapping[str, tuple[str, str]]

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def as_json(self) -> dict[str, Any]:
        """Give the version, and each threshold with its reasons (Chinese, English)."""
        told = {
            name: {"value": value, "zh": self.reasons[name][0], "en": self.reasons[name][1]}
            for name, value in self.values.items()
        }
        return {"id": self.id, "thresholds": told}


@cache
def thresholds(version: str | None = None) -> Thresholds:
    """Give the shipped thresholds of a version, the newest where none is named; ``KeyError`` for an unknown one."""
    folder = resources.files(__package__).joinpath(_VERSIONS)
    files = {entry.name.removesuffix(".toml"): entry for entry in folder.iterdir() if entry.name.endswith(".toml")}
    content = tomllib.loads(files[version or max(files)].read_text(encoding="utf-8"))
    entries = {
        f"{area}.{name}": entry
        for area, named in content.items()
        if isinstance(named, dict)
        for name, entry in named.items()
    }
    return Thresholds(
        str(content["id"]),
        {name: float(entry["value"]) for name, entry in entries.items()},
        {name: (str(entry["zh"]), str(entry["en"])) for name, entry in entries.items()},
    )


def told(interval: Interval) -> dict[str, float | None]:
    """Give an interval as plain values, rounded so that they agree between machines; ``None`` for what is not finite.

    >>> told(Interval(0.75, 0.7, float("inf")))
    {'value': 0.75, 'low': 0.7, 'high': None}
    """
    ends = {name: float(getattr(interval, name)) for name in ("value", "low", "high")}
    return {name: round(end, 6) if isfinite(end) else None for name, end in ends.items()}
