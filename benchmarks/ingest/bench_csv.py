"""How fast a large CSV, and the same rows as Parquet, are loaded, and in how much memory, beside the fastest that could be hoped for.

    python benchmarks/ingest/bench_csv.py --rows 1000000
    python benchmarks/ingest/bench_csv.py --rows 10000000 --json result.json

The file has the shape of ``credit_month`` (seven columns, Chinese headers). Loading it means: decode, find the header,
read every cell, check every rule, look for duplicates, and write the history. The two peers do much less: DuckDB's own
``read_csv`` into a table of text, and ``pandas.read_csv`` as text; beside Parquet, DuckDB's ``insert … select`` from it. Each runs in a process of its own, whose peak memory
and CPU time (start included) are measured; on a busy machine the CPU time tells more than the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

ENCODINGS = ("utf-8", "gb18030", "parquet")
BUDGET = {"seconds": 180.0, "gigabytes": 2.0, "rows": 10_000_000}
_HEADER = "统一社会信用代码,账户编号,月份,余额（元）,五级分类,逾期天数,当月额度\n"
_CLASSES = np.array(["正常", "正常", "正常", "关注", "次级"])
_BLOCK = 200_000
_ACCOUNTS_PER_FIRM, _MONTHS = 2, 24


def main() -> None:
    parser = argparse.ArgumentParser(description="Benchmark of the ingest of one large CSV.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--full", action="store_true", help="ten million rows, the size of the budget")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.step:
        sys.stdout.write(json.dumps(STEPS[told.step](told.file)))
        return
    rows = int(BUDGET["rows"]) if told.full else told.rows
    results: list[dict[str, object]] = []
    for encoding in ENCODINGS:
        results += measure(rows, encoding)
        show(results)
    if told.json:
        told.json.write_text(json.dumps({"rows": rows, "budget": BUDGET, "results": results}, indent=2) + "\n")


def measure(rows: int, encoding: str) -> Iterator[dict[str, object]]:
    """Write the file, run every step on it, each in its own process, and give seconds, rows/s and peak memory."""
    with tempfile.TemporaryDirectory(prefix="certloan-bench-") as folder:
        parquet = encoding == "parquet"
        file = Path(folder) / f"月度表现-{encoding}{'.parquet' if parquet else '.csv'}"
        write_parquet(file, rows) if parquet else write_csv(file, rows, encoding)
        peer = 0.0
        for step in STEPS:
            if not _applies(step, encoding):
                continue
            told = run(step, file)
            seconds = float(told["seconds"])
            peer = seconds if step.startswith("duckdb") else peer
            yield {
                "encoding": encoding,
                "step": step,
                "seconds": round(seconds, 2),
                "cpu_seconds": round(float(told["cpu"]), 2),
                "rows_per_second": round(rows / seconds),
                "peak_gigabytes": round(float(told["peak"]) / 2**30, 3),
                "against_duckdb": round(seconds / peer, 2) if peer else None,
                "loaded": told["loaded"],
            }


def _applies(step: str, encoding: str) -> bool:
    only = {"duckdb read_csv": ("utf-8",), "duckdb insert": ("parquet",), "pandas read_csv": ("utf-8", "gb18030")}
    return encoding in only.get(step, ENCODINGS)


def run(step: str, file: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--step", step, "--file", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{step} failed with {process.returncode}")
    return {**json.loads(told), "peak": usage.ru_maxrss * 1024, "cpu": usage.ru_utime + usage.ru_stime}


def load(file: Path) -> dict[str, float]:
    from datetime import date

    from certloan.domain.people import Actor, Role
    from certloan.services.load_evidence import load_delivery
    from certloan.storage.warehouse import DuckWarehouse

    home = file.parent / "home"
    warehouse = DuckWarehouse.open(home / "warehouse.duckdb", memory_limit=os.environ.get("BENCH_MEMORY", "1GB"))
    began = time.perf_counter()
    report = load_delivery(
        file,
        warehouse,
        quarantine_dir=home / "quarantine",
        delivered_on=date(2026, 1, 31),
        actor=Actor("bench", Role.OFFICER),
    )
    seconds = time.perf_counter() - began
    warehouse.close()
    for path in home.rglob("*.duckdb*"):
        path.unlink()
    return {"seconds": seconds, "loaded": report.rows_accepted}


def duckdb_text(file: Path) -> dict[str, float]:
    import duckdb

    began = time.perf_counter()
    connection = duckdb.connect(str(file.parent / "peer.duckdb"), config={"memory_limit": "1GB"})
    connection.execute("create table t as select * from read_csv(?, all_varchar = true)", [str(file)])
    connection.execute("checkpoint")
    row = connection.execute("select count(*) from t").fetchone()
    seconds = time.perf_counter() - began
    connection.close()
    (file.parent / "peer.duckdb").unlink()
    return {"seconds": seconds, "loaded": row[0] if row else 0}


def duckdb_insert(file: Path) -> dict[str, float]:
    import duckdb

    began = time.perf_counter()
    connection = duckdb.connect(str(file.parent / "peer.duckdb"), config={"memory_limit": "1GB"})
    connection.execute("create table t as select * from read_parquet(?) limit 0", [str(file)])
    connection.execute("insert into t select * from read_parquet(?)", [str(file)])
    connection.execute("checkpoint")
    rows = connection.execute("select count(*) from t").fetchall()[0][0]
    seconds = time.perf_counter() - began
    connection.close()
    (file.parent / "peer.duckdb").unlink()
    return {"seconds": seconds, "loaded": rows}


def pandas_text(file: Path) -> dict[str, float]:
    import pandas as pd

    began = time.perf_counter()
    frame = pd.read_csv(file, dtype=str, encoding=file.stem.split("-", 1)[1])
    return {"seconds": time.perf_counter() - began, "loaded": len(frame)}


STEPS = {
    "duckdb read_csv": duckdb_text,
    "duckdb insert": duckdb_insert,
    "pandas read_csv": pandas_text,
    "certloan load": load,
}


def write_csv(file: Path, rows: int, encoding: str) -> None:
    """Write accounts month by month, all valid, with a tenth of a percent of rows that break a rule."""
    rng = np.random.default_rng(7)
    months = [f"{2024 + m // 12}年{m % 12 + 1}月" for m in range(_MONTHS)]
    with file.open("w", encoding=encoding, newline="") as handle:
        handle.write(_HEADER)
        for start in range(0, rows, _BLOCK):
            at = np.arange(start, min(start + _BLOCK, rows))
            balance, overdue, grade = (
                rng.integers(0, 10**9, len(at)),
                rng.integers(0, 90, len(at)),
                rng.integers(0, 5, len(at)),
            )
            broken = rng.random(len(at)) < 0.001
            handle.writelines(
                f"{code(int(i) // (_MONTHS * _ACCOUNTS_PER_FIRM))},JK{int(i) // _MONTHS:010d},{months[int(i) % _MONTHS]},"
                f'"{b / 100:,.2f}",{"不明" if bad else _CLASSES[g]},{d},10000000\n'
                for i, b, d, g, bad in zip(at, balance, overdue, grade, broken, strict=True)
            )


def write_parquet(file: Path, rows: int) -> None:
    """Write the same rows with the types that a database would give them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(7)
    writer = None
    for start in range(0, rows, _BLOCK):
        at = np.arange(start, min(start + _BLOCK, rows))
        balance, overdue, grade = (rng.integers(0, top, len(at)) for top in (10**9, 90, 5))
        words = np.where(rng.random(len(at)) < 0.001, "不明", _CLASSES[grade])
        month = at % _MONTHS
        days = (2024 - 1970) * 12 + month
        columns = [
            pa.array([code(int(i) // (_MONTHS * _ACCOUNTS_PER_FIRM)) for i in at]),
            pa.array([f"JK{int(i) // _MONTHS:010d}" for i in at]),
            pa.array(days.astype("datetime64[M]").astype("datetime64[D]")),
            pa.array(balance / 100).cast(pa.decimal128(18, 2)),
            pa.array(words.tolist()),
            pa.array(overdue),
            pa.array(np.full(len(at), 10_000_000)),
        ]
        table = pa.table(dict(zip(_HEADER.strip().split(","), columns, strict=True)))
        writer = writer or pq.ParquetWriter(file, table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()


_CODES: dict[int, str] = {}


def code(firm: int) -> str:
    """A well-formed code for the ``firm``-th firm."""
    from certloan.ingest.uscc import ALPHABET, ORGANISATION_WEIGHTS, WEIGHTS

    if firm not in _CODES:
        _CODES.clear()
        eight = f"{firm:08d}"
        inner = sum(weight * int(digit) for weight, digit in zip(ORGANISATION_WEIGHTS, eight, strict=True))
        head = "91330100" + eight + "0X987654321"[inner % 11]
        total = sum(weight * ALPHABET.index(c) for weight, c in zip(WEIGHTS, head, strict=True))
        _CODES[firm] = head + ALPHABET[(31 - total % 31) % 31]
    return _CODES[firm]


def show(results: Sequence[Mapping[str, object]]) -> None:
    columns = [
        "encoding",
        "step",
        "seconds",
        "cpu_seconds",
        "rows_per_second",
        "peak_gigabytes",
        "against_duckdb",
        "loaded",
    ]
    widths = [max(len(name), *(len(str(row[name])) for row in results)) for name in columns]
    header = {name: name for name in columns}
    for row in (header, *results):
        print("  ".join(str(row[name]).ljust(width) for name, width in zip(columns, widths, strict=True)))


if __name__ == "__main__":
    main()
