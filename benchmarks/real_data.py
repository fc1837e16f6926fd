"""The whole road on real loans: recipe, catalog, training and judging as a user would run them.

    python -m benchmarks.real_data ../shared/data                 # everything
    python -m benchmarks.real_data ../shared/data --only sba      # one set: sba, case or cumcm
    python -m benchmarks.real_data ../shared/data --place         # with the borrower's and the lender's state

Loading, features, training and judging are the program's own services; no model is kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import fmean, pstdev
from tempfile import TemporaryDirectory
from typing import cast

import numpy as np
from sklearn.model_selection import train_test_split

from certloan.domain.people import Actor, Role
from certloan.features.catalog import CATALOG, by_name
from certloan.features.spec import Spec, Use
from certloan.ingest.recipe import load_recipe
from certloan.scoring.metrics.performance import Performance
from certloan.scoring.splits import Labels, Split
from certloan.scoring.trial import Terms, hold_trial
from certloan.services.build_features import build_matrix
from certloan.services.load_evidence import load_delivery
from certloan.services.model_ports import ModelStore
from certloan.services.train_model import TrainConfig, TrainReport, train
from certloan.storage.warehouse import DuckWarehouse

_RISK = Actor("measurement", Role.RISK)
#: No run depends on when an outcome was observed: the SBA file does not say it, and its baselines did not ask.
_TIME = TrainConfig(seed=42, embargo=False, log=False)
#: Four fifths of the 123 firms with invoices have 21 or 22 defaults.
_LEAST = 20
#: Name of a run, and how it is split.
Run = tuple[str, TrainConfig]
SBA: tuple[Run, ...] = (
    (
        "train < 2004, test 2004–05",
        replace(_TIME, train_before=date(2004, 1, 1), test_from=date(2004, 1, 1), test_before=date(2006, 1, 1)),
    ),
    (
        "train < 2006, test 2006–08",
        replace(_TIME, train_before=date(2006, 1, 1), test_from=date(2006, 1, 1), test_before=date(2009, 1, 1)),
    ),
)
#: Where somebody is: read by the audit only, and by the model only in this comparison.
_PLACE = ("province", "app_lender_province")


class Nowhere:
    """A store that keeps nothing."""

    def save(self, *_: object) -> Path:
        """Keep nothing."""
        return Path()


def main() -> None:
    """Run what was asked for and print it as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with sba/ and cumcm2020c/")
    parser.add_argument("--only", choices=("sba", "case", "cumcm"))
    parser.add_argument("--place", action="store_true", help="let the model read the borrower's and the lender's state")
    parser.add_argument("--seeds", type=int, default=20, help="of the invoices (default: 20, from 42 on)")
    chosen = parser.parse_args()
    specs = CATALOG
    if chosen.place:
        specs = tuple(replace(spec, use=Use.MODEL) if spec.name in _PLACE else spec for spec in CATALOG)
        print("the model reads", ", ".join(by_name(name).en for name in _PLACE))
    if chosen.only in (None, "sba"):
        warehouse = loaded("sba", chosen.data / "sba" / "sba_balanced_30000.csv.gz")
        show_random(warehouse, specs)
        for name, config in SBA:
            show(f"SBA-30k, {name}", [trained(warehouse, config, specs)])
    if chosen.only in (None, "case"):
        show_folds("SBA case", loaded("sba", chosen.data / "sba" / "sba_case_2102.csv"), range(42, 45), specs)
    if chosen.only in (None, "cumcm"):
        warehouse = loaded("cumcm2020c", chosen.data / "cumcm2020c")
        show_folds("CUMCM", warehouse, range(42, 42 + chosen.seeds), specs)


def loaded(recipe: str, path: Path) -> DuckWarehouse:
    """Load a delivery into a warehouse in memory."""
    warehouse = DuckWarehouse.open(None)
    with TemporaryDirectory() as folder:
        report = load_delivery(path, warehouse, quarantine_dir=Path(folder), actor=_RISK, recipe=load_recipe(recipe))
    print(f"{path.name}: {report.rows_read} rows read, {report.rows_quarantined} put aside", flush=True)
    return warehouse


def trained(warehouse: DuckWarehouse, config: TrainConfig, specs: Sequence[Spec]) -> TrainReport:
    """Train and judge one model that nobody keeps."""
    return train(warehouse, cast("ModelStore", Nowhere()), config, _RISK, specs=specs)


def show_random(warehouse: DuckWarehouse, specs: Sequence[Spec]) -> None:
    """Judge on the very rows that the baselines were judged on: drawn at random by scikit-learn from sorted loans."""
    loans = warehouse.query(
        """select application_id, uscc, applied_on as as_of, defaulted, case_weight
        from application join outcome using (application_id) order by application_id"""
    )
    used = tuple(spec for spec in specs if spec.use is Use.MODEL)
    matrix = build_matrix(warehouse, loans.select(["application_id", "uscc", "as_of"]), used)
    defaulted = loans["defaulted"].to_numpy().astype(np.float64)
    days = np.asarray(loans["as_of"].to_numpy(), dtype="datetime64[D]")
    labels = Labels(defaulted, loans["case_weight"].to_numpy(), days, days)
    learn, judge = train_test_split(np.arange(len(labels)), test_size=0.2, random_state=42, stratify=defaulted)
    terms = Terms({spec.name: spec.direction for spec in used}, _TIME.recipe())
    trial = hold_trial(matrix, labels, (Split(np.sort(learn), np.sort(judge), {"kind": "random"}),), terms)
    print(line("SBA-30k, random, the baselines' rows", [trial.performance], [trial.rivals]), flush=True)


def show_folds(name: str, warehouse: DuckWarehouse, seeds: range, specs: Sequence[Spec]) -> None:
    """Judge by five folds, once for each seed."""
    reports = []
    for seed in seeds:
        reports.append(
            trained(warehouse, TrainConfig(split="folds", folds=5, seed=seed, min_defaults=_LEAST, log=False), specs)
        )
        print(f"  seed {seed}: AUC {reports[-1].performance.auc:.3f}, {reports[-1].seconds:.0f} s", flush=True)
    show(f"{name}, 5-fold, seeds {seeds.start}–{seeds.stop - 1}", reports)


def show(name: str, reports: Sequence[TrainReport]) -> None:
    """Print one line of the table; figures are means over the reports."""
    first = reports[0]
    print(line(name, [r.performance for r in reports], [r.rivals for r in reports]))
    print(
        f"  {first.n_train} rows and {first.features} features to learn from, {first.pairs} pairs,"
        f" price {dict(first.price)}, {sum(r.seconds for r in reports):.0f} s;"
        f" no data for: {', '.join(first.families_missing)}",
        flush=True,
    )


def line(name: str, told: Sequence[Performance], rivals: Sequence[Mapping[str, Mapping[str, float | int]]]) -> str:
    """Write one row of the table."""
    mean = {figure: fmean(getattr(p, figure) for p in told) for figure in told[0].as_json()}
    spread = f" ± {pstdev(p.auc for p in told):.3f}" if len(told) > 1 else ""
    others = ", ".join(f"{rival} {fmean(r[rival]['auc'] for r in rivals):.3f}" for rival in sorted(rivals[0]))
    cells = (
        name,
        f"{told[0].n} / {told[0].defaults}",
        f"{mean['auc']:.3f}{spread} ({mean['auc_low']:.3f}–{mean['auc_high']:.3f})",
        *(f"{mean[figure]:.3f}" for figure in ("ks", "brier", "log_loss")),
        f"{mean['expected']:.1%} / {mean['observed']:.1%}",
        f"{mean['slope']:.2f}",
        others,
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
