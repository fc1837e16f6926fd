"""What the services ask of the world outside: a warehouse, and somebody to tell how far they are.

Adapters stand in ``storage`` (warehouse) and in the surfaces (progress); only ``bootstrap`` joins the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa


class UnreadableSourceError(Exception):
    """What was attached to a warehouse could not be read to its end; the text is the engine's."""


class Warehouse(Protocol):
    """Clean, dated tables, one per contract, asked in SQL (DuckDB dialect).

    A table named as in :data:`certloan.contracts.CONTRACTS` holds the contract's columns, ``happened_on``,
    ``known_on`` and ``void_on``. A record counts on day *d* exactly when
    ``known_on <= d and (void_on is null or d < void_on)``. Every statement ever made is kept in ``history.<table>``.
    """

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Give the rows of a SELECT. Without ``order by`` their order is not defined."""
        ...

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Give the rows of a SELECT as Python values by column: the quicker way for a few rows."""
        ...

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run one or more statements that give no rows."""
        ...

    def attached(self, name: str, table: pa.Table | pa.RecordBatchReader) -> AbstractContextManager[None]:
        """Let queries inside the block read ``table`` under ``name``; a reader can be read once."""
        ...

    def attached_files(self, name: str, files: Sequence[Path], columns: int) -> AbstractContextManager[None]:
        """Let queries inside the block read Parquet files of one schema, with so many columns, under ``name``.

        It has ``file_no`` (position in ``files``), ``row_no`` (from 1 in each file) and the columns ``c0``, ``c1``, …
        Raises :class:`UnreadableSourceError` where a file proves to be damaged.
        """
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All that happens inside the block becomes true at its end, or, after an error or a crash, none of it."""
        ...

    def scratch(self) -> Warehouse:
        """Give a new, empty warehouse in memory with the same tables: for what-if, previews and tests."""
        ...

    def close(self) -> None:
        """Let go of the file, so that another process may write."""
        ...


class Progress(Protocol):
    """Told by a service how far it is; the text of a stage is ``progress.<key>``."""

    def stage(self, key: str, total: int | None = None) -> None:
        """Begin a stage of ``total`` steps, or of an unknown number."""
        ...

    def advance(self, n: int = 1) -> None:
        """Say that ``n`` more steps of the stage are done."""
        ...


@runtime_checkable
class Noting(Protocol):
    """A progress that can also say how a running stage stands."""

    def note(self, key: str, **facts: object) -> None:
        """Tell the running stage by the text ``progress.<key>``, filled with ``facts``."""
        ...


def note(progress: Progress, key: str, **facts: object) -> None:
    """Say how the running stage stands, where somebody listens."""
    if isinstance(progress, Noting):
        progress.note(key, **facts)


class _Silent:
    def stage(self, key: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, n: int = 1) -> None:
        """Say nothing."""


#: A progress that tells nobody.
SILENT: Progress = _Silent()
