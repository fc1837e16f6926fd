"""Rows a second of one model in four forms: tables in numpy, one native booster, SQL in DuckDB, SQL in Spark.

All forms score the same rows in the same run and must agree to 1e-9 points. Seconds are CPU seconds of one thread, so
that a busy machine hits none of them; Spark, in a process of its own, goes by the clock. ``python -m benchmarks.scoring.bench_scoring``;
``--full`` takes 200,000 rows and Spark as well.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import Calibrator
from certloan.scoring.export.booster import as_booster
from certloan.scoring.export.sql import statement
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.tables import Axis, Pair, Tables

SEED = 20261120
#: About what the demo's champion holds: features, bins of each, pairs, rows and columns of a pair.
FEATURES, BINS, PAIRS, SIDE = 120, 12, 40, 9
REPEATS = 3


def made_bundle() -> Bundle:
    """A model of the champion's size with cells drawn at random: speed does not depend on what they say."""
    random = np.random.default_rng(SEED)
    axes = tuple(Axis.of_number(np.sort(random.normal(size=BINS - 2))) for _ in range(FEATURES))
    mains = tuple(random.normal(0, 0.1, axis.bins) for axis in axes)
    shares = tuple(np.full(axis.bins, 1.0 / axis.bins) for axis in axes)
    pairs = []
    for _ in range(PAIRS):
        first, second = sorted(random.choice(FEATURES, 2, replace=False).tolist())
        rows, columns = (np.sort(random.integers(0, SIDE, BINS)) for _ in range(2))
        pairs.append(Pair(first, second, rows, columns, random.normal(0, 0.05, (SIDE, SIDE))))
    zeros = tuple(np.zeros(axis.bins) for axis in axes)
    tables = Tables(axes, -2.5, mains, zeros, shares, tuple(pairs))
    return Bundle(tuple(ModelFeature(f"f{at}") for at in range(FEATURES)), tables, Calibrator(0.95, 0.02))


def made_rows(rows: int) -> pa.Table:
    """Numbers with a tenth missing."""
    random = np.random.default_rng(SEED + 1)
    columns = {
        f"f{at}": pa.array(random.normal(size=rows), pa.float64(), mask=random.random(rows) < 0.1)
        for at in range(FEATURES)
    }
    return pa.table(columns)


def fastest(act: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Give the seconds of the fastest of some runs."""
    times = []
    for _ in range(REPEATS):
        started = clock()
        act()
        times.append(clock() - started)
    return min(times)


def told(name: str, seconds: float, rows: int, note: str = "") -> None:
    print(f"{name:<46}{rows / seconds:>12,.0f} rows/s  {seconds:7.2f} s  {note}")


def in_duckdb(bundle: Bundle, matrix: pa.Table) -> tuple[float, float, Floats]:
    """Score inside the engine: the score alone, and with every feature's points."""
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.register("given", matrix)
        engine.execute("create table feature_matrix as select * from given")
        asked = statement(bundle, "duckdb")
        alone = fastest(lambda: engine.execute(f"create or replace table o as select score, pd from ({asked})"))
        whole = fastest(lambda: engine.execute(f"create or replace table o as {asked}"))
        points = engine.execute("select points from o").fetchnumpy()["points"]
    return alone, whole, np.asarray(points)


def in_spark(bundle: Bundle, matrix: pa.Table) -> tuple[float, Floats]:
    """Score from a Parquet file, counting until every column is worked out."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    with TemporaryDirectory() as folder:
        source, result = Path(folder) / "in.parquet", Path(folder) / "out.parquet"
        pq.write_table(matrix, source)
        session.read.parquet(str(source)).createOrReplaceTempView("feature_matrix")
        asked = statement(bundle, "spark")
        seconds = fastest(lambda: session.sql(asked).write.mode("overwrite").parquet(str(result)), time.perf_counter)
        points = pq.read_table(result, columns=["points"])["points"].to_numpy()
    session.stop()
    return seconds, points


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    rows = 200_000 if full else 50_000
    bundle, matrix = made_bundle(), made_rows(rows)
    print(f"{rows:,} rows, {FEATURES} features, {PAIRS} pairs, {bundle.tables.cells:,} cells")
    expected = bundle.score(matrix).points
    values = bundle.encode(matrix)
    told("tables, one thread: score", fastest(lambda: bundle.tables.margin(values)), rows)
    told("tables, one thread: every feature's points", fastest(lambda: bundle.tables.contributions(values)), rows)
    booster = lightgbm.Booster(model_str=as_booster(bundle))
    margin = np.asarray(booster.predict(values, raw_score=True, num_threads=1))
    worst = float(np.abs(bundle.scale.points_of(margin) - expected).max())
    note = f"off by {worst:.1e} points"
    told("one native booster, one thread", fastest(lambda: booster.predict(values, num_threads=1)), rows, note)
    alone, whole, points = in_duckdb(bundle, matrix)
    note = f"off by {np.abs(points - expected).max():.1e} points"
    told("DuckDB, one thread: score and probability", alone, rows)
    told("DuckDB, one thread: every feature's points", whole, rows, note)
    if full:
        seconds, points = in_spark(bundle, matrix)
        note = f"off by {np.abs(np.sort(points) - np.sort(expected)).max():.1e} points"
        told("Spark, local[2], by the clock: to Parquet", seconds, rows, note)


if __name__ == "__main__":
    main()
