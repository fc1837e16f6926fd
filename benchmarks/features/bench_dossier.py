"""One dossier, all features, in a warm process; and its what-if variants. Over the shape of :mod:`benchmarks.features.shape`.

    python -m benchmarks.features.bench_dossier [--enterprises N] [--warehouse FILE]

Prints the median over 40 applications, by the clock and by the processor, of which reading the records is the first part;
then how long 200 variants of one case take that differ in their certificates.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.features.shape import make

from certloan.features.catalog import FEATURES
from certloan.services.build_features import applications
from certloan.services.dossier import dossier
from certloan.storage.warehouse import DuckWarehouse

CASES, VARIANTS = 40, 200


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, default=20_000)
    parser.add_argument("--warehouse", type=Path, help="one that the shape was written to before")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.warehouse or Path(folder) / "warehouse.duckdb"
        if asked.warehouse is None:
            make(path, asked.enterprises)
        print(json.dumps(_measure(path)))
    return 0


def _measure(path: Path) -> dict[str, object]:
    warehouse = DuckWarehouse.open(path, read_only=True)
    number = warehouse.query("select count(*) as n from application")["n"][0].as_py()
    draw = random.Random(7)  # noqa: S311 (no secret: the same cases every time)
    subjects = [
        warehouse.query(applications("application_id = ?"), (f"A{draw.randrange(number)}",)) for _ in range(CASES)
    ]
    cases = dossier(warehouse)
    cases.matrix(subjects[0])
    read = [_taken(lambda at=at: cases.known(at["uscc"][0].as_py())) for at in subjects]  # type: ignore[misc]
    built = [_taken(lambda at=at: cases.matrix(at)) for at in reversed(subjects)]  # type: ignore[misc]
    held = warehouse.rows("select * from certificate where uscc = ?", (subjects[0]["uscc"][0].as_py(),))
    variants = [{"certificate": held[: place % (len(held) + 1)]} for place in range(VARIANTS)]
    many = _taken(lambda: cases.variants(subjects[0], variants))
    warehouse.close()
    return {
        "enterprises": number,
        "features": len(FEATURES),
        "read_ms": _median(read),
        "matrix_ms": _median(built),
        f"variants_{VARIANTS}_ms": [round(taken, 1) for taken in many],
    }


def _taken(work: Callable[[], object]) -> tuple[float, float]:
    clock, busy = time.perf_counter(), time.process_time()
    work()
    return 1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - busy)


def _median(runs: list[tuple[float, float]]) -> list[float]:
    """Give the medians by the clock and by the processor."""
    return [round(statistics.median(run[kind] for run in runs), 1) for kind in (0, 1)]


if __name__ == "__main__":
    sys.exit(main())
