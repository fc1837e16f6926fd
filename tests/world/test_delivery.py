"""A world on disk: the same bytes from the same seed, and a ledger that ingest agrees with row by row."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from certloan.contracts import CONTRACTS, Kind
from certloan.domain.people import Actor
from certloan.services.load_evidence import LoadReport, load_delivery
from certloan.services.make_world import digests, make_world
from certloan.services.ports import Warehouse
from certloan.storage.warehouse import DuckWarehouse
from certloan.world import delivery, economy
from certloan.world.mess import MessShares

from .conftest import SMALL, SMALL_SEED

_TIDY = MessShares(duplicates=0, slips=0, late=0, corrected=0)


def _load(out: Path, folder: str, warehouse: Warehouse, actor: Actor, tmp: Path) -> LoadReport:
    return load_delivery(out / folder, warehouse, quarantine_dir=tmp / folder, actor=actor)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    written: Path, tmp_path: Path, actor: Actor
) -> None:
    make_world(SMALL, SMALL_SEED, tmp_path / "again", actor=actor)
    make_world(SMALL, SMALL_SEED + 1, tmp_path / "other", actor=actor)
    ours, again, other = (digests(path) for path in (written, tmp_path / "again", tmp_path / "other"))
    assert ours == again
    assert len(ours) > 30
    differing = {name for name in ours if other.get(name) != ours[name]}
    assert set(ours) - differing <= {"delivery/delivery.toml", "delivery-2/delivery.toml"}


def test_ingest_puts_aside_exactly_the_rows_that_the_ledger_names(written: Path, tmp_path: Path, actor: Actor) -> None:
    ledger = pq.read_table(written / "mess.parquet").to_pylist()
    warehouse = DuckWarehouse.open(None)
    later = _later_statements(written, SMALL, SMALL_SEED)
    for folder in delivery.FOLDERS:
        report = _load(written, folder, warehouse, actor, tmp_path)
        noted = [note for note in ledger if note["delivery"] == folder]
        bad = {(n["file"], n["sheet"], n["row"]): n["kind"] for n in noted if n["effect"] == "quarantined"}
        told = _quarantined(report.quarantine_file) if report.quarantine_file else {}
        assert set(told) == set(bad)
        assert all(kind in told[place] for place, kind in bad.items())
        total = report.total
        assert total.rows_quarantined == len(bad)
        assert total.rows_duplicate == sum(note["effect"] == "duplicate" for note in noted)
        assert total.rows_accepted + total.rows_quarantined + total.rows_duplicate == total.rows_read
        corrected = sum(note["effect"] == "supersedes" for note in noted)
        assert corrected <= total.rows_superseding <= corrected + later
    warehouse.close()


def _later_statements(out: Path, enterprises: int, seed: int) -> int:
    tables = economy.draw(enterprises, seed).tables
    keys = {name: tables[name].select(CONTRACTS[name].key).to_pandas() for name in tables}
    return int(sum(frame.duplicated().sum() for frame in keys.values()))


def _quarantined(path: Path, *, whole: bool = False) -> dict[tuple[str, str, int], set[str]]:
    found: dict[tuple[str, str, int], set[str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            place = (row["file"] if whole else Path(row["file"]).name, row["sheet"], int(row["row"]))
            found.setdefault(place, set()).add(row["code"])
    return found


def test_without_mess_every_value_of_the_world_arrives_in_the_warehouse(tmp_path: Path, actor: Actor) -> None:
    make_world(SMALL, SMALL_SEED, tmp_path / "w", actor=actor, shares=_TIDY)
    assert pq.read_table(tmp_path / "w" / "mess.parquet").num_rows == 0
    warehouse = DuckWarehouse.open(None)
    for folder in delivery.FOLDERS:
        report = _load(tmp_path / "w", folder, warehouse, actor, tmp_path)
        assert report.total.rows_accepted == report.total.rows_read
        assert {problem.code for problem in report.problems} <= set()
    for name, table in economy.draw(SMALL, SMALL_SEED).tables.items():
        columns = [*table.column_names]
        stored = warehouse.query(f"select {', '.join(columns)} from history.{name}")
        assert _rows(stored) == _rows(_as_stored(name, table))
    warehouse.close()


def _as_stored(name: str, table: pa.Table) -> pa.Table:
    """Money as the warehouse keeps it; codes upper-case."""
    for column in CONTRACTS[name].columns:
        if column.kind is Kind.MONEY and column.name in table.column_names:
            at = table.schema.get_field_index(column.name)
            table = table.set_column(at, column.name, table[column.name].cast(pa.decimal128(20, 0)))
        if column.kind is Kind.CODE and column.name in table.column_names:
            at = table.schema.get_field_index(column.name)
            compact = [v and v.replace(" ", "").upper() for v in table[column.name].to_pylist()]
            table = table.set_column(at, column.name, pa.array(compact, pa.string()))
    return table


def _rows(table: pa.Table) -> list[tuple[str, ...]]:
    return sorted(tuple(_plain(value) for value in row.values()) for row in table.to_pylist())


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, Decimal) else str(value)


@pytest.mark.parametrize("kind", ["copy", "slips", "late", "corrected"])
def test_the_ledger_holds_the_shares_that_were_asked_for(tmp_path: Path, actor: Actor, kind: str) -> None:
    shares = MessShares(duplicates=0.02, slips=0.02, late=0.02, corrected=0.02)
    report = make_world(120, 3, tmp_path / "w", actor=actor, shares=shares)
    ledger = pq.read_table(tmp_path / "w" / "mess.parquet").to_pandas()
    named = {"copy", "late", "corrected", "resent"}
    first = sum(rows for name, rows in report.files.items() if name.startswith("delivery/"))
    count = (~ledger["kind"].isin(named) if kind == "slips" else ledger["kind"] == kind).sum()
    # Late and corrected records come only in some tables, so their share of all rows is smaller.
    low = 0.015 if kind in ("copy", "slips") else 0.005
    assert low * first < count < 0.025 * first


def test_the_second_delivery_says_what_became_known_in_june(written: Path) -> None:
    second = openpyxl.load_workbook(written / "delivery-2" / "16_贷款申请.xlsx", read_only=False)["贷款申请"]
    rows = list(second.iter_rows(values_only=True))
    assert rows[0][0] == "贷款申请台账"
    assert rows[1][0] == "单位：万元"
    assert rows[2][-1] == "获知日期"
    days = [row[2] for row in rows[3:] if isinstance(row[2], dt.datetime)]
    assert days
    assert all(dt.datetime(2026, 6, 1) <= day <= dt.datetime(2026, 6, 30) for day in days[: len(days) // 2])


def test_files_differ_in_encoding_headers_and_styles(written: Path) -> None:
    folder = written / "delivery"
    certificates = (folder / "04_认证证书.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        certificates.decode("utf-8")
    assert "年" in certificates.decode("gb18030").splitlines()[1]
    assert (folder / "09_信贷账户.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    book = openpyxl.load_workbook(folder / "03_名录.xlsx")
    assert [str(area) for area in book["列入名录"].merged_cells.ranges] == ["A1:G1"]
    assert isinstance(book["列入名录"]["C3"].value, dt.datetime)
    bodies = openpyxl.load_workbook(folder / "06_认证机构.xlsx")["认证机构"]
    assert any(isinstance(row[3], int) and row[3] > 36_000 for row in bodies.iter_rows(min_row=3, values_only=True))


def test_a_table_too_long_for_a_sheet_becomes_a_csv(
    tmp_path: Path, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "WORKBOOK_ROWS", 100)
    make_world(150, 2, tmp_path / "w", actor=actor)
    names = {path.name for path in (tmp_path / "w" / "delivery").iterdir()}
    assert {"01_主体登记_企业信息.csv", "01_主体登记_登记变更.csv"} <= names
    assert "01_主体登记.xlsx" not in names
    ledger = pq.read_table(tmp_path / "w" / "mess.parquet").to_pandas()
    assert set(ledger.loc[ledger["delivery"] == "delivery", "file"]) <= names
