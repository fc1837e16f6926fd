"""What was known about each applicant on the day, as a matrix; and the records behind each number."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from certloan.errors import InputError
from certloan.features.asof import SOURCES, SUBJECTS, sources
from certloan.features.catalog import FEATURES
from certloan.features.evidence import evidence_sql
from certloan.features.matrix import matrix_sql, parts, sources_read, stages
from certloan.features.spec import Spec
from certloan.reference.relations import reference_relations
from certloan.services.ports import SILENT, Progress, Warehouse


def applications(condition: str = "true") -> str:
    """Select the applications for which ``condition`` holds, each once, as last stated, on the day it was made.

    Whoever decides, explains or watches asks here, so that all of them mean the same statement of an application.
    """
    return (
        "select application_id, uscc, applied_on as as_of from application "
        f"where void_on is null and ({condition}) order by application_id"
    )


#: Whoever waits for an answer. Where a file tells no status, an application without an outcome is open.
OPEN = "coalesce(status, 'pending') = 'pending' and application_id not in (select application_id from outcome)"
OPEN_APPLICATIONS = applications(OPEN)
#: Everybody who ever applied.
ALL_APPLICATIONS = applications()

#: Cells of the matrix that the engine joins at once; as doubles, 1.6 GB.
_CELLS_AT_ONCE = 200_000_000
_GIVEN = "feature_subjects_given"
_COLUMNS = ("application_id", "uscc", "as_of")


def build_matrix(
    warehouse: Warehouse,
    subjects: str | pa.Table = ALL_APPLICATIONS,
    specs: Sequence[Spec] = FEATURES,
    progress: Progress = SILENT,
) -> pa.Table:
    """Give one row per subject, in the subjects' order: application_id, uscc, as_of, then every feature of ``specs``.

    ``subjects`` is a SELECT or a table with those three columns. Numbers are float64 and null where unknown;
    categorical features are strings. A row depends on its subject alone, never on who else is asked about.
    Raises ``InputError`` ``feature-subjects-columns`` or ``feature-subjects-null``.
    """
    with _staged(warehouse, subjects, specs, progress):
        return warehouse.query(matrix_sql(specs))


def write_matrix(
    warehouse: Warehouse,
    path: Path,
    subjects: str | pa.Table = ALL_APPLICATIONS,
    specs: Sequence[Spec] = FEATURES,
    progress: Progress = SILENT,
) -> None:
    """Write the matrix to a Parquet file from inside the engine, in bounded memory however many rows it has."""
    given = subjects_given(warehouse, subjects)
    rows = max(1, _CELLS_AT_ONCE // max(1, len(specs)))
    if given.num_rows <= rows:
        _copy(warehouse, path, given, specs, progress)
        return
    # What stands in a hash table for every relation at once does not fit: so many subjects at a time, then one file.
    with tempfile.TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as folder:
        blocks = -(-given.num_rows // rows)
        parts = [Path(folder) / f"{block}.parquet" for block in range(blocks)]
        for block, part in enumerate(parts):
            first = block * given.num_rows // blocks
            _copy(warehouse, part, given.slice(first, (block + 1) * given.num_rows // blocks - first), specs, progress)
        _join(parts, path)


def _copy(warehouse: Warehouse, path: Path, given: pa.Table, specs: Sequence[Spec], progress: Progress) -> None:
    with _staged(warehouse, given, specs, progress):
        quoted = str(path).replace("'", "''")
        warehouse.execute(f"copy ({matrix_sql(specs)}) to '{quoted}' (format parquet, compression zstd)")


def _join(parts: Sequence[Path], path: Path) -> None:
    """Write the files one after the other into one."""
    with pq.ParquetWriter(path, pq.read_schema(parts[0]), compression="zstd") as writer:
        for part in parts:
            with pq.ParquetFile(part) as held:
                for group in range(held.num_row_groups):
                    writer.write_table(held.read_row_group(group))


def evidence(
    warehouse: Warehouse, spec: Spec, subjects: str | pa.Table = ALL_APPLICATIONS, most: int | None = None
) -> tuple[tuple[str, pa.Table], ...]:
    """Give, for each part that ``spec`` is made of, its relation and the records that it counted for each subject.

    ``subject`` is the row number of the subject, from 1; the most telling record comes first (``place`` 1), and at
    most ``most`` are given per subject.
    """
    with asked(warehouse, subjects, sources_read([spec])):
        return tuple((part.table, warehouse.query(evidence_sql(part, most=most))) for part in parts(spec))


@contextmanager
def _staged(
    warehouse: Warehouse, subjects: str | pa.Table, specs: Sequence[Spec], progress: Progress
) -> Iterator[None]:
    """Run every stage into a temporary relation, one scan of one source each, and drop them afterwards."""
    statements = stages(specs)
    progress.stage("build_features", len(statements) + 1)
    with asked(warehouse, subjects, sources_read(specs)):
        try:
            for name, statement in statements.items():
                warehouse.execute(f"create or replace temp table {name} as {statement}")
                progress.advance()
            yield
            progress.advance()
        finally:
            for name in statements:
                warehouse.execute(f"drop table if exists temp.{name}")


@contextmanager
def asked(warehouse: Warehouse, subjects: str | pa.Table, tables: Iterable[str] = ()) -> Iterator[None]:
    """Let statements read the numbered subjects, since when ``tables`` are known, and the reference relations."""
    with ExitStack() as open_:
        for name, table in reference_relations().items():
            open_.enter_context(warehouse.attached(name, table))
        open_.enter_context(warehouse.attached(_GIVEN, subjects_given(warehouse, subjects)))
        warehouse.execute(f"create or replace temp table {SUBJECTS} as select * from {_GIVEN}")
        warehouse.execute(f"create or replace temp table {SOURCES} as {sources(tables)}")
        try:
            yield
        finally:
            warehouse.execute(f"drop table if exists temp.{SUBJECTS}")
            warehouse.execute(f"drop table if exists temp.{SOURCES}")


def subjects_given(warehouse: Warehouse, subjects: str | pa.Table) -> pa.Table:
    """Give the subjects with their numbers; ``InputError`` as :func:`build_matrix` raises it."""
    given = warehouse.query(subjects) if isinstance(subjects, str) else subjects
    if not set(_COLUMNS) <= set(given.column_names):
        raise InputError("feature-subjects-columns", found=", ".join(given.column_names), expected=", ".join(_COLUMNS))
    kept = given.select(_COLUMNS).cast(
        pa.schema([("application_id", pa.string()), ("uscc", pa.string()), ("as_of", pa.date32())])
    )
    for name in ("uscc", "as_of"):
        if kept[name].null_count:
            raise InputError("feature-subjects-null", column=name, found=kept[name].null_count)
    # Counting without a Python number on the way: pyarrow would import pandas for it, which takes longer than a case.
    ones = pc.cast(pc.is_null(pa.nulls(kept.num_rows)), pa.int64())
    return kept.append_column("subject", pc.cumulative_sum(ones))
