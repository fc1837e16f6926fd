"""Which characters a text file holds, decided on evidence, in bounded memory.

The whole file is first read as strict UTF-8, with or without a byte-order mark; GB18030 is only tried where that
fails, because UTF-8 bytes often decode as GBK without an error, into nonsense. A file that is not UTF-8 as a whole is
decoded line by line, so that a delivery glued together from two systems, or one damaged line, costs nothing else.
Neither encoding puts a line break inside a character, so cutting bytes at line breaks is safe.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import AnyStr, BinaryIO, Final, cast

from certloan.ingest.unpacked import UNPACKED_BLOCK, Unpacked

#: Rows per block at most: more would fall out of the processor's cache and take half as long again.
BLOCK_ROWS: Final = 16_384
#: Characters (or bytes) after which a block ends early.
BLOCK_SIZE: Final = 8 << 20
_GZIP_MAGIC: Final = b"\x1f\x8b"
#: A line longer than this is no line of a table: it would have to be held in memory whole.
LONGEST_LINE: Final = 16 << 20
#: A share of control characters in the first block above which a file is not text in any one-byte-based encoding.
_BINARY_SHARE: Final = 0.05
_CONTROLS: Final = bytes(code for code in (*range(32), 127) if code not in b"\t\n\v\f\r\x1c\x1d\x1e\x1f")

# A three-byte UTF-8 sequence of Chinese script is evidence for UTF-8: GBK text hardly ever looks like one.
_CJK: Final = "\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uffee\U00020000-\U0003ffff"
_SYMBOLS: Final = "\u2010-\u2027\u2030-\u205e\u20ac\u2100-\u22ff\u2460-\u266f\ufe30-\ufe4f\ufeff"
# Signs that stand in Chinese text but take two bytes in UTF-8, as a GBK character does ("·" is 路): no evidence.
_NEUTRAL: Final = "\u00a0\u00a5\u00a7\u00b0\u00b1\u00b2\u00b3\u00b5\u00b7\u00d7\u00f7"
_STRONG = re.compile(f"[{_CJK}]")
_ODD = re.compile(f"[^\\x00-\\x7f{_CJK}{_SYMBOLS}{_NEUTRAL}]")
_FOREIGN_RUN = re.compile(r"([A-Za-z]?)([^\x00-\x7f]+)([A-Za-z]?)")
_LATIN = re.compile("[\u00c0-\u024f]{1,2}")
_NEUTRAL_RUN = re.compile(f"[{_NEUTRAL}{_SYMBOLS}]+")
#: What an undecodable byte becomes in a decoded line; no encoding yields these on its own.
UNDECODABLE: Final = re.compile("[\udc80-\udcff]")


class UnreadableText(Exception):
    """The file is not text, or breaks off; ``code`` and ``facts`` are those of a file's problem."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass
class TextFile:
    """A text file that was looked through once. ``encoding`` is None where it is decided line by line.

    ``utf8_lines`` and ``gb18030_lines`` count the lines with other than ASCII characters while :meth:`blocks` is
    consumed by lines; if both are positive at the end, the file mixes encodings.
    """

    path: Path
    encoding: str | None
    empty: bool
    zeros: bool
    #: Whether a compressed file breaks off; then it ends with its last whole line.
    cut: bool = False
    utf8_lines: int = 0
    gb18030_lines: int = 0
    undecodable_lines: int = 0

    @property
    def mixed(self) -> bool:
        """Whether both encodings were met so far."""
        return self.utf8_lines > 0 and self.gb18030_lines > 0

    def blocks(self, handle: BinaryIO) -> Generator[list[str]]:
        """Give the decoded lines, line ends kept, in blocks of at most ``BLOCK_ROWS``."""
        lines = self._by_line(handle) if self.encoding is None else _decoded(handle, self.encoding)
        for block in lines:
            yield [line.replace("\0", "") for line in block] if self.zeros else block

    def _by_line(self, handle: BinaryIO) -> Iterator[list[str]]:
        decoder = LineDecoder()
        for block in _byte_lines(handle):
            lines = [decoder.decode(line) for line in block]
            self.utf8_lines, self.gb18030_lines = decoder.utf8_lines, decoder.gb18030_lines
            self.undecodable_lines = decoder.undecodable_lines
            yield lines


class LineDecoder:
    """Decodes the lines of a file that is not UTF-8 as a whole.

    A line is UTF-8 if it is valid UTF-8 and everything in it is Chinese script or punctuation; else GB18030 if it is
    valid GB18030; else UTF-8 if it is valid at all. The middle step is what keeps GBK words such as 一些 (which are
    valid UTF-8 for two Cyrillic letters) whole. A line that could be either and proves neither, such as ``Café``,
    follows the last line that did prove one.

    >>> decoder = LineDecoder()
    >>> decoder.decode("一些".encode("gbk")), decoder.decode("一些".encode())
    ('一些', '一些')
    """

    def __init__(self) -> None:
        self.utf8_lines = 0
        self.gb18030_lines = 0
        self.undecodable_lines = 0
        self._last_was_utf8 = False

    def decode(self, line: bytes) -> str:
        """Give the text of one line; bytes that no encoding explains become lone surrogates (``UNDECODABLE``)."""
        if line.isascii():
            return line.decode("ascii")
        as_utf8 = _strict(line, "utf-8")
        if as_utf8 is not None and _STRONG.search(as_utf8) and not _ODD.search(as_utf8):
            return self._utf8(as_utf8)
        as_gb18030 = _strict(line, "gb18030")
        if as_gb18030 is None:
            if as_utf8 is not None:
                return self._utf8(as_utf8)
            self.undecodable_lines += 1
            return line.decode("utf-8", "surrogateescape")
        if as_utf8 is not None and self._last_was_utf8 and _looks_latin(as_utf8):
            return self._utf8(as_utf8)
        self.gb18030_lines += 1
        self._last_was_utf8 = False
        return as_gb18030

    def _utf8(self, text: str) -> str:
        self.utf8_lines += 1
        self._last_was_utf8 = True
        return text


