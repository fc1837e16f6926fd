"""What must be known of a workbook's container before it is opened: whether it can be, and whether it should be."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import IO, Final

from certloan.ingest.projection import FileProblem

ZIP_MAGIC: Final = b"PK\x03\x04"
OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: No delivery needs more bytes than this, unpacked; a file that claims more is a mistake or an attack.
LARGEST_UNPACKED: Final = 2 << 30
#: The reader holds a sheet as a full rectangle: one stray cell in the far corner of a sheet would need 500 GB.
MOST_CELLS: Final = 64_000_000
#: Deflate cannot shrink anything further than this.
_DEFLATE_LIMIT: Final = 1032
#: The stream that holds the real workbook inside an encrypted container [MS-OFFCRYPTO 2.3.4.5].
_ENCRYPTED_STREAM: Final = "EncryptedPackage".encode("utf-16-le")
_DIMENSION = re.compile(rb'<dimension ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_FILLED_CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"(?:[^>]*[^/>])?>')
_CHUNK: Final = 1 << 20
#: Longer than any cell's opening tag: what is carried over so that none is cut in two.
_OVERLAP: Final = 512


def refuse(path: Path, file: str) -> FileProblem | None:
    """Say why a workbook must not be opened, if so: empty, encrypted, damaged, or absurdly large."""
    start = magic(path)
    if not start:
        return FileProblem(file, "", "empty-file", "")
    if start == OLE_MAGIC:
        return FileProblem(file, "", "password-protected", "") if _ENCRYPTED_STREAM in path.read_bytes() else None
    if not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            return _too_large(archive, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        return FileProblem(file, "", "unreadable-workbook", str(error))


def magic(path: Path) -> bytes:
    """The first bytes of a file, by which its kind is known whatever its name says."""
    with path.open("rb") as handle:
        return handle.read(len(OLE_MAGIC))


def _too_large(archive: zipfile.ZipFile, file: str) -> FileProblem | None:
    size = _unpacked(archive)
    if size > LARGEST_UNPACKED:
        facts: dict[str, object] = {"size": f"{size / (1 << 30):.1f}", "limit": LARGEST_UNPACKED >> 30}
        return FileProblem(file, "", "workbook-too-large", str(size), facts)
    for entry in archive.infolist():
        if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
            with archive.open(entry) as stream:
                cells = _spanned(stream)
            if cells > MOST_CELLS:
                facts = {"cells": f"{cells:,}", "limit": f"{MOST_CELLS:,}"}
                return FileProblem(file, "", "sheet-too-wide", entry.filename, facts)
    return None


def _unpacked(archive: zipfile.ZipFile) -> int:
    """The unpacked size in bytes. What an archive says of itself is checked by unpacking where a lie could hurt."""
    entries = archive.infolist()
    claimed = sum(entry.file_size for entry in entries)
    if claimed <= LARGEST_UNPACKED < _DEFLATE_LIMIT * sum(entry.compress_size for entry in entries):
        for entry in entries:
            with archive.open(entry) as stream:  # reads no more than was claimed, and checks its checksum
                while stream.read(_CHUNK):
                    pass
    return claimed


def _spanned(stream: IO[bytes]) -> int:
    """How many cells the rectangle around all filled cells of a sheet has, or, if it says it is small, says to have.

    What a sheet says of itself also counts cells that are only formatted, so a large claim is looked into.
    """
    chunk = stream.read(_CHUNK)
    if found := _DIMENSION.search(chunk):
        left, top, right, bottom = found.groups()
        claimed = (int(bottom) - int(top) + 1) * (_number(right) - _number(left) + 1)
        if claimed <= MOST_CELLS:
            return claimed
    columns: list[int] = []
    rows: list[int] = []
    while chunk:
        seen = [(_number(letters), int(row)) for letters, row in _FILLED_CELL.findall(chunk)]
        columns = [f(*columns, *(column for column, _ in seen)) for f in (min, max)] if seen else columns
        rows = [f(*rows, *(row for _, row in seen)) for f in (min, max)] if seen else rows
        following = stream.read(_CHUNK)
        chunk = chunk[-_OVERLAP:] + following if following else b""
    return (columns[1] - columns[0] + 1) * (rows[1] - rows[0] + 1) if columns else 0


def _number(letters: bytes) -> int:
    """The number of a column from its letters.

    >>> _number(b"A"), _number(b"XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
