"""The sets as contenders see them, on made files of the same layout: what is read, what never is, how rows are split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.__main__ import main as run_benchmarks
from benchmarks.__main__ import modules
from benchmarks.credit.invoices import cumcm
from benchmarks.credit.sba import sba_2004, sba_random
from benchmarks.credit.tables import south_german


def write_sba(folder: Path) -> Path:
    rows = 200
    random = np.random.default_rng(1)
    bad = np.arange(rows) % 2 == 0
    days = pd.date_range("2001-01-01", "2007-12-31", periods=rows)
    frame = pd.DataFrame(
        {
            "loan_nr_chk_dgt": random.permutation(rows),
            "city": "X",
            "state": random.choice(["IL", "MA"], rows),
            "zip": 1.0,
            "bank": "B",
            "bank_state": "IL",
            "naics": random.choice(["0", "454311", "722110"], rows),
            "approval_date": days.strftime("%Y-%m-%d"),
            "approval_fy": days.year,
            "term": np.where(bad, 33.0, 84.0),
            "no_emp": 3.0,
            "new_exist": [None, 1.0] * 100,
            "create_job": 0.0,
            "retained_job": 0.0,
            "franchise_code": random.choice([0, 1, 2210], rows),
            "urban_rural": 0.0,
            "rev_line_cr": random.choice(["Y", "N", "T"], rows),
            "low_doc": "N",
            "chg_off_date": np.where(bad, "2009-01-01", ""),
            "disbursement_date": "2002-01-31",
            "disbursement_gross": 100.0,
            "balance_gross": 0.0,
            "mis_status": np.where(bad, "CHGOFF", "PIF"),
            "chg_off_prin_gr": np.where(bad, 50.0, 0.0),
            "gr_appv": 200.0,
            "sba_appv": 150.0,
        }
    )
    (folder / "sba").mkdir()
    frame.to_csv(folder / "sba" / "sba_balanced_30000.csv.gz", index=False)
    return folder


def test_nothing_that_was_written_after_the_loan_reaches_a_contender(tmp_path: Path) -> None:
    problem = sba_random(write_sba(tmp_path))
    assert set(problem.frame.columns).isdisjoint({"term", "chg_off_date", "chg_off_prin_gr", "disbursement_gross"})
    assert len(problem.frame.columns) == 15
    assert set(problem.frame["rev_line_cr"]) == {"Y", "N", "?"}
    assert set(problem.frame["industry"]) == {"00", "45", "72"}


def test_case_weights_restore_the_true_rate_and_have_a_mean_of_one(tmp_path: Path) -> None:
    problem = sba_random(write_sba(tmp_path))
    assert np.isclose(problem.weights.mean(), 1.0)
    assert np.isclose(np.average(problem.defaulted, weights=problem.weights), 157_558 / (157_558 + 739_609))


def test_a_split_by_time_learns_nothing_of_the_years_that_judge_it(tmp_path: Path) -> None:
    folder = write_sba(tmp_path)
    raw = pd.read_csv(folder / "sba" / "sba_balanced_30000.csv.gz").sort_values("loan_nr_chk_dgt", ignore_index=True)
    (fold,) = sba_2004(folder).folds
    days = pd.to_datetime(raw["approval_date"])
    assert days[fold.learn].max() < pd.Timestamp("2004-01-01") <= days[fold.judge].min()
    assert days[fold.judge].max() < pd.Timestamp("2006-01-01")


def test_void_invoices_count_as_void_and_as_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "cumcm2020c"
    folder.mkdir()
    firms = pd.DataFrame({"企业代号": [f"E{i}" for i in range(10)], "信誉评级": "A", "是否违约": ["是", "否"] * 5})
    firms.to_csv(folder / "a1_enterprise.csv", index=False)
    for side, party in (("input", "销方单位代号"), ("output", "购方单位代号")):
        one = pd.DataFrame(
            {
                "发票号码": [1, 2, 3],
                "开票日期": ["2019/1/5", "2019/2/5", "2019/2/6"],
                party: ["A", "B", "C"],
                "金额": [100.0, 300.0, 9_999.0],
                "税额": [3.0, 9.0, 300.0],
                "价税合计": [103.0, 309.0, 10_299.0],
                "发票状态": ["有效发票", "有效发票", "作废发票"],
            }
        )
        pd.concat([one.assign(企业代号=firm) for firm in firms["企业代号"]]).to_csv(
            folder / f"a1_{side}.csv.gz", index=False
        )
    problem = cumcm(tmp_path)
    assert problem.frame.shape == (10, 21)
    assert problem.frame[["input_invoices", "input_amount", "input_parties"]].to_numpy()[0].tolist() == [
        2.0,
        400.0,
        2.0,
    ]
    assert problem.frame.loc[0, "output_largest_party"] == 0.75
    assert np.isclose(problem.frame["output_void"].to_numpy(np.float64)[0], 1 / 3)
    assert (len(problem.folds), problem.seeds) == (100, tuple(range(42, 62)))


def test_zero_is_the_bad_mark_of_the_german_set(tmp_path: Path) -> None:
    (tmp_path / "south_german").mkdir()
    names = (
        "status duration credit_history purpose amount savings employment_duration installment_rate"
        " personal_status_sex other_debtors present_residence property age other_installment_plans housing"
        " number_credits job people_liable telephone foreign_worker credit_risk"
    )
    rows = "\n".join(f"{' '.join('1' for _ in range(20))} {number % 2}" for number in range(20))
    (tmp_path / "south_german" / "SouthGermanCredit.asc").write_text(f"{names}\n{rows}\n", encoding="utf-8")
    problem = south_german(tmp_path)
    assert problem.defaulted.tolist()[:2] == [1.0, 0.0]
    assert set(problem.frame["status"]) == {"1"}


def test_make_bench_finds_the_peers_and_the_speeds() -> None:
    assert {"benchmarks.credit.bench_credit", "benchmarks.explain.bench_explain"} <= set(modules())
    assert run_benchmarks(["--list"]) == 0
    assert run_benchmarks(["no-such-benchmark"]) == 1
