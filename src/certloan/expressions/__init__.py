"""The predicate language: small SQL expressions over known columns, the same on DuckDB and on Spark."""

from certloan.expressions.expression import Expression, parse
from certloan.expressions.node import Type

__all__ = ["Expression", "Type", "parse"]
