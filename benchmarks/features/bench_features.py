"""Features by compiled specs against hand-written SQL and against pandas, on the shape of :mod:`benchmarks.features.shape`.

    python -m benchmarks.features.bench_features [--full | --enterprises N] [--pandas-enterprises N]

Every contender runs in a process of its own, so that peaks of memory do not mix; all read the same warehouse (pandas
reads the same tables as Parquet) and write the same columns to Parquet, which are compared. Prints a table, then JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TABLES = ("certificate_state", "certificate_event", "inspection", "credit_month")
STORED = ("application", "certificate", "certificate_event", "inspection", "credit_account", "credit_month")
SMALL, FULL = 100_000, 1_000_000
#: What the warehouse may use for itself: the process as a whole is to stay below 2 GB.
MEMORY_LIMIT = "1300MB"


def main() -> int:
    """Run the contenders and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--enterprises", type=int)
    parser.add_argument("--pandas-enterprises", type=int, default=SMALL)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--contender", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.contender:
        _contend(asked.contender[0], Path(asked.contender[1]))
        return 0
    enterprises = asked.enterprises or (FULL if asked.full else SMALL)
    found = _measure(enterprises, asked.repeats, with_pandas=asked.pandas_enterprises == enterprises)
    if asked.pandas_enterprises and asked.pandas_enterprises != enterprises:
        found["smaller"] = _measure(asked.pandas_enterprises, asked.repeats, with_pandas=True)
    print(json.dumps(found))
    return 0


def _measure(enterprises: int, repeats: int, *, with_pandas: bool) -> dict[str, object]:
    from benchmarks.features.shape import make

    folder = Path(tempfile.mkdtemp(prefix="certloan-bench-"))
    try:
        started = time.perf_counter()
        make(folder / "warehouse.duckdb", enterprises)
        if with_pandas:
            _export(folder)
        print(f"{enterprises:,} enterprises, {36 * enterprises:,} rows, made in {time.perf_counter() - started:.0f} s")
        names = ["compiled", "hand", *(["pandas"] if with_pandas else [])]
        # Contenders take turns, so that a slow minute of the machine hits all of them.
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for _ in range(repeats):
            for name in names:
                runs[name].append(_run(name, folder))
        best = {name: min(told, key=lambda run: run["seconds"]) for name, told in runs.items()}
        differing = _differing(folder, names)
        for name, told in best.items():
            ratio = told["seconds"] / best["compiled"]["seconds"]
            print(f"  {name:<9} {told['seconds']:7.2f} s   {told['peak_gb']:5.2f} GB   {ratio:5.2f} x compiled")
        print(f"  columns that differ: {differing or 'none'}")
        compiled = best["compiled"]["seconds"]
        return {
            "enterprises": enterprises,
            "contenders": best,
            "compiled_to_hand": round(compiled / best["hand"]["seconds"], 3),
            **({"pandas_to_compiled": round(best["pandas"]["seconds"] / compiled, 2)} if with_pandas else {}),
            "differing": differing,
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(name: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.features.bench_features", "--contender", name, str(folder)]
    ran = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return told


def _contend(name: str, folder: Path) -> None:
    """Build the matrix once in this process; imports are done before the clock starts."""
    work = {"compiled": _compiled, "hand": _hand, "pandas": _pandas}[name](folder)
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": round(seconds, 3), "peak_gb": round(peak, 3)}))


def _compiled(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from certloan.features.catalog import CATALOG
    from certloan.features.matrix import parts
    from certloan.services.build_features import write_matrix
    from certloan.storage.warehouse import DuckWarehouse

    specs = tuple(spec for spec in CATALOG if all(part.table in TABLES for part in parts(spec)))
    warehouse = DuckWarehouse.open(folder / "warehouse.duckdb", memory_limit=MEMORY_LIMIT)
    return lambda: write_matrix(warehouse, folder / "compiled.parquet", specs=specs)


def _hand(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from certloan.reference.relations import reference_relations
    from certloan.storage.warehouse import DuckWarehouse

    text = (HERE / "hand.sql").read_text(encoding="utf-8").replace("${out}", str(folder / "hand.parquet"))
    warehouse = DuckWarehouse.open(folder / "warehouse.duckdb", memory_limit=MEMORY_LIMIT)

    def work() -> None:
        scheme, replacement = (reference_relations()[f"reference_{name}"] for name in ("scheme", "replacement"))
        with warehouse.attached("reference_scheme", scheme), warehouse.attached("reference_replacement", replacement):
            for statement in text.split(";"):
                if statement.strip():
                    warehouse.execute(statement)

    return work


def _pandas(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from benchmarks.features.pandas_peer import run

    return lambda: run(folder, folder / "pandas.parquet")


def _export(folder: Path) -> None:
    from certloan.storage.warehouse import DuckWarehouse

    warehouse = DuckWarehouse.open(folder / "warehouse.duckdb")
    for table in STORED:
        warehouse.execute(f"copy (from {table}) to '{folder / table}.parquet' (format parquet)")
    warehouse.close()


def _differing(folder: Path, names: list[str]) -> list[str]:
    """Give the columns in which a contender says something else; absent and zero are one thing here."""
    from certloan.storage.warehouse import DuckWarehouse

    warehouse = DuckWarehouse.open(None)
    found = []
    for name in names[1:]:
        left, right = (f"'{folder / which}.parquet'" for which in ("compiled", name))
        columns = warehouse.query(f"select column_name from (describe from {right})")["column_name"].to_pylist()
        for column in columns[3:]:
            differs = (
                f"select count(*) as n from {left} l join {right} r using (application_id)"
                f" where abs(coalesce(l.{column}, 0) - coalesce(r.{column}, 0)) > 1e-9 * greatest(1, abs(l.{column}))"
            )
            if warehouse.query(differs)["n"][0].as_py():
                found.append(f"{name}.{column}")
    warehouse.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
