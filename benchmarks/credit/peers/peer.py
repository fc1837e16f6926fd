"""What a contender is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from benchmarks.credit.problem import Floats

#: Gives the probability of default of rows.
Predict = Callable[[pd.DataFrame], Floats]


@dataclass(frozen=True, eq=False)
class Taught:
    """The rows of one fit: texts are categories, weights have a mean of 1."""

    frame: pd.DataFrame
    defaulted: Floats
    weights: Floats
    seed: int

    @property
    def categories(self) -> list[str]:
        """Columns that hold texts."""
        return [name for name in self.frame.columns if self.frame[name].dtype == object]

    @property
    def numbers(self) -> list[str]:
        """Columns that hold numbers."""
        return [name for name in self.frame.columns if self.frame[name].dtype != object]


@dataclass(frozen=True)
class Peer:
    """A contender: its name in files, its title in tables, how it is used, and its fit.

    ``package`` names the distribution whose version belongs to the figures; ``sources`` are modules of this project
    whose change makes older predictions of it worthless.
    """

    name: str
    title: str
    how: str
    fit: Callable[[Taught], Predict]
    package: str
    sources: tuple[str, ...] = ()
