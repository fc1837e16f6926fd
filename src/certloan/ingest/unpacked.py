"""A gzip file that may break off, read as far as it goes."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Bytes that are unpacked at once.
UNPACKED_BLOCK: Final = 1 << 20


class Unpacked(io.RawIOBase):
    """The bytes of a gzip file. One that breaks off ends with its last whole line, and ``cut`` is true.

    Bytes that are damaged, not missing, raise as they do in :mod:`gzip`.
    """

    def __init__(self, path: Path) -> None:
        self.cut = False
        self._packed = gzip.GzipFile(path, "rb")
        self._ready = memoryview(b"")
        #: The beginning of a line whose end was not seen yet.
        self._open: list[bytes] = []
        self._ended = False

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._packed.close()
        super().close()

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer with whole lines as far as they are there; 0 at the end."""
        view = memoryview(buffer).cast("B")
        while not self._ready and not self._ended:
            self._unpack()
        taken = self._ready[: len(view)]
        view[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def _unpack(self) -> None:
        try:
            block = self._packed.read1(UNPACKED_BLOCK)
        except EOFError:
            self.cut = self._ended = True
            return
        if not block:
            self._ended = True
            self._ready = memoryview(b"".join(self._open))
            return
        whole = block.rfind(b"\n") + 1
        if whole:
            self._ready = memoryview(b"".join([*self._open, block[:whole]]))
            self._open = [block[whole:]]
        else:
            self._open.append(block)
