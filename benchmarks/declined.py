"""Where the truth about the declined lies in the synthetic world, and whether the bounds of `certloan validate` hold it.

    python -m benchmarks.declined [--enterprises N] [--seed S] [--home DIR]

A demo is made (or one that was made before is read from ``--home``), and its champion is validated on the declined. Prints
a line for each figure, then JSON: the k at which the declined default as they truly would have, and every figure of
all applicants beside the bounds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from certloan.bootstrap import House, house
from certloan.scoring.validation.selective_labels import bound_declined, chance_of_grant, times_of_truth, true_figures
from certloan.services.make_world import TRUTH
from certloan.services.ports import SILENT
from certloan.services.run_demo import run_demo
from certloan.services.validate_model import USUAL_TERMS
from certloan.services.validation_case import open_case
from certloan.services.validation_declined import read_applicants


def main() -> int:
    """Make the world where none is given, and hold the bounds against its truth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enterprises", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="certloan-declined-") as scratch:
        home = house(asked.home or Path(scratch))
        if asked.home is None:
            run_demo(home, enterprises=asked.enterprises, seed=asked.seed)
        told = measured(home)
    for figure in told["figures"]:
        print(_line(figure), flush=True)
    print(json.dumps(told, ensure_ascii=False))
    return 0


def measured(home: House) -> dict[str, Any]:
    """Give k, and every figure with what the granted alone say, its bounds and the truth."""
    (truth_file,) = home.data.rglob(TRUTH)
    truth = pq.read_table(truth_file, columns=["application_id", "defaulted"])
    became = dict(zip(truth["application_id"].to_pylist(), truth["defaulted"].to_pylist(), strict=True))
    with home.warehouse(read_only=True) as warehouse:
        case = open_case(warehouse, home.bundle(), SILENT)
        everybody = read_applicants(case, SILENT)
    rows = everybody.rows
    outcome = np.array([float(became[name]) for name in everybody.names])
    outcome = np.where(rows.granted, rows.defaulted, outcome)
    cut = float(np.log(USUAL_TERMS.margin / USUAL_TERMS.loss_severity))
    chance = chance_of_grant(everybody.values, rows.granted, case.bundle.features, case.recipe)
    bounds, true = bound_declined(rows, chance, cut, case.config.seed), true_figures(rows, outcome, cut)
    return {
        "applicants": len(rows.granted),
        "declined": int(np.count_nonzero(~rows.granted)),
        "defaults": int(np.count_nonzero(rows.defaulted[rows.granted])),
        "times_of_truth": round(times_of_truth(rows, outcome), 3),
        "figures": [
            {
                "figure": one.figure,
                "group": one.group,
                "granted_only": round(one.granted_only.value, 4),
                "low": round(one.widest_low, 4),
                "high": round(one.widest_high, 4),
                "true": round(true[one.figure, one.group], 4),
                "held": bool(one.widest_low <= true[one.figure, one.group] <= one.widest_high),
            }
            for one in bounds.bounds
        ],
    }


def _line(figure: dict[str, Any]) -> str:
    name = figure["figure"] if figure["group"] is None else f"{figure['figure']} · {figure['group']}"
    return (
        f"{name:<32} granted {figure['granted_only']:.3f}  bounds {figure['low']:.3f} to {figure['high']:.3f}  "
        f"true {figure['true']:.3f}{'' if figure['held'] else '  OUTSIDE'}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
