"""From the clean world to the files a bank gets: two deliveries, their mess, and the ledger of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from pathlib import Path, PurePath

import numpy as np
import pyarrow as pa

from certloan.contracts import CONTRACTS
from certloan.world import layout
from certloan.world.allotment import Allotment, Content, allot, second
from certloan.world.calendar import FIRST_DELIVERY, SECOND_DELIVERY
from certloan.world.draws import Ints, stream
from certloan.world.economy import Economy
from certloan.world.files import Block, write_csv, write_workbook
from certloan.world.layout import Sheet
from certloan.world.mess import MessShares, Messy, Note, spoil
from certloan.world.rendering import DateStyle, Field, render

FOLDERS = ("delivery", "delivery-2")
#: A sheet with more rows than this becomes a CSV, as it would in a bank.
WORKBOOK_ROWS = 60_000


@dataclass
class Written:
    """What was written: data rows of every file, and the ledger of mess."""

    rows: dict[str, int] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def ledger(self) -> pa.Table:
        """Give the ledger as a table, in the order of files and rows."""
        names = ("delivery", "file", "sheet", "row", "table", "kind", "column", "effect")
        ordered = sorted(self.notes, key=lambda note: (note.delivery, note.file, note.sheet, note.row, note.kind))
        kinds = {"row": pa.int64()}
        return pa.table(
            {name: pa.array([getattr(note, name) for note in ordered], kinds.get(name, pa.string())) for name in names}
        )


def write(economy: Economy, seed: int, shares: MessShares, out: Path, done: Callable[[], None]) -> Written:
    """Write both deliveries below ``out``; ``done`` is called after every file."""
    written = Written()
    parts = {name: allot(name, table, seed, shares) for name, table in economy.tables.items()}
    lost = {name: np.zeros(0, dtype=np.int64) for name in parts}
    writer = _Writer(out / FOLDERS[0], FIRST_DELIVERY, seed, shares, written)
    for sheets in _by_file(layout.FIRST):
        picks = {sheet: _statements(sheet, parts[sheet.table]) for sheet in sheets}
        contents = {sheet: Content(parts[sheet.table].table.take(pa.array(rows)), ()) for sheet, rows in picks.items()}
        for sheet, messy in writer.file(contents).items():
            lost[sheet.table] = np.union1d(lost[sheet.table], picks[sheet][messy.lost]).astype(np.int64)
        done()
    writer = _Writer(out / FOLDERS[1], SECOND_DELIVERY, seed, shares, written)
    for sheets in _by_file(layout.SECOND):
        writer.file({sheet: second(sheet.table, parts[sheet.table], lost[sheet.table], seed) for sheet in sheets})
        done()
    return written


def files() -> int:
    """Count the files that :func:`write` writes."""
    return sum(1 for sheets in (layout.FIRST, layout.SECOND) for _ in _by_file(sheets))


def _by_file(sheets: Sequence[Sheet]) -> Iterator[tuple[Sheet, ...]]:
    for _, group in groupby(sheets, key=lambda sheet: sheet.file):
        yield tuple(group)


def _statements(sheet: Sheet, part: Allotment) -> Ints:
    if sheet.statements == "all":
        return part.early
    wanted = (part.rank[part.early] == 0) == (sheet.statements == "first")
    return np.asarray(part.early[wanted], dtype=np.int64)


def begin(folder: Path, delivered_on: date) -> None:
    """Make the folder of a delivery, with the note that says when it was made."""
    folder.mkdir(parents=True)
    about = f"# 合成数据，不涉及任何真实企业。Synthetic data: no real enterprise.\ndelivered_on = {delivered_on}\n"
    (folder / "delivery.toml").write_text(about, encoding="utf-8", newline="\n")


class _Writer:
    """Writes the files of one delivery."""

    def __init__(self, folder: Path, delivered_on: date, seed: int, shares: MessShares, written: Written) -> None:
        begin(folder, delivered_on)
        self.folder = folder
        self.seed = seed
        self.shares = shares
        self.written = written

    def file(self, contents: Mapping[Sheet, Content]) -> dict[Sheet, Messy]:
        """Write one file; give what became of each sheet."""
        messy: dict[Sheet, Messy] = {}
        blocks: dict[Sheet, Block] = {}
        largest = max(content.rows.num_rows for content in contents.values())
        contents = {sheet: content for sheet, content in contents.items() if content.rows.num_rows}
        for sheet, content in contents.items():
            final = _as_csv(sheet) if sheet.file.endswith(".xlsx") and largest > WORKBOOK_ROWS else sheet
            messy[sheet], blocks[final] = self._spoiled(final, content)
        for name, group in groupby(blocks, key=lambda sheet: sheet.file):
            self._save(name, {sheet: blocks[sheet] for sheet in group})
        return messy

    def _spoiled(self, sheet: Sheet, content: Content) -> tuple[Messy, Block]:
        contract = CONTRACTS[sheet.table]
        rendered = render(
            contract, sheet.fields, complete(sheet.fields, content.rows), sheet.dates, sheet.alias, sheet.missing
        )
        rng = stream(self.seed, f"mess {self.folder.name} {sheet.file} {sheet.sheet}")
        spare = np.array([at for at, *_ in content.notes], dtype=np.int64)
        messy = spoil(rendered, self.shares, rng, spare)
        first = len(sheet.titles) + 2
        known = [(int(messy.final[at]), kind, column, effect) for at, kind, column, effect in content.notes]
        for at, kind, column, effect in [*messy.notes, *known]:
            place = (self.folder.name, sheet.file, sheet.sheet)
            self.written.notes.append(Note(*place, at + first, sheet.table, kind, column, effect))
        header = tuple(entry.header for entry in sheet.fields)
        return messy, Block(sheet.sheet, sheet.titles, header, messy.columns, rendered.kinds, messy.plain)

    def _save(self, name: str, blocks: Mapping[Sheet, Block]) -> None:
        path = self.folder / name
        if path.suffix == ".xlsx":
            write_workbook(path, list(blocks.values()))
        else:
            for sheet, block in blocks.items():
                write_csv(path, block, sheet.encoding)
        rows = sum(len(block.columns[0]) for block in blocks.values())
        self.written.rows[f"{self.folder.name}/{name}"] = rows


def complete(fields: Sequence[Field], rows: pa.Table) -> pa.Table:
    """Give every field of a file a column: a date that no record of the table has is empty."""
    for entry in fields:
        if entry.column not in rows.column_names:
            rows = rows.append_column(entry.column, pa.nulls(rows.num_rows, pa.date32()))
    return rows


def _as_csv(sheet: Sheet) -> Sheet:
    dates = DateStyle.ISO if sheet.dates is DateStyle.CELL else sheet.dates
    name = f"{PurePath(sheet.file).stem}_{sheet.sheet}.csv"
    return replace(sheet, file=name, sheet="", titles=(), dates=dates, encoding="utf-8-sig")
