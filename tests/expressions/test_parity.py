"""One expression means the same on DuckDB and on Spark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certloan.expressions import Expression, Type, parse

COLUMNS = {
    "whole": Type.NUMBER,
    "money": Type.NUMBER,
    "real": Type.NUMBER,
    "day": Type.DATE,
    "other_day": Type.DATE,
    "text": Type.TEXT,
    "word": Type.TEXT,
    "flag": Type.BOOLEAN,
}
ROWS: Sequence[tuple[Any, ...]] = (
    (7, 250, 0.125, date(2024, 1, 31), date(2024, 3, 1), "Ab-cd-浙江", "1.50", True),
    (-3, -10005, -2.5, date(2023, 2, 28), date(2020, 2, 29), "  x_y%z ", "12", False),
    (0, 0, 0.0, date(2000, 12, 31), date(2000, 1, 1), "", "28-Feb-97", None),
    (None, None, None, None, None, None, None, True),
    (10**12, 99999999999999, 1234567.891, date(1999, 3, 15), date(2024, 2, 29), 'it\'s \\ "q"', "2024-02-29", False),
    (1, 50, 2.675, date(2024, 2, 29), None, "质量", "20240231", None),
    (2, None, 1e-7, None, date(2025, 12, 31), "a\\%b", "-.5e3", False),
)
SELECT = (
    "select cast(column0 as bigint) as whole, cast(column1 / 100 as decimal(18, 2)) as money, cast(column2 as double) as real, "
    "cast(column3 as date) as day, cast(column4 as date) as other_day, column5 as text, column6 as word, column7 as flag"
)


def _table() -> pa.Table:
    names = [f"column{place}" for place in range(len(COLUMNS))]
    columns: list[list[Any]] = [list(column) for column in zip(*ROWS, strict=True)]
    return pa.table(dict(zip(names, columns, strict=True)))


@pytest.fixture(scope="module")
def duck() -> Any:
    with duckdb.connect() as connection:
        connection.register("arrow_rows", _table())
        connection.execute(f"create table facts as {SELECT} from arrow_rows")
        connection.unregister("arrow_rows")
        yield connection


@pytest.fixture(scope="module")
def spark_facts(spark: Any) -> Any:
    names = [f"column{place}" for place in range(len(COLUMNS))]
    kinds = ("bigint", "bigint", "double", "date", "date", "string", "string", "boolean")
    schema = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
    spark.createDataFrame(list(ROWS), schema).createOrReplaceTempView("arrow_rows")
    spark.sql(f"{SELECT} from arrow_rows").coalesce(1).cache().createOrReplaceTempView("facts")
    return spark


def _on_duck(duck: Any, expressions: Sequence[Expression]) -> list[tuple[Any, ...]]:
    columns = ", ".join(f"{expression.sql(qualify='f')} as c{place}" for place, expression in enumerate(expressions))
    rows: list[tuple[Any, ...]] = duck.execute(f"select {columns} from facts f").fetchall()
    return rows


def _on_spark(spark: Any, expressions: Sequence[Expression]) -> list[tuple[Any, ...]]:
    columns = ", ".join(
        f"{expression.sql('spark', qualify='f')} as c{place}" for place, expression in enumerate(expressions)
    )
    return [tuple(row) for row in spark.sql(f"select {columns} from facts f").collect()]


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left == right or math.isclose(left, right, rel_tol=1e-12) or (math.isnan(left) and math.isnan(right))
    return type(left) is type(right) and bool(left == right)


def _assert_same(duck: Any, spark: Any, expressions: Sequence[Expression]) -> None:
    for here, there in zip(_on_duck(duck, expressions), _on_spark(spark, expressions), strict=True):
        for expression, left, right in zip(expressions, here, there, strict=True):
            assert _same(left, right), f"{expression.source}: DuckDB {left!r}, Spark {right!r}"


#: What each expression gives on the first row of facts.
MEANINGS: Sequence[tuple[str, Any]] = (
    ("whole / 2", 3.5),
    ("whole / 0", None),
    ("ratio(money, real)", 20.0),
    ("ln(whole - 7)", None),
    ("sqrt(whole - 8)", None),
    ("sqrt(whole + 2)", 3.0),
    ("floor(-money)", -3.0),
    ("round(money)", 3.0),
    ("round(-money)", -3.0),
    ("round(real, 2)", 0.13),
    ("abs(-whole)", 7.0),
    ("greatest(whole, null, 8)", 8.0),
    ("least(day, other_day, '2030-01-01')", date(2024, 1, 31)),
    ("coalesce(nullif(whole, 7), money)", 2.5),
    ("concat(text, ' ', word)", "Ab-cd-浙江 1.50"),
    ("concat(text, nullif(word, '1.50'))", None),
    ("year(day) * 100 + month(day)", 202401.0),
    ("month_end(other_day)", date(2024, 3, 31)),
    ("make_date(2024, 2, 29)", date(2024, 2, 29)),
    ("make_date(2024, 2, 30)", None),
    ("make_date(whole, 13, 1)", None),
    ("add_days(day, 30)", date(2024, 3, 1)),
    ("add_days(day, -31.5)", date(2023, 12, 30)),
    ("add_days(day, 100000)", None),
    ("add_months(day, 1)", date(2024, 2, 29)),
    ("add_months(other_day, -12)", date(2023, 3, 1)),
    ("days_between(day, other_day)", 30.0),
    ("months_between(day, other_day)", 2.0),
    ("months_between(other_day, day)", -2.0),
    ("to_number(word) + 1", 2.5),
    ("to_number('1_000')", None),
    ("to_number('inf')", None),
    ("to_number('1d')", None),
    ("to_number(' +1.5E2 ')", 150.0),
    ("to_date('28-Feb-97', '%d-%b-%y')", date(1997, 2, 28)),
    ("to_date('28-FEB-68', '%d-%b-%y')", date(2068, 2, 28)),
    ("to_date('31-Abc-97', '%d-%b-%y')", None),
    ("to_date('20240229', '%Y%m%d')", date(2024, 2, 29)),
    ("to_date('20240230', '%Y%m%d')", None),
    ("to_date('2024229', '%Y%m%d')", None),
    ("to_date('2024年2月9日', '%Y年%m月%d日')", date(2024, 2, 9)),
    ("to_date('2024/2/9', '%Y/%m/%d')", date(2024, 2, 9)),
    ("to_date(' 2024/2/9', '%Y/%m/%d')", None),
    ("to_date('2024-02-09', '%d/%m/%Y')", None),
    ("to_text(whole)", "7"),
    ("to_text(money)", "2.5"),
    ("to_text(whole * 100)", "700"),
    ("to_text(1 / 3)", "0.333333"),
    ("to_text(day)", "2024-01-31"),
    ("to_text(flag)", "true"),
    ("lower(text)", "ab-cd-浙江"),
    ("upper(text)", "AB-CD-浙江"),
    ("length(text)", 8.0),
    ("substring(text, 7)", "浙江"),
    ("substring(text, 2, 3)", "b-c"),
    ("split_part(text, '-', 3)", "浙江"),
    ("split_part(text, '-', 4)", ""),
    ("replace(text, '-', '')", "Abcd浙江"),
    ("trim('  a ')", "a"),
    ("contains(text, '浙')", True),
    ("starts_with(text, 'ab')", False),
    ("text like 'A_-%'", True),
    ("whole between 7 and 7.5 and flag", True),
    ("day in ('2024-01-31', other_day)", True),
    ("whole in (1, 7) = flag", True),
    ("case when flag then 'yes' else 'no' end", "yes"),
    ("case whole when 6 then day when 7 then other_day end", date(2024, 3, 1)),
    ("money > 2.49 and money <= 2.5", True),
    ("whole is null or not flag", False),
    ("text < '浙'", True),
)


@pytest.mark.parametrize(("source", "meaning"), MEANINGS)
def test_an_expression_means_what_it_says_on_duckdb(duck: Any, source: str, meaning: Any) -> None:
    (given_,) = _on_duck(duck, [parse(source, COLUMNS, expect=None)])[0]
    assert _same(given_, meaning), repr(given_)


@pytest.mark.spark
def test_every_meaning_is_the_same_on_spark(duck: Any, spark_facts: Any) -> None:
    _assert_same(duck, spark_facts, [parse(source, COLUMNS, expect=None) for source, _ in MEANINGS])


_NUMBERS = st.one_of(
    st.sampled_from(["whole", "money", "real"]),
    st.integers(-1000, 1000).map(lambda n: f"({n})"),
    st.sampled_from(["0.5", "2.675", "1.005", "100.25", "0"]),
)
_DATES = st.one_of(
    st.sampled_from(["day", "other_day"]), st.dates(date(1990, 1, 1), date(2030, 1, 1)).map("'{}'".format)
)
_TEXTS = st.one_of(
    st.sampled_from(["text", "word"]), st.sampled_from(["''", "'浙江'", "'a''b'", "'2024-02-29'", "'\\'"])
)


def _calls(name: str, *args: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*args).map(lambda parts: f"{name}({', '.join(parts)})")


def _joined(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    pieces = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*pieces).map(lambda found: "(" + " ".join(found) + ")")


@st.composite
def _sources(draw: st.DrawFn, type_: Type, depth: int = 3) -> str:
    def deeper(of: Type) -> st.SearchStrategy[str]:
        return _sources(of, depth - 1)

    n, d, t, b = (deeper(of) for of in (Type.NUMBER, Type.DATE, Type.TEXT, Type.BOOLEAN))
    day = st.sampled_from(["day", "other_day"])
    small = st.integers(-400, 400).map(str)
    by_type: dict[Type, list[st.SearchStrategy[str]]] = {
        Type.NUMBER: [
            _joined(n, st.sampled_from(["+", "-", "*", "/"]), n),
            *(_calls(name, n) for name in ("abs", "floor", "round", "ln", "sqrt", "-")),
            _calls("round", n, st.sampled_from(["0", "2", "4"])),
            *(_calls(name, n, n) for name in ("ratio", "nullif", "coalesce", "greatest", "least")),
            *(_calls(name, d) for name in ("coalesce(1, 2) + year", "month")),
            *(_calls(name, d, day) for name in ("days_between", "months_between")),
            *(_calls(name, t) for name in ("to_number", "length")),
            _joined("case when", b, "then", n, "else", n, "end"),
        ],
        Type.DATE: [
            _calls("month_end", d),
            *(_calls(name, d, small) for name in ("add_days", "add_months")),
            *(_calls(name, day, d) for name in ("coalesce", "greatest", "least", "nullif")),
            _calls("make_date", st.integers(1, 2100).map(str), _NUMBERS, _NUMBERS),
            _calls("to_date", t, st.sampled_from(["'%Y-%m-%d'", "'%d-%b-%y'", "'%Y%m%d'"])),
            _joined("case when", b, "then", d, "else", day, "end"),
        ],
        Type.TEXT: [
            *(_calls(name, t) for name in ("lower", "upper", "trim")),
            _calls("substring", t, st.sampled_from(["1", "2"]), st.sampled_from(["1", "3"])),
            _calls("split_part", t, st.sampled_from(["'-'", "'\\'"]), st.sampled_from(["1", "2"])),
            _calls("replace", t, st.sampled_from(["'-'", "'%'"]), st.sampled_from(["''", "'$1'"])),
            _calls("to_text", st.sampled_from(["whole", "money", "day", "flag"])),
            _joined("case when", b, "then", t, "end"),
        ],
        Type.BOOLEAN: [
            _joined(b, st.sampled_from(["and", "or", "="]), b),
            _joined("not", b),
            *(_joined(side, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), side) for side in (n, t)),
            _joined(d, st.sampled_from(["=", "<", ">="]), day),
            *(_joined(side, st.sampled_from(["is null", "is not null"])) for side in (n, d, t, b)),
            _joined(n, st.sampled_from(["between", "not between"]), n, "and", n),
            _joined(t, st.sampled_from(["in", "not in"]), "(", t, ",", t, ")"),
            _joined(t, "like", st.sampled_from(["'%-%'", "'_b%'", "''"])),
            *(_calls(name, t, t) for name in ("contains", "starts_with")),
        ],
    }
    leaves = {
        Type.NUMBER: _NUMBERS,
        Type.DATE: _DATES,
        Type.TEXT: _TEXTS,
        Type.BOOLEAN: st.sampled_from(["flag", "true"]),
    }
    chosen: str = draw(leaves[type_] if depth <= 0 else st.one_of(leaves[type_], *by_type[type_]))
    return chosen


_ANY = st.sampled_from(Type).flatmap(_sources)


@given(_ANY)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_accepted_runs_on_duckdb(source: str) -> None:
    with duckdb.connect() as connection:
        connection.register("arrow_rows", _table())
        connection.execute(f"create table facts as {SELECT} from arrow_rows")
        assert len(_on_duck(connection, [parse(source, COLUMNS, expect=None)])) == len(ROWS)


@pytest.mark.spark
@given(st.lists(_ANY, min_size=1, max_size=12))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_generated_expressions_agree(duck: Any, spark_facts: Any, sources: list[str]) -> None:
    _assert_same(duck, spark_facts, [parse(source, COLUMNS, expect=None) for source in sources])
