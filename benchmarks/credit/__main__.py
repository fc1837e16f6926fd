"""Every contender on every set, with the splits of the data's own notes: one command, one table.

python -m benchmarks.credit                                  # everything, from the rows on
python -m benchmarks.credit --resume                         # what was fitted before is taken from the cache
python -m benchmarks.credit --resume --sets uci-card polish-1 --peers certloan ebm
"""

from __future__ import annotations

import os

# Before anything that counts processors is imported: every contender gets one thread.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import sys  # noqa: E402

from benchmarks.credit.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
