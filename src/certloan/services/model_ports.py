"""What the services ask of the place where models live. The adapter is ``storage/registry.py``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from certloan.scoring.bundle import Bundle


@dataclass(frozen=True)
class DatasetUse:
    """Rows that a training read, and for what.

    ``role`` is what they were for: ``train``, ``calibrate``, ``validate`` or ``test``. ``digest`` is the SHA-256 of
    their content, the same on every machine. ``first_day`` and ``last_day`` are the days of application, both
    included. ``source`` says where they lie (the deliveries they came from, say), ``sampling`` how they were chosen.
    """

    name: str
    role: str
    digest: str
    rows: int | None = None
    defaults: int | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    source: str = "warehouse"
    sampling: str = "all"


@dataclass(frozen=True)
class SearchTrial:
    """One attempt of the search for settings.

    ``value`` is what the search compares (None where the attempt ended before it had one), ``state`` how it ended:
    ``complete``, ``pruned`` or ``failed``.
    """

    number: int
    settings: Mapping[str, Any]
    value: float | None
    state: str
    seconds: float


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """What is worth recording of a training beside the bundle itself.

    ``judged`` holds one row per test loan, without any key: ``pd``, ``score``, ``defaulted``, ``weight``. ``weights``
    says how many points each feature moves the typical applicant. ``digests`` names content that no
    :class:`DatasetUse` describes. ``operator`` is the person who trained; ``seconds`` is how long it took until it is
    recorded. ``parent_run`` is the run that this one continues, ``parent_model`` the fingerprint that it was made
    from. ``tables`` are plain JSON values by name, ``pictures`` SVG texts by name; both names without an ending.
    """

    parameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    digests: Mapping[str, str]
    judged: pa.Table
    weights: Mapping[str, float] = field(default_factory=dict)
    operator: str = ""
    datasets: Sequence[DatasetUse] = ()
    seeds: Mapping[str, int] = field(default_factory=dict)
    trials: Sequence[SearchTrial] = ()
    parent_run: str | None = None
    parent_model: str | None = None
    tables: Mapping[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class ModelStore(Protocol):
    """Bundles by fingerprint, one of them the champion, one perhaps its challenger."""

    def save(self, bundle: Bundle) -> Path:
        """Keep the bundle under its fingerprint; saving the same one twice changes nothing."""
        ...

    def find(self, fingerprint: str) -> str:
        """Give the whole fingerprint of the kept model that this is, or begins; its content is not read."""
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

    def challenger(self) -> str | None:
        """Give the fingerprint of the model that scores beside the champion, if there is one."""
        ...

    def promote(self, fingerprint: str) -> None:
        """Make a kept model the one in use; as a challenger it has done its work."""
        ...

    def challenge(self, fingerprint: str | None) -> None:
        """Make a kept model the challenger; None: there is none any more."""
        ...

    def record(self, bundle: Bundle, run: TrainingRun) -> str:
        """Write the training into the experiment tracker and give the id of the run there."""
        ...
