"""Features by compiled specs against hand-written SQL of the same columns, on the shape of :mod:`benchmarks.features.shape`.

    python -m benchmarks.features.bench_features [--full | --enterprises N]

Every contender runs in a process of its own, so that peaks of memory do not mix; all read the same warehouse.
Two write the same columns to Parquet, which are compared; the third writes every feature. Prints a table, then JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
SMALL, FULL = 100_000, 1_000_000
#: What the warehouse may use for itself: the process as a whole is to stay below 3 GB.
MEMORY_LIMIT = "1800MB"


def main() -> int:
    """Run the contenders and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--enterprises", type=int)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--contender", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.contender:
        _contend(asked.contender[0], Path(asked.contender[1]))
        return 0
    enterprises = asked.enterprises or (FULL if asked.full else SMALL)
    found = _measure(enterprises, asked.repeats)
    print(json.dumps(found))
    return 1 if found["differing"] else 0


def _measure(enterprises: int, repeats: int) -> dict[str, object]:
    from benchmarks.features.shape import make

    folder = Path(tempfile.mkdtemp(prefix="certloan-bench-"))
    try:
        started = time.perf_counter()
        make(folder / "warehouse.duckdb", enterprises)
        print(f"{enterprises:,} enterprises, {62 * enterprises:,} rows, made in {time.perf_counter() - started:.0f} s")
        names = ["compiled", "hand", "whole"]
        # Contenders take turns, so that a slow minute of the machine hits all of them.
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for _ in range(repeats):
            for name in names:
                runs[name].append(_run(name, folder))
        best = {name: min(told, key=lambda run: run["seconds"]) for name, told in runs.items()}
        differing = _differing(folder)
        for name, told in best.items():
            ratio = told["seconds"] / best["compiled"]["seconds"]
            print(
                f"  {name:<9} {told['seconds']:7.2f} s   {told['cpu_seconds']:7.2f} s of both cores   {told['peak_gb']:5.2f} GB   {ratio:5.2f} x compiled"
            )
        print(f"  columns that differ: {differing or 'none'}")
        compiled = best["compiled"]["seconds"]
        return {
            "enterprises": enterprises,
            "contenders": best,
            "compiled_to_hand": round(compiled / best["hand"]["seconds"], 3),
            "compiled_to_hand_cpu": round(best["compiled"]["cpu_seconds"] / best["hand"]["cpu_seconds"], 3),
            "columns": len(_columns_of_hand()),
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
    work = {"compiled": _compiled, "hand": _hand, "whole": _whole}[name](folder)
    started, busy = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3), "peak_gb": round(peak, 3)}))


def _compiled(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from certloan.features.catalog import by_name
    from certloan.services.build_features import write_matrix
    from certloan.storage.warehouse import DuckWarehouse

    specs = tuple(by_name(name) for name in _columns_of_hand())
    warehouse = DuckWarehouse.open(folder / "warehouse.duckdb", memory_limit=MEMORY_LIMIT)
    return lambda: write_matrix(warehouse, folder / "compiled.parquet", specs=specs)


def _whole(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Every feature there is, certificates and inspections with their states and windows included."""
    from certloan.services.build_features import write_matrix
    from certloan.storage.warehouse import DuckWarehouse

    warehouse = DuckWarehouse.open(folder / "warehouse.duckdb", memory_limit=MEMORY_LIMIT)
    return lambda: write_matrix(warehouse, folder / "whole.parquet")


def _columns_of_hand() -> list[str]:
    """Give the features that the hand-written statements compute, by the names they give them."""
    from certloan.features.catalog import FEATURES

    text = (HERE / "hand.sql").read_text(encoding="utf-8")
    named = set(re.findall(r" as ([a-z][a-z0-9_]+)", text))
    return [spec.name for spec in FEATURES if spec.name in named]


def _hand(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from certloan.reference.relations import reference_relations
    from certloan.storage.warehouse import DuckWarehouse

    text = (HERE / "hand.sql").read_text(encoding="utf-8").replace("${out}", str(folder / "hand.parquet"))
    warehouse = DuckWarehouse.open(folder / "warehouse.duckdb", memory_limit=MEMORY_LIMIT)

    def work() -> None:
        with ExitStack() as open_:
            for name, table in reference_relations().items():
                open_.enter_context(warehouse.attached(name, table))
            for statement in text.split(";"):
                if statement.strip():
                    warehouse.execute(statement)

    return work


def _differing(folder: Path) -> list[str]:
    """Give the columns in which the hand says something else.

    Where a register is complete, nothing found and zero are one thing: the hand leaves its joins as they are.
    """
    from certloan.features.catalog import by_name
    from certloan.features.spec import FeatureSpec, Missing
    from certloan.storage.warehouse import DuckWarehouse

    warehouse = DuckWarehouse.open(None)
    left, right = (f"'{folder / which}.parquet'" for which in ("compiled", "hand"))
    found = []
    for column in _columns_of_hand():
        spec = by_name(column)
        complete = isinstance(spec, FeatureSpec) and spec.missing is Missing.ZERO_IF_DELIVERED
        ours, theirs = (f"coalesce({side}.{column}, 0)" if complete else f"{side}.{column}" for side in ("l", "r"))
        differs = (
            f"select count(*) as n from {left} l full join {right} r using (application_id)"
            f" where ({ours} is null) <> ({theirs} is null) or abs({ours} - {theirs}) > 1e-9 * greatest(1, abs({ours}))"
        )
        if warehouse.query(differs)["n"][0].as_py():
            found.append(column)
    warehouse.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
