"""A world in shards: one economy, whatever the number of processes, and a ledger that ingest agrees with."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from certloan.contracts import CONTRACTS
from certloan.domain.people import Actor
from certloan.errors import InputError
from certloan.i18n.catalog import sentence
from certloan.services.load_evidence import load_delivery
from certloan.services.make_world import Form, digests, make_world
from certloan.storage.warehouse import DuckWarehouse
from certloan.world import delivery, economy
from certloan.world.mess import MessShares

from .test_delivery import _quarantined

_FIRMS, _SHARD, _SEED = 150, 60, 5


@pytest.fixture(scope="module")
def sharded(tmp_path_factory: pytest.TempPathFactory, actor: Actor) -> Path:
    """A world of three shards, made by one process."""
    out = tmp_path_factory.mktemp("sharded") / "w"
    make_world(_FIRMS, _SEED, out, actor=actor, form=Form.PARQUET, shard=_SHARD, processes=1)
    return out


def test_two_processes_write_the_same_bytes_as_one(sharded: Path, tmp_path: Path, actor: Actor) -> None:
    make_world(_FIRMS, _SEED, tmp_path / "w", actor=actor, form=Form.PARQUET, shard=_SHARD, processes=2)
    assert digests(tmp_path / "w") == digests(sharded)
    assert len(digests(sharded)) > 60


def test_a_world_of_one_shard_is_the_world_without_shards() -> None:
    whole, shard = economy.draw(80, 3), economy.draw_shard(80, 3, 0, size=80)
    assert all(shard.tables[name].equals(table) for name, table in whole.tables.items())
    assert shard.truth.equals(whole.truth)


def test_no_record_of_one_shard_has_the_key_or_number_of_another() -> None:
    shards = [economy.draw_shard(120, 3, number, size=60) for number in range(2)]
    for name, contract in CONTRACTS.items():
        if name in economy.SHARED or name not in shards[0].tables:
            continue
        numbers = [*contract.key] if contract.key == ("application_id",) else ["uscc"]
        numbers += [n for n in ("certificate_no", "inspection_no", "incident_no", "number") if n in contract.names]
        for column in dict.fromkeys(numbers):
            one, other = (set(shard.tables[name][column].to_pylist()) - {None} for shard in shards)
            assert one, (name, column)
            assert not one & other, (name, column)


def test_all_shards_know_the_same_certification_bodies() -> None:
    first, second = (economy.draw_shard(120, 3, number, size=60) for number in range(2))
    assert set(economy.SHARED) <= set(first.tables)
    assert not set(economy.SHARED) & set(second.tables)
    bodies = set(first.tables["certification_body"]["body_no"].to_pylist())
    assert set(second.tables["certificate"]["body_no"].to_pylist()) - {None} <= bodies


def test_ingest_puts_aside_exactly_the_rows_that_the_ledger_of_all_shards_names(
    sharded: Path, tmp_path: Path, actor: Actor
) -> None:
    ledger = pq.read_table(sharded / "mess.parquet").to_pylist()
    warehouse = DuckWarehouse.open(None)
    for folder in delivery.FOLDERS:
        report = load_delivery(sharded / folder, warehouse, quarantine_dir=tmp_path / folder, actor=actor)
        noted = [note for note in ledger if note["delivery"] == folder]
        bad = {(n["file"], n["row"]): n["kind"] for n in noted if n["effect"] == "quarantined"}
        assert report.quarantine_file is not None
        told = {
            (file, row): codes for (file, _, row), codes in _quarantined(report.quarantine_file, whole=True).items()
        }
        assert set(told) == set(bad)
        assert all(kind in told[place] for place, kind in bad.items())
        assert report.total.rows_quarantined == len(bad)
        assert report.total.rows_duplicate == sum(note["effect"] == "duplicate" for note in noted)
    warehouse.close()


def test_without_mess_every_part_is_ordered_by_enterprise(tmp_path: Path, actor: Actor) -> None:
    tidy = MessShares(duplicates=0, slips=0, late=0, corrected=0)
    make_world(120, 3, tmp_path / "w", actor=actor, form=Form.PARQUET, shard=60, processes=1, shares=tidy)
    parts = [path for path in tmp_path.rglob("part-*.parquet") if "uscc" in pq.read_schema(path).names]
    assert len(parts) > 40
    for path in parts:
        codes = pq.read_table(path)["uscc"].to_pylist()
        assert codes == sorted(codes), path


def test_columns_of_parts_have_types(sharded: Path) -> None:
    schema = pq.read_schema(sharded / "delivery" / "credit_month" / "part-00001.parquet")
    assert schema.field("month").type == pa.date32()
    assert schema.field("balance").type == pa.int64()


def test_too_many_enterprises_for_workbooks_are_told_of_parquet(tmp_path: Path, actor: Actor) -> None:
    with pytest.raises(InputError, match="world-size-office") as refused:
        make_world(300_000, 1, tmp_path / "w", actor=actor)
    assert "parquet" in sentence(refused.value)
    assert not (tmp_path / "w").exists()


class _Interrupts:
    """A progress that is interrupted after some steps."""

    def __init__(self, after: int) -> None:
        self.left = after

    def stage(self, key: str, total: int | None = None) -> None:
        """Go on."""

    def advance(self, n: int = 1) -> None:
        """Be interrupted as by Ctrl-C."""
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("form", list(Form))
def test_an_interrupted_world_leaves_the_one_before_it_and_nothing_half_made(
    tmp_path: Path, actor: Actor, form: Form
) -> None:
    out = tmp_path / "w"
    with pytest.raises(KeyboardInterrupt):
        make_world(120, 1, out, actor=actor, form=form, shard=60, processes=1, progress=_Interrupts(1))
    assert not out.exists()
    make_world(60, 2, out, actor=actor, form=Form.PARQUET, shard=60, processes=1)
    before = digests(out)
    with pytest.raises(KeyboardInterrupt):
        make_world(120, 1, out, actor=actor, form=form, shard=60, processes=1, progress=_Interrupts(1))
    assert digests(out) == before
