"""Logistic regression on quantile-transformed numbers and one-hot categories."""

from __future__ import annotations

import numpy as np
import pandas as pd
from benchmarks.credit.peers.peer import Peer, Predict, Taught
from benchmarks.credit.problem import Floats
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

_QUANTILES = 1000


def fit(taught: Taught) -> Predict:
    """Fill gaps with the median, transform, regress."""
    quantiles = min(_QUANTILES, len(taught.frame))
    transformed = QuantileTransformer(n_quantiles=quantiles, output_distribution="normal", random_state=taught.seed)
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), transformed), taught.numbers),
        (OneHotEncoder(handle_unknown="ignore"), taught.categories),
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=1000))
    model.fit(
        _filled(taught.frame, taught.categories), taught.defaulted, logisticregression__sample_weight=taught.weights
    )

    def predict(frame: pd.DataFrame) -> Floats:
        return np.asarray(model.predict_proba(_filled(frame, taught.categories))[:, 1])

    return predict


def _filled(frame: pd.DataFrame, categories: list[str]) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].fillna("(missing)") for name in categories})


LOGISTIC = Peer(
    "logistic",
    "logistic regression",
    "numbers through a normal quantile transform, gaps by the median with an indicator, categories one-hot; "
    "scikit-learn's defaults",
    fit,
    "scikit-learn",
)