def open_bytes(path: Path) -> BinaryIO:
    """Open a file for reading bytes, through gzip where it begins as gzip does, whatever its name says."""
    with path.open("rb") as handle:
        is_gzip = handle.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    return cast(BinaryIO, io.BufferedReader(Unpacked(path), UNPACKED_BLOCK)) if is_gzip else path.open("rb")


def examine(path: Path) -> TextFile:
    """Look through a text file once and say how to decode it. Raises :class:`UnreadableText`."""
    try:
        with open_bytes(path) as handle:
            found = _examine(path, handle)
            found.cut = isinstance(handle, io.BufferedReader) and getattr(handle.raw, "cut", False)
            return found
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableText("unreadable-file") from error


def _examine(path: Path, handle: BinaryIO) -> TextFile:
    first = handle.read(BLOCK_SIZE)
    is_utf16 = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    controls = len(first) - len(first.translate(None, _CONTROLS))
    if not is_utf16 and controls > _BINARY_SHARE * len(first):
        raise UnreadableText("not-a-text-file")
    evidence = _Utf16() if is_utf16 else _Evidence()
    since_break = 0
    zeros = False
    block = first
    while block:
        since_break = _longest_tail(block, since_break)
        zeros = zeros or (b"\0" in block and not is_utf16)
        evidence.add(block)
        block = handle.read(BLOCK_SIZE)
    empty = not first.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    return TextFile(path=path, encoding=evidence.verdict(), empty=empty, zeros=zeros)


class _Utf16:
    """A byte-order mark said UTF-16: it only remains to see that the file is whole."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-16")("strict")

    def add(self, block: bytes, *, final: bool = False) -> None:
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            raise UnreadableText("unreadable-file") from error

    def verdict(self) -> str:
        self.add(b"", final=True)
        return "utf-16"


class _Evidence:
    """What the bytes of a file say about UTF-8 and GB18030, block by block."""

    def __init__(self) -> None:
        self._utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8-sig")("strict")
        self._gb18030: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("gb18030")("strict")
        self._strong = False
        self._foreign: str = ""

    def add(self, block: bytes, *, final: bool = False) -> None:
        if self._utf8 is None:
            return
        try:
            text = self._utf8.decode(block, final)
        except UnicodeDecodeError:
            self._utf8 = None
            return
        if self._strong or (block.isascii() and not final):
            return
        self._strong = _STRONG.search(text) is not None
        if len(self._foreign) < LONGEST_LINE:
            self._foreign += "\n".join(match.group() for match in _FOREIGN_RUN.finditer(text)) + "\n"
        self._weigh_gb18030(block, final)

    def _weigh_gb18030(self, block: bytes, final: bool) -> None:
        if self._gb18030 is not None:
            try:
                self._gb18030.decode(block, final)
            except UnicodeDecodeError:
                self._gb18030 = None

    def verdict(self) -> str | None:
        self.add(b"", final=True)
        if self._utf8 is None:
            return None
        if self._strong or self._gb18030 is None or _looks_latin(self._foreign):
            return "utf-8-sig"
        return "gb18030"


def _looks_latin(text: str) -> bool:
    """Whether the foreign characters are accented letters inside words, or signs; GBK words come as bare runs."""
    return all(
        _NEUTRAL_RUN.fullmatch(run) or (_LATIN.fullmatch(run) and (before or after))
        for before, run, after in _FOREIGN_RUN.findall(text)
    )


def _longest_tail(block: bytes, since_break: int) -> int:
    last = max(block.rfind(b"\n"), block.rfind(b"\r"))
    tail = since_break + len(block) if last < 0 else len(block) - last
    if tail > LONGEST_LINE:
        raise UnreadableText("line-too-long", limit=LONGEST_LINE >> 20)
    return tail


def _strict(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _decoded(handle: BinaryIO, encoding: str) -> Iterator[list[str]]:
    text = io.TextIOWrapper(handle, encoding=encoding, newline="")
    try:
        while lines := text.readlines(BLOCK_SIZE):
            yield from _capped(lines)
    finally:
        text.detach()


def _byte_lines(handle: BinaryIO) -> Iterator[list[bytes]]:
    """Cut bytes at line feeds, carriage returns and both together, as text files are, keeping the ends."""
    data = handle.read(BLOCK_SIZE).removeprefix(codecs.BOM_UTF8)
    while data:
        following = handle.read(BLOCK_SIZE)
        lines = data.splitlines(keepends=True)
        # The last line may go on in what follows, and so may a "\r\n" cut in two.
        rest = lines.pop() if following else b""
        yield from _capped(lines)
        data = rest + following


def _capped(lines: list[AnyStr]) -> Iterator[list[AnyStr]]:
    remaining = iter(lines)
    while block := list(islice(remaining, BLOCK_ROWS)):
        yield block
