"""The whole way with files that nobody here invented the shape of: SBA loans and CUMCM invoices, through recipes.

The committed samples (our own rows in the shape of the real files) always run. The real files are looked for beside
the project and their tests skip where they are absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from certloan.domain.people import Actor, Role
from certloan.features.catalog import CATALOG
from certloan.ingest.recipe import load_recipe
from certloan.policy.policy import in_force
from certloan.scoring.bundle import Bundle
from certloan.services.build_features import build_matrix
from certloan.services.explain_case import explain
from certloan.services.load_evidence import LoadReport, load_delivery
from certloan.services.train_model import TrainConfig, TrainReport, train
from certloan.storage.registry import ModelRegistry
from certloan.storage.warehouse import DuckWarehouse

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data" / "sample"
REAL = ROOT.parent / "shared" / "data"
ACTOR = Actor("test", Role.RISK)


#: Small enough for a test; the figures of real models stand in docs/measurements.md.
QUICK = TrainConfig(seed=42, embargo=False, log=False, bags=3, pairs=6, rounds=200)


def real(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"needs the real data beside the project: {name} is not there; the committed samples are tested")
    return path


def load(recipe: str, path: Path, tmp_path: Path) -> tuple[DuckWarehouse, LoadReport]:
    warehouse = DuckWarehouse.open(None)
    report = load_delivery(path, warehouse, quarantine_dir=tmp_path, actor=ACTOR, recipe=load_recipe(recipe))
    return warehouse, report


@pytest.fixture
def sba(tmp_path: Path) -> Iterator[DuckWarehouse]:
    warehouse, report = load("sba", SAMPLES / "sba", tmp_path)
    assert report.exit_code == 0, report.problems
    yield warehouse
    warehouse.close()


@pytest.fixture
def cumcm(tmp_path: Path) -> Iterator[DuckWarehouse]:
    warehouse, report = load("cumcm2020c", SAMPLES / "cumcm2020c", tmp_path)
    assert report.exit_code == 0, report.problems
    yield warehouse
    warehouse.close()


def learn(warehouse: DuckWarehouse, tmp_path: Path, config: TrainConfig) -> tuple[Bundle, TrainReport]:
    store = ModelRegistry(tmp_path / "models", tmp_path / "mlruns")
    report = train(warehouse, store, config, ACTOR)
    return store.load(report.fingerprint), report


def known(matrix: pa.Table) -> set[str]:
    return {name for name in matrix.column_names if matrix.column(name).null_count < matrix.num_rows}


def families(matrix: pa.Table) -> set[str]:
    of = {spec.name: str(spec.family) for spec in CATALOG}
    return {of[name] for name in known(matrix) if name in of}


def test_every_row_of_the_samples_is_accounted_for(tmp_path: Path) -> None:
    warehouse, report = load("cumcm2020c", SAMPLES / "cumcm2020c", tmp_path)
    invoices = report.tables["invoice"]
    assert invoices.rows_quarantined == 0
    assert invoices.rows_duplicate == 4, "each of the four invoice files repeats one row"
    assert invoices.rows_read == invoices.rows_accepted + invoices.rows_duplicate
    assert not [problem for problem in report.problems if "a3_rate" in problem.file], "a skipped file is no problem"
    warehouse.close()


def test_loading_a_foreign_delivery_twice_changes_nothing(tmp_path: Path) -> None:
    warehouse, first = load("sba", SAMPLES / "sba", tmp_path)
    before = warehouse.query("select * from application order by application_id")
    again = load_delivery(SAMPLES / "sba", warehouse, quarantine_dir=tmp_path, actor=ACTOR, recipe=load_recipe("sba"))
    assert again.rows_accepted == 0
    assert again.rows_unchanged == first.rows_accepted
    assert warehouse.query("select * from application order by application_id").equals(before)
    warehouse.close()


def test_families_that_a_source_lacks_are_missing_and_never_zero(sba: DuckWarehouse, cumcm: DuckWarehouse) -> None:
    loans, firms = build_matrix(sba), build_matrix(cumcm)
    assert families(loans) == {"enterprise", "application"}
    assert families(firms) == {"enterprise", "application", "operations"}
    assert not {name for name in known(loans) if name.startswith(("cert_", "insp_", "credit_", "ops_", "inn_"))}


def test_the_sample_weights_reach_the_outcomes(sba: DuckWarehouse) -> None:
    told = sba.query(
        """select defaulted, min(case_weight) as low, max(case_weight) as high from outcome
        join application using (application_id) where application_id like '9%' group by defaulted order by defaulted"""
    ).to_pylist()
    assert [round(row["low"], 3) for row in told] == [1.649, 0.351]
    assert all(row["low"] == row["high"] for row in told)


def test_red_letters_and_void_invoices_are_kept_and_told_apart(cumcm: DuckWarehouse) -> None:
    told = {
        row["status"]: row["n"]
        for row in cumcm.query("select status, count(*) as n from invoice group by 1").to_pylist()
    }
    assert set(told) == {"valid", "void", "red_letter"}
    assert cumcm.query("select count(*) as n from invoice where status = 'red_letter' and net >= 0").to_pylist() == [
        {"n": 0}
    ]


def test_a_model_learns_from_a_foreign_file_and_accounts_for_each_of_its_loans(
    sba: DuckWarehouse, tmp_path: Path
) -> None:
    config = replace(QUICK, train_before=date(2006, 1, 1), test_from=date(2006, 1, 1))
    bundle, report = learn(sba, tmp_path, config)
    assert report.performance.auc_high > 0.6, "the sample has a latent risk to find"
    lacking = ("certification", "credit", "honour", "innovation", "mitigant", "operations", "quality")
    assert report.families_missing == lacking
    assert {name.split("_")[0] for name in bundle.names} <= {"app", "ent"}
    told = sba.query("select min(application_id) as id from application").to_pylist()[0]["id"]
    account = explain(sba, bundle, in_force(date(2026, 1, 1)), replace(ACTOR, role=Role.ADMIN), told)
    assert account.base_points + sum(point.points for point in account.points) == account.score


def test_case_weights_turn_the_balanced_sample_back_into_the_population(tmp_path: Path) -> None:
    warehouse, _ = load("sba", SAMPLES / "sba" / "sba_balanced_sample.csv.gz", tmp_path)
    _, report = learn(warehouse, tmp_path, replace(QUICK, split="random"))
    p = report.performance
    weighted = p.defaults * 0.351 / (p.defaults * 0.351 + (p.n - p.defaults) * 1.649)
    assert p.observed == pytest.approx(weighted, abs=1e-3)
    assert p.defaults / p.n > 2 * p.observed
    warehouse.close()


def test_a_model_learns_from_invoices_alone(cumcm: DuckWarehouse, tmp_path: Path) -> None:
    cumcm.execute(
        "delete from history.outcome where application_id = 'E1'"
    )  # a firm without an outcome teaches nothing
    bundle, report = learn(cumcm, tmp_path, replace(QUICK, split="random", test_share=0.3, min_defaults=20))
    assert report.n_train + report.performance.n == 89
    assert {name.split("_")[0] for name in bundle.names} == {"ops"}
    assert report.performance.auc_high > 0.6, "the sample has a latent risk to find"


def test_the_real_sba_file_loads_whole(tmp_path: Path) -> None:
    warehouse, report = load("sba", real("sba/sba_balanced_30000.csv.gz"), tmp_path)
    assert (report.exit_code, report.rows_quarantined) == (0, 0)
    assert {name: count.rows_accepted for name, count in report.tables.items()} == {
        "enterprise": 30_000,
        "application": 30_000,
        "outcome": 30_000,
    }
    told = warehouse.query(
        """select min(applied_on)::varchar as first, max(applied_on)::varchar as last, sum(defaulted::int) as defaults,
        round(avg(case_weight), 9) as weight, sum(case_weight * defaulted::int) / sum(case_weight) as rate
        from application join outcome using (application_id)"""
    ).to_pylist()[0]
    assert (told["first"], told["last"], int(told["defaults"]), told["weight"]) == (
        "1970-07-22",
        "2014-03-18",
        15_000,
        1.0,
    )
    assert told["rate"] == pytest.approx(0.1756, abs=5e-5)
    warehouse.close()


def test_the_real_case_file_loads_whole(tmp_path: Path) -> None:
    warehouse, report = load("sba", real("sba/sba_case_2102.csv"), tmp_path)
    assert (report.exit_code, report.tables["outcome"].rows_accepted) == (0, 2_102)
    assert warehouse.query("select sum(defaulted::int)::int as n from outcome").to_pylist() == [{"n": 686}]
    warehouse.close()


@pytest.mark.slow
def test_the_real_invoices_load_but_for_five_that_contradict_themselves(tmp_path: Path) -> None:
    warehouse, report = load("cumcm2020c", real("cumcm2020c"), tmp_path)
    invoices = report.tables["invoice"]
    assert (invoices.rows_read, invoices.rows_accepted) == (1_099_441, 1_087_771)
    assert (invoices.rows_duplicate, invoices.rows_quarantined) == (11_665, 5)
    assert {problem.code for problem in report.problems} == {"conflicting-duplicate"}
    assert warehouse.query("select count(*) as n, sum(defaulted::int)::int as bad from outcome").to_pylist() == [
        {"n": 123, "bad": 27}
    ]
    warehouse.close()
