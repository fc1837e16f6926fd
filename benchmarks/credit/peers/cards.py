"""The scorecards of optbinning and toad."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pandas as pd
from benchmarks.credit.peers.peer import Peer, Predict, Taught
from benchmarks.credit.problem import Floats
from sklearn.linear_model import LogisticRegression


def fit_optbinning(taught: Taught) -> Predict:
    """Fit ``Scorecard`` over a ``BinningProcess``; a missing value is a bin with its own evidence."""
    # Its solvers complain about each other while they are imported.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        from optbinning import BinningProcess, Scorecard

    process = BinningProcess(list(taught.frame.columns), categorical_variables=taught.categories or None, n_jobs=1)
    card = Scorecard(process, LogisticRegression(max_iter=1000))
    card.fit(
        taught.frame,
        taught.defaulted.astype(np.int64),
        sample_weight=taught.weights,
        metric_special="empirical",
        metric_missing="empirical",
    )

    def predict(frame: pd.DataFrame) -> Floats:
        return np.asarray(card.predict_proba(frame)[:, 1])

    return predict


def fit_toad(taught: Taught) -> Predict:
    """Select, bin, weigh and regress as toad's guide does.

    It takes no case weights: it learns without, and the log-odds are moved to the weighted rate (King and Zeng,
    Political Analysis 9(2), 2001, prior correction), which is exact when a weight depends on the outcome alone.
    """
    import toad

    outcome = taught.defaulted.astype(np.int64)
    with _older_texts():
        every = _with_plain_names(taught.frame).assign(target=outcome)
        chosen = toad.selection.select(every, target="target")
        chosen = every if chosen.shape[1] == 1 else chosen
        columns = [name for name in chosen.columns if name != "target"]
        combiner = toad.transform.Combiner()
        combiner.fit(chosen, y="target", method="chi", min_samples=0.05, empty_separate=True)
        transformer = toad.transform.WOETransformer()
        evidence = transformer.fit_transform(combiner.transform(chosen), chosen["target"], exclude=["target"])
        card = toad.ScoreCard(combiner=combiner, transer=transformer)
        card.fit(evidence[columns], outcome)
    shift = _log_odds(np.average(taught.defaulted, weights=taught.weights)) - _log_odds(taught.defaulted.mean())

    def predict(frame: pd.DataFrame) -> Floats:
        with _older_texts():
            given = transformer.transform(combiner.transform(_with_plain_names(frame)[columns]))
            margin = card.model.decision_function(given[columns]) + shift
        return np.asarray(1.0 / (1.0 + np.exp(-margin)))

    return predict


def _older_texts() -> contextlib.AbstractContextManager[None]:
    """Keep pandas from its new kind of text, which toad 0.1.7 does not know."""
    return pd.option_context("future.infer_string", False)


def _with_plain_names(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_axis(pd.Index(list(frame.columns), dtype=object), axis=1)


def _log_odds(rate: float) -> float:
    return float(np.log(rate / (1.0 - rate)))


OPTBINNING = Peer(
    "optbinning",
    "optbinning scorecard",
    "`Scorecard(BinningProcess, LogisticRegression)`, defaults; missing values are bins of their own",
    fit_optbinning,
    "optbinning",
)
TOAD = Peer(
    "toad",
    "toad scorecard",
    "`selection.select`, `Combiner(chi, min_samples=0.05, empty_separate)`, `WOETransformer`, `ScoreCard`; without case weights, the "
    "level moved to the weighted rate",
    fit_toad,
    "toad",
)
