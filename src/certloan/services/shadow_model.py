"""Shadow mode: the challenger scores whatever the champion decides, and decides nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from certloan.errors import CertLoanError
from certloan.policy.policy import Policy
from certloan.scoring.bundle import Bundle
from certloan.services.apply_policy import apply_policy
from certloan.services.model_ports import ModelStore
from certloan.services.ports import Warehouse

#: Features whose points moved an application most, kept with it.
_KEPT = 5


@dataclass(frozen=True)
class Shadowed:
    """What became of a shadow run: how many were scored by whom, or the code of what kept it from happening."""

    challenger: str | None
    scored: int = 0
    failed: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return dict(vars(self))


class Shadow(Protocol):
    """Told of every run of decisions that counts."""

    def observe(self, run: ShadowRun) -> Shadowed | None:
        """Score what was decided with the challenger; None where there is none. Never raises what a user can cause."""
        ...


@dataclass(frozen=True, eq=False)
class ShadowRun:
    """Decisions as they were made, with everything to make them again: in their order, row by row of ``matrix``.

    ``number`` is the place of the run in the ledger.
    """

    warehouse: Warehouse
    matrix: pa.Table
    decided: pa.Table
    champion: Bundle
    policy: Policy
    number: int


class ShadowBook:
    """A :class:`Shadow` that keeps one Parquet file for each run, in a folder for each pair of models."""

    def __init__(self, store: ModelStore, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def observe(self, run: ShadowRun) -> Shadowed | None:
        """Score with the challenger and keep the differences. The decisions were made before and stay what they are."""
        challenger = None
        try:
            challenger = self._store.challenger()
            if challenger is None:
                return None
            table = shadow_scores(run, self._store.load(challenger))
            keep_shadow(table, self._folder / pair_name(run.champion.fingerprint, challenger), run.number)
        except CertLoanError as error:
            return Shadowed(challenger, failed=error.code)
        except OSError as error:
            return Shadowed(challenger, failed=f"io-{error.errno}")
        return Shadowed(challenger, table.num_rows)


def pair_name(champion: str, challenger: str) -> str:
    """Name the folder of a champion and its challenger.

    >>> pair_name("a" * 64, "b" * 64)
    'aaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb'
    """
    return f"{champion[:16]}-{challenger[:16]}"


def shadow_scores(run: ShadowRun, challenger: Bundle) -> pa.Table:
    """Give one row for each decision: both scores, probabilities, grades and outcomes, and the features that moved it.

    ``moved`` lists features with the points that the challenger gives more than the champion, the largest moves first;
    a feature that one of them does not read counts as nothing there.
    """
    would = apply_policy(run.warehouse, run.matrix, challenger, run.policy)
    names, points = _moved_points(run.matrix, run.champion, challenger)
    columns: dict[str, Any] = {name: run.decided.column(name) for name in ("application_id", "as_of")}
    for side, table in (("champion", run.decided), ("challenger", would)):
        columns |= {f"{side}_{name}": table.column(name) for name in ("score", "pd", "grade", "outcome")}
    for side, bundle in (("champion", run.champion), ("challenger", challenger)):
        columns[f"{side}_points"] = pa.array(bundle.score(run.matrix).points)
    columns["moved"] = pa.array([_largest(names, row) for row in points], _MOVED)
    return pa.table(columns)


_MOVED = pa.list_(pa.struct([("feature", pa.string()), ("points", pa.float64())]))


def keep_shadow(table: pa.Table, folder: Path, number: int) -> Path:
    """Write a run's differences whole or not at all, under its place in the ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    file, building = folder / f"{number:08d}.parquet", folder / f".{number:08d}.{os.getpid()}.part"
    try:
        pq.write_table(table, building, compression="zstd")
        building.replace(file)
    finally:
        building.unlink(missing_ok=True)
    return file


def _moved_points(matrix: pa.Table, champion: Bundle, challenger: Bundle) -> tuple[list[str], np.ndarray]:
    """Give challenger's minus champion's points of every feature that either reads, by application."""
    names = sorted({*champion.names, *challenger.names})
    place = {name: at for at, name in enumerate(names)}
    moved = np.zeros((matrix.num_rows, len(names)))
    for bundle, sign in ((champion, -1.0), (challenger, 1.0)):
        moved[:, [place[name] for name in bundle.names]] += sign * bundle.contributions(matrix)
    return names, moved


def _largest(names: list[str], points: np.ndarray) -> list[dict[str, Any]]:
    order = np.lexsort((np.arange(len(points)), -np.abs(points)))[:_KEPT]
    return [{"feature": names[at], "points": round(float(points[at]), 3)} for at in order if points[at]]
