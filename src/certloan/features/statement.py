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
    ``records`` holds the values of the newest record, one packed record per condition. ``flat`` maps a feature to its
    aggregate; features that sum up per group first stand in ``inner`` and ``outer``, by the group; those in ``zero``
    are zero for an applicant without any group.
    """

    relation: Relation
    dialect: Dialect
    columns: dict[str, None] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    records: dict[str, dict[str, str]] = field(default_factory=dict)
    flat: dict[str, str] = field(default_factory=dict)
    inner: dict[str, dict[str, str]] = field(default_factory=dict)
    outer: dict[str, dict[str, str]] = field(default_factory=dict)
    months: bool = False
    zero: set[str] = field(default_factory=set)

    def add(self, spec: FeatureSpec) -> None:
        """Compile one feature into the statement."""
        if isinstance(spec.aggregate, PerGroup):
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

    def filter(self, spec: FeatureSpec, *more: str) -> str:
        """Give the FILTER clause that keeps the records the feature counts; empty if it counts all."""
        flag = self._flag(spec, *more)
        return f" filter (where {flag})" if flag else ""

    def _flag(self, spec: FeatureSpec, *more: str) -> str:
        conditions = [self.sql(source, Type.BOOLEAN) for source in (spec.where, *more) if source]
        if spec.window is not None:
            self.need("happened_on")
            conditions.insert(0, asof.within(spec.window))
        if not conditions:
            return ""
        return self.flags.setdefault(" and ".join(conditions), f"c{len(self.flags) + 1}")

    def _value(self, spec: FeatureSpec) -> str:
        kept = self.filter(spec)
        match spec.aggregate:
            case Count():
                return f"count(*){kept}"
            case Exists():
                return f"least(count(*){kept}, 1)"
            case CountDistinct(value):
                return f"count(distinct {self.sql(value)}){kept}"
            case CountMonths():
                return self._months(kept)
            case Sum(value):
                return f"sum({self.exact(value)}){kept}"
            case PerMonth(value):
                return f"cast(sum({self.exact(value)}){kept} as double) / nullif({self._months(kept)}, 0)"
            case Mean(value):
                column = self.exact(value)
                return f"cast(sum({column}){kept} as double) / nullif(count({column}){kept}, 0)"
            case Max(value):
                return f"max({self.sql(value)}){kept}"
            case Min(value):
                return f"min({self.sql(value)}){kept}"
            case Latest(value):
                return self._latest(spec.name, self.sql(value), kept)
            case NewestWorst(value):
                return self._newest_worst(spec, value)
            case Share(holds):
                return f"cast(count(*){self.filter(spec, holds)} as double) / nullif(count(*){kept}, 0)"
            case Ratio(value, over):
                below = f"nullif(cast(sum({self.exact(over)}){kept} as double), 0)"
                return f"cast(sum({self.exact(value)}){kept} as double) / {below}"
            case _:
                raise TypeError(f"{spec.name}: {spec.aggregate} sums up per group first")

    def _months(self, kept: str) -> str:
        self.need("happened_on")
        self.months = True
        return f"coalesce(bit_count(bit_or(month_bit){kept}), 0)"

    def _latest(self, name: str, value: str, kept: str) -> str:
        self.need("happened_on", "known_on")
        fields = self.records.setdefault(kept, {})
        fields[name] = value
        return f"(max(latest_{list(self.records).index(kept)}){kept}).{name}"

    def _newest_worst(self, spec: FeatureSpec, value: str) -> str:
        self.need("happened_on")
        kept = self.filter(spec, f"({value}) is not null")
        record = self.dialect.record({"happened": f"coalesce(happened_on, {NO_DAY})", "worst": self.sql(value)})
        return f"(max({record}){kept}).worst"

    def _add_per_group(self, spec: FeatureSpec, aggregate: PerGroup) -> None:
        part = f"v_{spec.name}"
        if isinstance(aggregate, FirstSeen | LastSeen | BothWays):
            group = self.sql(aggregate.by)
            kept, outer = self._seen(spec, aggregate), f"cast(count({part}) as double)"
            self.zero.add(spec.name)
            self.inner.setdefault(group, {})[part] = kept
            self.outer.setdefault(group, {})[spec.name] = outer
            return
        total = f"sum({self.exact(aggregate.value)}){self.filter(spec)}"
        if isinstance(aggregate, TopShare):
            group, kept = self.sql(aggregate.by), f"greatest({total}, 0)"
            outer = f"cast(max({part}) as double) / nullif(cast(sum({part}) as double), 0)"
        elif isinstance(aggregate, Herfindahl):
            group, kept = self.sql(aggregate.by), f"cast(greatest({total}, 0) as decimal(18, 0))"
            whole = f"nullif(cast(sum({part}) as double), 0)"
            outer = f"cast(sum({part} * {part}) as double) / ({whole} * {whole})"
        else:
            if spec.window is None:
                raise ValueError(f"{spec.name}: a variation needs a window")
            self.need("happened_on")
            # Whole yuan, so that the squares stay decimals and their sum is exact.
            group, kept = "year(happened_on) * 12 + month(happened_on)", f"cast({total} as decimal(18, 0))"
            outer = _variation(part, spec.window.months)
        self.inner.setdefault(group, {})[part] = kept
        self.outer.setdefault(group, {})[spec.name] = outer

    def _seen(self, spec: FeatureSpec, aggregate: FirstSeen | LastSeen | BothWays) -> str:
        """Give 1 for a group that is counted, else null."""
        self.need("happened_on")
        if isinstance(aggregate, BothWays):
            other = self.filter(replace(spec, where=aggregate.other))
            return f"case when count(*){self.filter(spec)} > 0 and count(*){other} > 0 then 1 end"
        if spec.window is None:
            raise ValueError(f"{spec.name}: a first or last record needs a window to lie in")
        extreme = "min" if isinstance(aggregate, FirstSeen) else "max"
        day = f"{extreme}(happened_on){self.filter(replace(spec, window=None), 'happened_on <= as_of')}"
        # The bounds are one and the same in all rows of a subject.
        first, last = (f"max({bound})" for bound in (asof.start(spec.window), asof.end(spec.window)))
        return f"case when {day} > {first} and {day} <= {last} then 1 end"


def _variation(part: str, months: int) -> str:
    """Word the coefficient of variation by sums alone: of n values, the root of n * sum(v*v) / sum(v)**2 - 1."""
    total = f"nullif(greatest(cast(sum({part}) as double), 0), 0)"
    squares = f"cast(sum({part} * {part}) as double)"
    return f"sqrt(greatest(greatest({months}, count({part})) * {squares} / ({total} * {total}) - 1, 0))"
