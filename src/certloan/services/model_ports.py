"""What the services ask of the place where models live. The adapter is ``storage/registry.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from certloan.scoring.bundle import Bundle


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """What is worth recording of a training beside the bundle itself.

    ``judged`` holds one row per test loan, without any key: ``pd``, ``score``, ``defaulted``, ``weight``. ``weights``
    says how many points each feature moves the typical applicant.
    """

    parameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    digests: Mapping[str, str]
    judged: pa.Table
    weights: Mapping[str, float] = field(default_factory=dict)


class ModelStore(Protocol):
    """Bundles by fingerprint, one of them the champion."""

    def save(self, bundle: Bundle) -> Path:
        """Keep the bundle under its fingerprint; saving the same one twice changes nothing."""
        ...

    def load(self, fingerprint: str) -> Bundle:
        """Give the bundle whose fingerprint this is, or begins with this, checked byte by byte."""
        ...

    def fingerprints(self) -> tuple[str, ...]:
        """Give every model that is kept, in alphabetical order."""
        ...

    def champion(self) -> str | None:
        """Give the fingerprint of the model in use, if there is one."""
        ...

    def promote(self, fingerprint: str) -> None:
        """Make a kept model the one in use."""
        ...

    def record(self, bundle: Bundle, run: TrainingRun) -> str:
        """Write the training into the experiment tracker and give the id of the run there."""
        ...
