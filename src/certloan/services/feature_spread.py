"""How one column of a matrix is spread: what is known, quantiles or levels, a histogram, and who lacks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_BINS = 12
_MOST_LEVELS = 20
_SIZES = ("large", "medium", "small", "micro")
#: Group of those whose size class is not known.
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Missing:
    """How many applicants of a group there are, and how many of them lack the value."""

    group: str
    n: int
    missing: int

    @property
    def share(self) -> float:
        """Give the share that is missing."""
        return self.missing / self.n


@dataclass(frozen=True)
class Spread:
    """The values of one feature among ``n`` of the ``there`` applications of a warehouse, ``known`` of them known.

    A number has ``quantiles`` (by their share, as text), ``zeros`` and a ``histogram`` of (low, high, count) whose
    outermost bins take in what lies beyond the first and the last hundredth; a word has ``levels``, the commonest
    first.
    """

    n: int
    there: int
    known: int
    quantiles: Mapping[str, float]
    zeros: int | None
    histogram: tuple[tuple[float, float, int], ...]
    levels: Mapping[str, int]
    missing_by_size: tuple[Missing, ...]
    missing_by_year: tuple[Missing, ...]

    @property
    def known_share(self) -> float | None:
        """Give the share of applicants whose value is known; None where nobody was asked about."""
        return self.known / self.n if self.n else None

    def as_json(self) -> dict[str, object]:
        """Give plain values."""
        groups = {"missing_by_size": self.missing_by_size, "missing_by_year": self.missing_by_year}
        told = {name: [{**asdict(each), "share": round(each.share, 6)} for each in of] for name, of in groups.items()}
        bins = [{"from": low, "to": high, "n": count} for low, high, count in self.histogram]
        return {**asdict(self), "known_share": self.known_share, "histogram": bins, **told}


def spread(matrix: pa.Table, name: str, size: str, levels: Sequence[str] = (), there: int | None = None) -> Spread:
    """Count the column ``name`` of a feature matrix; ``size`` names the column of the size class.

    >>> import datetime as dt
    >>> days = [dt.date(2024, 1, 1)] * 4
    >>> table = pa.table({"as_of": days, "x": [0.0, 1.0, 2.0, None], "size": ["small", "small", None, None]})
    >>> told = spread(table, "x", "size")
    >>> told.known, told.zeros, told.quantiles["0.5"], [(each.group, each.missing) for each in told.missing_by_size]
    (3, 1, 1.0, [('small', 0), ('unknown', 1)])
    """
    column = matrix.column(name)
    lacking = column.is_null().to_pylist()
    years = [day.year for day in matrix.column("as_of").to_pylist()]
    words = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    known = column.drop_null()
    values = np.empty(0) if words else known.to_numpy().astype(np.float64)
    return Spread(
        n=matrix.num_rows,
        there=matrix.num_rows if there is None else there,
        known=len(known),
        quantiles=_quantiles(values),
        zeros=None if words else int((values == 0).sum()),
        histogram=_histogram(values),
        levels=_levels(known.to_pylist(), levels) if words else {},
        missing_by_size=_missing([word or _UNKNOWN for word in matrix.column(size).to_pylist()], lacking),
        missing_by_year=_missing([str(year) for year in years], lacking),
    )


def _quantiles(values: Floats) -> dict[str, float]:
    if not len(values):
        return {}
    found = np.quantile(values, _QUANTILES, method="inverted_cdf")
    return {f"{share:g}": float(value) for share, value in zip(_QUANTILES, found, strict=True)}


def _histogram(values: Floats) -> tuple[tuple[float, float, int], ...]:
    """Cut the middle 98% into equal bins; a feature of few different numbers gets one bin for each."""
    different = np.unique(values)
    if len(different) <= _BINS:
        return tuple((float(value), float(value), int((values == value).sum())) for value in different)
    low, high = np.quantile(values, (0.01, 0.99), method="inverted_cdf")
    if low == high:
        low, high = different[0], different[-1]
    edges = np.linspace(low, high, _BINS + 1)
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, _BINS - 1)
    counts = np.bincount(place, minlength=_BINS)
    return tuple((float(edges[at]), float(edges[at + 1]), int(count)) for at, count in enumerate(counts))


def _levels(words: Sequence[str], declared: Sequence[str]) -> dict[str, int]:
    """Count the words: the declared levels in their order, others by how common they are."""
    counted = Counter(words)
    named = {level: counted.pop(level, 0) for level in declared}
    return named | dict(counted.most_common(_MOST_LEVELS))


def _missing(groups: Sequence[str], lacking: Sequence[bool]) -> tuple[Missing, ...]:
    of: dict[str, list[bool]] = {}
    for group, lacks in zip(groups, lacking, strict=True):
        of.setdefault(group, []).append(lacks)
    order = {size: place for place, size in enumerate(_SIZES)}
    ranked = sorted(of.items(), key=lambda item: (order.get(item[0], len(order)), item[0]))
    return tuple(Missing(group, len(found), sum(found)) for group, found in ranked)
