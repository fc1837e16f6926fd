"""A world as Parquet: every shard drawn and written by itself, every table a folder with one part for each shard.

A file with types cannot hold every slip of the keyboard, so its mess is what remains: wrong codes, impossible days,
unknown words, copies and contradictions. Columns are called as in the contracts; money is in yuan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from certloan.contracts import CONTRACTS
from certloan.world import economy, layout
from certloan.world.allotment import Content, allot, second
from certloan.world.delivery import FOLDERS, Written, complete
from certloan.world.draws import Ints, of_shard, stream
from certloan.world.layout import Sheet
from certloan.world.mess import MessShares, Note, spoil
from certloan.world.rendering import Field, as_values

#: As many rows as the warehouse keeps together, so that what is sorted here is sorted there.
_GROUP_ROWS = 122_880


@dataclass(frozen=True)
class Task:
    """One shard of a world, to be written below ``out``: whole deliveries, and its part of the truth and the ledger."""

    enterprises: int
    seed: int
    shard: int
    size: int
    shares: MessShares
    out: Path

    def truth(self) -> Path:
        """Name the file of this shard's truth."""
        return self.out / f"truth-{self.shard:05d}"

    def planted(self) -> Path:
        """Name the file of what was planted in this shard."""
        return self.out / f"planted-{self.shard:05d}"

    def ledger(self) -> Path:
        """Name the file of this shard's mess."""
        return self.out / f"mess-{self.shard:05d}"


@dataclass
class Done:
    """What one shard came to: rows by folder, notes of the ledger by effect, and its loans."""

    rows: dict[str, int] = field(default_factory=dict)
    effects: dict[str, int] = field(default_factory=dict)
    applications: int = 0
    outcomes: int = 0
    defaults: int = 0


def write_shard(task: Task) -> Done:
    """Draw one shard and write it; the same task writes the same bytes in whatever process."""
    drawn = economy.draw_shard(task.enterprises, task.seed, task.shard, task.size)
    shard = _Shard(task, Written())
    for name, table in drawn.tables.items():
        shard.table(name, table)
    pq.write_table(drawn.truth, task.truth(), compression="zstd")
    pq.write_table(drawn.planted, task.planted(), compression="zstd")
    ledger = shard.written.ledger()
    pq.write_table(ledger, task.ledger(), compression="zstd")
    outcome = drawn.tables["outcome"]
    effects = {str(e["values"]): int(e["counts"].as_py()) for e in pc.value_counts(ledger["effect"].combine_chunks())}
    defaults = int(pc.sum(outcome["defaulted"]).as_py() or 0)
    return Done(shard.written.rows, effects, drawn.tables["application"].num_rows, outcome.num_rows, defaults)


def join(parts: Sequence[Path], whole: Path) -> None:
    """Put the parts of a file into one, in their order, and leave nothing of them."""
    with pq.ParquetWriter(whole, pq.read_schema(parts[0]), compression="zstd") as writer:
        for part in parts:
            writer.write_table(pq.read_table(part))
            part.unlink()


@dataclass(frozen=True)
class _Shard:
    task: Task
    written: Written

    def table(self, name: str, rows: pa.Table) -> None:
        """Write a table's part of both deliveries."""
        seed = of_shard(self.task.seed, self.task.shard)
        part = allot(name, rows, seed, self.task.shares)
        early = part.early[_order(name, part.table.take(pa.array(part.early)))]
        lost = self._write(FOLDERS[0], layout.FIRST, name, Content(part.table.take(pa.array(early)), ()), seed)
        later = second(name, part, np.sort(early[lost]), seed)
        order = _order(name, later.rows)
        place = np.argsort(order)
        notes = tuple((int(place[at]), kind, column, effect) for at, kind, column, effect in later.notes)
        self._write(FOLDERS[1], layout.SECOND, name, Content(later.rows.take(pa.array(order)), notes), seed)

    def _write(self, folder: str, sheets: Sequence[Sheet], name: str, content: Content, seed: int) -> Ints:
        """Write one part; give the rows that a careful reader cannot use."""
        if not content.rows.num_rows:
            return np.zeros(0, dtype=np.int64)
        fields = tuple(Field(entry.column, entry.column) for entry in _fields(sheets, name))
        rendered = as_values(CONTRACTS[name], fields, complete(fields, content.rows))
        rng = stream(seed, f"mess {folder} {name}")
        spare = np.array([at for at, *_ in content.notes], dtype=np.int64)
        messy = spoil(rendered, self.task.shares, rng, spare)
        file = f"{name}/part-{self.task.shard + 1:05d}.parquet"
        known = [(int(messy.final[at]), kind, column, effect) for at, kind, column, effect in content.notes]
        self.written.notes += [
            Note(folder, file, "", at + 1, name, kind, column, effect)
            for at, kind, column, effect in [*messy.notes, *known]
        ]
        table = pa.table(dict(zip((entry.header for entry in fields), messy.columns, strict=True)))
        path = self.task.out / folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(
            table, path, compression="zstd", compression_level=1, row_group_size=_GROUP_ROWS, store_schema=False
        )
        self.written.rows[f"{folder}/{name}"] = table.num_rows
        return messy.lost


def _fields(sheets: Sequence[Sheet], name: str) -> tuple[Field, ...]:
    """Give the columns that the delivery's sheets of a table have."""
    return next(sheet.fields for sheet in sheets if sheet.table == name)


def _order(name: str, rows: pa.Table) -> Ints:
    """Order rows by their enterprise, else by their own key, and leave the order of equal ones."""
    column = "uscc" if "uscc" in rows.column_names else CONTRACTS[name].key[0]
    coded = pc.dictionary_encode(rows[column].combine_chunks())
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    rank = np.argsort(np.asarray(pc.sort_indices(coded.dictionary)))
    return np.argsort(rank[np.asarray(coded.indices)], kind="stable").astype(np.int64)
