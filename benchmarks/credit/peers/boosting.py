"""LightGBM and CatBoost with their defaults and their own treatment of categories."""

from __future__ import annotations

import numpy as np
import pandas as pd
from benchmarks.credit.peers.peer import Peer, Predict, Taught
from benchmarks.credit.problem import Floats


def fit_lightgbm(taught: Taught) -> Predict:
    """Fit LightGBM's classifier."""
    from lightgbm import LGBMClassifier

    levels = {name: pd.CategoricalDtype(sorted(taught.frame[name].dropna().unique())) for name in taught.categories}
    model = LGBMClassifier(random_state=taught.seed, n_jobs=1, verbose=-1)
    model.fit(taught.frame.astype(levels), taught.defaulted, sample_weight=taught.weights)

    def predict(frame: pd.DataFrame) -> Floats:
        return np.asarray(model.predict_proba(frame.astype(levels))[:, 1])

    return predict


def fit_catboost(taught: Taught) -> Predict:
    """Fit CatBoost's classifier: 1,000 rounds, nothing stops it early."""
    from catboost import CatBoostClassifier

    categories = taught.categories
    model = CatBoostClassifier(
        random_seed=taught.seed, thread_count=1, verbose=False, allow_writing_files=False, cat_features=categories
    )
    model.fit(_filled(taught.frame, categories), taught.defaulted, sample_weight=taught.weights)

    def predict(frame: pd.DataFrame) -> Floats:
        return np.asarray(model.predict_proba(_filled(frame, categories), thread_count=1)[:, 1])

    return predict


def _filled(frame: pd.DataFrame, categories: list[str]) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].fillna("(missing)") for name in categories})


LIGHTGBM = Peer("lightgbm", "LightGBM", "`LGBMClassifier()`, native categories", fit_lightgbm, "lightgbm")
CATBOOST = Peer("catboost", "CatBoost", "`CatBoostClassifier()`, native categories", fit_catboost, "catboost")
