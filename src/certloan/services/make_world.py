"""Make a synthetic economy and write it as a bank would get it, with the truth beside it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.services.make_shards import make_shards
from certloan.services.ports import SILENT, Progress
from certloan.world import delivery, economy
from certloan.world.draws import SEEDS
from certloan.world.mess import MessShares

TRUTH, MESS, PLANTED = "truth.parquet", "mess.parquet", "planted.parquet"
USUAL = MessShares()
#: Where a world is while it is being made: nothing half made stands where a whole one is looked for.
_UNFINISHED = ".unfinished"


class Form(StrEnum):
    """How a delivery is written."""

    OFFICE = "office"  # workbooks and CSV, as people send them
    PARQUET = "parquet"  # as one database sends them to another


#: Fewer enterprises than this leave tables empty, and a model nothing to learn.
FEWEST = 50
#: Workbooks and CSV are written from a world held in memory (45 kB for each enterprise). Parquet is written in shards,
#: so that only serial numbers limit it: the world's codes have room for this many.
MOST = {Form.OFFICE: 100_000, Form.PARQUET: 10_000_000}


@dataclass(frozen=True)
class WorldReport:
    """What was made. ``default_rate`` is among granted applications whose twelve months are over."""

    out: str
    enterprises: int
    seed: int
    applications: int
    outcomes: int
    default_rate: float
    files: Mapping[str, int]
    mess: Mapping[str, int]

    def as_json(self) -> dict[str, object]:
        """Give the report as plain values."""
        return asdict(self)


def make_world(
    enterprises: int,
    seed: int,
    out: Path,
    *,
    actor: Actor,
    shares: MessShares = USUAL,
    form: Form = Form.OFFICE,
    processes: int = 2,
    shard: int = economy.SHARD,
    progress: Progress = SILENT,
) -> WorldReport:
    """Write ``out/delivery``, ``out/delivery-2``, ``out/truth.parquet``, ``mess.parquet`` and ``planted.parquet``.

    A world that was made there before is replaced, when this one is whole. The same numbers give the same bytes, in
    however many ``processes`` a world is written (Parquet only, ``shard`` enterprises at a time).
    Raises ``InputError``: ``world-size``, ``world-seed``, ``world-folder-taken``.
    """
    actor.require(Permission.LOAD_EVIDENCE)
    if not FEWEST <= enterprises <= MOST[form]:
        code = "world-size" if form is Form.PARQUET or enterprises < FEWEST else "world-size-office"
        raise InputError(code, found=enterprises, low=FEWEST, high=MOST[form])
    if not 0 <= seed < SEEDS:
        raise InputError("world-seed", found=seed)
    _check_free(out)
    told: tuple[int, int, float, Mapping[str, int], Mapping[str, int]]
    with _unfinished(out) as folder:
        if form is Form.PARQUET:
            done = make_shards(enterprises, seed, folder, shares, shard, processes, progress, (TRUTH, MESS, PLANTED))
            rate = round(done.defaults / max(done.outcomes, 1), 4)
            told = (done.applications, done.outcomes, rate, done.rows, done.effects)
        else:
            told = _make_office(enterprises, seed, folder, shares, progress)
    return WorldReport(str(out), enterprises, seed, *told)


def _make_office(
    enterprises: int, seed: int, out: Path, shares: MessShares, progress: Progress
) -> tuple[int, int, float, Mapping[str, int], Mapping[str, int]]:
    """Write workbooks and CSV; give what the report tells of them."""
    progress.stage("world-draw")
    drawn = economy.draw(enterprises, seed)
    progress.stage("world-write", delivery.files())
    written = delivery.write(drawn, seed, shares, out, progress.advance)
    ledger = written.ledger()
    pq.write_table(ledger, out / MESS, compression="zstd")
    pq.write_table(drawn.truth, out / TRUTH, compression="zstd")
    pq.write_table(drawn.planted, out / PLANTED, compression="zstd")
    outcome = drawn.tables["outcome"]
    effects = pc.value_counts(ledger["effect"].combine_chunks())
    mess = {str(entry["values"]): int(entry["counts"].as_py()) for entry in effects}
    return drawn.tables["application"].num_rows, outcome.num_rows, _mean(outcome["defaulted"]), written.rows, mess


def digests(out: Path) -> dict[str, str]:
    """Give the SHA-256 of every file of a world by its path: two worlds are the same exactly when these are.

    >>> digests(Path("no-such-folder"))
    {}
    """
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _mean(flags: pa.ChunkedArray) -> float:
    return round(float(pc.mean(pc.cast(flags, pa.float64())).as_py() or 0.0), 4)


def _check_free(out: Path) -> None:
    """Refuse a folder that holds anything but a world, so that nothing else is ever replaced."""
    ours = (*delivery.FOLDERS, TRUTH, MESS, PLANTED, _UNFINISHED)
    if out.exists() and (not out.is_dir() or any(entry.name not in ours for entry in out.iterdir())):
        raise InputError("world-folder-taken", found=str(out))


@contextmanager
def _unfinished(out: Path) -> Iterator[Path]:
    """Give a folder to make a world in; it takes the place of the one before when the block ends well."""
    folder = out / _UNFINISHED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
        for name in (*delivery.FOLDERS, TRUTH, MESS, PLANTED):
            old = out / name
            if old.is_dir():
                shutil.rmtree(old)
            (folder / name).replace(old)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if not any(out.iterdir()):
            out.rmdir()
