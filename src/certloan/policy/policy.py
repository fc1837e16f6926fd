"""A policy: gates, bands and a limit rule as data, read whole or refused with everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from certloan.errors import InputError, NotReadyError
from certloan.policy.gates import Gate, read_gates
from certloan.policy.ladder import Band, LimitRule, read_bands, read_limit
from certloan.policy.reading import Fields

_VERSIONS = "versions"


@dataclass(frozen=True)
class Policy:
    """One version of the rules. ``hash`` is the SHA-256 of its content, whatever the layout of its file."""

    id: str
    name: tuple[str, str]
    effective_from: date
    effective_to: date | None
    gates: tuple[Gate, ...]
    bands: tuple[Band, ...]
    limit: LimitRule
    hash: str

    def gate(self, code: str) -> Gate:
        """Give the gate called ``code``; ``KeyError`` if there is none."""
        for gate in self.gates:
            if gate.code == code:
                return gate
        raise KeyError(f"policy {self.id} has no gate {code}")

    def band_of(self, score: float) -> Band:
        """Give the band that a score falls into.

        >>> in_force(date(2026, 6, 1)).band_of(10_000).code
        'A'
        """
        return next(band for band in self.bands if band.min_score is None or score >= band.min_score)

    def holds_on(self, day: date) -> bool:
        """Tell whether the policy is in force on ``day``; both ends belong to it."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


def load_policy(path: Path | Traversable) -> Policy:
    """Read a policy file. Raises :class:`InputError` with every problem at once; nothing half-read comes back."""
    name = path.name
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8"), parse_float=Decimal)
    except OSError:
        raise InputError("policy-not-found", found=name, expected=", ".join(versions())) from None
    except UnicodeDecodeError as error:
        raise InputError("policy-not-utf8", found=name, position=error.start) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError("policy-not-toml", found=name, why=str(error)) from None
    problems: list[InputError] = []
    policy = _read(content, problems)
    if problems or policy is None:
        raise InputError("policy-invalid", found=name, count=len(problems), problems=tuple(problems))
    return policy


def versions() -> tuple[str, ...]:
    """Give the names of the shipped policy files, oldest first."""
    folder = resources.files(__package__).joinpath(_VERSIONS)
    return tuple(sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")))


def in_force(day: date) -> Policy:
    """Give the newest shipped policy that is in force on ``day``.

    >>> in_force(date(2026, 6, 1)).id
    '2026-01'
    """
    folder = resources.files(__package__).joinpath(_VERSIONS)
    policies = [load_policy(folder.joinpath(name)) for name in versions()]
    holding = [policy for policy in policies if policy.holds_on(day)]
    if not holding:
        first = min(policy.effective_from for policy in policies)
        raise NotReadyError("no-policy-in-force", found=day.isoformat(), expected=first.isoformat())
    return max(holding, key=lambda policy: policy.effective_from)


def _read(content: Mapping[str, Any], problems: list[InputError]) -> Policy | None:
    fields = Fields(content, "", problems)
    id_, name = fields.code("id"), fields.languages("name")
    start, end = fields.day("effective_from"), fields.day("effective_to", required=False)
    gates = read_gates(fields.many("gate"))
    bands = read_bands(fields.many("band"))
    limit = read_limit(fields.one("limit"))
    fields.done()
    if start and end and end < start:
        fields.problem("policy-ends-before-start", "effective_to", found=end, expected=start)
    if problems or not (id_ and name and start and bands and limit):
        return None
    return Policy(id_, name, start, end, gates, bands, limit, _hash(content))


def _hash(content: Mapping[str, Any]) -> str:
    def plain(value: object) -> str:
        return str(value.normalize()) if isinstance(value, Decimal) else str(value)

    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=plain)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
