"""One set of loans with its splits: what every peer is given alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Fold:
    """One fit: the rows that it learns from and the rows that it is judged on."""

    seed: int
    learn: Rows
    judge: Rows


@dataclass(frozen=True, eq=False)
class Problem:
    """Rows, outcomes, case weights of mean 1, and folds.

    ``frame`` holds numbers as float64 (NaN where missing) and categories as texts (``None`` where missing). The folds
    of one seed judge every row at most once.
    """

    name: str
    title: str
    frame: pd.DataFrame
    defaulted: Floats
    weights: Floats
    folds: tuple[Fold, ...]

    @property
    def categories(self) -> list[str]:
        """Columns that hold texts."""
        return [name for name in self.frame.columns if self.frame[name].dtype == object]

    @property
    def numbers(self) -> list[str]:
        """Columns that hold numbers."""
        return [name for name in self.frame.columns if self.frame[name].dtype != object]

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the splits, each once."""
        return tuple(dict.fromkeys(fold.seed for fold in self.folds))

    def digest(self) -> str:
        """Tell these rows and splits from any others."""
        held = hashlib.sha256(pd.util.hash_pandas_object(self.frame, index=False).to_numpy().tobytes())
        held.update("\0".join(self.frame.columns).encode())
        for part in (self.defaulted, self.weights, *(rows for fold in self.folds for rows in (fold.learn, fold.judge))):
            held.update(np.ascontiguousarray(part).tobytes())
        return held.hexdigest()[:16]


def folds_of(defaulted: Floats, seeds: Iterable[int], parts: int = 5) -> tuple[Fold, ...]:
    """Split by outcome into five parts, once for each seed."""
    return tuple(
        Fold(seed, learn.astype(np.int64), judge.astype(np.int64))
        for seed in seeds
        for learn, judge in StratifiedKFold(parts, shuffle=True, random_state=seed).split(defaulted, defaulted)
    )


def as_text(column: pd.Series) -> pd.Series:
    """Give a column as texts, ``None`` where it is empty; whole numbers lose their point."""
    texts = [None if pd.isna(value) else _plain(value) for value in column]
    return pd.Series(texts, index=column.index, dtype=object, name=column.name)


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
