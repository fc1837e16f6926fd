"""A world larger than memory: its shards are made one by one, in several processes, and told as one."""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from certloan.services.ports import Progress
from certloan.world import delivery, economy
from certloan.world.calendar import FIRST_DELIVERY, SECOND_DELIVERY
from certloan.world.mess import MessShares
from certloan.world.parts import Done, Task, join, write_shard


def make_shards(
    enterprises: int,
    seed: int,
    out: Path,
    shares: MessShares,
    size: int,
    processes: int,
    progress: Progress,
    names: tuple[str, str, str],
) -> Done:
    """Write a world of Parquet below ``out``, ``size`` enterprises at a time; ``names`` are those of truth, ledger
    and what was planted.
    """
    for folder, day in zip(delivery.FOLDERS, (FIRST_DELIVERY, SECOND_DELIVERY), strict=True):
        delivery.begin(out / folder, day)
    count = economy.shards(enterprises, size)
    tasks = [Task(enterprises, seed, shard, size, shares, out) for shard in range(count)]
    progress.stage("world-shards", count)
    made = []
    for done in _done(tasks, min(processes, count)):
        made.append(done)
        progress.advance()
    join([task.truth() for task in tasks], out / names[0])
    join([task.ledger() for task in tasks], out / names[1])
    join([task.planted() for task in tasks], out / names[2])
    rows: Counter[str] = sum((Counter(done.rows) for done in made), Counter())
    effects: Counter[str] = sum((Counter(done.effects) for done in made), Counter())
    loans = (sum(getattr(done, name) for done in made) for name in ("applications", "outcomes", "defaults"))
    return Done(dict(sorted(rows.items())), dict(sorted(effects.items())), *loans)


def _done(tasks: Sequence[Task], processes: int) -> Iterator[Done]:
    """Give what each shard came to, as they are ready."""
    if processes <= 1:
        yield from map(write_shard, tasks)
        return
    with _pool(processes) as pool:
        for future in as_completed([pool.submit(write_shard, task) for task in tasks]):
            yield future.result()


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Give fresh processes: a copy of this one would share the locks of its threads."""
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield pool
    finally:
        # After an interrupt nothing that has not begun is worth waiting for.
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    """Leave interrupts to the process that began this one, and the other processor to the other process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pa.set_cpu_count(1)
