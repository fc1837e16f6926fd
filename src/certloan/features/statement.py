"""One relation's statement while its features are compiled into it: what they read, share and give."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from certloan.expressions import Type
from certloan.features import asof
from certloan.features.aggregates import (
    ZERO_WHEN_NONE,
    BothWays,
    Count,
    CountDistinct,
    CountMonths,
    Exists,
    FirstSeen,
    Herfindahl,
    LastSeen,
    Latest,
    Max,
    Mean,
    Min,
    NewestWorst,
    PerGroup,
    PerMonth,
    Ratio,
    Share,
    Sum,
    TopShare,
)
from certloan.features.columns import exact, expression
from certloan.features.dialect import NO_DAY, Dialect
from certloan.features.relations import Relation
from certloan.features.spec import FeatureSpec


@dataclass
class Statement:
    """What the features of one relation need of its records, and the aggregates that give them.

    ``flags`` maps a condition to the boolean column that holds it, so that features with the same condition share it.
    ``records`` maps a value to the column of packed records by which the newest is found. ``flat`` maps a feature to its
    aggregate; features that sum up per group first stand in ``inner`` and ``outer``, by the group; those in ``zero``
    are zero for an applicant without any group.
    """

    relation: Relation
    dialect: Dialect
    columns: dict[str, None] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    flat: dict[str, str] = field(default_factory=dict)
    inner: dict[str, dict[str, str]] = field(default_factory=dict)
    outer: dict[str, dict[str, str]] = field(default_factory=dict)
    months: bool = False
    zero: set[str] = field(default_factory=set)

    def add(self, spec: FeatureSpec) -> None:
        """Compile one feature into the statement."""
        if isinstance(spec.aggregate, PerGroup | CountDistinct):
            self._add_per_group(spec, spec.aggregate)
            return
        value = self._value(spec)
        if isinstance(spec.aggregate, ZERO_WHEN_NONE):
            value = f"coalesce({value}, 0)"
        self.flat[spec.name] = value if spec.categorical else f"cast({value} as double)"

    def need(self, *names: str) -> None:
        """Remember columns that the statement reads."""
        self.columns |= dict.fromkeys(name for name in names if name != "as_of")

    def sql(self, source: str, expect: Type | None = None) -> str:
        """Compile an expression and remember the columns that it reads."""
        read = expression(self.relation.name, source, expect)
        self.need(*sorted(read.columns))
        return read.sql(self.dialect.name)

    def exact(self, column: str) -> str:
        """Name a column that may be summed up; sums of computed numbers would depend on the rows' order."""
        if not exact(self.relation.name, column):
            raise ValueError(f"only a column of whole numbers or money can be summed up, not {column}")
        return self.sql(column)

    def chosen(self, spec: FeatureSpec, value: str = "1", *more: str) -> str:
        """Give ``value`` in the records that the feature counts, and nothing in the others.

        A case inside the aggregate, and not a filter behind it: filters cost the engine the square of their number.
        """
        flag = self._flag(spec, *more)
        return f"case when {flag} then {value} end" if flag else value

    def _flag(self, spec: FeatureSpec, *more: str) -> str:
        conditions = [self.sql(source, Type.BOOLEAN) for source in (spec.where, *more) if source]
        if spec.window is not None:
            self.need("happened_on")
            conditions.insert(0, asof.within(spec.window))
        if not conditions:
            return ""
        return self.flags.setdefault(" and ".join(conditions), f"c{len(self.flags) + 1}")

    def _value(self, spec: FeatureSpec) -> str:
        match spec.aggregate:
            case Count():
                return f"count({self.chosen(spec)})"
            case Exists():
                return f"least(count({self.chosen(spec)}), 1)"
            case CountMonths():
                return self._months(spec)
            case Sum(value):
                return f"sum({self.chosen(spec, self.exact(value))})"
            case PerMonth(value):
                return f"cast(sum({self.chosen(spec, self.exact(value))}) as double) / nullif({self._months(spec)}, 0)"
            case Mean(value):
                column = self.chosen(spec, self.exact(value))
                return f"cast(sum({column}) as double) / nullif(count({column}), 0)"
            case Max(value):
                return f"max({self.chosen(spec, self.sql(value))})"
            case Min(value):
                return f"min({self.chosen(spec, self.sql(value))})"
            case Latest(value):
                return self._latest(spec, self.sql(value))
            case NewestWorst(value):
                return self._newest_worst(spec, value)
            case Share(holds):
                return f"cast(count({self.chosen(spec, '1', holds)}) as double) / nullif(count({self.chosen(spec)}), 0)"
            case Ratio(value, over):
                below = f"nullif(cast(sum({self.chosen(spec, self.exact(over))}) as double), 0)"
                return f"cast(sum({self.chosen(spec, self.exact(value))}) as double) / {below}"
            case _:
                raise TypeError(f"{spec.name}: {spec.aggregate} sums up per group first")

    def _months(self, spec: FeatureSpec) -> str:
        self.need("happened_on")
        self.months = True
        return f"coalesce(bit_count(bit_or({self.chosen(spec, 'month_bit')})), 0)"

    def _latest(self, spec: FeatureSpec, value: str) -> str:
        self.need("happened_on", "known_on")
        record = self.records.setdefault(value, f"latest_{len(self.records)}")
        return f"(max({record}){_filter(self._flag(spec))}).told"

    def _newest_worst(self, spec: FeatureSpec, value: str) -> str:
        self.need("happened_on")
        record = self.dialect.record({"happened": f"coalesce(happened_on, {NO_DAY})", "worst": self.sql(value)})
        return f"(max({record}){_filter(self._flag(spec, f'({value}) is not null'))}).worst"

    def _add_per_group(self, spec: FeatureSpec, aggregate: PerGroup | CountDistinct) -> None:
        part = f"v_{spec.name}"
        if isinstance(aggregate, CountDistinct | FirstSeen | LastSeen | BothWays):
            # Distinct values are counted as groups too: all that count the same values share one grouping.
            group = self.sql(aggregate.value if isinstance(aggregate, CountDistinct) else aggregate.by)
            kept, outer = self._seen(spec, aggregate), f"cast(count({part}) as double)"
            self.zero.add(spec.name)
            self.inner.setdefault(group, {})[part] = kept
            self.outer.setdefault(group, {})[spec.name] = outer
            return
        total = f"sum({self.chosen(spec, self.exact(aggregate.value))})"
        if isinstance(aggregate, TopShare):
            group, kept = self.sql(aggregate.by), f"greatest({total}, 0)"
            outer = f"cast(max({part}) as double) / nullif(cast(sum({part}) as double), 0)"
        elif isinstance(aggregate, Herfindahl):
            group, kept = self.sql(aggregate.by), f"cast(greatest({total}, 0) as decimal(19, 0))"
            whole = f"nullif(cast(sum({part}) as double), 0)"
            outer = f"cast(sum({part} * {part}) as double) / ({whole} * {whole})"
        else:
            if spec.window is None:
                raise ValueError(f"{spec.name}: a variation needs a window")
            self.need("happened_on")
            # Whole yuan, so that the squares stay decimals, of 38 digits, and their sum is exact.
            group, kept = "year(happened_on) * 12 + month(happened_on)", f"cast({total} as decimal(19, 0))"
            outer = _variation(part, spec.window.months)
        self.inner.setdefault(group, {})[part] = kept
        self.outer.setdefault(group, {})[spec.name] = outer

    def _seen(self, spec: FeatureSpec, aggregate: CountDistinct | FirstSeen | LastSeen | BothWays) -> str:
        """Give 1 for a group that is counted, else null."""
        if isinstance(aggregate, CountDistinct):
            return f"max({self.chosen(spec)})"
        self.need("happened_on")
        if isinstance(aggregate, BothWays):
            one, other = self.chosen(spec), self.chosen(replace(spec, where=aggregate.other))
            return f"case when count({one}) > 0 and count({other}) > 0 then 1 end"
        if spec.window is None:
            raise ValueError(f"{spec.name}: a first or last record needs a window to lie in")
        extreme = "min" if isinstance(aggregate, FirstSeen) else "max"
        day = f"{extreme}({self.chosen(replace(spec, window=None), 'happened_on', 'happened_on <= as_of')})"
        # The bounds are one and the same in all rows of a subject.
        first, last = (f"max({bound})" for bound in (asof.start(spec.window), asof.end(spec.window)))
        return f"case when {day} > {first} and {day} <= {last} then 1 end"


def _filter(flag: str) -> str:
    """Keep the records of a condition: of packed records the faster way, because they are not copied, and few."""
    return f" filter (where {flag})" if flag else ""


def _variation(part: str, months: int) -> str:
    """Word the coefficient of variation by sums alone: of n values, the root of n * sum(v*v) / sum(v)**2 - 1."""
    total = f"nullif(greatest(cast(sum({part}) as double), 0), 0)"
    squares = f"cast(sum({part} * {part}) as double)"
    varied = f"sqrt(greatest(greatest({months}, count({part})) * {squares} / ({total} * {total}) - 1, 0))"
    # The greatest of an unknown number and zero is zero: nothing sold would be the steadiest sale.
    return f"case when {total} is not null then {varied} end"
