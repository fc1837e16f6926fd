"""Run every benchmark, each in a process of its own so that memory peaks do not mix: ``make bench``.

``make bench`` uses sizes that finish in minutes; ``python -m benchmarks --full`` those that docs/measurements.md reports.
Peers on real loans need the credit data (see ``python -m benchmarks.credit --help``): without, that part says so and the
others go on.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def modules() -> list[str]:
    """Give the benchmark modules: every ``bench_*.py`` below this folder."""
    found = sorted(HERE.rglob("bench_*.py"))
    return [".".join(("benchmarks", *path.relative_to(HERE).with_suffix("").parts)) for path in found]


def main(given: list[str] | None = None) -> int:
    """Run them one after another and fail if one fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="the sizes of docs/measurements.md (hours)")
    parser.add_argument("--list", action="store_true", help="name the benchmarks and run none")
    parser.add_argument("only", nargs="*", help="parts of module names")
    asked = parser.parse_args(given)
    chosen = [m for m in modules() if not asked.only or any(part in m for part in asked.only)]
    if asked.list:
        print("\n".join(chosen))
        return 0
    failed = []
    for module in chosen:
        print(f"\n== {module}", flush=True)
        started = time.monotonic()
        command = [sys.executable, "-m", module, *(["--full"] if asked.full else [])]
        if subprocess.run(command, cwd=HERE.parent, check=False).returncode:
            failed.append(module)
        print(f"-- {module}: {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
