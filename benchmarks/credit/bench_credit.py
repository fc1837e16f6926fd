"""The comparison with peers as ``make bench`` runs it: two sets and the quick contenders, unless ``--full`` is said.

With ``--full`` everything is judged; what the cache holds is taken from there, the rest is fitted (about an hour).
"""

from __future__ import annotations

import sys

from benchmarks.credit.command import main

if __name__ == "__main__":
    sys.exit(main(["--resume", *(sys.argv[1:] or ["--quick"])]))
