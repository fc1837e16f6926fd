"""Seeded randomness, and the few array moves that every stage of the world needs.

A number that decides something is rounded first: ``exp`` may differ in its last bit between processors, and a world
must be the same, byte for byte, wherever it is made.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
#: A pyarrow array or table; the library carries no types.
Arrow = Any

#: "No such day" among day numbers.
NEVER = np.int64(2**40)

#: A seed is less than this; what lies above it in a whole number is the shard that draws.
SEEDS = 1 << 64

_EPOCH = date(1970, 1, 1).toordinal()


def of_shard(seed: int, shard: int) -> int:
    """Give the seed of one shard of a world; that of the first is the world's own."""
    return seed + shard * SEEDS


def stream(seed: int, stage: str, *, shared: bool = False) -> np.random.Generator:
    """Give a stage its own random stream: named, so that adding a stage disturbs no other.

    Every shard of a world draws differently (:func:`of_shard`), but for what is ``shared``: the same in all of them.

    >>> int(stream(7, "firms").integers(1000)) == int(stream(7, "firms").integers(1000))
    True
    """
    shard, world = divmod(seed, SEEDS)
    name = zlib.crc32(stage.encode())
    key = (name, shard) if shard and not shared else (name,)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy=world, spawn_key=key)))


def day(value: date) -> int:
    """Count the days from 1970-01-01 to a date, the unit of time inside the world."""
    return value.toordinal() - _EPOCH


def on(year: int, month: int = 1, of_month: int = 1) -> int:
    """Give the day number of a calendar day.

    >>> on(1970, 1, 2)
    1
    """
    return day(date(year, month, of_month))


def normal(rng: np.random.Generator, *shape: int) -> Floats:
    """Draw standard normal values, rounded to four digits."""
    return np.asarray(np.round(rng.standard_normal(shape), 4), dtype=np.float64)


def logistic(value: Floats) -> Floats:
    """Turn log odds into a probability, rounded to six digits."""
    return np.asarray(np.round(1.0 / (1.0 + np.exp(-value)), 6), dtype=np.float64)


def growth(value: Floats) -> Floats:
    """Give ``exp(value)``, rounded to six digits."""
    return np.asarray(np.round(np.exp(value), 6), dtype=np.float64)


def chance(rng: np.random.Generator, probability: Floats | float, n: int | None = None) -> Flags:
    """Let each event happen with its own probability."""
    size = np.shape(probability) if n is None else (n,)
    return np.asarray(rng.random(size) < probability)


def pick(rng: np.random.Generator, weights: Sequence[float] | Floats, n: int) -> Ints:
    """Draw ``n`` positions with the given weights."""
    edges = np.round(np.cumsum(np.asarray(weights, dtype=np.float64)), 9)
    found = np.searchsorted(edges, rng.random(n) * edges[-1], side="right")
    return np.asarray(np.minimum(found, len(edges) - 1), dtype=np.int64)


def between(rng: np.random.Generator, low: Ints | int, high: Ints | int, n: int | None = None) -> Ints:
    """Draw whole numbers from ``low`` up to and including ``high``."""
    bounds = np.broadcast_arrays(np.asarray(low), np.asarray(high))
    size = bounds[0].shape if n is None else (n,)
    span = np.maximum(bounds[1] - bounds[0], 0) + 1
    return np.asarray(bounds[0] + np.floor(rng.random(size) * span), dtype=np.int64)


def explode(counts: Ints) -> tuple[Ints, Ints]:
    """Repeat each position ``counts`` times; give the positions and the running number within each.

    >>> [part.tolist() for part in explode(np.array([2, 0, 1]))]
    [[0, 0, 2], [0, 1, 0]]
    """
    parent = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    starts = np.cumsum(counts) - counts
    return parent, np.arange(len(parent), dtype=np.int64) - np.repeat(starts, counts)


def running(owner: Ints) -> Ints:
    """Number the entries of each owner from 0, in the order in which they stand.

    >>> running(np.array([7, 3, 7, 7])).tolist()
    [0, 0, 1, 2]
    """
    order = np.argsort(owner, kind="stable")
    ordered = owner[order]
    first = np.searchsorted(ordered, ordered, side="left")
    number = np.empty(len(owner), dtype=np.int64)
    number[order] = np.arange(len(owner)) - first
    return number


def meetings(owner: Ints, owners: int, asked: Ints) -> tuple[Ints, Ints]:
    """Pair every question with every entry of the same owner; give positions of questions and of entries.

    >>> [part.tolist() for part in meetings(np.array([4, 2, 4]), 5, np.array([4, 0, 2]))]
    [[0, 0, 2], [0, 2, 1]]
    """
    order = np.argsort(owner, kind="stable").astype(np.int64)
    sizes = np.bincount(owner, minlength=owners).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    question, place = explode(sizes[asked])
    return question, order[starts[asked[question]] + place]


def yearly_events(rng: np.random.Generator, rates: Floats, first_year: int) -> tuple[Ints, Ints]:
    """Draw events from yearly rates of shape (firms, years); give each event's firm and day number."""
    years = rates.shape[1]
    cell, _ = explode(rng.poisson(np.round(rates, 6).ravel()).astype(np.int64))
    starts = np.array([on(first_year + i) for i in range(years)], dtype=np.int64)
    return cell // years, starts[cell % years] + between(rng, 0, 364, len(cell))


# --- columns -----------------------------------------------------------------------------------------------------


def replaced(table: pa.Table, **columns: Arrow) -> pa.Table:
    """Put other values into some columns of a table."""
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def dates(days: Ints) -> Arrow:
    """Turn day numbers into dates; ``NEVER`` becomes null."""
    return pa.array(days.astype(np.int32), mask=days == NEVER).cast(pa.date32())


def words(levels: Sequence[str | None], codes: Ints) -> Arrow:
    """Turn positions into their words; a word of ``None`` becomes null."""
    return pa.array(list(levels), pa.string()).take(pa.array(codes))


def joined(*parts: Arrow | str) -> Arrow:
    """Join texts row by row; a null part makes the whole null."""
    return pc.binary_join_element_wise(*parts, "")


def digits(numbers: Ints, width: int) -> Arrow:
    """Write whole numbers with leading zeros."""
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")


def texts(numbers: Ints) -> Arrow:
    """Write whole numbers as text."""
    return pc.cast(pa.array(numbers), pa.string())


def where(keep: Flags, values: Arrow) -> Arrow:
    """Keep values where ``keep`` is true, null elsewhere."""
    return pc.if_else(pa.array(keep), values, pa.scalar(None, values.type))


def calendar(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Split day numbers into year, month and day of the month.

    >>> [int(part[0]) for part in calendar(np.array([on(2024, 2, 29)]))]
    [2024, 2, 29]
    """
    moments = days.astype("datetime64[D]")
    months = moments.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    return year, months.astype(np.int64) % 12 + 1, (moments - months.astype("datetime64[D]")).astype(np.int64) + 1


def add_months(days: Ints, months: Ints | int) -> Ints:
    """Move day numbers by whole months, to at most the 28th of the month so that the day always exists.

    >>> add_months(np.array([on(2024, 1, 31)]), 1).tolist() == [on(2024, 2, 28)]
    True
    """
    moments = days.astype("datetime64[D]")
    month = moments.astype("datetime64[M]")
    offset = np.minimum((moments - month.astype("datetime64[D]")).astype(np.int64), 27)
    moved = (month.astype(np.int64) + months).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(moved + offset, dtype=np.int64)
