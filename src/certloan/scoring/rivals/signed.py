"""Logistic regression with a ridge penalty whose coefficients may not be negative."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats

_MAX_STEPS = 2000
_LOOSE, _TIGHT = 1e-7, 1e-12


def fit_signed(
    design: Floats, sample: Sample, ridge: float, start: Floats | None = None, *, tight: bool = True
) -> Floats:
    """Give the intercept and one coefficient of at least 0 per column of ``design``, shape (columns + 1,).

    The penalty is ``ridge / 2`` rows times the squared coefficients of columns brought to a mean square of 1; the
    intercept is free. ``start`` is a solution nearby. A negative coefficient would say that evidence which is worse by
    itself becomes better beside other evidence: two columns telling the same story, told against each other.
    """
    scale = np.sqrt(np.einsum("ij,ij,i->j", design, design, sample.weights) / sample.weights.sum())
    scale[scale == 0.0] = 1.0
    total = float(sample.weights.sum())
    rate = float(sample.weights @ sample.defaulted) / total
    at = np.concatenate([[np.log(rate / (1.0 - rate))], np.zeros(design.shape[1])])
    if start is not None:
        at = np.concatenate([start[:1], start[1:] * scale])

    def loss(found: Floats) -> tuple[float, Floats]:
        # einsum adds up in the order of the rows whatever the number of threads: a model's fingerprint hangs on it.
        coefficients = found[1:] / scale
        margin = found[0] + np.einsum("ij,j->i", design, coefficients)
        surprise = np.sum(sample.weights * (np.logaddexp(0.0, margin) - sample.defaulted * margin))
        away = sample.weights * (probability(margin) - sample.defaulted)
        slope = np.einsum("ij,i->j", design, away) / scale + ridge * found[1:]
        penalty = 0.5 * ridge * np.sum(found[1:] ** 2)
        return float(surprise + penalty) / total, np.concatenate([[np.sum(away)], slope]) / total

    bounds = [(None, None), *[(0.0, None)] * design.shape[1]]
    close = _TIGHT if tight else _LOOSE
    options = {"maxiter": _MAX_STEPS, "maxfun": _MAX_STEPS, "ftol": 1e-3 * close, "gtol": close, "maxcor": 20}
    found = minimize(loss, at, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    return np.concatenate([found[:1], found[1:] / scale])
