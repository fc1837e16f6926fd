"""Sets that come as one table: card clients, German credit, Polish companies."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.credit.problem import Problem, as_text, folds_of
from scipy.io import arff

#: Codes of the German set without an order; ordered codes are numbers, so that a model may use the order.
_GERMAN_NAMES: tuple[str, ...] = (
    "status",
    "credit_history",
    "purpose",
    "savings",
    "personal_status_sex",
    "other_debtors",
    "property",
)
_GERMAN_NAMES += ("other_installment_plans", "housing", "job")


def uci_card(data: Path) -> Problem:
    """Card clients of Taiwan."""
    raw = pd.read_csv(data / "uci_credit_card" / "UCI_Credit_Card.csv.gz")
    defaulted = raw["default.payment.next.month"].to_numpy(np.float64)
    frame = raw.drop(columns=["ID", "default.payment.next.month"]).astype(np.float64)
    for name in ("SEX", "EDUCATION", "MARRIAGE"):
        frame[name] = as_text(frame[name])
    return Problem("uci-card", "UCI card", frame, defaulted, np.ones(len(raw)), folds_of(defaulted, [42]))


def south_german(data: Path) -> Problem:
    """German consumer credit, corrected coding; ``credit_risk`` 0 is bad."""
    raw = pd.read_csv(data / "south_german" / "SouthGermanCredit.asc", sep=" ")
    defaulted = np.asarray(raw["credit_risk"] == 0, dtype=np.float64)
    frame = raw.drop(columns="credit_risk").astype(np.float64)
    for name in _GERMAN_NAMES:
        frame[name] = as_text(frame[name])
    return Problem("south-german", "South German", frame, defaulted, np.ones(len(raw)), folds_of(defaulted, [42]))


def polish_1(data: Path) -> Problem:
    """Polish companies, five years before the outcome."""
    return _polish(data, 1)


def polish_5(data: Path) -> Problem:
    """Polish companies, one year before the outcome."""
    return _polish(data, 5)


def _polish(data: Path, year: int) -> Problem:
    with gzip.open(data / "polish" / f"{year}year.arff.gz", "rt", encoding="utf-8") as file:
        held, _ = arff.loadarff(io.StringIO(file.read()))
    raw = pd.DataFrame(held)
    defaulted = np.asarray(raw.iloc[:, -1] == b"1", dtype=np.float64)
    frame = raw.iloc[:, :-1].astype(np.float64)
    frame.columns = [f"r{position}" for position in range(1, frame.shape[1] + 1)]
    title = f"Polish, year {year}"
    return Problem(f"polish-{year}", title, frame, defaulted, np.ones(len(raw)), folds_of(defaulted, [42]))
