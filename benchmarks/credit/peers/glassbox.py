"""The explainable boosting machine of interpret."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from benchmarks.credit.peers.peer import Peer, Predict, Taught
from benchmarks.credit.problem import Floats


def fit(taught: Taught) -> Predict:
    """Fit ``ExplainableBoostingClassifier`` with the kinds of columns told."""
    from interpret.glassbox import ExplainableBoostingClassifier

    categories = taught.categories
    kinds = ["nominal" if name in categories else "continuous" for name in taught.frame.columns]
    model = ExplainableBoostingClassifier(feature_types=kinds, random_state=taught.seed, n_jobs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(_filled(taught.frame, categories), taught.defaulted.astype(np.int64), sample_weight=taught.weights)

    def predict(frame: pd.DataFrame) -> Floats:
        return np.asarray(model.predict_proba(_filled(frame, categories))[:, 1])

    return predict


def _filled(frame: pd.DataFrame, categories: list[str]) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].fillna("(missing)") for name in categories})


EBM = Peer("ebm", "EBM", "`ExplainableBoostingClassifier()` with the kinds of columns told", fit, "interpret-core")
