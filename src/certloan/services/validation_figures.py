"""What a validator reads off the loans that judge: ranking, level, movement and profit. Nothing here grows a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.scoring.grades.backtest import backtest
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.clusters import auc_of_firms
from certloan.scoring.metrics.cohorts import by_cohort, quarters
from certloan.scoring.metrics.curves import gains_curve, roc_curve, smooth_reliability
from certloan.scoring.metrics.gains import gains
from certloan.scoring.metrics.level import level_of
from certloan.scoring.metrics.performance import measure
from certloan.scoring.metrics.profit import ProfitTerms, profit_curve
from certloan.scoring.metrics.rates import hosmer_lemeshow, outcomes
from certloan.scoring.metrics.record import TestRecord, Verdict, adjusted
from certloan.scoring.metrics.reliability import bin_numbers, reliability
from certloan.scoring.metrics.stability import SHIFT_AT, Moved, Stability, points_shift, stability_of_values
from certloan.scoring.validation.monotonicity import Sweep, sweep
from certloan.scoring.validation.stage import numbered
from certloan.services.ports import Progress
from certloan.services.validation_case import Case

_SCORE_BINS = 24
#: So many features are told of, those that moved most first.
_TOLD = 20
#: With fewer training loans without a value, the points of "missing" rest on too little.
_FEW = 30
_AMOUNTS = "select application_id, amount from application where void_on is null"
_MOVED = {Moved.SHIFTED: Verdict.FAILS, Moved.NOT_ENOUGH: Verdict.TOO_LITTLE}


def performance(case: Case, progress: Progress) -> dict[str, Any]:
    """How well the model ranks and how true it is on loans that it had not seen, and the curves to draw."""
    defaulted, pd, weights = case.judged
    firms = numbered(case.matrix["uscc"])[case.one.test]
    level = level_of(defaulted, pd, weights).as_json()
    return {
        **measure(defaulted, pd, weights).as_json(),
        **{name: value for name, value in level.items() if name.startswith(("ratio", "shift"))},
        "clustered": auc_of_firms(defaulted, pd, weights, firms, case.config.seed).as_json(),
        "gains": [part.as_json() for part in gains(defaulted, pd, weights)],
        "curves": {
            "roc": roc_curve(defaulted, pd, weights).as_json(),
            "gains": gains_curve(defaulted, pd, weights).as_json(),
            "scores": _scores(case, defaulted, weights),
        },
    }


def calibration(case: Case, progress: Progress) -> dict[str, Any]:
    """Whether as many default as was said: over all, by probability, by quarter, and by grade.

    Every test that can fail the area belongs to one family, and its p-value is adjusted for all of them (Holm).
    """
    defaulted, pd, weights = case.judged
    days = case.labels.applied_on[case.one.test]
    bins = bin_numbers(pd, weights)
    names = [str(number + 1) for number in range(int(bins.max()) + 1)]
    whole = hosmer_lemeshow(outcomes(names, bins, defaulted, pd, weights))
    cohorts = by_cohort(quarters(days), defaulted, pd, weights)
    grades = case.bundle.grades
    tested = backtest(grades, defaulted, pd, weights) if grades else None
    level = level_of(defaulted, pd, weights)
    parts = [("level", level.test), ("bins", whole), *(("quarter", cohort.test) for cohort in cohorts)]
    if tested is not None:
        parts += [*(("grade", one) for one in tested.jeffreys), ("grades", tested.hosmer_lemeshow)]
    family = list(zip((part for part, _ in parts), adjusted([record for _, record in parts]), strict=True))
    of_quarter, of_grade = _of(family, "quarter"), _of(family, "grade")
    cohorts = tuple(replace(one, test=test) for one, test in zip(cohorts, of_quarter, strict=True))
    if tested is not None:
        tested = replace(tested, jeffreys=of_grade, hosmer_lemeshow=_of(family, "grades")[0])
    return {
        "verdict": str(_worst(family)),
        "level": replace(level, test=_of(family, "level")[0]).as_json(),
        "tests": [{"part": part, **record.as_json()} for part, record in family],
        "hosmer_lemeshow": _of(family, "bins")[0].as_json(),
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
    """What each cut-off would have earned on the loans of the test, given what a loan brings and what a loss costs.

    ``per`` is ``yuan`` where every loan says how much was asked for, else ``loan``: all loans then count alike.
    """
    defaulted, pd, weights = case.judged
    amounts = _amounts(case)
    stated = np.isfinite(amounts) & (amounts > 0)
    asked = amounts if stated.all() else None
    return {
        "per": "loan" if asked is None else "yuan",
        "amounts_missing": int(np.count_nonzero(~stated)),
        "margin": terms.margin,
        "loss_severity": terms.loss_severity,
        "break_even": terms.break_even,
        "cuts": [cut.as_json() for cut in profit_curve(defaulted, pd, terms, asked, weights)],
    }


def monotonicity(case: Case, progress: Progress) -> dict[str, Any]:
    """Whether better evidence ever costs points, on the loans of the test."""
    features = case.bundle.features
    progress.stage("validate_monotonicity", sum(feature.direction != 0 for feature in features))
    values = case.stage.test.values
    bundle = case.bundle
    found = sweep(bundle.tables, bundle.calibrator, features, values, seed=case.config.seed, advance=progress.advance)
    return {**found.as_json(), "hiding": _hiding(case, found)}


def _hiding(case: Case, found: Sweep) -> dict[str, Any]:
    """Where hiding evidence would pay: in how many features, told of how many training loans without a value.

    Fails where the points of a missing value rest on loans enough, too little where they rest on few.
    """
    absent = np.isnan(case.stage.train.values).sum(axis=0)
    missing = {feature.name: int(count) for feature, count in zip(case.bundle.features, absent, strict=True)}
    paying = {one.name: missing[one.name] for one in found.features if one.hiding_pays}
    firm = [name for name, count in paying.items() if count >= _FEW]
    verdict = Verdict.FAILS if firm else Verdict.TOO_LITTLE if paying else Verdict.PASSES
    return {"verdict": str(verdict), "tested": len(found.features), "least": _FEW, "missing": paying}


def _amounts(case: Case) -> Floats:
    """Give what each loan of the test asked for, NaN where nothing is stated."""
    told = case.warehouse.query(_AMOUNTS)
    amounts = np.asarray(pc.cast(told["amount"], pa.float64()).to_numpy(), dtype=np.float64)
    held = dict(zip(told["application_id"].to_pylist(), amounts.tolist(), strict=True))
    names = case.loans.subjects["application_id"].take(pa.array(case.one.test)).to_pylist()
    return np.array([held.get(name, np.nan) for name in names])


def _of(family: Sequence[tuple[str, TestRecord]], part: str) -> tuple[TestRecord, ...]:
    return tuple(record for at, record in family if at == part)


def _worst(family: Sequence[tuple[str, TestRecord]]) -> Verdict:
    """Fails with any record; else what the level and the probabilities over all loans say.

    A small grade that cannot speak does not silence them.
    """
    if any(record.verdict is Verdict.FAILS for _, record in family):
        return Verdict.FAILS
    silent = any(record.verdict is Verdict.TOO_LITTLE for part, record in family if part in ("level", "bins"))
    return Verdict.TOO_LITTLE if silent else Verdict.PASSES


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
