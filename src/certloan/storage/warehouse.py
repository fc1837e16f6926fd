"""The warehouse in one DuckDB file (or in memory): see :class:`certloan.services.ports.Warehouse`."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from certloan.errors import NotReadyError
from certloan.services.ports import UnreadableSourceError
from certloan.storage.tables import read, statements

#: How many of the missing names an error tells.
_SHOWN = 5
#: What the engine says, in an error of no kind of its own, when a signal has stopped a query.
_INTERRUPTED = "Query interrupted"


class DuckWarehouse:
    """One connection; threads take turns. Make it with :meth:`open`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, memory_limit: str) -> None:
        self._connection = connection
        self._memory_limit = memory_limit
        # Held for a whole transaction or attachment: another thread must neither see half of one nor end it.
        self._turn = threading.RLock()
        self._in_transaction = False

    @classmethod
    def open(cls, path: Path | None, *, read_only: bool = False, memory_limit: str = "2GB") -> DuckWarehouse:
        """Open the warehouse at ``path``, or a new one in memory; make what is missing unless ``read_only``.

        Raises ``NotReadyError``: ``warehouse-missing`` (no file, or one that nothing has been loaded into yet), ``warehouse-locked`` (another process writes),
        ``warehouse-damaged`` (not a warehouse), ``warehouse-unreachable`` (permissions, disk), ``warehouse-outdated``
        (made before tables or columns that are read today, and opened for reading only).

        >>> warehouse = DuckWarehouse.open(None)
        >>> warehouse.query("select count(*) as n from certificate").to_pylist()
        [{'n': 0}]
        >>> warehouse.close()
        """
        connection = _connect(path, read_only, memory_limit)
        # The engine's own bar would stand in the middle of what a command prints for machines.
        connection.execute("set enable_progress_bar = false")
        warehouse = cls(connection, memory_limit)
        if path is None:
            spill = tempfile.mkdtemp(prefix="certloan-")
            connection.execute("set temp_directory = ?", [spill])
            weakref.finalize(warehouse, shutil.rmtree, spill, ignore_errors=True)
        if not read_only:
            with warehouse.transaction():
                for statement in statements():
                    warehouse.execute(statement)
        elif missing := warehouse._missing():
            empty = not warehouse.rows("select 1 as n from duckdb_schemas() where schema_name = 'history'")
            connection.close()
            if empty:  # whoever made the file was stopped before its first statement was kept
                raise NotReadyError("warehouse-missing", found=str(path))
            raise NotReadyError(
                "warehouse-outdated", found=str(path), missing=", ".join(missing[:_SHOWN]), n=len(missing)
            )
        return warehouse

    def _missing(self) -> list[str]:
        """Name the relations that are not there, and the columns that the others lack."""
        has: dict[str, set[str]] = {}
        for row in self.rows(
            "select schema_name as s, table_name as t, column_name as c from duckdb_columns() "
            "where database_name = current_database()"
        ):
            has.setdefault(row["t"] if row["s"] == "main" else f"{row['s']}.{row['t']}", set()).add(row["c"])
        told = (
            [name] if name not in has else [f"{name}.{c}" for c in sorted(columns - has[name])]
            for name, columns in read().items()
        )
        return [name for names in told for name in names]

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Give the rows of a SELECT."""
        with self._turn, _plainly_told():
            return self._connection.sql(sql, params=list(parameters)).to_arrow_table()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Give the rows of a SELECT as Python values by column: the quicker way for a few rows."""
        with self._turn, _plainly_told():
            found = self._connection.execute(sql, list(parameters))
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run statements that give no rows."""
        with self._turn, _plainly_told():
            if parameters:
                self._connection.execute(sql, list(parameters))
            else:
                self._connection.execute(sql)

    @contextmanager
    def attached(self, name: str, table: pa.Table | pa.RecordBatchReader) -> Iterator[None]:
        """Let queries inside the block read ``table`` under ``name``."""
        with self._turn:
            self._connection.register(name, table)
            try:
                yield
            finally:
                self._connection.unregister(name)

    @contextmanager
    def attached_files(self, name: str, files: Sequence[Path], columns: int) -> Iterator[None]:
        """Let queries inside the block read Parquet files of one schema: see the port."""
        listed = ", ".join(f"'{_unpatterned(file)}'" for file in files)
        cells = ", ".join(f"c{number}" for number in range(columns))
        with self._turn:
            try:
                self.execute(
                    f"create or replace temp view {name} as select cast(file_index as bigint) as file_no, "
                    f"file_row_number + 1 as row_no, {cells} "
                    f"from read_parquet([{listed}], hive_partitioning = false) as given({cells})"
                )
                yield
            except NotReadyError as error:
                if error.code == "warehouse-io-failed":
                    raise UnreadableSourceError(str(error.facts.get("why", ""))) from error
                raise
            except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
                raise
            except duckdb.Error as error:  # damaged data has no kind of error of its own
                raise UnreadableSourceError(str(error).splitlines()[0]) from error
            finally:
                self.execute(f"drop view if exists temp.{name}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a transaction inside a transaction is part of the outer one."""
        with self._turn:
            if self._in_transaction:
                yield
                return
            self.execute("begin")
            self._in_transaction = True
            try:
                yield
                self.execute("commit")
            except BaseException:
                # A signal may arrive when the commit has already ended the transaction.
                with suppress(duckdb.TransactionException):
                    self._connection.execute("rollback")
                raise
            finally:
                self._in_transaction = False

    def scratch(self) -> DuckWarehouse:
        """Give a new, empty warehouse in memory."""
        return DuckWarehouse.open(None, memory_limit=self._memory_limit)

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._connection.close()


def _connect(path: Path | None, read_only: bool, memory_limit: str) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool] = {
        "memory_limit": memory_limit,
        # Sorting and copying in arrival order would hold whole tables in memory; nothing here depends on it.
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "python_enable_replacements": False,
    }
    if path is None:
        return duckdb.connect(":memory:", config=config)
    if read_only and not path.exists():
        raise NotReadyError("warehouse-missing", found=str(path))
    config["temp_directory"] = f"{path}.spill"
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(str(path), read_only=read_only, config=config)
    except (duckdb.Error, OSError) as error:
        raise _not_ready(path, str(error)) from error


def _unpatterned(file: Path) -> str:
    """Write a path so that the engine takes every character of it as it stands."""
    name = str(file.absolute()).replace("'", "''")
    return "".join(f"[{character}]" if character in "[*?" else character for character in name)


def _not_ready(path: Path, told: str) -> NotReadyError:
    if "lock on file" in told or "different configuration" in told:
        return NotReadyError("warehouse-locked", found=str(path))
    if "not a valid DuckDB" in told or "Serialization" in told or "checksum" in told:
        return NotReadyError("warehouse-damaged", found=str(path))
    return NotReadyError("warehouse-unreachable", found=str(path))


@contextmanager
def _plainly_told() -> Iterator[None]:
    """Name the limits that the engine meets; a signal that stops a query is the signal, no fault of the program."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except RuntimeError as error:
        if _INTERRUPTED in str(error):
            raise KeyboardInterrupt from error
        raise
    except duckdb.OutOfMemoryException as error:
        raise NotReadyError("warehouse-out-of-memory") from error
    except duckdb.IOException as error:
        raise NotReadyError("warehouse-io-failed", why=str(error).splitlines()[0]) from error
