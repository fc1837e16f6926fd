"""Every contender on every set, with the splits of the data's own notes: one command, one table.

python -m benchmarks.credit                                  # everything, from the rows on
python -m benchmarks.credit --resume                         # what was fitted before is taken from the cache
python -m benchmarks.credit --resume --sets uci-card polish-1 --peers certloan ebm
"""

from __future__ import annotations

import sys

from benchmarks.credit.command import main

if __name__ == "__main__":
    sys.exit(main())
