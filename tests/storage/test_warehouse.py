"""The warehouse keeps its tables, its transactions and its door."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from certloan.contracts import CONTRACTS
from certloan.errors import NotReadyError
from certloan.i18n import sentence
from certloan.storage.tables import physical_columns, visible_columns
from certloan.storage.warehouse import DuckWarehouse


def columns_of(warehouse: DuckWarehouse, relation: str) -> list[str]:
    return list(warehouse.query(f"select * from {relation} limit 0").column_names)


def test_every_contract_has_a_history_and_a_view_from_the_start() -> None:
    warehouse = DuckWarehouse.open(None)
    for contract in CONTRACTS.values():
        assert columns_of(warehouse, f'history."{contract.table}"') == list(physical_columns(contract))
        assert columns_of(warehouse, f'"{contract.table}"') == list(visible_columns(contract))
    warehouse.close()


def test_a_record_ends_on_the_earlier_of_void_and_superseded() -> None:
    warehouse = DuckWarehouse.open(None)
    warehouse.execute(
        """insert into history.tax_grade (uscc, year, grade, known_on, void_on, superseded_on) values
        ('A', 1, 'A', '2024-01-01', null, null), ('A', 2, 'A', '2024-01-01', '2024-05-01', null),
        ('A', 3, 'A', '2024-01-01', '2024-05-01', '2024-04-01'), ('A', 4, 'A', '2024-01-01', null, '2024-04-01')"""
    )
    found = warehouse.query("select void_on from tax_grade order by year").column("void_on").to_pylist()
    assert found == [None, date(2024, 5, 1), date(2024, 4, 1), date(2024, 4, 1)]
    warehouse.close()


def test_what_is_written_stays_after_closing_and_opening_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "warehouse.duckdb"
    warehouse = DuckWarehouse.open(path)
    warehouse.execute("insert into history.tax_grade (uscc, year) values (?, ?)", ["A", 2024])
    warehouse.close()
    DuckWarehouse.open(path).close()
    reader = DuckWarehouse.open(path, read_only=True)
    assert reader.query("select uscc, year from tax_grade").to_pylist() == [{"uscc": "A", "year": 2024}]
    reader.close()


def test_a_column_that_a_contract_gained_is_added_to_an_old_warehouse(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    warehouse = DuckWarehouse.open(path)
    warehouse.execute("drop view tax_grade")
    warehouse.execute("alter table history.tax_grade drop column grade")
    warehouse.close()
    renewed = DuckWarehouse.open(path)
    assert "grade" in columns_of(renewed, "tax_grade")
    renewed.close()


def test_a_failed_transaction_leaves_nothing_behind() -> None:
    warehouse = DuckWarehouse.open(None)

    def fail() -> None:
        with warehouse.transaction(), warehouse.transaction():
            warehouse.execute("insert into history.tax_grade (uscc) values ('A')")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail()
    assert warehouse.query("select * from tax_grade").num_rows == 0
    with warehouse.transaction():
        warehouse.execute("insert into history.tax_grade (uscc) values ('A')")
    assert warehouse.query("select * from tax_grade").num_rows == 1
    warehouse.close()


def test_an_attached_table_is_seen_inside_its_block_only() -> None:
    warehouse = DuckWarehouse.open(None)
    table = pa.table({"x": [1, 2, 3]})
    with warehouse.attached("given", table):
        assert warehouse.query("select sum(x) as s from given").to_pylist() == [{"s": 6}]
    reader = pa.RecordBatchReader.from_batches(table.schema, iter(table.to_batches()))
    with warehouse.transaction(), warehouse.attached("given", reader):
        assert warehouse.query("select sum(x) as s from given").to_pylist() == [{"s": 6}]
    with pytest.raises(Exception, match="given does not exist"):
        warehouse.query("select * from given")
    warehouse.close()


def test_an_attached_table_is_let_go_when_the_transaction_around_its_use_fails() -> None:
    warehouse = DuckWarehouse.open(None)

    def fail() -> None:
        with warehouse.transaction(), warehouse.attached("given", pa.table({"x": [1]})):
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        fail()
    with warehouse.attached("given", pa.table({"x": [5]})):
        assert warehouse.query("select x from given").to_pylist() == [{"x": 5}]
    warehouse.close()


def test_a_scratch_warehouse_is_empty_and_apart() -> None:
    warehouse = DuckWarehouse.open(None)
    warehouse.execute("insert into history.tax_grade (uscc) values ('A')")
    scratch = warehouse.scratch()
    scratch.execute("insert into history.tax_grade (uscc) values ('B'), ('C')")
    assert warehouse.query("select * from tax_grade").num_rows == 1
    assert scratch.query("select * from tax_grade").num_rows == 2
    scratch.close()
    warehouse.close()


def test_python_variables_are_not_tables() -> None:
    secret = pa.table({"x": [1]})
    warehouse = DuckWarehouse.open(None)
    with pytest.raises(Exception, match="secret does not exist"):
        warehouse.query("select * from secret")
    assert secret.num_rows == 1
    warehouse.close()


def test_threads_take_turns() -> None:
    warehouse = DuckWarehouse.open(None)
    sums: list[int] = []

    def ask(n: int) -> None:
        for _ in range(20):
            with warehouse.attached("mine", pa.table({"x": [n] * 10})):
                sums.append(warehouse.query("select sum(x) - 10 * ? as d from mine", [n]).column("d")[0].as_py())

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums == [0] * 80
    warehouse.close()


def code_of_opening(path: Path, *, read_only: bool = False) -> str:
    with pytest.raises(NotReadyError) as caught:
        DuckWarehouse.open(path, read_only=read_only)
    assert sentence(caught.value, "zh") != sentence(caught.value, "en")
    return caught.value.code


def test_a_missing_warehouse_cannot_be_read(tmp_path: Path) -> None:
    assert code_of_opening(tmp_path / "none.duckdb", read_only=True) == "warehouse-missing"


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        ("drop view reported_certificate", "reported_certificate"),
        ("alter table history.certificate drop column grade", "history.certificate.grade"),
        ("drop view inspection_prior; drop table derived.inspection_prior", "inspection_prior"),
        ("drop table history.delivery_problem", "history.delivery_problem"),
    ],
)
def test_a_warehouse_of_an_earlier_version_is_not_read_until_it_was_brought_up_to_date(
    tmp_path: Path, lost: str, named: str
) -> None:
    path = tmp_path / "old.duckdb"
    old = DuckWarehouse.open(path)
    old.execute(lost)
    old.close()
    with pytest.raises(NotReadyError) as caught:
        DuckWarehouse.open(path, read_only=True)
    assert caught.value.code == "warehouse-outdated"
    assert named in str(caught.value.facts["missing"]).split(", ")
    assert all("certloan ingest" in sentence(caught.value, lang) for lang in ("zh", "en"))
    DuckWarehouse.open(path).close()
    DuckWarehouse.open(path, read_only=True).close()


def test_a_file_that_is_no_warehouse_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "bad.duckdb").write_text("not a database " * 1000)
    assert code_of_opening(tmp_path / "bad.duckdb") == "warehouse-damaged"


def test_a_folder_that_cannot_be_made_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert code_of_opening(tmp_path / "file" / "warehouse.duckdb") == "warehouse-unreachable"


def test_a_warehouse_that_another_process_writes_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    program = (
        "import sys; from pathlib import Path; from certloan.storage.warehouse import DuckWarehouse\n"
        f"kept = DuckWarehouse.open(Path({str(path)!r})); sys.stdout.write('open\\n'); sys.stdout.flush(); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert code_of_opening(path) == "warehouse-locked"
        assert code_of_opening(path, read_only=True) == "warehouse-locked"
        other.communicate()
    DuckWarehouse.open(path).close()
