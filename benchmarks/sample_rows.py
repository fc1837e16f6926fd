"""Write ``data/sample``: invented rows in the shape of the real files that the shipped recipes read.

    python benchmarks/sample_rows.py data/sample

No row is copied from anywhere: a latent risk per loan or firm drives both the columns and the outcome, so that the
whole way from file to decision can be run and tested where the real files are absent. The same bytes every time.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

Rows = list[list[object]]
_STATES = ("CA", "TX", "NY", "FL", "OH", "WA")
_CITIES = ("ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT")
_NAICS = ("0", "722511", "811111", "531210", "236118", "484110")
_SAS_EPOCH = date(1960, 1, 1)
_BALANCED = (
    "loan_nr_chk_dgt", "city", "state", "zip", "bank", "bank_state", "naics", "approval_date", "approval_fy",
    "term", "no_emp", "new_exist", "create_job", "retained_job", "franchise_code", "urban_rural", "rev_line_cr",
    "low_doc", "chg_off_date", "disbursement_date", "disbursement_gross", "balance_gross", "mis_status",
    "chg_off_prin_gr", "gr_appv", "sba_appv",
)  # fmt: skip
_NATIONAL = (
    "LoanNr_ChkDgt", "Name", "City", "State", "Zip", "Bank", "BankState", "NAICS", "ApprovalDate", "ApprovalFY",
    "Term", "NoEmp", "NewExist", "CreateJob", "RetainedJob", "FranchiseCode", "UrbanRural", "RevLineCr",
    "LowDoc", "ChgOffDate", "DisbursementDate", "DisbursementGross", "BalanceGross", "MIS_Status",
    "ChgOffPrinGr", "GrAppv", "SBA_Appv",
)  # fmt: skip
_CASE = (
    "Selected", *(name for name in _NATIONAL if name != "Name"), "New", "RealEstate", "Portion", "Recession",
    "daysterm", "xx", "Default",
)  # fmt: skip
_INVOICE = ("企业代号", "发票号码", "开票日期", "{party}", "金额", "税额", "价税合计", "发票状态")


def loans(rng: np.random.Generator, n: int, first: date, last: date, *, prefix: int = 9) -> list[dict[str, object]]:
    """Invent loans whose outcome follows from a latent risk that their size, age and guarantee betray."""
    made = []
    for number in range(n):
        risk = rng.normal()
        failed = bool(rng.random() < 1 / (1 + np.exp(-1.6 * risk)))
        approved = first + timedelta(days=int(rng.integers((last - first).days)))
        amount = int(np.exp(rng.normal(11.2 - 0.5 * risk, 0.7)) // 100 + 10) * 100
        state = str(rng.choice(_STATES))
        made.append(
            {
                "loan": f"{prefix}{number:08d}{number % 10}",
                "city": str(rng.choice(_CITIES)),
                "state": state,
                "zip": 10000 + int(rng.integers(80000)),
                "bank": f"INVENTED BANK {int(rng.integers(9)) + 1}",
                "bank_state": state if rng.random() < 0.6 - 0.1 * risk else str(rng.choice(_STATES)),
                "naics": str(rng.choice(_NAICS)),
                "approved": approved,
                "term": int(rng.integers(1, 20)) * 12 - (7 if failed else 0),
                "employees": int(np.exp(rng.normal(1.7 - 0.3 * risk, 0.8))),
                "business": int(rng.choice([0, 1, 2], p=[0.02, 0.68, 0.30])),
                "created": int(rng.poisson(2)),
                "retained": int(rng.poisson(4)),
                "franchise": int(rng.choice([0, 1, 21780], p=[0.35, 0.6, 0.05])),
                "place": int(rng.choice([0, 1, 2], p=[0.2, 0.6, 0.2])),
                "line": str(rng.choice(["N", "Y", "", "T"], p=[0.45, 0.35, 0.15, 0.05])),
                "low_doc": str(rng.choice(["N", "Y", ""], p=[0.85, 0.13, 0.02])),
                "amount": amount,
                "guaranteed": round(amount * float(rng.choice([0.5, 0.75, 0.85])), 2),
                "failed": failed,
                "failed_on": approved + timedelta(days=int(rng.integers(200, 1500))),
            }
        )
    return made


def balanced(rows: Sequence[dict[str, object]]) -> Rows:
    """The shape of the balanced sample: lower-case headers, ISO dates, every number with a point."""
    return [
        [r["loan"], r["city"], r["state"], f"{r['zip']}.0", r["bank"], r["bank_state"], r["naics"], r["approved"],
         _day(r["approved"]).year, f"{r['term']}.0", f"{r['employees']}.0", f"{r['business']}.0", f"{r['created']}.0",
         f"{r['retained']}.0", r["franchise"], f"{r['place']}.0", r["line"], r["low_doc"],
         r["failed_on"] if r["failed"] else "", r["approved"], f"{r['amount']}.0", "0.0",
         "CHGOFF" if r["failed"] else "PIF", f"{r['amount']}.0" if r["failed"] else "0.0", f"{r['amount']}.0",
         r["guaranteed"]]
        for r in rows
    ]  # fmt: skip


def national(rows: Sequence[dict[str, object]]) -> Rows:
    """The shape of the file as published: two-digit years, money in dollars and cents, a borrower's name."""
    return [
        [r["loan"], "INVENTED BORROWER", r["city"], r["state"], r["zip"], r["bank"], r["bank_state"], r["naics"],
         _two_digits(r["approved"]), _day(r["approved"]).year, r["term"], r["employees"], r["business"], r["created"],
         r["retained"], r["franchise"], r["place"], r["line"], r["low_doc"],
         _two_digits(r["failed_on"]) if r["failed"] else "", _two_digits(r["approved"]), _dollars(r["amount"]),
         "$0.00 ", "CHGOFF" if r["failed"] else "P I F", _dollars(r["amount"]) if r["failed"] else "$0.00 ",
         _dollars(r["amount"]), _dollars(r["guaranteed"])]
        for r in rows
    ]  # fmt: skip


