"""Run every benchmark, each in a process of its own so that memory peaks do not mix: ``make bench``.

``make bench`` uses sizes that finish in minutes; ``python -m benchmarks --full`` those that docs/measurements.md reports.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def modules() -> list[str]:
    """Give the benchmark modules: every ``bench_*.py`` below this folder."""
    found = sorted(HERE.rglob("bench_*.py"))
    return [".".join(("benchmarks", *path.relative_to(HERE).with_suffix("").parts)) for path in found]


def main() -> int:
    """Run them one after another and fail if one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes of docs/measurements.md (up to half an hour)")
    parser.add_argument("only", nargs="*", help="parts of module names")
    arguments = parser.parse_args()
    chosen = [m for m in modules() if not arguments.only or any(part in m for part in arguments.only)]
    failed = []
    for module in chosen:
        print(f"\n== {module}", flush=True)
        command = [sys.executable, "-m", module, *(["--full"] if arguments.full else [])]
        if subprocess.run(command, cwd=HERE.parent, check=False).returncode:
            failed.append(module)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
