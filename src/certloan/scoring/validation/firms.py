"""Whether the model recognises firms: folds in which no enterprise stands on both sides.

An enterprise that borrows twice can teach the model about itself: what stays the same about a firm then passes for a
law. Folds by loan allow that, folds by enterprise do not; the difference on the same rows is what recognition buys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.growing.boosters import champion_settings
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.ranking import auc_difference, auc_interval
from certloan.scoring.splits import fold_of
from certloan.scoring.validation.judgement import Thresholds, Verdict, thresholds, told
from certloan.scoring.validation.quick import Advance, cheap, unseen_margins

_SALT = 5573


@dataclass(frozen=True)
class FoldComparison:
    """The AUC by folds of loans and by folds of enterprises, and by how much the first is higher (paired, same rows).

    ``repeated`` is the share of loans whose enterprise has another loan among the rows.
    """

    by_loan: Interval
    by_enterprise: Interval
    difference: Interval
    n: int
    defaults: int
    enterprises: int
    repeated: float
    limits: Thresholds

    @property
    def verdict(self) -> Verdict:
        """Fails when folds by loan flatter by more than is allowed, chance aside."""
        if self.difference.low > self.limits["firms.most_lift"]:
            return Verdict.FAILS
        return Verdict.TOO_LITTLE if self.defaults < self.limits["evidence.least_defaults"] else Verdict.PASSES

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "verdict": str(self.verdict),
            "auc_by_loan": told(self.by_loan),
            "auc_by_enterprise": told(self.by_enterprise),
            "difference": told(self.difference),
            "n": self.n,
            "defaults": self.defaults,
            "enterprises": self.enterprises,
            "repeated": round(self.repeated, 6),
            "thresholds": self.limits.id,
        }


def compare_folds(
    sample: Sample,
    features: Sequence[ModelFeature],
    firms: NDArray[np.int64],
    recipe: Recipe,
    folds: int = 5,
    repeats: int = 2,
    limits: Thresholds | None = None,
    advance: Advance = lambda: None,
) -> FoldComparison:
    """Judge every row twice, by folds of loans and by folds of enterprises, with models of the champion's kind.

    Margins are means over ``repeats`` draws of the folds. Reports progress twice for each repeat.
    """
    quick, shape = cheap(recipe), champion_settings(features)
    heard: dict[str, list[Floats]] = {"loan": [], "enterprise": []}
    for repeat in range(repeats):
        seed = (recipe.seed, _SALT, repeat + 1)
        drawn = replace(quick, seed=recipe.seed + 101 * repeat)
        parts = {
            "loan": fold_of(sample.defaulted, folds, seed),
            "enterprise": fold_of(sample.defaulted, folds, seed, firms),
        }
        for kind, part in parts.items():
            heard[kind].append(unseen_margins(sample, features, drawn, shape, part))
            advance()
    by_loan, by_firm = (np.mean(heard[kind], axis=0) for kind in ("loan", "enterprise"))
    numbers, of_row, sizes = np.unique(firms, return_inverse=True, return_counts=True)
    return FoldComparison(
        auc_interval(sample.defaulted, by_loan, sample.weights),
        auc_interval(sample.defaulted, by_firm, sample.weights),
        auc_difference(sample.defaulted, by_loan, by_firm, sample.weights),
        len(sample.defaulted),
        int(np.count_nonzero(sample.defaulted)),
        len(numbers),
        float(np.mean(sizes[of_row] > 1)),
        limits or thresholds(),
    )
