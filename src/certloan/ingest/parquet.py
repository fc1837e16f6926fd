"""Parquet files: what they hold is read from their footers here; their rows are scanned by the warehouse's engine.

A table may come as one file or as a folder of parts. Parts of one name and one schema are one table, so that fifty
files cost no more than one. Only the Parquet schema counts: whatever else a writer left in the footer (pandas, Arrow,
Spark) is not looked at, so nothing in a file is ever executed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from certloan.ingest.native import Staged
from certloan.ingest.projection import FileProblem, Projection, Severity

SUFFIXES: Final = (".parquet", ".parq", ".pq")
_MAGIC, _ENCRYPTED_MAGIC = b"PAR1", b"PARE"
#: The engine unpacks a group of rows at a time: a group that claims more than this is a mistake or an attack.
LARGEST_GROUP: Final = 4 << 30
#: What the engine calls the place of a row: a column of that name would hide it.
_RESERVED: Final = frozenset({"file_index", "file_row_number", "filename"})
#: What differs between the names of the parts of one table: numbers, and the random names that writers add.
_COUNTER: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+")
_LOGICAL: Final = {
    **{"STRING": Staged.TEXT, "ENUM": Staged.TEXT, "JSON": Staged.TEXT, "DATE": Staged.DATE},
    **{"DECIMAL": Staged.DECIMAL, "INT": Staged.INTEGER},
}
_PHYSICAL: Final = {
    **{"BOOLEAN": Staged.BOOLEAN, "INT32": Staged.INTEGER, "INT64": Staged.INTEGER, "INT96": Staged.MOMENT},
    **{"FLOAT": Staged.FLOAT, "DOUBLE": Staged.FLOAT, "BYTE_ARRAY": Staged.BYTES, "FIXED_LEN_BYTE_ARRAY": Staged.BYTES},
}


@dataclass(frozen=True)
class Part:
    """One file of a table: where it is, what reports call it, and how many rows it says it has."""

    path: Path
    file: str
    rows: int


@dataclass(frozen=True)
class ParquetSheet:
    """One table in one or several files that have the same columns with the same types, in the same order.

    Staged columns are ``c0`` … ``cN``, as for any other sheet, but with the types that ``types`` tells. A row's number
    counts from 1 in its own file.
    """

    parts: tuple[Part, ...]
    header: tuple[str, ...]
    types: tuple[Staged, ...]
    sheet: str = ""
    unit: None = None

    @property
    def file(self) -> str:
        """What reports of the whole table call it."""
        first, last = self.parts[0].file, self.parts[-1].file
        return first if len(self.parts) == 1 else f"{first} … {PurePosixPath(last).name}"


def read_parquet(files: Sequence[tuple[Path, str]]) -> Iterator[ParquetSheet | FileProblem]:
    """Read the footers of files that may be parts of one table; files that cannot be used become problems."""
    found: list[ParquetSheet] = []
    for path, file in files:
        try:
            item = _examined(path, file)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            item = FileProblem(file, "", "inaccessible-file", reason, {"reason": reason})
        if isinstance(item, FileProblem):
            yield item
        elif not item.parts[0].rows:
            yield FileProblem(file, "", "no-rows", "", {"columns": len(item.header)}, Severity.WARNING)
        else:
            found.append(item)
    for number, sheet in enumerate(_joined(found)):
        if number:
            facts = {"columns": _difference(found[0], sheet), "first": found[0].file}
            yield FileProblem(sheet.file, "", "parts-differ", str(facts["columns"]), facts, Severity.WARNING)
        yield sheet


def part_of(file: str) -> str:
    """Name the table that a file may be a part of.

    >>> part_of("月度表现/part-00001-c000.parquet") == part_of("月度表现/part-00002-c000.parquet")
    True
    """
    path = PurePosixPath(file)
    return (path.parent / _COUNTER.sub("#", path.name.casefold())).as_posix()


def typed(projection: Projection, sheet: ParquetSheet) -> Projection | FileProblem:
    """Tell a projection the types of the columns that it takes as they stand; a nested one cannot be taken."""
    at = {f"c{number}": number for number in range(len(sheet.header))}
    types = {name: sheet.types[at[cell]] for name, cell in projection.columns.items() if cell in at}
    nested = [sheet.header[at[projection.columns[name]]] for name, type_ in types.items() if type_ is Staged.NESTED]
    if nested:
        told = ", ".join(nested)
        return FileProblem(sheet.file, "", "nested-column", told, {"columns": told})
    return replace(projection, types=types)


def damage(part: Part) -> FileProblem | None:
    """Read a file to its end and say what is wrong with it, if anything is."""
    try:
        with pq.ParquetFile(part.path, page_checksum_verification=True) as file:
            for batch in file.iter_batches(batch_size=65_536):
                batch.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        return _unreadable(part.file, error)
    return None


def _examined(path: Path, file: str) -> ParquetSheet | FileProblem:
    if (problem := _by_magic(path, file)) is not None:
        return problem
    try:
        with pq.ParquetFile(path) as opened:
            metadata, schema = opened.metadata, opened.schema
            groups = [metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups)]
            columns = [schema.column(at) for at in range(len(schema.names))]
    except (pa.ArrowException, OSError) as error:
        return _unreadable(file, error)
    if max(groups, default=0) > LARGEST_GROUP:
        facts: dict[str, object] = {"size": f"{max(groups) / (1 << 30):.1f}", "limit": LARGEST_GROUP >> 30}
        return FileProblem(file, "", "row-group-too-large", str(max(groups)), facts)
    types: dict[str, Staged] = {}
    refused = []
    for column in columns:
        nested = column.path != column.name or column.max_repetition_level > 0
        name = column.path.split(".")[0] if nested else column.name
        if (name in types and not nested) or name.casefold() in _RESERVED:
            refused.append(name)
        types[name] = Staged.NESTED if nested else _staged(column)
    if refused:
        return FileProblem(file, "", "unusable-column-name", ", ".join(refused), {"columns": ", ".join(refused)})
    return ParquetSheet((Part(path, file, metadata.num_rows),), tuple(types), tuple(types.values()))


def _by_magic(path: Path, file: str) -> FileProblem | None:
    size = path.stat().st_size
    with path.open("rb") as handle:
        start = handle.read(4)
        handle.seek(max(size - 4, 0))
        end = handle.read(4)
    if not size:
        return FileProblem(file, "", "empty-file", "")
    if start == _ENCRYPTED_MAGIC:
        return FileProblem(file, "", "encrypted-parquet", "")
    if start != _MAGIC:
        return FileProblem(file, "", "not-parquet", "")
    return FileProblem(file, "", "truncated-parquet", "") if size < 12 or end != _MAGIC else None


def _unreadable(file: str, error: Exception) -> FileProblem:
    reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    if "crypt" in reason.casefold():
        return FileProblem(file, "", "encrypted-parquet", reason)
    return FileProblem(file, "", "unreadable-parquet", reason, {"reason": reason})


def _staged(column: pq.ColumnSchema) -> Staged:
    logical = column.logical_type.type
    if logical == "TIMESTAMP":
        return Staged.INSTANT if json.loads(column.logical_type.to_json())["isAdjustedToUTC"] else Staged.MOMENT
    if logical == "INT" and not json.loads(column.logical_type.to_json())["isSigned"]:
        # The largest fit no signed number; as text they are read like any other.
        return Staged.OTHER
    if logical in _LOGICAL:
        return _LOGICAL[logical]
    return _PHYSICAL.get(column.physical_type, Staged.OTHER) if logical == "NONE" else Staged.OTHER


def _joined(sheets: Iterable[ParquetSheet]) -> Iterator[ParquetSheet]:
    """Join neighbours that have the same columns with the same types."""
    for _, group in groupby(sheets, key=lambda sheet: (sheet.header, sheet.types)):
        same = list(group)
        yield replace(same[0], parts=tuple(sheet.parts[0] for sheet in same))


def _difference(one: ParquetSheet, other: ParquetSheet) -> str:
    """Name the columns that only one has, or that have another type."""
    left, right = (dict(zip(sheet.header, sheet.types, strict=True)) for sheet in (one, other))
    names = [name for name in {**left, **right} if left.get(name) != right.get(name)]
    told = [f"{name} ({left.get(name, '-')} → {right.get(name, '-')})" for name in names]
    return ", ".join(told) or ", ".join(other.header)
