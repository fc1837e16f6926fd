"""A delivery, file by file: whatever a bank was sent, as tables of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from certloan.errors import InputError
from certloan.ingest.container import OLE_MAGIC, ZIP_MAGIC, magic
from certloan.ingest.delimited import read_delimited
from certloan.ingest.headings import HeaderIndex
from certloan.ingest.parquet import SUFFIXES, ParquetSheet, part_of, read_parquet
from certloan.ingest.projection import FileProblem, Severity
from certloan.ingest.sheet import RawSheet
from certloan.ingest.workbook import read_workbook

__all__ = ["ParquetSheet", "RawSheet", "read_delivery"]

_Reader = Callable[[Path, str, HeaderIndex], Iterator[RawSheet | FileProblem]]
_READERS: Final[dict[str, _Reader]] = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), read_workbook),
    **dict.fromkeys((".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz", ".tsv.gz"), read_delimited),
}
_NOT_DATA: Final = frozenset({"delivery.toml", "thumbs.db", "desktop.ini", "__macosx"})


def read_delivery(path: Path, known: HeaderIndex) -> Iterator[RawSheet | ParquetSheet | FileProblem]:
    """Give every table of a file, or of all files below a folder, in the order of their names.

    A file that cannot be used becomes a :class:`FileProblem` and never stops the others. The batches of a sheet must
    be read before the next item is asked for: the file behind them is closed then. Parquet files that are parts of one
    table, neighbours by name, are one :class:`ParquetSheet`. Raises
    ``InputError("delivery-not-found")`` if nothing is at ``path``.
    """
    if not path.exists():
        raise InputError("delivery-not-found", found=str(path))
    for table, files in groupby(
        delivery_files(path), key=lambda pair: part_of(pair[1]) if _is_parquet(pair[0]) else ""
    ):
        if table:
            yield from read_parquet(list(files))
        else:
            for file, name in files:
                yield from _read(file, name, known)


def _read(file: Path, name: str, known: HeaderIndex) -> Iterator[RawSheet | FileProblem]:
    if (kind := _kind(file)) not in _READERS:
        yield FileProblem(name, "", "unknown-file-kind", file.suffix, {}, Severity.WARNING)
        return
    try:
        yield from _reader(file, kind)(file, name, known)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        yield FileProblem(name, "", "inaccessible-file", reason, {"reason": reason})


def _is_parquet(path: Path) -> bool:
    return _kind(path) in SUFFIXES


def delivery_files(path: Path) -> list[tuple[Path, str]]:
    """List the files of a delivery with the names that reports use: relative to the folder, parts joined by ``/``."""
    if path.is_file():
        return [(path, path.name)]
    files = ((file, file.relative_to(path)) for file in path.rglob("*") if file.is_file())
    return sorted(((file, name.as_posix()) for file, name in files if _is_data(name)), key=lambda pair: pair[1])


def _is_data(name: Path) -> bool:
    """Whether a file is meant to be read: not hidden, not an editor's lock, not about the delivery itself."""
    if any(part.startswith((".", "~$")) or part.casefold() in _NOT_DATA for part in name.parts):
        return False
    return not name.stem.casefold().startswith("readme")


def _reader(path: Path, kind: str) -> _Reader:
    """Choose the reader by content where the name misleads: exports called .xls are often text, and the reverse."""
    start = magic(path)
    if start.startswith((OLE_MAGIC, ZIP_MAGIC)):
        return read_workbook
    is_markup = start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return read_delimited if start and kind == ".xls" and not is_markup else _READERS[kind]


def _kind(path: Path) -> str:
    suffixes = [suffix.casefold() for suffix in path.suffixes]
    return "".join(suffixes[-2:]) if suffixes[-1:] == [".gz"] else "".join(suffixes[-1:])
