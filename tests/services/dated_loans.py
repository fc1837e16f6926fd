"""Loans over four years in a warehouse: the more people, and the longer, the more often it ends in default."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from certloan.storage.warehouse import DuckWarehouse

FIRST = dt.date(2020, 1, 1)


def fill(warehouse: DuckWarehouse, loans: int = 900, seed: int = 3) -> None:
    """Applications over four years; the more people, and the longer, the more often it ends in default."""
    random = np.random.default_rng(seed)
    days = [FIRST + dt.timedelta(days=int(day)) for day in np.sort(random.integers(0, 1460, loans))]
    amount, term = random.uniform(1e5, 5e6, loans), random.integers(3, 60, loans)
    risk = 1 / (1 + np.exp(3.5 - amount / 1.6e6 - term / 40))
    defaulted = random.random(loans) < risk
    applications = pa.table(
        {
            "application_id": [f"A{at:04d}" for at in range(loans)],
            "uscc": [f"U{at:04d}" for at in range(loans)],
            "day": days,
            "amount": amount,
            "term_months": term,
            "employees_stated": (amount / 1e4).astype(int),
            "purpose": random.choice(["working_capital", "equipment"], loans),
            "defaulted": defaulted,
        }
    )
    with warehouse.attached("made", applications):
        warehouse.execute(
            "insert into history.application (application_id, uscc, applied_on, amount, term_months, purpose,"
            " employees_stated, happened_on, known_on)"
            " select application_id, uscc, day, amount, term_months, purpose, employees_stated, day, day from made"
        )
        warehouse.execute(
            "insert into history.outcome (application_id, observed_to, defaulted, happened_on, known_on)"
            " select application_id, day + interval 365 day, defaulted, day + interval 365 day,"
            " day + interval 365 day from made"
        )
