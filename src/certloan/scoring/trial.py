"""A trial: the champion and its rivals learn from some loans and are judged on others.

The model that is kept has learnt from the training window only and is never refitted on the test: its figures are its
own. Under folds there is no window, so the figures are those of the procedure, fold by fold, and the model that is
kept has learnt from every row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pyarrow as pa

from certloan.scoring.calibration import probability
from certloan.scoring.growing.fit import Fitted, fit_prepared, prepare
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature, encode
from certloan.scoring.metrics.performance import Performance, measure
from certloan.scoring.metrics.ranking import auc_difference
from certloan.scoring.rivals.ceiling import fit_ceiling
from certloan.scoring.rivals.prices import Price, priced, without_limits
from certloan.scoring.rivals.scorecard import Scorecard, fit_scorecard
from certloan.scoring.splits import Labels, Rows, Split

Advance = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Trial:
    """The kept champion with its split, and what it and its rivals said of the rows ``judged`` (log-odds of default).

    ``scorecard`` has learnt from the same rows as ``kept``; ``None`` without rivals. ``prices`` tells what each limit
    costs, and is empty unless the terms ask for it.
    """

    kept: Fitted
    split: Split
    judged: Rows
    margins: Mapping[str, Floats]
    performance: Performance
    rivals: Mapping[str, Mapping[str, float | int]]
    scorecard: Scorecard | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)


@dataclass(frozen=True)
class Terms:
    """What every fit of a trial shares: the direction of each feature and the way to grow.

    ``rivals`` lets the rivals take part, ``prices`` grows the champion again without each of its limits. ``tune``
    chooses settings from the training rows of each split, which it is given by number, and from nothing else.
    """

    directions: Mapping[str, int]
    recipe: Recipe
    rivals: bool = True
    prices: bool = False
    tune: Callable[[Rows, Sample, tuple[ModelFeature, ...], Recipe], Recipe] | None = None


def hold_trial(
    matrix: pa.Table, labels: Labels, splits: tuple[Split, ...], terms: Terms, advance: Advance = lambda: None
) -> Trial:
    """Fit and judge on every split; rows of ``matrix`` and ``labels`` belong together.

    Raises ``no-features`` when no column can teach anything, ``no-signal`` when none beats chance.
    """
    fits = [_fit_and_judge(matrix, labels, one, terms, advance) for one in splits]
    final, kept = splits[0], fits[0]
    if len(splits) > 1:
        everything = np.arange(len(labels))
        final = Split(everything, everything[:0], {**splits[0].account, "fold": "all"})
        kept = _fit_and_judge(matrix, labels, final, terms, advance)
    judged = np.concatenate([one.test for one in splits])
    defaulted, weights = labels.defaulted[judged], _scaled(labels.weights[judged])
    margins = _joined([one.margins for one in fits])
    champion = margins["champion"]
    lifted = _joined([one.lifted for one in fits])
    return Trial(
        kept.fitted,
        final,
        judged,
        margins,
        measure(defaulted, probability(champion), weights),
        {name: _compared(defaulted, weights, champion, of) for name, of in margins.items() if name != "champion"},
        kept.scorecard,
        {name: priced(defaulted, weights, champion, of) for name, of in lifted.items()},
    )


def prices(
    matrix: pa.Table,
    labels: Labels,
    splits: tuple[Split, ...],
    terms: Terms,
    advance: Advance = lambda: None,
) -> dict[str, Price]:
    """Give the price of each limit on the rows that judge; the champion is grown anew, rivals take no part."""
    asked = replace(terms, rivals=False, prices=True)
    fits = [_fit_and_judge(matrix, labels, one, asked, advance) for one in splits]
    judged = np.concatenate([one.test for one in splits])
    defaulted, weights = labels.defaulted[judged], _scaled(labels.weights[judged])
    champion = _joined([one.margins for one in fits])["champion"]
    lifted = _joined([one.lifted for one in fits])
    return {name: priced(defaulted, weights, champion, of) for name, of in lifted.items()}


@dataclass(frozen=True, eq=False)
class _Fit:
    """One split: the champion, the scorecard, and what they and the others say of the rows that judge."""

    fitted: Fitted
    scorecard: Scorecard | None
    margins: Mapping[str, Floats]
    lifted: Mapping[str, Floats]


def _fit_and_judge(matrix: pa.Table, labels: Labels, one: Split, terms: Terms, advance: Advance) -> _Fit:
    heard = labels.take(one.train)
    taught = prepare(matrix.take(pa.array(one.train)), heard.defaulted, heard.weights, terms.directions, heard.firms)
    tune = None if terms.tune is None else partial(terms.tune, one.train)
    fitted = fit_prepared(taught, terms.recipe, advance, tune)
    # Rivals read every usable feature: what the screening costs is then part of the comparison.
    scorecard = fit_scorecard(taught.sample, taught.features, terms.recipe.seed) if terms.rivals else None
    if not len(one.test):
        return _Fit(fitted, scorecard, {}, {})
    judged = matrix.take(pa.array(one.test))
    values = encode(judged, taught.features)
    margins = {"champion": fitted.margin(encode(judged, fitted.features))}
    if scorecard is not None:
        margins["scorecard"] = scorecard.margin(values)
        margins["ceiling"] = fit_ceiling(taught.sample, taught.features, terms.recipe.seed).margin(values)
        advance()
    lifted = without_limits(taught, fitted, fitted.recipe, values, advance) if terms.prices else {}
    return _Fit(fitted, scorecard, margins, lifted)


def _joined(parts: list[Mapping[str, Floats]]) -> dict[str, Floats]:
    """Put what was said of each split's rows one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


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
