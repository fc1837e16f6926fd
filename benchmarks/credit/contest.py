"""One set judged: every contender's figures, and how it stands to CertLoan and to the best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.credit.judging import Figures, judge, truth_of, voices
from benchmarks.credit.paired import Difference, Truth, Voice, auc_difference, holm, loss_difference
from benchmarks.credit.problem import Problem
from benchmarks.credit.runs import Run

OURS = "certloan"
#: It has no limits at all and is no product: it says what there is to be had and is not ranked.
UNRANKED = ("ceiling",)
_NOISE = 0.05

_Compare = Callable[[Truth, Sequence[Voice], Sequence[Voice]], Difference]
_METRICS: Mapping[str, tuple[_Compare, int]] = {"auc": (auc_difference, 1), "log_loss": (loss_difference, -1)}


@dataclass(frozen=True)
class Contest:
    """Figures by contender; by metric, ours minus each other's, Holm's chances, and who is level with the best."""

    name: str
    title: str
    figures: Mapping[str, Figures]
    differences: Mapping[str, Mapping[str, Difference]]
    adjusted: Mapping[str, Mapping[str, float]]
    level_with_best: Mapping[str, tuple[str, ...]]


def hold(problem: Problem, runs: Mapping[str, Sequence[Run]]) -> Contest:
    """Judge and compare whoever has a whole seed, all on the seeds that everybody has."""
    truth = truth_of(problem)
    every = {name: said for name, held in runs.items() if (said := voices(problem, held))}
    common = min((len(said) for said in every.values()), default=0)
    heard = {name: said[:common] for name, said in every.items()}
    figures = {name: judge(truth, said, runs[name]) for name, said in heard.items()}
    differences: dict[str, dict[str, Difference]] = {}
    adjusted: dict[str, dict[str, float]] = {}
    level: dict[str, tuple[str, ...]] = {}
    for metric, (compare, sign) in _METRICS.items():
        if OURS in heard:
            others = {name: compare(truth, heard[OURS], said) for name, said in heard.items() if name != OURS}
            differences[metric] = others
            adjusted[metric] = dict(zip(others, holm([d.p for d in others.values()]), strict=True))
        ranked = [name for name in heard if name not in UNRANKED]
        if not ranked:
            continue
        best = max(ranked, key=lambda name: sign * getattr(figures[name], metric))
        level[metric] = tuple(
            name for name in ranked if name == best or compare(truth, heard[best], heard[name]).p > _NOISE
        )
    return Contest(problem.name, problem.title, figures, differences, adjusted, level)
