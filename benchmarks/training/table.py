"""A table as large as a bank's: loans, features of many kinds, and what became of each loan. All of it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from certloan.scoring.matrix import Floats
from certloan.scoring.splits import Labels

#: Of so many features ten are texts; a third carries something, more or less, the others nothing.
_TEXTS, _LEVELS = 10, 12
_TELLING_SHARE = 1 / 3
_FIRST_DAY, _DAYS, _WINDOW = np.datetime64("2018-01-01"), 6 * 365, 365
_RATE = 0.03


@dataclass(frozen=True, eq=False)
class BankTable:
    """Features, their declared directions, and the outcomes; rows belong together."""

    matrix: pa.Table
    directions: dict[str, int]
    labels: Labels


def bank_table(loans: int, features: int, seed: int) -> BankTable:
    """Draw loans over six years, each observed for a year; the seed settles everything."""
    random = np.random.default_rng(seed)
    columns: dict[str, pa.Array] = {}
    directions: dict[str, int] = {}
    risk = np.zeros(loans)
    for at in range(features):
        weight = random.exponential(0.22) if random.random() < _TELLING_SHARE else 0.0
        if at < min(_TEXTS, features // 3):
            name = f"text_{at:03d}"
            level = random.integers(0, _LEVELS, loans)
            risk += weight * random.normal(size=_LEVELS)[level]
            columns[name] = pa.array(np.array([f"l{number:02d}" for number in range(_LEVELS)])[level])
            directions[name] = 0
            continue
        value, name = random.normal(size=loans), f"number_{at:03d}"
        shape = np.tanh(value) if at % 2 else value
        risk -= weight * shape
        # Skewed amounts, small counts and plain measures, as evidence has them; some of it unknown.
        shown = (np.exp(value), np.floor(2.0 * np.abs(value)) * np.sign(value), value)[at % 3]
        columns[name] = pa.array(shown, mask=random.random(loans) < (0.0, 0.1, 0.4)[at % 3])
        directions[name] = (1, 1, 0)[(at // 3) % 3]
    risk += 0.25 * columns_product(columns, loans)
    defaulted = (random.random(loans) < _chance(risk)).astype(np.float64)
    applied = np.sort(_FIRST_DAY + random.integers(0, _DAYS, loans).astype("timedelta64[D]"))
    settled = applied + np.timedelta64(_WINDOW, "D")
    early = applied + random.integers(30, _WINDOW, loans).astype("timedelta64[D]")
    observed = np.where(defaulted == 1, early, settled)
    return BankTable(pa.table(columns), directions, Labels(defaulted, np.ones(loans), applied, observed))


def columns_product(columns: dict[str, pa.Array], loans: int) -> Floats:
    """Give what two numbers say only together, so that pairs of features have something to find."""
    numbers = [name for name in columns if name.startswith("number")][1:3]
    if len(numbers) < 2:
        return np.zeros(loans)
    first, second = (np.nan_to_num(columns[name].to_numpy(zero_copy_only=False)) for name in numbers)
    return np.asarray(np.clip(first * second, -3.0, 3.0))


def _chance(risk: Floats) -> Floats:
    """Set the level so that about three in a hundred default."""
    low, high = -20.0, 20.0
    for _ in range(60):
        level = (low + high) / 2
        if np.mean(1 / (1 + np.exp(-(risk + level)))) > _RATE:
            high = level
        else:
            low = level
    return np.asarray(1 / (1 + np.exp(-(risk + level))))