def case(rows: Sequence[dict[str, object]]) -> Rows:
    """The shape of the paper's extract: days counted from 1960, and seven columns computed afterwards."""
    return [
        [index % 2, r["loan"], r["city"], "CA", r["zip"], r["bank"], r["bank_state"], "531210", _sas(r["approved"]),
         _day(r["approved"]).year, r["term"], r["employees"], r["business"], r["created"], r["retained"],
         r["franchise"], r["place"], r["line"], r["low_doc"], _sas(r["failed_on"]) if r["failed"] else "",
         _sas(r["approved"]), r["amount"], 0, "CHGOFF" if r["failed"] else "P I F",
         r["amount"] if r["failed"] else 0, r["amount"], r["guaranteed"], int(r["business"] == 2), 0, 0.5, 0, 0, 0,
         int(bool(r["failed"]))]
        for index, r in enumerate(rows)
    ]  # fmt: skip


def firms(rng: np.random.Generator, first: int, n: int) -> list[tuple[str, float, bool]]:
    """Invent firms: a code, a latent risk, and whether they failed."""
    risks = rng.normal(size=n)
    failed = rng.random(n) < 1 / (1 + np.exp(-(2.5 * risks - 1.2)))
    return [(f"E{first + i}", float(risks[i]), bool(failed[i])) for i in range(n)]


def invoices(rng: np.random.Generator, made: Sequence[tuple[str, float, bool]], party: str) -> Rows:
    """Invent invoices: the riskier the firm, the fewer, the smaller and the more often void."""
    rows: Rows = []
    for code, risk, _ in made:
        for _each in range(1 + int(rng.poisson(np.exp(2.3 - 0.6 * risk)))):
            day = date(2016, 10, 10) + timedelta(days=int(rng.integers(1217)))
            net = round(float(np.exp(rng.normal(8.5 - 0.4 * risk, 1.0))), 2) * (-1 if rng.random() < 0.03 else 1)
            tax = round(net * 0.13, 2)
            status = "作废发票" if rng.random() < 0.04 + 0.04 * max(risk, 0) else "有效发票"
            rows.append(
                [code, 1_000_000 + int(rng.integers(9_000_000)), f"{day.year}/{day.month}/{day.day}",
                 f"{party}{int(rng.integers(40)):05d}", net, tax, round(net + tax, 2),
                 f" {status}" if rng.random() < 0.01 else status]
            )  # fmt: skip
    rows.append(list(rows[0]))  # an exact duplicate, as the real files have many
    return rows


def write(out: Path) -> None:
    """Write all files under ``out``."""
    rng = np.random.default_rng(20200910)
    sample = loans(rng, 360, date(1999, 1, 4), date(2009, 12, 31))
    _csv(out / "sba" / "sba_balanced_sample.csv.gz", _BALANCED, balanced(sample))
    _csv(
        out / "sba" / "sba_case_sample.csv", _CASE, case(loans(rng, 60, date(1998, 1, 5), date(2011, 6, 30), prefix=7))
    )
    old = loans(rng, 24, date(1968, 6, 3), date(1972, 12, 29))
    recent = loans(rng, 24, date(2000, 1, 3), date(2014, 3, 3), prefix=8)
    _csv(out / "sba_national" / "SBAnational_sample.csv", _NATIONAL, national([*old, *recent]))
    rated, unrated = firms(rng, 1, 90), firms(rng, 124, 8)
    folder = out / "cumcm2020c"
    listed: Rows = [
        [c, f"虚构{c}有限公司", "D" if bad else "ABC"[i % 3], "是" if bad else "否"]
        for i, (c, _, bad) in enumerate(rated)
    ]
    _csv(folder / "a1_enterprise.csv", ("企业代号", "企业名称", "信誉评级", "是否违约"), listed)
    _csv(folder / "a2_enterprise.csv", ("企业代号", "企业名称"), [[c, f"虚构{c}有限公司"] for c, _, _ in unrated])
    for prefix, made in (("a1", rated), ("a2", unrated)):
        for kind, title, party in (("input", "销方单位代号", "A"), ("output", "购方单位代号", "B")):
            header = tuple(name.format(party=title) for name in _INVOICE)
            _csv(folder / f"{prefix}_{kind}.csv.gz", header, invoices(rng, made, party))
    _csv(
        folder / "a3_rate_churn.csv",
        ("rate", "churn_A", "churn_B", "churn_C"),
        [[0.04, 0, 0, 0], [0.15, 0.9, 0.9, 0.9]],
    )


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value} is no date")
    return value


def _two_digits(value: object) -> str:
    day = _day(value)
    return f"{day.day}-{day:%b-%y}"


def _sas(value: object) -> int:
    return (_day(value) - _SAS_EPOCH).days


def _dollars(value: object) -> str:
    return f"${float(str(value)):,.2f} "


def _csv(path: Path, header: Sequence[str], rows: Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    raw = text.getvalue().encode("utf-8")
    path.write_bytes(gzip.compress(raw, mtime=0) if path.suffix == ".gz" else raw)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
