"""A whole bundle as one plain SQL statement over a table of features: score, probability, grade, and every share.

It needs no Python and no extension, only ``CASE``, arrays and ``EXP``, and runs on DuckDB and on Spark. A value finds its
bin by nested conditions, balanced by where applicants lie; what a bin is worth stands in an array. NULL and NaN are
missing; a text that training never saw falls where missing does, as in :func:`certloan.scoring.matrix.encode`.

The sums are those of the tables in another order: they agree to 1e-9 points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from certloan.errors import InputError
from certloan.i18n import Lang, text
from certloan.scoring.bundle import Bundle
from certloan.scoring.export.stepwise import Run, runs
from certloan.scoring.matrix import MISSING_LEVEL, Floats, ModelFeature
from certloan.scoring.tables import Integers, Pair

#: What the table of features is called in the statement unless told otherwise.
TABLE = "feature_matrix"
#: A pair of no more bins by bins stands in the statement as one array.
_SMALL_PAIR = 400


@dataclass(frozen=True)
class Engine:
    """How an engine writes what the two differ in."""

    name: str
    quote: str
    text_type: str
    array: str
    escapes: tuple[tuple[str, str], ...]

    def column(self, name: str) -> str:
        """Quote a name."""
        return f"{self.quote}{name.replace(self.quote, 2 * self.quote)}{self.quote}"

    def literal(self, value: str) -> str:
        """Quote a text."""
        for sign, written in self.escapes:
            value = value.replace(sign, written)
        return f"'{value}'"

    def looked_up(self, entries: Sequence[str], place: str) -> str:
        """Look up the entry at ``place``, counted from 0."""
        return self.array.format(entries=", ".join(entries), place=place)


ENGINES = {
    "duckdb": Engine("duckdb", '"', "varchar", "[{entries}][{place} + 1]", (("'", "''"),)),
    "spark": Engine(
        "spark", "`", "string", "element_at(array({entries}), {place} + 1)", (("\\", "\\\\"), ("'", "\\'"))
    ),
}


def statement(bundle: Bundle, engine: str, table: str = TABLE, keys: Sequence[str] = ()) -> str:
    """Write the statement. It gives ``keys``, ``score``, ``points``, ``pd``, ``grade``, ``base_points``, ``points_<feature>``.

    ``table`` holds one row an applicant with a column for each feature, by name. ``grade`` is NULL where the model has
    no grades. Raises ``InputError`` ``sql-engine`` for an engine that is not in :data:`ENGINES`.
    """
    if engine not in ENGINES:
        raise InputError("sql-engine", found=engine, expected=", ".join(ENGINES))
    return _Statement(bundle, ENGINES[engine]).written(table, keys)


class _Statement:
    """One bundle for one engine.

    ``v<n>`` is the value of feature n, ``b<n>`` its bin, ``c<n>`` its points, and ``h<n>`` half the points of pair n.
    """

    def __init__(self, bundle: Bundle, engine: Engine) -> None:
        self.bundle, self.engine = bundle, engine
        self.paired = {at for pair in bundle.tables.pairs for at in (pair.first, pair.second)}

    def written(self, table: str, keys: Sequence[str]) -> str:
        kept = [f"{self.engine.column(key)} as k{at}" for at, key in enumerate(keys)]
        carried = [f"k{at}" for at in range(len(keys))]
        features = range(len(self.bundle.features))
        given = [self._given(at, feature) for at, feature in enumerate(self.bundle.features)]
        placed = [self._placed(at) for at in features]
        halves = [f"{self._half(pair)} as h{number}" for number, pair in enumerate(self.bundle.tables.pairs)]
        told = [self._told(at) for at in features]
        points = " + ".join([_number(self.bundle.base_points), *(f"c{at}" for at in features)])
        source = ".".join(self.engine.column(part) for part in table.split("."))
        return "\n".join(
            part
            for part in [
                *_header(self.bundle, self.engine, table),
                f"with given as (\n  select {_lines([*kept, *given])}\n  from {source}\n),",
                f"placed as (\n  select {_lines([*carried, *placed])}\n  from given\n),",
                f"halved as (\n  select {_lines(['*', *halves])}\n  from placed\n)," if halves else "",
                f"told as (\n  select {_lines([*carried, *told])}\n  from {'halved' if halves else 'placed'}\n),",
                f"summed as (\n  select {_lines([*carried, *(f'c{at}' for at in features)])},\n    {points} as points",
                "  from told\n),",
                f"risked as (\n  select *, {self._probability()} as pd\n  from summed\n)",
                f"select {_lines(self._results(keys))}\nfrom risked\n",
            ]
            if part
        )

    def _given(self, at: int, feature: ModelFeature) -> str:
        column = self.engine.column(feature.name)
        value = f"cast({column} as {'double' if feature.levels is None else self.engine.text_type})"
        if feature.levels is not None and MISSING_LEVEL in feature.levels:
            value = f"coalesce({value}, {self.engine.literal(MISSING_LEVEL)})"
        return f"{value} as v{at}"

    def _placed(self, at: int) -> str:
        """Give the bin of a feature that is in a pair, and at once the points of one that is in none."""
        axis = self.bundle.tables.axes[at]
        if at in self.paired:
            return f"{self._case(at, [str(bin_) for bin_ in range(axis.bins)], np.arange(axis.bins))} as b{at}"
        points = self._points(at)
        values, codes = np.unique(points, return_inverse=True)
        return f"{self._case(at, [_number(value) for value in values], codes)} as c{at}"

    def _case(self, at: int, told: Sequence[str], codes: Integers) -> str:
        """Say ``told[codes[bin]]`` of the value's bin."""
        feature, axis = self.bundle.features[at], self.bundle.tables.axes[at]
        missing = told[int(codes[axis.missing])]
        if feature.levels is not None:
            known = [
                f"when {self.engine.literal(level)} then {told[int(code)]}"
                for level, code in zip(feature.levels, codes, strict=False)
                if told[int(code)] != missing
            ]
            return f"case v{at} {' '.join(known)} else {missing} end" if known else missing
        found = runs(axis, codes)
        if len(found) == 1 and told[found[0].label] == missing:
            return missing
        shares = self.bundle.tables.shares[at]
        # Half by where applicants lie, half by number: few questions for most of them, and never a long chain.
        weights = [float(shares[list(run.bins)].sum()) + 1.0 / len(found) for run in found]
        return (
            f"case when v{at} is null or isnan(v{at}) then {missing} else {_nested(f'v{at}', found, weights, told)} end"
        )

    def _points(self, at: int) -> Floats:
        return self.bundle.tables.mains[at] * self.bundle.points_per_margin

    def _told(self, at: int) -> str:
        if at not in self.paired:
            return f"c{at}"
        own = self.engine.looked_up([_number(value) for value in self._points(at)], f"b{at}")
        pairs = enumerate(self.bundle.tables.pairs)
        halves = [f"h{number}" for number, pair in pairs if at in (pair.first, pair.second)]
        return f"{' + '.join([own, *halves])} as c{at}"

    def _half(self, pair: Pair) -> str:
        """Half of what a pair adds. A large table first looks up the rows and columns that its bins share."""
        halves = pair.cells * (0.5 * self.bundle.points_per_margin)
        wide = len(pair.columns)
        if len(pair.rows) * wide <= _SMALL_PAIR:
            by_bin = halves[np.ix_(pair.rows, pair.columns)]
            return self.engine.looked_up(
                [_number(value) for value in by_bin.ravel()], f"b{pair.first} * {wide} + b{pair.second}"
            )
        rows = self.engine.looked_up([str(row * halves.shape[1]) for row in pair.rows], f"b{pair.first}")
        columns = self.engine.looked_up([str(column) for column in pair.columns], f"b{pair.second}")
        return self.engine.looked_up([_number(value) for value in halves.ravel()], f"{rows} + {columns}")

    def _probability(self) -> str:
        scale = self.bundle.scale
        return f"1e0 / (1e0 + exp((points - {_number(scale.offset)}) / {_number(scale.factor)}))"

    def _results(self, keys: Sequence[str]) -> Iterator[str]:
        yield from (f"k{at} as {self.engine.column(key)}" for at, key in enumerate(keys))
        yield "cast(floor(points + 5e-1) as bigint) as score"
        yield "points"
        yield "pd"
        yield f"{self._grade()} as grade"
        yield f"{_number(self.bundle.base_points)} as base_points"
        for at, name in enumerate(self.bundle.names):
            yield f"c{at} as {self.engine.column(f'points_{name}')}"

    def _grade(self) -> str:
        if self.bundle.grades is None:
            return f"cast(null as {self.engine.text_type})"
        *better, worst = self.bundle.grades.grades
        asked = [f"when pd < {_number(grade.pd_below)} then {self.engine.literal(grade.code)}" for grade in better]
        last = self.engine.literal(worst.code)
        return f"case {' '.join(asked)} else {last} end" if asked else last


