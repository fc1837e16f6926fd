"""A model beside the champion, on loans that neither of them learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from certloan.features.catalog import FEATURES
from certloan.governance.comparing import RankingDifference, ScoreShift, ranking_difference, score_shift
from certloan.scoring.bundle import Bundle
from certloan.services.build_features import build_matrix
from certloan.services.ports import SILENT, Progress, Warehouse

#: Loans with a stated outcome, applied for in a window; both ends belong to it.
_JUDGED = """
select a.application_id, a.uscc, a.applied_on as as_of, o.defaulted, coalesce(o.case_weight, 1.0) as case_weight
from application a join outcome o on o.application_id = a.application_id and o.void_on is null
where a.void_on is null and coalesce(o.case_weight, 1.0) > 0 and a.applied_on between ? and ?
order by a.application_id
"""


@dataclass(frozen=True)
class Comparison:
    """A model against the champion on the loans applied for from ``first`` to ``last``."""

    champion: str
    model: str
    first: str
    last: str
    shift: ScoreShift
    ranking: RankingDifference

    def as_json(self) -> dict[str, Any]:
        """Give plain values; the figures of the ranking lie at the top, for the gate."""
        window = {"champion": self.champion, "model": self.model, "first": self.first, "last": self.last}
        return {**window, **self.ranking.as_json(), "shift": self.shift.as_json()}


def compare_models(
    warehouse: Warehouse, champion: Bundle, model: Bundle, progress: Progress = SILENT
) -> Comparison | None:
    """Score with both what was applied for from the later beginning of their two test windows on.

    None where that cannot be fair: a model was not judged on later loans, or there are no outcomes of both kinds, or
    the features of one are no longer to be had. Whoever chose a model by these loans has seen them; the gate has not.
    """
    window = new_to_both(champion, model)
    if window is None:
        return None
    loans = warehouse.query(_JUDGED, window)
    wanted = {*champion.names, *model.names}
    specs = [spec for spec in FEATURES if spec.name in wanted]
    if loans.num_rows == 0 or len(specs) < len(wanted):
        return None
    matrix = build_matrix(warehouse, loans.select(["application_id", "uscc", "as_of"]), specs, progress)
    sides = [bundle.score(matrix) for bundle in (champion, model)]
    defaulted, weights = (np.asarray(_column(loans, name), dtype=np.float64) for name in ("defaulted", "case_weight"))
    ranking = ranking_difference(defaulted, sides[0].pd, sides[1].pd, weights)
    shift = score_shift(sides[0].points, sides[1].points)
    if ranking is None or shift is None:
        return None
    return Comparison(champion.fingerprint, model.fingerprint, *window, shift, ranking)


def new_to_both(*bundles: Bundle) -> tuple[str, str] | None:
    """Give the first and last day of the tests on which an application is new to all models; None if there is none."""
    held = [bundle.provenance for bundle in bundles]
    if any(each.get("split", {}).get("kind") != "time" for each in held):
        return None
    windows = [each.get("window", {}) for each in held]
    if any("test_from" not in window or "test_to" not in window for window in windows):
        return None
    return max(str(window["test_from"]) for window in windows), max(str(window["test_to"]) for window in windows)


def _column(loans: pa.Table, name: str) -> np.ndarray:
    return np.asarray(loans[name].to_numpy())
