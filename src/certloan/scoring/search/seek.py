"""The search: trials one after another, and the verdict whether the best of them is worth leaving the usual settings.

The best of many trials looks better than it is, for it was chosen by its luck too. The usual settings are therefore
the first trial, and they stay unless the best one's loss on the same judging rows is lower by more than one standard
error of the difference.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import ModelFeature
from certloan.scoring.search.curve import FAST, FAST_FROM_ROWS, FASTER, MOST_STEPS, PATIENCE, STEP, Judge
from certloan.scoring.search.cuts import Cuts, inner_cuts
from certloan.scoring.search.space import SPACE_VERSION, Settings, space_of, start_of
from certloan.scoring.search.study import KEPT_PERCENT, RANDOM_TRIALS, SPARED_ROUNDS, SPARED_TRIALS, Attempt, Trials
from certloan.scoring.splits import Labels

Heard = Callable[[int, float], None]


@dataclass(frozen=True)
class Quest:
    """What a search is asked for.

    ``trials`` is how many it ends with, those of earlier searches of the same data included. ``minutes`` is the time
    after which no further one is begun; ``None`` for no such limit. ``url`` is where trials are kept (``None``: they
    are not). ``by_time`` judges settings on later loans, else on folds.
    """

    trials: int
    by_time: bool
    embargo: bool = True
    minutes: float | None = None
    url: str | None = None


@dataclass(frozen=True)
class Findings:
    """What a search has found.

    ``settings`` is what the model is grown with, empty where the usual ones stay. ``gain`` is by how much the best
    trial's log-loss is lower than that of the usual settings on the same rows, with its standard error (both 0 where
    no trial was better). ``found_before`` counts the trials that an earlier run had left. ``judged`` says on what.
    """

    study: str
    settings: Settings
    best: int
    gain: float
    gain_error: float
    attempts: tuple[Attempt, ...]
    judged: dict[str, Any]
    found_before: int = 0

    @property
    def usual_kept(self) -> bool:
        """Whether no trial beat the usual settings by more than one standard error."""
        return not self.settings

    def as_json(self) -> dict[str, Any]:
        """Give plain values that depend on the data and the seed alone, not on the clock or on interruptions."""
        return {
            "study": self.study,
            "settings": dict(self.settings),
            "usual_kept": self.usual_kept,
            "best": self.best,
            "gain": round(self.gain, 8),
            "gain_error": round(self.gain_error, 8),
            "judged": self.judged,
            "trials": [attempt.as_json() for attempt in self.attempts],
        }


def seek(
    sample: Sample,
    features: Sequence[ModelFeature],
    labels: Labels,
    quest: Quest,
    recipe: Recipe,
    heard: Heard = lambda _number, _best: None,
) -> Findings:
    """Try settings on the training rows; ``sample`` and ``labels`` are theirs alone.

    ``heard`` is told after every trial how many have ended and the lowest loss so far. The result is settled by the
    rows, the features, the seed and the number of trials.
    """
    cuts = inner_cuts(labels, by_time=quest.by_time, embargo=quest.embargo, seed=recipe.seed)
    judge = Judge(sample, features, cuts, recipe)
    space = space_of(features)
    name = study_name(sample, features, cuts, recipe)
    trials = Trials(quest.url, name, space, start_of(space, judge.usual), recipe.seed)
    until = None if quest.minutes is None else time.monotonic() + 60.0 * quest.minutes
    for number in range(min(len(trials), quest.trials)):
        heard(number + 1, min(attempt.value for attempt in trials.attempts(number + 1)))
    while len(trials) < quest.trials and (until is None or not len(trials) or time.monotonic() < until):
        _one(trials, judge)
        heard(len(trials), min(attempt.value for attempt in trials.attempts(len(trials))))
    attempts = trials.attempts(quest.trials)
    best = min((a for a in attempts if a.state == "complete"), key=lambda a: (a.value, a.number))
    gain, error = _gain(judge, attempts[0], best) if best.number else (0.0, 0.0)
    chosen = best.settings if gain > error else {}
    return Findings(
        name, chosen, best.number, gain, error, attempts, dict(cuts.account), min(trials.found_before, quest.trials)
    )


def study_name(sample: Sample, features: Sequence[ModelFeature], cuts: Cuts, recipe: Recipe) -> str:
    """Name the search by all that settles its trials, so that none goes on in another one's place."""
    how = {
        "space": SPACE_VERSION,
        "seed": recipe.seed,
        "grown": [recipe.learning_rate, FAST_FROM_ROWS, FASTER, FAST, STEP, PATIENCE, MOST_STEPS],
        "tried": [RANDOM_TRIALS, SPARED_TRIALS, SPARED_ROUNDS, KEPT_PERCENT],
        "libraries": [version(name) for name in ("lightgbm", "optuna")],
        "features": [asdict(feature) for feature in features],
    }
    found = hashlib.sha256(json.dumps(how, sort_keys=True).encode())
    for part in (sample.values, sample.defaulted, sample.weights):
        found.update(np.ascontiguousarray(part).tobytes())
    for cut in cuts.parts:
        found.update(cut.learn.tobytes() + b"|" + cut.judge.tobytes())
    return f"certloan-{found.hexdigest()[:32]}"


def _one(trials: Trials, judge: Judge) -> None:
    started = time.monotonic()
    trial, settings = trials.ask()

    def hopeless(rounds: int, loss: float) -> bool:
        trial.report(loss, rounds)
        return bool(trial.should_prune())

    curve = judge.curve(settings, hopeless)
    trials.tell(trial, curve.loss, curve.rounds, time.monotonic() - started, curve.given_up)


def _gain(judge: Judge, usual: Attempt, best: Attempt) -> tuple[float, float]:
    """Give by how much the loss of ``best`` is lower on the same rows, and the standard error of that."""
    before, weights = judge.losses(usual.settings, usual.rounds)
    after, _ = judge.losses(best.settings, best.rounds)
    gained, total = before - after, float(weights.sum())
    mean = float(weights @ gained) / total
    return mean, float(np.sqrt(np.sum((weights * (gained - mean)) ** 2))) / total
