"""The statement says in SQL exactly what the bundle says in Python, on both engines."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.scoring.ensembles import made, small_bundle
from tests.scoring.test_export_booster import hand_made

from certloan.errors import InputError
from certloan.scoring.bundle import Bundle
from certloan.scoring.export.sql import statement
from certloan.scoring.grades.grades import Grade, Grades

TEXTS = ("a", "b", "c", "d", "e", "unheard of", "it's", "", None)


def graded(bundle: Bundle) -> Bundle:
    """Three grades, their bounds where the made applicants lie."""
    bounds = (0.0, 0.1, 0.35, 1.0)
    grades = [
        Grade(code, low, high, 10, 1, 0.1, 0.1, 0.0, 0.3, (code,))
        for code, low, high in zip(("A", "B'", "C\\"), bounds, bounds[1:], strict=False)
    ]
    return replace(bundle, grades=Grades("test", tuple(grades)))


def asked(bundle: Bundle, matrix: pa.Table, *keys: str) -> pa.Table:
    with duckdb.connect() as engine:
        engine.register("feature_matrix", matrix)
        return engine.sql(statement(bundle, "duckdb", keys=keys)).to_arrow_table()


def same(bundle: Bundle, matrix: pa.Table, told: dict[str, Any]) -> None:
    scored = bundle.score(matrix)
    np.testing.assert_allclose(told["points"], scored.points, rtol=0, atol=1e-9)
    np.testing.assert_allclose(told["pd"], scored.pd, rtol=0, atol=1e-9)
    settled = np.abs(scored.points % 1.0 - 0.5) > 1e-6
    np.testing.assert_array_equal(np.asarray(told["score"])[settled], scored.score[settled])
    shares = np.column_stack([told[f"points_{name}"] for name in bundle.names])
    np.testing.assert_allclose(shares, bundle.contributions(matrix), rtol=0, atol=1e-9)
    np.testing.assert_allclose(shares.sum(axis=1) + told["base_points"], told["points"], rtol=0, atol=1e-9)
    expected = [None] * len(settled) if bundle.grades is None else list(bundle.grades.of(scored.pd))
    assert list(told["grade"]) == expected


def odd_rows(bundle: Bundle, seed: int, rows: int = 300) -> pa.Table:
    """Values on every edge and beside it, infinities, NaN apart from null, and texts that nobody knows."""
    random = np.random.default_rng(seed)
    columns: dict[str, pa.Array] = {}
    for feature, axis in zip(bundle.features, bundle.tables.axes, strict=True):
        if feature.levels is not None:
            drawn = random.integers(0, len(TEXTS), rows)
            columns[feature.name] = pa.array([TEXTS[at] for at in drawn], pa.string())
            continue
        assert axis.thresholds is not None
        edges = axis.thresholds
        odd = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-300, 1e300]
        pool = np.concatenate([edges, np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf), odd])
        columns[feature.name] = pa.array(random.choice(pool, rows), pa.float64(), mask=random.random(rows) < 0.1)
    return pa.table({"application_id": [f"A{at}" for at in range(rows)], **columns})


def test_a_compiled_ensemble_scores_the_same_in_duckdb() -> None:
    bundle, matrix = graded(small_bundle()), made(600, seed=9).matrix
    told = asked(bundle, matrix, "application_id")
    assert told["application_id"].to_pylist() == matrix["application_id"].to_pylist()
    same(bundle, matrix, told.to_pydict())


@settings(max_examples=25)
@given(seed=some.integers(0, 10_000))
def test_any_tables_score_the_same_in_duckdb_on_every_edge(seed: int) -> None:
    bundle = hand_made(seed)
    matrix = odd_rows(bundle, seed)
    same(bundle, matrix, asked(bundle, matrix).to_pydict())


def test_whole_numbers_decimals_and_truths_are_read_as_numbers() -> None:
    bundle = hand_made(3)
    matrix = odd_rows(bundle, 3, 3).drop_columns(["n", "flat", "a b"])
    typed = {"n": pa.array([1, None, 3], pa.int32()), "flat": pa.array([True, False, None])}
    typed["a b"] = pa.array([None, Decimal("1.25"), Decimal(2)], pa.decimal128(20, 2))
    doubles = {name: column.cast(pa.float64()) for name, column in typed.items()}
    told = asked(bundle, pa.table({**typed, "text": matrix["text"]}))
    same(bundle, pa.table({**doubles, "text": matrix["text"]}), told.to_pydict())


def test_thousands_of_cells_score_the_same() -> None:
    bundle = many_cells()
    assert bundle.tables.cells > 5_000
    matrix = odd_rows(bundle, 4)
    same(bundle, matrix, asked(bundle, matrix).to_pydict())


def many_cells() -> Bundle:
    """A pair of sixty bins each, no two of them alike."""
    from certloan.scoring.tables import Axis, Pair, Tables

    random = np.random.default_rng(11)
    axes = tuple(Axis.of_number(np.sort(random.normal(size=58))) for _ in range(3))
    mains = tuple(random.normal(size=axis.bins) for axis in axes)
    shares = tuple(random.dirichlet(np.ones(axis.bins)) for axis in axes)
    alone = np.arange(60)
    pairs = tuple(Pair(*both, alone, alone, random.normal(size=(60, 60))) for both in ((0, 1), (0, 2)))
    held = hand_made(1)
    tables = Tables(axes, -2.0, mains, tuple(0 * main for main in mains), shares, pairs)
    features = tuple(replace(held.features[0], name=name) for name in ("x", 'y "q"', "z`s"))
    return replace(held, features=features, tables=tables)


def test_an_unknown_engine_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="sql-engine"):
        statement(hand_made(1), "oracle")


def test_the_statement_names_the_model_and_is_the_same_whenever_it_is_written() -> None:
    bundle = graded(small_bundle())
    told = statement(bundle, "spark", "lake.features")
    assert bundle.fingerprint in told
    assert "`lake`.`features`" in told
    assert told == statement(bundle, "spark", "lake.features")


@pytest.mark.spark
@pytest.mark.slow
def test_spark_gives_the_same_as_well(spark: Any) -> None:
    for bundle in (graded(hand_made(7)), many_cells()):
        matrix = odd_rows(bundle, 8, 120)
        names = matrix.column_names
        kinds = {feature.name: "string" if feature.levels else "double" for feature in bundle.features}
        schema = ", ".join(f"`{name.replace('`', '``')}` {kinds.get(name, 'string')}" for name in names)
        rows = [tuple(row[name] for name in names) for row in matrix.to_pylist()]
        spark.createDataFrame(rows, schema).createOrReplaceTempView("feature_matrix")
        found = spark.sql(statement(bundle, "spark", keys=("application_id",))).collect()
        order = {key: at for at, key in enumerate(matrix["application_id"].to_pylist())}
        found.sort(key=lambda row: order[row["application_id"]])
        same(bundle, matrix, {name: [row[name] for row in found] for name in found[0].asDict()})
