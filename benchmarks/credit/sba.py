"""Loans guaranteed by the US Small Business Administration, without the columns that were rewritten afterwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.credit.problem import Floats, Fold, Problem, as_text, folds_of
from sklearn.model_selection import train_test_split

#: Rows drawn from each class, and how many there are of it: the sample holds both classes in equal number.
_DRAWN, _CHARGED_OFF, _PAID = 15_000, 157_558, 739_609


def sba_random(data: Path) -> Problem:
    """Judge on a fifth drawn at random."""
    frame, defaulted, weights, _ = _sample(data)
    learn, judge = train_test_split(np.arange(len(frame)), test_size=0.2, random_state=42, stratify=defaulted)
    return Problem("sba-random", "SBA-30k, random fifth", frame, defaulted, weights, (Fold(42, learn, judge),))


def sba_2004(data: Path) -> Problem:
    """Learn before 2004, judge on 2004–05."""
    return _by_day(data, "sba-2004", "SBA-30k, < 2004 → 2004–05", ("2004-01-01", "2006-01-01"))


def sba_2006(data: Path) -> Problem:
    """Learn before 2006, judge on 2006–08."""
    return _by_day(data, "sba-2006", "SBA-30k, < 2006 → 2006–08", ("2006-01-01", "2009-01-01"))


def sba_case(data: Path) -> Problem:
    """Judge the Californian case by five folds."""
    raw = pd.read_csv(data / "sba" / "sba_case_2102.csv", dtype={"NAICS": str})
    raw = raw.rename(
        columns={
            "BankState": "bank_state",
            "NAICS": "naics",
            "NoEmp": "no_emp",
            "CreateJob": "create_job",
            "RetainedJob": "retained_job",
            "GrAppv": "gr_appv",
            "SBA_Appv": "sba_appv",
            "NewExist": "new_exist",
            "FranchiseCode": "franchise_code",
            "UrbanRural": "urban_rural",
            "RevLineCr": "rev_line_cr",
            "LowDoc": "low_doc",
            "State": "state",
        }
    )
    defaulted = raw["Default"].to_numpy(np.float64)
    frame = _strict(raw).drop(columns="state")
    return Problem(
        "sba-case", "SBA case, California", frame, defaulted, np.ones(len(raw)), folds_of(defaulted, range(42, 45))
    )


def _sample(data: Path) -> tuple[pd.DataFrame, Floats, Floats, pd.Series]:
    raw = pd.read_csv(data / "sba" / "sba_balanced_30000.csv.gz", dtype={"naics": str})
    raw = raw.sort_values("loan_nr_chk_dgt", ignore_index=True)
    defaulted = np.asarray(raw["mis_status"] == "CHGOFF", dtype=np.float64)
    weights = np.where(defaulted > 0, _CHARGED_OFF / _DRAWN, _PAID / _DRAWN)
    return _strict(raw), defaulted, weights / weights.mean(), pd.to_datetime(raw["approval_date"])


def _by_day(data: Path, name: str, title: str, days: tuple[str, str]) -> Problem:
    frame, defaulted, weights, approved = _sample(data)
    before, until = (pd.Timestamp(day) for day in days)
    learn = np.flatnonzero(approved < before)
    judge = np.flatnonzero((approved >= before) & (approved < until))
    return Problem(name, title, frame, defaulted, weights, (Fold(42, learn, judge),))


def _strict(raw: pd.DataFrame) -> pd.DataFrame:
    """Keep what stood on the application: nothing of the term, the disbursement or the end of the loan."""
    frame = pd.DataFrame(
        {
            "state": as_text(raw["state"]),
            "bank_state": as_text(raw["bank_state"]),
            "same_state": (raw["state"] == raw["bank_state"]).astype(np.float64),
            "industry": as_text(raw["naics"].str.zfill(6).str[:2]),
        }
    )
    for name in ("no_emp", "create_job", "retained_job", "gr_appv", "sba_appv"):
        frame[name] = raw[name].astype(np.float64)
    frame["guaranteed"] = frame["sba_appv"] / frame["gr_appv"]
    frame["new_exist"] = raw["new_exist"].astype(np.float64)
    frame["franchise"] = (~raw["franchise_code"].isin([0, 1])).astype(np.float64)
    frame["urban_rural"] = as_text(raw["urban_rural"])
    for name in ("rev_line_cr", "low_doc"):
        frame[name] = as_text(raw[name].where(raw[name].isin(["Y", "N"]), "?"))
    return frame
