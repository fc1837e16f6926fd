"""The thresholds of the promotion gate: versioned data with a reason and a source for each row."""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from certloan.errors import NotReadyError
from certloan.i18n import Lang

_VERSIONS = "versions"


class Verdict(StrEnum):
    """What a check found. ``too_little``: the evidence does not decide. ``missing``: nobody has stated the fact."""

    PASSES = "passes"
    FAILS = "fails"
    TOO_LITTLE = "too_little"
    MISSING = "missing"


class Comparison(StrEnum):
    """How a fact is held against its threshold; ``verdict`` takes over what a validator concluded."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    WITHIN = "within"
    EQUALS = "equals"
    VERDICT = "verdict"


@dataclass(frozen=True)
class Check:
    """One row of the gate.

    ``facts`` are dotted paths, the first that is stated counts; ``interval`` the paths of its two bounds. ``when`` is
    a path without which the check is not asked. ``blocks`` are the results that stop a promotion. ``short_of`` is the
    result where the threshold is not reached; other than ``fails`` where the fact itself only counts evidence.
    """

    name: str
    facts: tuple[str, ...]
    comparison: Comparison
    threshold: tuple[float | str, ...]
    blocks: frozenset[Verdict]
    reason: tuple[str, str]
    source: str
    interval: tuple[str, str] | None = None
    when: str | None = None
    short_of: Verdict = Verdict.FAILS

    def told(self, lang: Lang | str) -> str:
        """Say why the check is made."""
        return self.reason[0 if Lang(lang) is Lang.ZH else 1]

    @property
    def expected(self) -> str:
        """Give the condition in signs.

        >>> in_force(dt.date(2026, 11, 20)).check("calibration-slope").expected
        '0.8 … 1.25'
        """
        told = " … ".join(f"{part:g}" if isinstance(part, int | float) else part for part in self.threshold)
        return {Comparison.AT_LEAST: f"≥ {told}", Comparison.AT_MOST: f"≤ {told}"}.get(self.comparison, told)


@dataclass(frozen=True)
class Thresholds:
    """One version of the gate. ``sha256`` is the digest of its file, byte by byte."""

    id: str
    effective_from: dt.date
    checks: tuple[Check, ...]
    sha256: str

    def check(self, name: str) -> Check:
        """Give the check called ``name``; ``KeyError`` if there is none."""
        for check in self.checks:
            if check.name == name:
                return check
        raise KeyError(f"gate {self.id} has no check {name}")


def in_force(day: dt.date) -> Thresholds:
    """Give the newest version that is in force on ``day``; ``no-gate-in-force`` before the first.

    >>> in_force(dt.date(2026, 11, 20)).id
    '2026-01'
    """
    holding = [version for version in versions() if version.effective_from <= day]
    if not holding:
        raise NotReadyError("no-gate-in-force", found=day, expected=versions()[0].effective_from)
    return max(holding, key=lambda version: version.effective_from)


@cache
def versions() -> tuple[Thresholds, ...]:
    """Give every shipped version, the oldest first."""
    folder = resources.files(__package__).joinpath(_VERSIONS)
    found = [read(entry.read_bytes()) for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return tuple(sorted(found, key=lambda version: version.effective_from))


def read(content: bytes) -> Thresholds:
    """Read one version; what is not as it must be raises ``KeyError``, ``TypeError`` or ``ValueError``."""
    held = tomllib.loads(content.decode("utf-8"))
    checks = tuple(_check(row) for row in held["check"])
    if len({check.name for check in checks}) != len(checks):
        raise ValueError(f"gate {held['id']}: a check stands twice")
    return Thresholds(held["id"], held["effective_from"], checks, hashlib.sha256(content).hexdigest())


def _check(row: Mapping[str, Any]) -> Check:
    bounds = row.get("interval")
    check = Check(
        name=row["name"],
        facts=tuple(row["facts"]),
        comparison=Comparison(row["comparison"]),
        threshold=tuple(row["threshold"]),
        blocks=frozenset(Verdict(name) for name in row["blocks"]),
        reason=(row["zh"], row["en"]),
        source=row["source"],
        interval=None if bounds is None else (bounds[0], bounds[1]),
        when=row.get("when"),
        short_of=Verdict(row.get("short_of", "fails")),
    )
    if not check.facts or len(check.threshold) != (2 if check.comparison is Comparison.WITHIN else 1):
        raise ValueError(f"check {check.name}: facts or threshold are not as the comparison needs them")
    return check
