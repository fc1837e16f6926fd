"""Decisions as files: CSV for any spreadsheet, a workbook for people, Parquet for machines.

The columns are documented in docs/decisions.md. A text that a spreadsheet would run as a formula is disarmed by a
leading apostrophe; every file appears whole or not at all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from certloan.i18n import Lang, has, text
from certloan.report.digest import table_digest

#: The order of the columns; those that a table lacks are left out, others follow in their own order.
COLUMNS = (
    "application_id", "uscc", "name", "as_of", "amount", "outcome", "outcome_zh", "outcome_en", "score", "grade", "pd",
    "limit", "gates", "gates_zh", "gates_en", "gates_without_facts", "gates_without_facts_zh",
    "gates_without_facts_en", "reasons_for_zh", "reasons_against_zh", "reasons_for_en", "reasons_against_en",
    "ladder", "ladder_zh", "ladder_en", "gate_outcome", "score_outcome", "ladder_outcome", "bundle_fingerprint", "policy_id", "policy_hash",
)  # fmt: skip
#: A workbook of more rows helps nobody and takes minutes to write: then there are only CSV and Parquet.
MOST_WORKBOOK_ROWS = 100_000

#: Columns of codes, and where the words of each stand: a gate that fired has a sentence, one without facts a name.
_CODES = (("gates", "policy.gate"), ("gates_without_facts", "ui.gate"), ("ladder", "policy.ladder"))
_BOM = b"\xef\xbb\xbf"
#: What a spreadsheet takes for the start of a formula, full-width signs included.
_FORMULA = "^([=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_CELL = 32_767
_WIDE, _NARROW, _WIDEST = 60, 10, 24
_HEADER = PatternFill("solid", fgColor="DDE6F0")


def write_decisions(decisions: pa.Table, folder: Path) -> list[Path]:
    """Write ``decisions.csv``, ``.xlsx`` and ``.parquet`` into ``folder`` and give their paths.

    Codes get their sentences in both languages beside them. Files of an earlier run are replaced, each in one step.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = _told(decisions)
    flat = _flat(table)
    written = [
        _atomically(folder / "decisions.csv", lambda file: _write_csv(flat, file)),
        _atomically(folder / "decisions.parquet", lambda file: pq.write_table(table, file, compression="zstd")),
    ]
    workbook = folder / "decisions.xlsx"
    if flat.num_rows <= MOST_WORKBOOK_ROWS:
        written.insert(1, _atomically(workbook, lambda file: _write_workbook(flat, file)))
    else:
        workbook.unlink(missing_ok=True)
    return written


def content_digest(decisions: pa.Table) -> str:
    """Give the digest of what ``decisions.parquet`` will hold; see :func:`certloan.report.digest.table_digest`."""
    return table_digest(_told(decisions))


def _told(decisions: pa.Table) -> pa.Table:
    """Put the sentence of every code beside it, and the columns into their order."""
    table = decisions
    for lang in Lang:
        told = {f"outcome_{lang}": _sentences(table.column("outcome"), "report.outcome", lang)}
        for codes, prefix in _CODES:
            if codes in table.column_names:
                told[f"{codes}_{lang}"] = _sentences(table.column(codes), prefix, lang)
        for name, column in told.items():
            if name not in table.column_names:
                table = table.append_column(name, column)
    known = [name for name in COLUMNS if name in table.column_names]
    return table.select([*known, *(name for name in table.column_names if name not in known)])


def _sentences(codes: pa.ChunkedArray, prefix: str, lang: Lang) -> pa.Array:
    """Word a column of codes, or of lists of codes; a code without a text, such as a bank's own gate, stays itself."""
    lists = pa.types.is_list(codes.type)
    known = pc.unique(pc.list_flatten(codes) if lists else codes).to_pylist()
    told = {code: text(f"{prefix}.{code}", lang) if has(f"{prefix}.{code}") else code for code in known}
    if lists:
        return pa.array([[told[code] for code in row or ()] for row in codes.to_pylist()], pa.list_(pa.string()))
    return pa.array([told[code] for code in codes.to_pylist()], pa.string())


def _flat(table: pa.Table) -> pa.Table:
    """Join lists into one text, and disarm texts."""
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_list(column.type):
            lang = Lang.EN if name.endswith("_en") else Lang.ZH
            column = pc.binary_join(column, text("report.join", lang))
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = pc.replace_substring_regex(column, pattern=_FORMULA, replacement=r"'\1")
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def _write_csv(flat: pa.Table, file: BinaryIO) -> None:
    file.write(_BOM)
    decimals = [(place, field.name) for place, field in enumerate(flat.schema) if pa.types.is_decimal(field.type)]
    for place, name in decimals:
        flat = flat.set_column(place, name, flat.column(name).cast(pa.string()))
    pacsv.write_csv(flat, file, pacsv.WriteOptions(quoting_style="needed"))


def _write_workbook(flat: pa.Table, file: BinaryIO) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(text("report.sheet", Lang.ZH))
    sheet.freeze_panes = "B2"
    for place, field in enumerate(flat.schema, start=1):
        wide = field.name.startswith(("gates", "reasons", "ladder")) and field.name.endswith(("_zh", "_en"))
        longest = max(_NARROW, len(field.name) + 2)
        sheet.column_dimensions[get_column_letter(place)].width = _WIDE if wide else min(longest, _WIDEST)
    sheet.auto_filter.ref = f"A1:{get_column_letter(flat.num_columns)}{flat.num_rows + 1}"
    header = []
    for name in flat.column_names:
        cell = WriteOnlyCell(sheet, value=_heading(name))
        cell.font, cell.fill = Font(bold=True), _HEADER
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        header.append(cell)
    sheet.append(header)
    for row in _rows(flat):
        sheet.append(row)
    book.save(file)


def _heading(name: str) -> str:
    """Give a column's heading, Chinese first, with the name that machines use below it."""
    key = f"report.column.{name}"
    return f"{text(key, Lang.ZH)}\n{name}" if has(key) else name


def _rows(flat: pa.Table) -> Iterator[list[object]]:
    for batch in flat.to_batches(max_chunksize=10_000):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield [_CONTROL.sub("", cell)[:_LONGEST_CELL] if isinstance(cell, str) else cell for cell in row]


def _atomically(path: Path, write: Callable[[BinaryIO], None]) -> Path:
    """Write beside the target and rename: whoever reads sees the old file or the new one, never half of one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            write(file)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
