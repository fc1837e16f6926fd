"""CertLoan's own models and the deep ceiling, on the same rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from benchmarks.credit.peers.peer import Peer, Predict, Taught
from benchmarks.credit.problem import Floats

if TYPE_CHECKING:
    from certloan.scoring.growing.fit import Prepared


def fit_pipeline(taught: Taught) -> Predict:
    """Grow the champion as ``certloan train`` does without a search; no directions are declared."""
    from certloan.scoring.calibration import probability
    from certloan.scoring.growing.fit import fit_prepared
    from certloan.scoring.growing.recipe import Recipe
    from certloan.scoring.matrix import encode

    fitted = fit_prepared(_prepared(taught), Recipe(seed=taught.seed))

    def predict(frame: pd.DataFrame) -> Floats:
        return probability(fitted.margin(encode(_arrow(frame), fitted.features)))

    return predict


def fit_card(taught: Taught) -> Predict:
    """Fit the weight-of-evidence scorecard that ``certloan train`` fits beside its champion."""
    from certloan.scoring.rivals.scorecard import fit_scorecard

    prepared = _prepared(taught)
    return _reading(fit_scorecard(prepared.sample, prepared.features, taught.seed).margin, prepared)


def fit_deep(taught: Taught) -> Predict:
    """Fit the deep, unconstrained boosters that nobody could print."""
    from certloan.scoring.rivals.ceiling import fit_ceiling

    prepared = _prepared(taught)
    return _reading(fit_ceiling(prepared.sample, prepared.features, taught.seed).margin, prepared)


def _prepared(taught: Taught) -> Prepared:
    from certloan.scoring.growing.fit import prepare

    return prepare(_arrow(taught.frame), taught.defaulted, taught.weights, dict.fromkeys(taught.frame.columns, 0))


def _reading(margin: Callable[[Floats], Floats], prepared: Prepared) -> Predict:
    from certloan.scoring.calibration import probability
    from certloan.scoring.matrix import encode

    def predict(frame: pd.DataFrame) -> Floats:
        return np.asarray(probability(margin(encode(_arrow(frame), prepared.features))))

    return predict


def _arrow(frame: pd.DataFrame) -> pa.Table:
    texts = {name for name in frame.columns if frame[name].dtype == object}
    return pa.table(
        {
            name: pa.array(frame[name].to_numpy(), pa.string() if name in texts else pa.float64(), from_pandas=True)
            for name in frame.columns
        }
    )


_CORE = ("growing", "matrix.py", "trees.py", "compiling.py", "tables.py", "calibration.py", "weights.py", "splits.py")
CERTLOAN = Peer(
    "certloan", "**CertLoan**", "the champion without a search, no directions", fit_pipeline, "certloan", _CORE
)
CARD = Peer(
    "certloan-card",
    "CertLoan scorecard",
    "the weight-of-evidence scorecard trained beside the champion",
    fit_card,
    "certloan",
    ("rivals/scorecard.py", "matrix.py", "tables.py"),
)
CEILING = Peer(
    "ceiling",
    "deep ceiling",
    "four boosters of 31 leaves, unconstrained, stopped early, averaged and calibrated",
    fit_deep,
    "certloan",
    ("rivals/ceiling.py", "growing/boosters.py", "calibration.py"),
)
