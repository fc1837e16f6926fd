"""Score applications and recommend a decision for each, with the reasons and the records behind them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.explain.reasons import Chosen, choose, word
from certloan.explain.speaking import speaking
from certloan.explain.withheld import COUNTED, Withholding
from certloan.features.catalog import FEATURES, by_name
from certloan.ledger.entry import Kind, Plain
from certloan.policy.policy import Policy
from certloan.report.decisions import content_digest, write_decisions
from certloan.scoring.bundle import Bundle
from certloan.scoring.points import displayed
from certloan.services.apply_policy import apply_policy
from certloan.services.build_features import ALL_APPLICATIONS, OPEN_APPLICATIONS, build_matrix
from certloan.services.journal_port import Journal
from certloan.services.ports import SILENT, Progress, Warehouse
from certloan.services.read_records import records_behind
from certloan.services.shadow_model import Shadow, Shadowed, ShadowRun

_SIDES = ("for", "against")
_LANGS = ("zh", "en")


@dataclass(frozen=True)
class ScoringRun:
    """A file of applications, decided. ``decisions`` is described in docs/decisions.md."""

    decisions: pa.Table
    fingerprint: str
    policy_id: str
    policy_hash: str
    seconds: float
    shadowed: Shadowed | None = None

    @property
    def scored(self) -> int:
        """How many applications were scored."""
        return int(self.decisions.num_rows)

    @property
    def outcomes(self) -> dict[str, int]:
        """How many applications got each recommendation."""
        found = self.decisions.column("outcome")
        return {name: int(pc.sum(pc.equal(found, name)).as_py() or 0) for name in ("approve", "refer", "decline")}

    def as_json(self) -> dict[str, object]:
        """Give the figures of the run, without any applicant."""
        return {
            "scored": self.scored,
            **self.outcomes,
            "fingerprint": self.fingerprint,
            "policy": self.policy_id,
            "policy_hash": self.policy_hash,
            "seconds": round(self.seconds, 2),
            **({} if self.shadowed is None else {"shadow": self.shadowed.as_json()}),
        }


def decide(
    warehouse: Warehouse,
    bundle: Bundle,
    policy: Policy,
    actor: Actor,
    *,
    only_open: bool = False,
    reasons: bool = True,
    progress: Progress = SILENT,
    journal: Journal | None = None,
    shadow: Shadow | None = None,
) -> ScoringRun:
    """Decide every application of the warehouse, or only those without an outcome, each as of its own day.

    A run that counts is recorded in the ``journal``; without one, it is a look at what would be recommended. What was
    decided and recorded is then shown to the ``shadow``, on which no decision depends.
    """
    # Whoever audits sees what was recommended, never why in one case.
    actor.require(Permission.SCORE, *([] if reasons else [Permission.AUDIT]))
    started = time.monotonic()
    matrix = build_matrix(warehouse, _subjects(warehouse, only_open), FEATURES, progress)
    progress.stage("score")
    decided = apply_policy(warehouse, matrix, bundle, policy)
    if reasons:
        progress.stage("reasons", matrix.num_rows)
        decided = _with_reasons(warehouse, bundle, matrix, decided, progress)
    run = ScoringRun(decided, bundle.fingerprint, policy.id, policy.hash, time.monotonic() - started)
    if journal is not None:
        progress.stage("ledger")
        entry = journal.append(actor, Kind.DECISIONS_MADE, _entry(run))
        if shadow is not None:
            progress.stage("shadow")
            seen = ShadowRun(warehouse, matrix, decided, bundle, policy, entry.seq)
            run = replace(run, shadowed=shadow.observe(seen))
    return run


def _entry(run: ScoringRun) -> dict[str, Plain]:
    return {
        "bundle": run.fingerprint,
        "policy": run.policy_id,
        "policy_sha256": run.policy_hash,
        "scored": run.scored,
        **run.outcomes,
        "decisions_sha256": content_digest(run.decisions),
    }


def write(run: ScoringRun, folder: Path) -> list[Path]:
    """Write the decisions as CSV, workbook and Parquet."""
    return write_decisions(run.decisions, folder)


def count_open(warehouse: Warehouse) -> int:
    """Count the applications that wait for an answer."""
    return int(warehouse.query(OPEN_APPLICATIONS).num_rows)


def _subjects(warehouse: Warehouse, only_open: bool) -> pa.Table:
    """Give each application once, as last stated. Where a file tells no status, one without an outcome is open."""
    subjects = warehouse.query(OPEN_APPLICATIONS if only_open else ALL_APPLICATIONS)
    if subjects.num_rows == 0:
        raise InputError("nothing-to-score")
    return subjects


def _with_reasons(
    warehouse: Warehouse, bundle: Bundle, matrix: pa.Table, decided: pa.Table, progress: Progress
) -> pa.Table:
    """Add the sentences for and against, two languages each; the records of a feature are fetched in one query."""
    contributions = bundle.contributions(matrix)
    specs = [by_name(name) for name in bundle.names]
    families = [spec.family.value for spec in specs]
    withholding = Withholding.of(specs, matrix)
    together, may = withholding.merged(contributions, speaking(bundle, matrix))
    chosen = [choose(row, families, *sides) for row, *sides in zip(together, may.positive, may.negative, strict=True)]
    wanted = _wanted(chosen, bundle.names, withholding)
    records = {
        name: records_behind(warehouse, by_name(name), matrix.select(["application_id", "uscc", "as_of"]).take(rows))
        for name, rows in wanted.items()
    }
    values = {name: matrix.column(name).to_pylist() for name in wanted if name in bundle.names}
    identities = matrix.column("application_id").to_pylist()
    scores = decided.column("score").to_pylist()
    columns: dict[str, list[list[str]]] = {f"reasons_{side}_{lang}": [] for side in _SIDES for lang in _LANGS}
    for row, (application_id, both) in enumerate(zip(identities, chosen, strict=True)):
        _, points = displayed(bundle.base_points, contributions[row], scores[row])
        for side, positions in (("for", both.positive), ("against", both.negative)):
            told = [
                withholding.reason(row, specs[at], points, records[COUNTED].get(application_id, ()))
                if withholding.hidden[row, at]
                else word(
                    specs[at],
                    values[bundle.names[at]][row],
                    points[at],
                    records[bundle.names[at]].get(application_id, ()),
                )
                for at in positions
            ]
            columns[f"reasons_{side}_zh"].append([reason.zh for reason in told])
            columns[f"reasons_{side}_en"].append([reason.en for reason in told])
        progress.advance()
    for name, lists in columns.items():
        decided = decided.append_column(name, pa.array(lists, pa.list_(pa.string())))
    return decided


def _wanted(chosen: Sequence[Chosen], names: Sequence[str], withholding: Withholding) -> dict[str, np.ndarray]:
    """Give for each feature that is a reason the rows whose records are to be looked up."""
    rows: dict[str, list[int]] = {}
    for row, both in enumerate(chosen):
        for position in (*both.positive, *both.negative):
            name = COUNTED if withholding.hidden[row, position] else names[position]
            rows.setdefault(name, []).append(row)
    return {name: np.array(found) for name, found in sorted(rows.items())}
