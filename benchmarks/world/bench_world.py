"""How fast a world is made as Parquet and loaded, in how much memory, beside the least that loading it could cost.

    python benchmarks/world/bench_world.py --enterprises 100000
    python benchmarks/world/bench_world.py --full --json result.json

Three steps, each in a process of its own: the world is drawn and written by two processes; its first delivery is loaded
with every check, history and report; and, as a peer that checks nothing, DuckDB inserts the same files into plain
tables. The ratio to the peer says more than seconds on a machine that others use; so does the CPU time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUDGET = {"seconds": 600.0, "gigabytes": 4.0, "enterprises": 1_000_000}
_MEMORY = os.environ.get("BENCH_MEMORY", "1500MB")


def main() -> None:
    parser = argparse.ArgumentParser(description="Benchmark of a world made and loaded as Parquet.")
    parser.add_argument("--enterprises", type=int, default=100_000)
    parser.add_argument("--full", action="store_true", help="one million enterprises, the size of the budget")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--folder", type=Path, help="where to work; about 4 kB are needed for each enterprise")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    told = parser.parse_args()
    enterprises = int(BUDGET["enterprises"]) if told.full else told.enterprises
    if told.step:
        sys.stdout.write(json.dumps(STEPS[told.step](told.folder, enterprises)))
        return
    with tempfile.TemporaryDirectory(prefix="certloan-bench-", dir=told.folder) as folder:
        results = {step: run(step, Path(folder), enterprises) for step in STEPS}
    load, peer = results["load"]["seconds"], results["plain insert"]["seconds"]
    results["load"]["against_plain_insert"] = round(float(load) / float(peer), 2)
    whole = {"enterprises": enterprises, "budget": BUDGET, "load_average": os.getloadavg(), "results": results}
    sys.stdout.write(json.dumps(whole, indent=2) + "\n")
    if told.json:
        told.json.write_text(json.dumps(whole, indent=2) + "\n")


def run(step: str, folder: Path, enterprises: int) -> dict[str, float]:
    """Run one step in its own process: seconds, CPU seconds with those of its children, peak memory of each."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder), "--enterprises", str(enterprises)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.read() or b"{}")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{step} failed with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    peak = told.pop("own_peak") * 1024 / 2**30
    result = {"cpu_seconds": round(cpu, 1), "peak_gigabytes": round(peak, 2), **told}
    sys.stderr.write(f"{step}: {result}\n")
    return result


def make(folder: Path, enterprises: int) -> dict[str, float]:
    from certloan.domain.people import Actor, Role
    from certloan.services.make_world import Form, make_world

    began = time.perf_counter()
    made = make_world(enterprises, 7, folder / "w", actor=Actor("bench", Role.RISK), form=Form.PARQUET)
    seconds = time.perf_counter() - began
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 2**30
    return _told(seconds, sum(made.files.values())) | {"peak_gigabytes_of_each_of_two_children": round(child, 2)}


def load(folder: Path, enterprises: int) -> dict[str, float]:
    from certloan.domain.people import Actor, Role
    from certloan.services.load_evidence import load_delivery
    from certloan.storage.warehouse import DuckWarehouse

    home = folder / "home"
    warehouse = DuckWarehouse.open(home / "warehouse.duckdb", memory_limit=_MEMORY)
    began = time.perf_counter()
    actor = Actor("bench", Role.OFFICER)
    report = load_delivery(folder / "w" / "delivery", warehouse, quarantine_dir=home / "quarantine", actor=actor)
    seconds = time.perf_counter() - began
    warehouse.close()
    shutil.rmtree(home)
    return _told(seconds, report.total.rows_accepted)


def plain_insert(folder: Path, enterprises: int) -> dict[str, float]:
    import duckdb

    file = folder / "peer.duckdb"
    began = time.perf_counter()
    connection = duckdb.connect(str(file), config={"memory_limit": _MEMORY, "preserve_insertion_order": False})
    rows = 0
    for table in sorted(path for path in (folder / "w" / "delivery").iterdir() if path.is_dir()):
        files = str(table / "*.parquet")
        connection.execute(f'create table "{table.name}" as select * from read_parquet(?) limit 0', [files])
        connection.execute(f'insert into "{table.name}" select * from read_parquet(?)', [files])
        rows += connection.execute(f'select count(*) from "{table.name}"').fetchall()[0][0]
    connection.close()
    seconds = time.perf_counter() - began
    file.unlink()
    return _told(seconds, rows)


def _told(seconds: float, rows: int) -> dict[str, float]:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": round(seconds, 1), "rows": rows, "rows_per_second": round(rows / seconds), "own_peak": own}


STEPS = {"make": make, "load": load, "plain insert": plain_insert}


if __name__ == "__main__":
    main()
