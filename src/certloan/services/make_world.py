"""Make a synthetic economy and write it as a bank would get it, with the truth beside it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.services.ports import SILENT, Progress
from certloan.world import delivery, economy
from certloan.world.mess import MessShares

#: Fewer enterprises than this leave tables empty, and a model nothing to learn; a world is held in memory (27 kB for
#: each enterprise), so more than this would not fit into an ordinary machine.
FEWEST, MOST = 50, 200_000
TRUTH, MESS = "truth.parquet", "mess.parquet"
USUAL = MessShares()


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
    progress: Progress = SILENT,
) -> WorldReport:
    """Write ``out/delivery``, ``out/delivery-2``, ``out/truth.parquet`` and ``out/mess.parquet``.

    A world that was made there before is replaced. The same numbers give the same bytes.
    Raises ``InputError``: ``world-size``, ``world-seed``, ``world-folder-taken``.
    """
    actor.require(Permission.LOAD_EVIDENCE)
    if not FEWEST <= enterprises <= MOST:
        raise InputError("world-size", found=enterprises, low=FEWEST, high=MOST)
    if seed < 0:
        raise InputError("world-seed", found=seed)
    _clear(out)
    progress.stage("world-draw")
    drawn = economy.draw(enterprises, seed)
    progress.stage("world-write", delivery.files())
    written = delivery.write(drawn, seed, shares, out, progress.advance)
    ledger = written.ledger()
    pq.write_table(ledger, out / MESS, compression="zstd")
    pq.write_table(drawn.truth, out / TRUTH, compression="zstd")
    outcome = drawn.tables["outcome"]
    effects = pc.value_counts(ledger["effect"].combine_chunks())
    return WorldReport(
        out=str(out),
        enterprises=enterprises,
        seed=seed,
        applications=drawn.tables["application"].num_rows,
        outcomes=outcome.num_rows,
        default_rate=_mean(outcome["defaulted"]),
        files=written.rows,
        mess={str(entry["values"]): int(entry["counts"].as_py()) for entry in effects},
    )


def digests(out: Path) -> dict[str, str]:
    """Give the SHA-256 of every file of a world by its path: two worlds are the same exactly when these are.

    >>> digests(Path("no-such-folder"))
    {}
    """
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _mean(flags: pa.ChunkedArray) -> float:
    return round(float(pc.mean(pc.cast(flags, pa.float64())).as_py() or 0.0), 4)


def _clear(out: Path) -> None:
    """Make room: a world is replaced, anything else is left alone."""
    ours = (*delivery.FOLDERS, TRUTH, MESS)
    if out.exists() and not out.is_dir():
        raise InputError("world-folder-taken", found=str(out))
    if out.is_dir():
        if any(entry.name not in ours for entry in out.iterdir()):
            raise InputError("world-folder-taken", found=str(out))
        for folder in delivery.FOLDERS:
            shutil.rmtree(out / folder, ignore_errors=True)
        for name in (TRUTH, MESS):
            (out / name).unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)
