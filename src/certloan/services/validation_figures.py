"""What a validator reads off the loans that judge: ranking, level, movement and profit. Nothing here grows a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from certloan.scoring.grades.backtest import backtest
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.cohorts import by_cohort, quarters
from certloan.scoring.metrics.curves import gains_curve, roc_curve, smooth_reliability
from certloan.scoring.metrics.gains import gains
from certloan.scoring.metrics.performance import measure
from certloan.scoring.metrics.profit import ProfitTerms, profit_curve
from certloan.scoring.metrics.rates import hosmer_lemeshow, outcomes
from certloan.scoring.metrics.record import TestRecord, Verdict
from certloan.scoring.metrics.reliability import bin_numbers, reliability
from certloan.scoring.metrics.stability import SHIFT_AT, Moved, Stability, points_shift, stability_of_values
from certloan.scoring.validation.monotonicity import sweep
from certloan.services.ports import Progress
from certloan.services.validation_case import Case

_SCORE_BINS = 24
#: So many features are told of, those that moved most first.
_TOLD = 20
_MOVED = {Moved.SHIFTED: Verdict.FAILS, Moved.NOT_ENOUGH: Verdict.TOO_LITTLE}


def performance(case: Case, progress: Progress) -> dict[str, Any]:
    """How well the model ranks and how true it is on loans that it had not seen, and the curves to draw."""
    defaulted, pd, weights = case.judged
    return {
        **measure(defaulted, pd, weights).as_json(),
        "gains": [part.as_json() for part in gains(defaulted, pd, weights)],
        "curves": {
            "roc": roc_curve(defaulted, pd, weights).as_json(),
            "gains": gains_curve(defaulted, pd, weights).as_json(),
            "scores": _scores(case, defaulted, weights),
        },
    }


def calibration(case: Case, progress: Progress) -> dict[str, Any]:
    """Whether as many default as was said: by probability, by quarter, and by grade."""
    defaulted, pd, weights = case.judged
    days = case.labels.applied_on[case.one.test]
    bins = bin_numbers(pd, weights)
    names = [str(number + 1) for number in range(int(bins.max()) + 1)]
    whole = hosmer_lemeshow(outcomes(names, bins, defaulted, pd, weights))
    cohorts = by_cohort(quarters(days), defaulted, pd, weights)
    grades = case.bundle.grades
    tested = backtest(grades, defaulted, pd, weights) if grades else None
    records = [whole, *(cohort.test for cohort in cohorts)]
    records += [] if tested is None else [*tested.jeffreys, tested.hosmer_lemeshow]
    return {
        "verdict": str(_worst(records, whole)),
        "hosmer_lemeshow": whole.as_json(),
        "reliability": [found.as_json() for found in reliability(defaulted, pd, weights)],
        "smooth": smooth_reliability(defaulted, pd, weights).as_json(),
        "cohorts": [cohort.as_json() for cohort in cohorts],
        "grades": None if tested is None else tested.as_json(),
        "calibrator": case.bundle.as_json()["calibrator"],
    }


def stability(case: Case, progress: Progress) -> dict[str, Any]:
    """How far the applicants of the test have moved from those of the training: the score, and each feature."""
    train, test = case.one.train, case.one.test
    weights = case.labels.weights
    points = case.scored.points
    score = stability_of_values(points[train], points[test], weights[train], weights[test])
    values = case.bundle.encode(case.matrix)
    given = case.bundle.contributions(case.matrix)
    moved: list[tuple[Stability, dict[str, Any]]] = []
    for at, name in enumerate(case.bundle.names):
        found = stability_of_values(values[train, at], values[test, at], weights[train], weights[test])
        shift = points_shift(given[train, at], given[test, at], weights[train], weights[test])
        moved.append((found, {"feature": name, **found.as_json(), "points": shift.as_json()}))
    moved.sort(key=lambda one: (-one[0].beyond_chance.value, str(one[1]["feature"])))
    return {
        **score.as_json(),
        "verdict": str(_MOVED.get(score.verdict, Verdict.PASSES)),
        "limit": SHIFT_AT,
        "features": [told for _, told in moved[:_TOLD]],
        "tested": len(moved),
        "shifted": sum(found.verdict is Moved.SHIFTED for found, _ in moved),
    }


def profit(case: Case, progress: Progress, terms: ProfitTerms) -> dict[str, Any]:
    """What each cut-off would have earned on the loans of the test, given what a loan brings and what a loss costs."""
    defaulted, pd, weights = case.judged
    return {
        "margin": terms.margin,
        "loss_severity": terms.loss_severity,
        "break_even": terms.break_even,
        "cuts": [cut.as_json() for cut in profit_curve(defaulted, pd, terms, weights=weights)],
    }


def monotonicity(case: Case, progress: Progress) -> dict[str, Any]:
    """Whether better evidence ever costs points, on the loans of the test."""
    features = case.bundle.features
    progress.stage("validate_monotonicity", sum(feature.direction != 0 for feature in features))
    values = case.stage.test.values
    bundle = case.bundle
    return sweep(
        bundle.tables, bundle.calibrator, features, values, seed=case.config.seed, advance=progress.advance
    ).as_json()


def _worst(records: list[TestRecord], whole: TestRecord) -> Verdict:
    """Fails with any record; passes when the whole passes: a small grade that cannot speak does not silence it."""
    if any(record.verdict is Verdict.FAILS for record in records):
        return Verdict.FAILS
    return whole.verdict


def _scores(case: Case, defaulted: Floats, weights: Floats) -> dict[str, list[float]]:
    """The distribution of scores of those who repaid and those who defaulted, over the same bins."""
    score = case.scored.points[case.one.test]
    edges = np.linspace(np.floor(score.min()), np.ceil(score.max()) + 1e-9, _SCORE_BINS + 1)

    def shares(outcome: float) -> list[float]:
        part = defaulted == outcome
        counted = np.histogram(score[part], edges, weights=weights[part])[0]
        held: list[float] = np.round(counted / max(float(weights[part].sum()), 1e-12), 6).tolist()
        return held

    return {"edges": np.round(edges, 3).tolist(), "repaid": shares(0.0), "defaulted": shares(1.0)}
