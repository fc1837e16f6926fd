"""One expression means the same without an engine as on DuckDB, bit by bit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from tests.expressions.test_parity import _ANY, COLUMNS, MEANINGS, SELECT, _table

from certloan.expressions import parse
from certloan.expressions.evaluate import double, evaluator


@pytest.fixture(scope="module")
def duck() -> Iterator[Any]:
    with duckdb.connect() as connection:
        connection.register("arrow_rows", _table())
        connection.execute(f"create table facts as {SELECT} from arrow_rows")
        yield connection


def bits(value: Any) -> Any:
    """Give what must be equal: a number as a double, whatever it is kept as."""
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        return value
    number = double(value)
    return "nan" if number is None or math.isnan(number) else number


def assert_same(duck: Any, source: str) -> None:
    expression = parse(source, COLUMNS, expect=None)
    found = duck.execute(f"select {', '.join(COLUMNS)}, {expression.sql(qualify='f')} as found from facts f").fetchall()
    read = evaluator(expression)
    for *cells, engine in found:
        row = dict(zip(COLUMNS, cells, strict=True))
        assert bits(read(row)) == bits(engine), f"{source} of {row}"


@pytest.mark.parametrize(
    "source",
    [
        *(source for source, _ in MEANINGS),
        "make_date(779, 100.25, whole)",
        "text in ('x', word, nullif('a', 'a'))",
        "text not in ('x', nullif('a', 'a'))",
        "text not in (nullif('a', 'a'), word)",
        "whole in (7, nullif(1, 1))",
        "whole not in (8, nullif(1, 1))",
        "day in (other_day, '2024-01-31')",
        "day not in (other_day)",
        "round(money)",
        "round(real * 4)",
    ],
)
def test_an_expression_is_what_the_engine_says(duck: Any, source: str) -> None:
    assert_same(duck, source)


@given(source=_ANY)
@settings(
    max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate]
)
def test_whatever_is_drawn_is_what_the_engine_says(duck: Any, source: str) -> None:
    try:
        assert_same(duck, source)
    except duckdb.InvalidInputException:  # the engine fails to plan some lists of texts that are known beforehand
        assume(False)
