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

#: The estimator refuses to learn from fewer than 30 defaults; four fifths of the invoices' firms have 21 or 22.
_LEAST_DEFAULTS = 20


def fit_scorer(taught: Taught) -> Predict:
    """Fit ``EligibilityScorer()``: no directions are declared, nothing is searched."""
    from certloan import EligibilityScorer

    scorer = EligibilityScorer(random_state=taught.seed, min_defaults=_LEAST_DEFAULTS)
    scorer.fit(taught.frame, taught.defaulted.astype(np.int64), taught.weights)

    def predict(frame: pd.DataFrame) -> Floats:
        return np.asarray(scorer.predict_proba(frame)[:, 1])

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


_SHARED = ("matrix.py", "tables.py", "calibration.py")
_GROWING = ("growing", "estimator.py", "rows.py", "trees.py", "parts.py", "compiling.py", *_SHARED)
CERTLOAN = Peer(
    "certloan",
    "**CertLoan**",
    "`EligibilityScorer()`, no directions declared; allowed to learn from fewer than 30 defaults where CUMCM has 21",
    fit_scorer,
    "certloan",
    _GROWING,
)
CARD = Peer(
    "certloan-card",
    "CertLoan scorecard",
    "the weight-of-evidence scorecard that is trained beside every champion",
    fit_card,
    "certloan",
    ("rivals", *_SHARED),
)
CEILING = Peer(
    "ceiling",
    "deep ceiling",
    "the deep, unconstrained boosters that are trained beside every champion; not ranked",
    fit_deep,
    "certloan",
    ("rivals/ceiling.py", "growing/boosters.py", *_SHARED),
)
