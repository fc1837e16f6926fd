"""What contradicts itself in a delivery is kept, told, and written into the ledger: row by row."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from certloan.domain.people import Actor
from certloan.services.load_evidence import load_delivery
from certloan.services.make_world import make_world
from certloan.storage.warehouse import DuckWarehouse
from certloan.world import delivery
from certloan.world.mess import MessShares

_SLOPPY = MessShares(duplicates=0.0, slips=0.03, late=0.0, corrected=0.0)
#: Warnings that nothing but the mess brings about.
_PLANTED = (
    "lower-case-uscc", "overdue-but-normal", "incident-without-date", "more-closed-than-found", "certificate-body-unknown",
    "event-before-issue", "unreadable-cell-left-empty",
)  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, actor: Actor) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """The rows that the ledger calls contradictory, and those that ingest warned of."""
    out = tmp_path_factory.mktemp("sloppy")
    make_world(500, 9, out / "w", actor=actor, shares=_SLOPPY)
    ledger = pq.read_table(out / "w" / "mess.parquet").to_pylist()
    noted: set[tuple[str, ...]] = {
        (note["delivery"], note["file"], str(note["row"]), note["kind"])
        for note in ledger
        if note["effect"] == "warned"
    }
    warned: set[tuple[str, ...]] = set()
    warehouse = DuckWarehouse.open(None)
    for folder in delivery.FOLDERS:
        report = load_delivery(out / "w" / folder, warehouse, quarantine_dir=out / folder, actor=actor)
        if report.warnings_file:
            with report.warnings_file.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            warned |= {(folder, Path(row["file"]).name, row["row"], row["code"]) for row in rows}
    warehouse.close()
    return noted, warned


@pytest.mark.parametrize("kind", [*_PLANTED, "certificate-number-shared"])
def test_ingest_warns_of_every_row_that_the_ledger_calls_contradictory(
    told: tuple[set[tuple[str, ...]], set[tuple[str, ...]]], kind: str
) -> None:
    noted, warned = ({place for place in places if place[-1] == kind} for places in told)
    assert noted
    assert noted <= warned
    if kind in _PLANTED:
        assert warned == noted
