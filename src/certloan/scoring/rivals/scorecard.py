"""The scorecard as banks have built it for decades: weights of evidence in optimal bins, one logistic regression.

It learns from the same rows as the champion and is the glass-box fallback: compiled to the same tables, it scores,
explains and exports like any model. What the champion must beat to be worth its pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from certloan.scoring.calibration import Calibrator, calibrate
from certloan.scoring.grades.fitting import fit_grades
from certloan.scoring.grades.grades import Grades
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.rivals.bins import Binned, bin_features
from certloan.scoring.rivals.evidence import directions_of, look_up, place, weights_of_evidence
from certloan.scoring.rivals.signed import fit_signed
from certloan.scoring.rivals.telling import tell_something
from certloan.scoring.splits import fold_of
from certloan.scoring.tables import Integers, Tables

#: Ridge penalties in rows, the strongest first; the one that predicts unseen rows best is taken.
_RIDGES = (1000.0, 300.0, 100.0, 30.0, 10.0, 3.0)
_FOLDS = 3
#: The error bars come from so many refits on resampled rows, of at most so many rows each.
_RESAMPLES, _MOST_ROWS = 10, 20_000
#: Keeps the draw of the resamples apart from that of the folds.
_SALT = 15_485_863


@dataclass(frozen=True, eq=False)
class Scorecard:
    """Weights of evidence and one coefficient per feature, and the same as tables.

    ``positions`` are the places of ``features`` among those offered; ``dropped`` names the others and why: ``noise``
    (no more than chance) or ``redundant`` (nothing left to say beside the others). ``grades`` rest on the same unseen
    margins as the ``calibrator``.
    """

    features: tuple[ModelFeature, ...]
    positions: tuple[int, ...]
    dropped: dict[str, str]
    binned: tuple[Binned, ...]
    evidence: tuple[Floats, ...]
    coefficients: Floats
    intercept: float
    ridge: float
    tables: Tables
    calibrator: Calibrator
    grades: Grades | None = None

    def margin(self, values: Floats) -> Floats:
        """Give the calibrated log-odds of default of rows encoded with every feature offered."""
        return self.calibrator.apply(self.tables.margin(values[:, list(self.positions)]))


@dataclass(frozen=True, eq=False)
class _Regression:
    """One fit: which features, their bins, evidence, and the coefficients for each penalty tried."""

    kept: list[int]
    binned: tuple[Binned, ...]
    evidence: tuple[Floats, ...]
    found: dict[float, Floats]

    def margin(self, values: Floats, ridge: float) -> Floats:
        design = look_up(self.binned, self.evidence, place(self.binned, values[:, self.kept]))
        return np.asarray(self.found[ridge][0] + np.einsum("ij,j->i", design, self.found[ridge][1:]))


def fit_scorecard(sample: Sample, features: Sequence[ModelFeature], seed: int) -> Scorecard:
    """Bin every feature, weigh the evidence of each bin, fit, calibrate on unseen rows and compile to tables.

    Bins, choice of features, evidence and coefficients are made anew without each fold of the rows; what those say of
    the fold sets the penalty and calibrates the margin.
    """
    fold = sample.fold(_FOLDS, seed)
    unseen = {ridge: np.empty(len(fold)) for ridge in _RIDGES}
    for number in range(_FOLDS):
        aside = fold == number
        fitted = _regress(sample.take(~aside), features, seed, _RIDGES, tight=False)
        for ridge in _RIDGES:
            unseen[ridge][aside] = fitted.margin(sample.values[aside], ridge)
    ridge = min(_RIDGES, key=lambda one: _surprise(unseen[one], sample))
    whole = _regress(sample, features, seed, (ridge,), tight=True)
    calibrator = calibrate(unseen[ridge], sample.defaulted, sample.weights)
    card = _compiled(whole, ridge, calibrator, sample, features, seed)
    return replace(card, grades=fit_grades(calibrator.apply(unseen[ridge]), sample.defaulted, sample.weights))


def _regress(
    sample: Sample, features: Sequence[ModelFeature], seed: int, ridges: Sequence[float], *, tight: bool
) -> _Regression:
    kept = tell_something(sample, features)
    some = [features[at] for at in kept]
    binned = bin_features(sample.of_columns(kept), some, seed)
    placed = place(binned, sample.values[:, kept])
    evidence = _evidence(binned, placed, directions_of(some), sample)
    design = look_up(binned, evidence, placed)
    found: dict[float, Floats] = {}
    start: Floats | None = None
    for ridge in ridges:
        found[ridge] = start = fit_signed(design, sample, ridge, start, tight=tight)
    return _Regression(kept, binned, evidence, found)


def _evidence(
    binned: Sequence[Binned], placed: Sequence[Integers], directions: Sequence[int], sample: Sample
) -> tuple[Floats, ...]:
    return tuple(
        weights_of_evidence(where, one, direction, sample)
        for where, one, direction in zip(placed, binned, directions, strict=True)
    )


def _surprise(margin: Floats, sample: Sample) -> float:
    return float(np.sum(sample.weights * (np.logaddexp(0.0, margin) - sample.defaulted * margin)))


def _compiled(
    whole: _Regression,
    ridge: float,
    calibrator: Calibrator,
    sample: Sample,
    offered: Sequence[ModelFeature],
    seed: int,
) -> Scorecard:
    """Write coefficient times evidence into tables; features that the regression leaves at 0 do not enter."""
    found = whole.found[ridge]
    # One feature at least, so that there is a table: it then says 0 of everybody.
    telling = [at for at in range(len(whole.kept)) if found[1 + at] > 0.0] or [0]
    positions = tuple(whole.kept[at] for at in telling)
    features = tuple(offered[at] for at in positions)
    binned = tuple(whole.binned[at] for at in telling)
    evidence = tuple(whole.evidence[at] for at in telling)
    coefficients, intercept = found[1:][telling], float(found[0])
    placed = place(binned, sample.values[:, list(positions)])
    spread = _spread(
        binned, placed, directions_of(features), sample, found[[0, *(1 + at for at in telling)]], ridge, seed
    )
    tables = _tables(features, binned, evidence, coefficients, intercept, sample.of_columns(positions), spread)
    dropped = {
        feature.name: "redundant" if at in whole.kept else "noise"
        for at, feature in enumerate(offered)
        if at not in positions
    }
    return Scorecard(features, positions, dropped, binned, evidence, coefficients, intercept, ridge, tables, calibrator)


def _tables(
    features: Sequence[ModelFeature],
    binned: Sequence[Binned],
    evidence: Sequence[Floats],
    coefficients: Floats,
    intercept: float,
    sample: Sample,
    spread: Sequence[Floats],
) -> Tables:
    base, mains, shares, errors = intercept, [], [], []
    for at, (feature, one) in enumerate(zip(features, binned, strict=True)):
        share = np.bincount(one.axis.place(sample.values[:, at]), sample.weights, one.axis.bins) / sample.weights.sum()
        cells = (coefficients[at] * evidence[at])[one.group]
        mean = float(share @ cells)
        cells, error = cells - mean, spread[at][one.group]
        if not feature.missing_seen:
            # Missing now and never in training: scored as the average, a claim about nobody.
            cells[-1] = error[-1] = 0.0
        base += mean
        mains.append(cells)
        shares.append(share)
        errors.append(error)
    return Tables(tuple(one.axis for one in binned), base, tuple(mains), tuple(errors), tuple(shares), ())


def _spread(
    binned: Sequence[Binned],
    placed: Sequence[Integers],
    directions: Sequence[int],
    sample: Sample,
    start: Floats,
    ridge: float,
    seed: int,
) -> list[Floats]:
    """Give the standard deviation of each group's points (as log-odds) over refits on resampled rows, the bins held."""
    n = len(sample.defaulted)
    parts = -(-n // _MOST_ROWS)
    some = np.arange(n) if parts < 2 else np.flatnonzero(fold_of(sample.defaulted, parts, (seed, _SALT)) == 0)
    random = np.random.default_rng((seed, _SALT))
    where = [one[some] for one in placed]
    refits: list[list[Floats]] = []
    for _ in range(_RESAMPLES):
        counted = replace(sample.take(some), weights=sample.weights[some] * random.poisson(1.0, len(some)))
        evidence = _evidence(binned, where, directions, counted)
        found = fit_signed(look_up(binned, evidence, where), counted, ridge, start, tight=False)
        cells = [found[1 + at] * one for at, one in enumerate(evidence)]
        refits.append(
            [one - float(np.average(one[at], weights=counted.weights)) for one, at in zip(cells, where, strict=True)]
        )
    # Fewer rows than taught the model differ more from draw to draw, by the root of the ratio.
    shrink = np.sqrt(len(some) / n)
    return [shrink * np.std([one[at] for one in refits], axis=0, ddof=1) for at in range(len(binned))]
