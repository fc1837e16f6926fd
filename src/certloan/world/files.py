"""Writing the same bytes for the same content: workbooks with one fixed moment, CSV, and gzip without a clock."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from certloan.world.draws import Arrow, Flags, joined
from certloan.world.rendering import Cell

_MOMENT = (2026, 6, 30, 9, 0, 0)
_STAMP = "2026-06-30T09:00:00Z"
_BATCH = 200_000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Block:
    """What goes into one sheet: title lines, a header, and columns of text with what each cell is.

    ``plain`` marks, per column, the cells that are text although the column holds numbers or dates.
    """

    name: str
    titles: tuple[str, ...]
    header: tuple[str, ...]
    columns: Sequence[Arrow]
    kinds: Sequence[Cell]
    plain: Sequence[Flags]


def write_csv(path: Path, block: Block, encoding: str) -> None:
    """Write a CSV, gzipped if the name says so. Only the first line may carry the byte-order mark of ``utf-8-sig``."""
    raw: io.BufferedWriter | gzip.GzipFile
    with path.open("wb") as file:
        raw = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=4) if _zipped(path) else file
        lines = [*block.titles, ",".join(block.header)]
        raw.write(("\n".join(lines) + "\n").encode(encoding))
        table = pa.table(dict(zip(map(str, range(len(block.columns))), block.columns, strict=True)))
        after = "utf-8" if encoding == "utf-8-sig" else encoding
        options = pacsv.WriteOptions(include_header=False, quoting_style="none")
        for start in range(0, table.num_rows, _BATCH):
            buffer = io.BytesIO()
            pacsv.write_csv(table.slice(start, _BATCH), buffer, options)
            data = buffer.getvalue()
            raw.write(data if after == "utf-8" else data.decode("utf-8").encode(after))
        if isinstance(raw, gzip.GzipFile):
            raw.close()


def _zipped(path: Path) -> bool:
    return path.suffix == ".gz"


def write_workbook(path: Path, blocks: Sequence[Block]) -> None:
    """Write a workbook whose bytes depend on nothing but its cells."""
    parts = {
        "[Content_Types].xml": _content_types(len(blocks)),
        "_rels/.rels": _relations(
            ("officeDocument", f"{_RELATIONS}/officeDocument", "xl/workbook.xml"),
            ("core", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": _properties(),
        "xl/workbook.xml": _workbook([block.name for block in blocks]),
        "xl/_rels/workbook.xml.rels": _relations(
            *((f"s{i}", f"{_RELATIONS}/worksheet", f"worksheets/sheet{i}.xml") for i in range(1, len(blocks) + 1)),
            ("styles", f"{_RELATIONS}/styles", "styles.xml"),
        ),
        "xl/styles.xml": _styles(),
    }
    parts |= {f"xl/worksheets/sheet{i}.xml": _sheet(block) for i, block in enumerate(blocks, start=1)}
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, _MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            book.writestr(info, _DECLARATION + text, compresslevel=4)


def _content_types(sheets: int) -> str:
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    package = "application/vnd.openxmlformats-package"
    entries = [
        f'<Default Extension="rels" ContentType="{package}.relationships+xml"/>',
        '<Default Extension="xml" ContentType="application/xml"/>',
        f'<Override PartName="/xl/workbook.xml" ContentType="{office}.sheet.main+xml"/>',
        f'<Override PartName="/xl/styles.xml" ContentType="{office}.styles+xml"/>',
        f'<Override PartName="/docProps/core.xml" ContentType="{package}.core-properties+xml"/>',
    ]
    entries += [
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{office}.worksheet+xml"/>'
        for i in range(1, sheets + 1)
    ]
    return f'<Types xmlns="{_PACKAGE}/content-types">{"".join(entries)}</Types>'


def _relations(*relations: tuple[str, str, str]) -> str:
    entries = (f'<Relationship Id="{i}" Type="{kind}" Target="{target}"/>' for i, kind, target in relations)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(entries)}</Relationships>'


def _properties() -> str:
    stamp = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{_STAMP}</dcterms:{name}>' for name in ("created", "modified")
    )
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{stamp}</cp:coreProperties>'
    )


def _workbook(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="s{i}"/>' for i, name in enumerate(names, start=1)
    )
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>'


def _styles() -> str:
    """Give two cell formats: plain, and a date (built-in format 14)."""
    return (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
        '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _sheet(block: Block) -> str:
    above = [_line(row, (text,)) for row, text in enumerate(block.titles, start=1)]
    above.append(_line(len(block.titles) + 1, block.header))
    last = _letters(len(block.header) - 1)
    merged = "".join(f'<mergeCell ref="A{row}:{last}{row}"/>' for row in range(1, len(block.titles) + 1))
    merges = f'<mergeCells count="{len(block.titles)}">{merged}</mergeCells>' if merged else ""
    body = "".join(_rows(block, len(block.titles) + 2))
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(above)}{body}</sheetData>{merges}</worksheet>'


def _line(row: int, texts: Sequence[str]) -> str:
    cells = (
        f'<c r="{_letters(i)}{row}" t="inlineStr"><is><t>{escape(text)}</t></is></c>' for i, text in enumerate(texts)
    )
    return f'<row r="{row}">{"".join(cells)}</row>'


def _rows(block: Block, first: int) -> list[str]:
    n = len(block.columns[0]) if block.columns else 0
    number = pc.cast(pa.array(np.arange(first, first + n, dtype=np.int64)), pa.string())
    cells = [
        _cells(column, kind, plain, _letters(i), number)
        for i, (column, kind, plain) in enumerate(zip(block.columns, block.kinds, block.plain, strict=True))
    ]
    rows: list[str] = joined('<row r="', number, '">', *cells, "</row>").to_pylist()
    return rows


def _cells(column: Arrow, kind: Cell, plain: Flags, letters: str, number: Arrow) -> Arrow:
    safe = column
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        safe = pc.replace_substring(safe, character, entity)
    text = joined(f'<c r="{letters}', number, '" t="inlineStr"><is><t>', safe, "</t></is></c>")
    if kind is not Cell.TEXT:
        style = '" s="1"><v>' if kind is Cell.DATE else '"><v>'
        value = joined(f'<c r="{letters}', number, style, column, "</v></c>")
        text = pc.if_else(pa.array(plain), text, value)
    return pc.fill_null(text, "")


def _letters(column: int) -> str:
    """Name a column as a spreadsheet does.

    >>> _letters(0), _letters(25), _letters(26)
    ('A', 'Z', 'AA')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
