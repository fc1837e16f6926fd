"""A trial: the champion and its rivals learn from some loans and are judged on others.

The model that is kept has learnt from the training window only and is never refitted on the test: its figures are its
own. Under folds there is no window, so the figures are those of the procedure, fold by fold, and the model that is
kept has learnt from every row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from certloan.scoring.calibration import probability
from certloan.scoring.growing.fit import Fitted, fit_prepared, prepare
from certloan.scoring.growing.recipe import Recipe
from certloan.scoring.matrix import Floats, encode
from certloan.scoring.metrics.performance import Performance, measure
from certloan.scoring.metrics.ranking import auc_difference
from certloan.scoring.rivals.ceiling import fit_ceiling
from certloan.scoring.rivals.scorecard import fit_scorecard
from certloan.scoring.splits import Labels, Rows, Split

Advance = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Trial:
    """The kept champion with its split, and what it and its rivals said of the rows ``judged`` (log-odds of default)."""

    kept: Fitted
    split: Split
    judged: Rows
    margins: Mapping[str, Floats]
    performance: Performance
    rivals: Mapping[str, Mapping[str, float | int]]


@dataclass(frozen=True)
class Terms:
    """What every fit of a trial shares: the direction of each feature, the way to grow, and whether rivals take part."""

    directions: Mapping[str, int]
    recipe: Recipe
    rivals: bool = True


def hold_trial(
    matrix: pa.Table, labels: Labels, splits: tuple[Split, ...], terms: Terms, advance: Advance = lambda: None
) -> Trial:
    """Fit and judge on every split; rows of ``matrix`` and ``labels`` belong together.

    Raises ``no-features`` when no column can teach anything, ``no-signal`` when none beats chance.
    """
    heard: dict[str, list[Floats]] = {}
    for one in splits:
        fitted, margins = _fit_and_judge(matrix, labels, one, terms, advance)
        for name, margin in margins.items():
            heard.setdefault(name, []).append(margin)
    final = splits[0]
    if len(splits) > 1:
        everything = np.arange(len(labels))
        final = Split(everything, everything[:0], {**splits[0].account, "fold": "all"})
        fitted, _ = _fit_and_judge(matrix, labels, final, terms, advance)
    judged = np.concatenate([one.test for one in splits])
    margins = {name: np.concatenate(parts) for name, parts in heard.items()}
    defaulted, weights = labels.defaulted[judged], _scaled(labels.weights[judged])
    performance = measure(defaulted, probability(margins["champion"]), weights)
    rivals = {
        name: _compared(defaulted, weights, margins["champion"], margin)
        for name, margin in margins.items()
        if name != "champion"
    }
    return Trial(fitted, final, judged, margins, performance, rivals)


def _fit_and_judge(
    matrix: pa.Table, labels: Labels, one: Split, terms: Terms, advance: Advance
) -> tuple[Fitted, dict[str, Floats]]:
    taught = prepare(
        matrix.take(pa.array(one.train)), labels.defaulted[one.train], labels.weights[one.train], terms.directions
    )
    fitted = fit_prepared(taught, terms.recipe, advance)
    if not len(one.test):
        return fitted, {}
    judged = matrix.take(pa.array(one.test))
    margins = {"champion": fitted.margin(encode(judged, fitted.features))}
    if terms.rivals:
        # Rivals read every usable feature: what the screening costs is then part of the comparison.
        values = encode(judged, taught.features)
        margins["scorecard"] = fit_scorecard(taught.sample, taught.features, terms.recipe.seed).margin(values)
        margins["ceiling"] = fit_ceiling(taught.sample, taught.features, terms.recipe.seed).margin(values)
        advance()
    return fitted, margins


def _compared(defaulted: Floats, weights: Floats, champion: Floats, rival: Floats) -> dict[str, float | int]:
    """Give a rival's figures, and by how much the champion's AUC exceeds its own on the same rows."""
    figures = measure(defaulted, probability(rival), weights).as_json()
    difference = auc_difference(defaulted, champion, rival, weights)
    return {
        **{name: figures[name] for name in ("auc", "auc_low", "auc_high", "ks", "brier", "log_loss")},
        "difference": round(difference.value, 6),
        "difference_low": round(difference.low, 6),
        "difference_high": round(difference.high, 6),
    }


def _scaled(weights: Floats) -> Floats:
    return np.asarray(weights / weights.mean())
