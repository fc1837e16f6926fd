"""The bundle: one folder that holds a model whole, and proves by its name that it is unaltered.

``models/<fingerprint>/`` holds ``bundle.json`` (features in order, calibrator, scale, grades, provenance), ``tables.json``
(the model as it is used), ``booster-NN.txt`` (the models it was compiled from, LightGBM's own text) and ``card.md``
(the same for a reader, in both languages; it may be edited and is not part of the model). The fingerprint is the
SHA-256 of all but the card, in a canonical form without times or paths: the same data and seed give the same one.
Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from certloan.errors import InputError
from certloan.scoring.calibration import Calibrator, probability
from certloan.scoring.grades.grades import Grades
from certloan.scoring.matrix import Floats, ModelFeature, encode
from certloan.scoring.points import Scale, rounded
from certloan.scoring.tables import Tables

#: Raised whenever a reader of the previous version could misread the folder.
VERSION = 2

Kind = Literal["ensemble", "scorecard"]

_MANIFEST, _TABLES, _CARD = "bundle.json", "tables.json", "card.md"


@dataclass(frozen=True, eq=False)
class Scored:
    """What a bundle says of each row: calibrated log-odds of default, probability, exact points, and the score."""

    margin: Floats
    pd: Floats
    points: Floats
    score: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bundle:
    """A trained model with everything needed to score, explain and account for it.

    ``kind`` tells what the tables were compiled from: averaged boosters, or a scorecard of weights of evidence.
    ``parent`` is the fingerprint of the model that this one was recalibrated from. ``grades`` are its own, fitted on
    rows it had not learnt from. ``provenance`` is plain JSON: training window, dataset digests, settings and seeds, metrics, rivals, library
    versions, what was dropped and why.
    """

    features: tuple[ModelFeature, ...]
    tables: Tables
    calibrator: Calibrator = field(default_factory=Calibrator)
    scale: Scale = field(default_factory=Scale)
    boosters: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    kind: Kind = "ensemble"
    parent: str | None = None
    grades: Grades | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The features in the order of contributions."""
        return tuple(feature.name for feature in self.features)

    @property
    def base_points(self) -> float:
        """The exact points of the average applicant of the reference population."""
        return float(self.scale.points_of(self.calibrator.apply(np.array([self.tables.base])))[0])

    @property
    def points_per_margin(self) -> float:
        """Points per unit of uncalibrated log-odds of default (negative: more risk, fewer points)."""
        return -self.scale.factor * self.calibrator.slope

    def encode(self, matrix: pa.Table) -> Floats:
        """Give the rows as the tables read them; ``feature-mismatch`` when the columns do not fit."""
        return encode(matrix, self.features)

    def score(self, matrix: pa.Table) -> Scored:
        """Score the rows of a feature matrix, in their order."""
        margin = self.calibrator.apply(self.tables.margin(self.encode(matrix)))
        points = self.scale.points_of(margin)
        return Scored(margin, probability(margin), points, rounded(points))

    def grade(self, pd: Floats) -> NDArray[np.str_]:
        """Give the grade of each probability of default; ``bundle-no-grades`` when the model has none."""
        if self.grades is None:
            raise InputError("bundle-no-grades", bundle=self.fingerprint[:12])
        return self.grades.of(pd)

    def contributions(self, matrix: pa.Table) -> Floats:
        """Give each feature's exact Shapley value in points, shape (rows, features).

        With :attr:`base_points` a row adds up to its ``Scored.points``. Positive speaks for the applicant.
        """
        return self.tables.contributions(self.encode(matrix)) * self.points_per_margin

    def as_json(self) -> dict[str, Any]:
        """Give everything but the tables and the boosters as plain values."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "parent": self.parent,
            "features": [
                {**asdict(feature), "levels": None if feature.levels is None else list(feature.levels)}
                for feature in self.features
            ],
            "calibrator": self.calibrator.as_json(),
            "scale": asdict(self.scale),
            "grades": None if self.grades is None else self.grades.as_json(),
            "provenance": dict(self.provenance),
        }

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The content of each file that the fingerprint covers beside the manifest."""
        texts = {f"booster-{number:02d}.txt": text.encode() for number, text in enumerate(self.boosters)}
        return {_TABLES: _canonical(self.tables.as_json()), **texts}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical content, 64 hexadecimal digits."""
        return _fingerprint(self.as_json(), _describe(self.files))

    def save(self, models: Path, card: str | None = None) -> Path:
        """Write the bundle to ``models/<fingerprint>`` and give that folder.

        An interrupted write leaves nothing under that name; a folder that is already there is the same model.
        """
        folder = models / self.fingerprint
        if folder.exists():
            return folder
        models.mkdir(parents=True, exist_ok=True)
        building = models / f".{self.fingerprint}.{os.getpid()}"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        manifest = {"fingerprint": self.fingerprint, "files": _describe(self.files), **self.as_json()}
        for name, held in self.files.items():
            (building / name).write_bytes(held)
        (building / _MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if card is not None:
            (building / _CARD).write_text(card, encoding="utf-8")
        building.rename(folder)
        return folder

    @staticmethod
    def load(folder: Path, *, expected: str | None = None) -> Bundle:
        """Read a bundle and check every byte that counts against its fingerprint (``expected``, if it is known).

        Raises ``bundle-missing``, ``bundle-unreadable`` (a file is absent, cut short or no JSON), ``bundle-version``
        (written by another version) or ``bundle-altered`` (the content is not what the fingerprint says).
        """
        if not (folder / _MANIFEST).is_file():
            raise InputError("bundle-missing", bundle=folder.name, file=_MANIFEST)
        manifest = _read_json(folder, _MANIFEST)
        version = manifest.pop("version", None)
        if version != VERSION:
            raise InputError("bundle-version", bundle=folder.name, found=version, expected=VERSION)
        claimed, described = manifest.pop("fingerprint", None), manifest.pop("files", None)
        if not isinstance(described, dict) or not all(isinstance(entry, dict) for entry in described.values()):
            raise InputError("bundle-unreadable", bundle=folder.name, file=_MANIFEST)
        content = {"version": version, **manifest}
        if _fingerprint(content, described) != claimed or expected not in (None, claimed):
            raise InputError("bundle-altered", bundle=folder.name, file=_MANIFEST)
        held = {name: _read(folder, name) for name in sorted(described)}
        for name, found in held.items():
            if len(found) < described[name]["bytes"]:
                raise InputError("bundle-unreadable", bundle=folder.name, file=name)
            if _digest(found) != described[name]["sha256"]:
                raise InputError("bundle-altered", bundle=folder.name, file=name)
        return _rebuild(folder, content, held)


def _rebuild(folder: Path, content: Mapping[str, Any], held: Mapping[str, bytes]) -> Bundle:
    try:
        if content["kind"] not in get_args(Kind):
            raise ValueError(content["kind"])
        features = tuple(
            ModelFeature(**{**entry, "levels": None if entry["levels"] is None else tuple(entry["levels"])})
            for entry in content["features"]
        )
        return Bundle(
            features,
            Tables.from_json(json.loads(held[_TABLES])),
            Calibrator.from_json(content["calibrator"]),
            Scale(**content["scale"]),
            tuple(held[name].decode() for name in sorted(held) if name != _TABLES),
            content["provenance"],
            content["kind"],
            content["parent"],
            None if content["grades"] is None else Grades.from_json(content["grades"]),
        )
    except (KeyError, TypeError, ValueError) as broken:
        raise InputError("bundle-unreadable", bundle=folder.name, file=_TABLES) from broken


def _describe(files: Mapping[str, bytes]) -> dict[str, dict[str, str | int]]:
    return {name: {"bytes": len(held), "sha256": _digest(held)} for name, held in files.items()}


def _fingerprint(content: Mapping[str, Any], files: Mapping[str, Any]) -> str:
    return _digest(_canonical({"content": content, "files": files}))


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(folder: Path, name: str) -> bytes:
    try:
        if Path(name).name != name:
            raise FileNotFoundError(name)
        return (folder / name).read_bytes()
    except OSError as absent:
        raise InputError("bundle-unreadable", bundle=folder.name, file=name) from absent


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    try:
        held = json.loads(_read(folder, name))
    except ValueError as broken:
        raise InputError("bundle-unreadable", bundle=folder.name, file=name) from broken
    if not isinstance(held, dict):
        raise InputError("bundle-unreadable", bundle=folder.name, file=name)
    return held
