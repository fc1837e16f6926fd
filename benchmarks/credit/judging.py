"""The figures of one contender on one set; by scikit-learn's formulas where it has them, not by the project's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from benchmarks.credit.paired import EDGE, Truth, Voice, auc_interval, surprise
from benchmarks.credit.problem import Problem
from benchmarks.credit.runs import Run
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_curve

_BINS = 10


@dataclass(frozen=True)
class Figures:
    """Means over the seeds; all weighted.

    ``auc`` and ``ks`` are means over the folds too; ``slope`` is 1 where log-odds are neither too bold nor too timid;
    ``expected`` and ``observed`` are the mean probability and the rate of default; ``fit_seconds`` are the CPU seconds of one fit, ``rate`` rows
    scored per CPU second.
    """

    n: int
    defaults: int
    seeds: int
    auc: float
    auc_low: float
    auc_high: float
    ks: float
    brier: float
    log_loss: float
    ece: float
    slope: float
    expected: float
    observed: float
    fit_seconds: float
    rate: float

    def as_json(self) -> dict[str, float | int]:
        """Give plain values."""
        return {name: value if isinstance(value, int) else round(value, 6) for name, value in asdict(self).items()}


def truth_of(problem: Problem) -> Truth:
    """Give the outcomes of the judged rows, in the order of the rows."""
    rows = np.sort(np.concatenate([fold.judge for fold in problem.folds if fold.seed == problem.seeds[0]]))
    return Truth(problem.defaulted[rows], problem.weights[rows])


def voices(problem: Problem, runs: Sequence[Run]) -> tuple[Voice, ...]:
    """Lay the folds of each seed together, in the order of the rows; a seed that is not complete is left out."""
    heard = []
    for seed in problem.seeds:
        mine = [(fold, run) for fold, run in zip(problem.folds, runs, strict=False) if fold.seed == seed]
        if len(mine) < sum(fold.seed == seed for fold in problem.folds):
            break
        order = np.argsort(np.concatenate([fold.judge for fold, _ in mine]), kind="stable")
        by_fold = np.repeat(np.arange(len(mine)), [len(fold.judge) for fold, _ in mine])
        heard.append(Voice(np.concatenate([run.pd for _, run in mine])[order], by_fold[order]))
    return tuple(heard)


def judge(truth: Truth, said: Sequence[Voice], runs: Sequence[Run]) -> Figures:
    """Measure what was said against what happened."""
    auc = auc_interval(truth, said)

    def mean(figure: Callable[[Truth, Voice], float]) -> float:
        return float(np.mean([figure(truth, voice) for voice in said]))

    return Figures(
        n=len(truth.defaulted),
        defaults=int(truth.defaulted.sum()),
        seeds=len(said),
        auc=auc.value,
        auc_low=auc.low,
        auc_high=min(1.0, auc.high),
        ks=mean(kolmogorov_smirnov),
        brier=mean(lambda t, v: float(brier_score_loss(t.defaulted, v.pd, sample_weight=t.weights))),
        log_loss=mean(lambda t, v: float(np.average(surprise(t, v.pd), weights=t.weights))),
        ece=mean(calibration_error),
        slope=mean(calibration_slope),
        expected=mean(lambda t, v: float(np.average(v.pd, weights=t.weights))),
        observed=float(np.average(truth.defaulted, weights=truth.weights)),
        fit_seconds=float(np.mean([run.fit_seconds for run in runs])),
        rate=sum(len(run.pd) for run in runs) / max(sum(run.predict_seconds for run in runs), 1e-9),
    )


def calibration_error(truth: Truth, voice: Voice) -> float:
    """Give the expected calibration error: the mean distance of expected and observed over ten bins of equal weight."""
    order = np.argsort(voice.pd, kind="stable")
    weights = truth.weights[order]
    share = (np.cumsum(weights) - 0.5 * weights) / weights.sum()
    bins = np.minimum((share * _BINS).astype(np.int64), _BINS - 1)
    gap = np.bincount(bins, weights * (voice.pd - truth.defaulted)[order], _BINS)
    return float(np.abs(gap).sum() / weights.sum())


def calibration_slope(truth: Truth, voice: Voice) -> float:
    """Give what the log-odds would have to be multiplied with (Cox, Biometrika 45, 1958)."""
    sure = np.clip(voice.pd, EDGE, 1.0 - EDGE)
    line = LogisticRegression(C=np.inf, max_iter=1000)
    line.fit((np.log(sure) - np.log1p(-sure))[:, None], truth.defaulted, truth.weights)
    return float(line.coef_[0, 0])


def kolmogorov_smirnov(truth: Truth, voice: Voice) -> float:
    """Give the largest distance of the two distributions, the mean of the folds."""
    found = []
    for fold in np.unique(voice.fold):
        mine = voice.fold == fold
        false, true, _ = roc_curve(truth.defaulted[mine], voice.pd[mine], sample_weight=truth.weights[mine])
        found.append(float(np.max(true - false)))
    return float(np.mean(found))
