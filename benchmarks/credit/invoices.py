"""Small Chinese firms by their invoices: 21 figures of what they bought and sold.

Ratings are never read: D *is* the outcome. Invoices of another state than 有效发票 are void and count as such only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.credit.problem import Problem, folds_of

_VALID = "有效发票"


def cumcm(data: Path) -> Problem:
    """Judge 123 firms by five folds, twenty times."""
    folder = data / "cumcm2020c"
    firms = pd.read_csv(folder / "a1_enterprise.csv")
    sides = {side: _side(pd.read_csv(folder / f"a1_{side}.csv.gz"), side) for side in ("input", "output")}
    frame = pd.concat(sides.values(), axis=1).reindex(firms["企业代号"]).reset_index(drop=True)
    bought, sold = frame["input_amount"], frame["output_amount"]
    frame["sold_over_bought"] = np.log(sold.clip(lower=1.0) / bought.clip(lower=1.0))
    frame["tax_over_sales"] = (frame.pop("output_tax") - frame.pop("input_tax")) / sold.clip(lower=1.0)
    frame["months_between"] = frame["output_months"] - frame["input_months"]
    defaulted = np.asarray(firms["是否违约"] == "是", dtype=np.float64)
    title = "CUMCM, 21 invoice features"
    return Problem("cumcm", title, frame, defaulted, np.ones(len(firms)), folds_of(defaulted, range(42, 62)))


def _side(raw: pd.DataFrame, side: str) -> pd.DataFrame:
    """Nine figures of a firm's purchases or sales, and the tax on them."""
    party = "销方单位代号" if side == "input" else "购方单位代号"
    valid = raw[raw["发票状态"] == _VALID]
    month = pd.to_datetime(valid["开票日期"], format="mixed").dt.to_period("M")
    by_firm = valid.groupby("企业代号")
    amount = by_firm["金额"].sum()
    monthly = valid.groupby(["企业代号", month])["金额"].sum().groupby("企业代号")
    largest = valid.groupby(["企业代号", party])["金额"].sum().groupby("企业代号").max()
    found = pd.DataFrame(
        {
            "invoices": by_firm.size(),
            "amount": amount,
            "mean": by_firm["金额"].mean(),
            "median": by_firm["金额"].median(),
            "parties": by_firm[party].nunique(),
            "largest_party": largest / amount.clip(lower=1.0),
            "months": monthly.size(),
            "unsteadiness": monthly.std() / monthly.mean().abs().clip(lower=1.0),
            "tax": by_firm["税额"].sum(),
            "void": (raw["发票状态"] != _VALID).groupby(raw["企业代号"]).mean(),
        }
    )
    return found.astype(np.float64).add_prefix(f"{side}_")
