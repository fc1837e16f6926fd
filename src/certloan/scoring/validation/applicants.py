"""All applicants of a window, granted or not, and the figures that their outcomes, known or assumed, would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.calibration import probability
from certloan.scoring.matrix import Floats
from certloan.scoring.validation.worst_case import auc_frame


@dataclass(frozen=True, eq=False)
class Applicants:
    """Everybody who applied in a window whose granted loans have settled.

    ``margin`` are the model's calibrated log-odds of default; ``defaulted`` counts where ``granted`` only. ``groups``
    numbers a group for each row, called ``names[number]``; ``firms`` the enterprise.
    """

    margin: Floats
    granted: NDArray[np.bool_]
    defaulted: Floats
    weights: Floats
    firms: NDArray[np.int64]
    groups: NDArray[np.int64]
    names: tuple[str, ...]


class Figures:
    """The figures of all applicants from outcomes that may be fractions: a row of 0.3 is 0.3 of a default."""

    def __init__(self, rows: Applicants, cut_off: float | None) -> None:
        self.rows, self.cut_off = rows, cut_off
        levels, self._at = np.unique(rows.margin, return_inverse=True)
        self._levels = len(levels)
        self._expected = probability(rows.margin)
        self._accepted = None if cut_off is None else (rows.margin < cut_off).astype(np.float64)
        self.names: list[tuple[str, str | None]] = [("auc", None), ("rate", None), ("observed_to_expected", None)]
        self.names += [("rate", name) for name in rows.names]
        if cut_off is not None:
            self.names += [("good_accepted", None), *(("good_accepted", name) for name in rows.names)]

    def of(self, outcome: Floats, weights: Floats) -> Floats:
        """Give the figures in the order of ``names``; rows of weight 0 are not there."""
        bad, good = weights * outcome, weights * (1.0 - outcome)
        bads, goods = (np.bincount(self._at, held, self._levels) for held in (bad, good))
        auc = float(bads @ (np.cumsum(goods) - 0.5 * goods) / (bads.sum() * goods.sum()))
        found = [auc, bad.sum() / weights.sum(), bad.sum() / np.sum(weights * self._expected)]
        found += list(self._by_group(bad, weights))
        if self._accepted is not None:
            found += [float(good @ self._accepted / good.sum()), *self._by_group(good * self._accepted, good)]
        return np.array(found)

    def _by_group(self, part: Floats, whole: Floats) -> Floats:
        top, under = (np.bincount(self.rows.groups, held, len(self.rows.names)) for held in (part, whole))
        return np.asarray(np.divide(top, under, out=np.full(len(top), np.nan), where=under > 0))

    def frame(self, at: int) -> tuple[float, float]:
        """Give the ends of one figure over all outcomes of the declined."""
        rows, known = self.rows, self.rows.granted
        if self.names[at][0] == "auc":
            of_known = (rows.margin[known], rows.defaulted[known], rows.weights[known])
            return auc_frame(*of_known, rows.margin[~known], rows.weights[~known])
        extremes = [np.zeros(len(known)), np.ones(len(known))]
        if self._accepted is not None:
            extremes += [self._accepted, 1.0 - self._accepted]
        ends = [self.of(np.where(known, rows.defaulted, extreme), rows.weights)[at] for extreme in extremes]
        return float(np.nanmin(ends)), float(np.nanmax(ends))
