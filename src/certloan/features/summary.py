"""How what another table says of a record is worded: each aggregate over its records, and what none of them means."""

from __future__ import annotations

from certloan.expressions import Type
from certloan.features.aggregates import Count, CountDistinct, Exists, Latest, Max, Min, Sum
from certloan.features.columns import exact, expression
from certloan.features.dialect import Dialect, newest_first
from certloan.features.relations import Summary, Told


def told_sql(summary: Summary, told: Told, dialect: Dialect) -> str:
    """Give the aggregate over the other relation's prepared records."""

    def sql(source: str, expect: Type | None = None) -> str:
        return expression(summary.table, source, expect, summary.lookups).sql(dialect.name)

    where = sql(told.where, Type.BOOLEAN) if told.where else ""

    def chosen(value: str = "1") -> str:
        return f"case when {where} then {value} end" if where else value

    match told.aggregate:
        case Count():
            return f"count({chosen()})"
        case Exists():
            return f"count({chosen()}) > 0"
        case CountDistinct(value):
            return f"count(distinct {chosen(sql(value))})"
        case Max(value):
            return f"max({chosen(sql(value, told.type))})"
        case Min(value):
            return f"min({chosen(sql(value, told.type))})"
        case Sum(value):
            if not exact(summary.table, value, summary.lookups):
                raise ValueError(f"only a column of whole numbers or money can be summed up, not {value}")
            return f"sum({chosen(sql(value, told.type))})"
        case Latest(value):
            ranked = sql(told.rank, Type.NUMBER) if told.rank else ""
            record = newest_first(sql(value, told.type), dialect, ranked)
            kept = f" filter (where {where})" if where else ""
            return f"(max({record}){kept}).told"


def without_records(told: Told, column: str) -> str:
    """Give what is told of a record about which the other table has none: none counted, or unknown."""
    if isinstance(told.aggregate, Count | CountDistinct | Sum):
        return f"coalesce({column}, 0)"
    if isinstance(told.aggregate, Exists):
        return f"coalesce({column}, false)"
    return column