def _nested(value: str, found: Sequence[Run], weights: Sequence[float], told: Sequence[str]) -> str:
    if len(found) == 1:
        return told[found[0].label]
    ahead = np.cumsum(weights)[:-1]
    half = int(np.argmin(np.abs(ahead - sum(weights) / 2.0))) + 1
    left = _nested(value, found[:half], weights[:half], told)
    right = _nested(value, found[half:], weights[half:], told)
    return f"case when {value} <= {_number(found[half - 1].upper)} then {left} else {right} end"


def _number(value: float) -> str:
    """Write a double that both engines read as that very double; without an exponent they would read a decimal.

    >>> _number(0.1), _number(-1e-300), _number(600)
    ('0.1e0', '-1e-300', '600.0e0')
    """
    written = repr(float(value))
    return written if "e" in written else f"{written}e0"


def _lines(parts: Sequence[str] | Iterator[str]) -> str:
    return ",\n    ".join(parts)


def _header(bundle: Bundle, engine: Engine, table: str) -> Iterator[str]:
    scale = bundle.scale
    facts = {
        "fingerprint": bundle.fingerprint,
        "kind": bundle.kind,
        "points": f"{scale.points:g}",
        "odds": f"{scale.odds:g}",
        "doubles": f"{scale.doubles:g}",
        "features": len(bundle.features),
        "table": table,
        "engine": engine.name,
    }
    for lang in Lang:
        for line in text("scorecard.sql.header", lang, **facts).splitlines():
            yield f"-- {line}".rstrip()
