"""How well one choice of settings does: the loss on later loans, followed while the trees grow.

One booster a cut, all of them grown in step, a few rounds at a time; the mean of their losses after each step is the
curve that a hopeless choice is given up by, and its lowest point is what choices are compared by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from certloan.scoring.growing.boosters import WORKERS, champion_settings, dataset, read_rows, settings_of
from certloan.scoring.growing.levels import read_levels
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.parts import Column
from certloan.scoring.search.cuts import Cut, Cuts

if TYPE_CHECKING:
    from lightgbm import Booster, Dataset

#: A trial's boosters learn faster than the champion's, with the fewer trees, and settings rank alike; so much faster
#: where there are so many rows. Few rows are quick anyway, and would be learnt by heart in a few large steps.
FAST_FROM_ROWS, FASTER, FAST = 10_000, 4.0, 2.0
#: Rounds between two looks at the loss; looks without a gain before a trial ends; and rounds at most.
STEP, PATIENCE, MOST_STEPS = 5, 6, 160

Report = Callable[[int, float], bool]


@dataclass(frozen=True)
class Curve:
    """The lowest mean loss, the round it was reached at, and the round at which the trial was given up, if it was."""

    loss: float
    rounds: int
    given_up: int | None = None


class Judge:
    """Judges settings on the same rows every time; what LightGBM has binned once is kept for the next trial."""

    def __init__(self, sample: Sample, features: Sequence[ModelFeature], cuts: Cuts, recipe: Recipe) -> None:
        fast = max(len(part.learn) for part in cuts.parts) >= FAST_FROM_ROWS
        rate = recipe.learning_rate * (FASTER if fast else FAST)
        self._features, self._recipe = features, replace(recipe, learning_rate=rate, settings={})
        self._parts = [self._read(sample, part) for part in cuts.parts]
        self._shares = [float(judge.weights.sum()) for _, judge, _ in self._parts]
        self._binned: dict[object, list[tuple[Dataset, Dataset]]] = {}

    @property
    def usual(self) -> Mapping[str, Any]:
        """The settings in use without a search, those that depend on the data included."""
        return self._settings(max(len(learn.defaulted) for learn, _, _ in self._parts), {})

    def _read(self, sample: Sample, part: Cut) -> tuple[Sample, Sample, tuple[Column, ...]]:
        columns, learn = read_levels(sample.take(part.learn), self._features, self._recipe.seed)
        return learn, read_rows(sample.take(part.judge), columns), columns

    def _settings(self, rows: int, chosen: Mapping[str, Any]) -> dict[str, Any]:
        shape = {**champion_settings(self._features), "seed": self._recipe.seed}
        # Trials share what is binned, so no column may be left out for one trial's smallest leaf.
        return {**settings_of(replace(self._recipe, settings=chosen), rows, shape), "feature_pre_filter": False}

    def curve(self, settings: Mapping[str, Any], hopeless: Report = lambda _round, _loss: False) -> Curve:
        """Grow until the mean loss no longer falls, or until ``hopeless`` says of a round's loss to give up."""
        boosters = self._boosters(settings)
        best, at = np.inf, 0
        with ThreadPoolExecutor(WORKERS, initializer=_quiet) as pool:
            for step in range(1, MOST_STEPS + 1):
                losses = list(pool.map(_grow, boosters))
                loss = float(np.average(losses, weights=self._shares))
                if loss < best:
                    best, at = loss, step
                if hopeless(step * STEP, loss):
                    return Curve(best, at * STEP, given_up=step * STEP)
                if step - at >= PATIENCE:
                    break
        return Curve(best, at * STEP)

    def losses(self, settings: Mapping[str, Any], rounds: int) -> tuple[Floats, Floats]:
        """Give the log-loss of every judging row after so many rounds, and how much the row counts."""

        def judged(booster: Booster, judge: Sample) -> Floats:
            for _ in range(rounds):
                booster.update()
            margin = np.asarray(booster.predict(judge.values, raw_score=True, num_threads=1))
            return np.asarray(np.logaddexp(0.0, margin) - judge.defaulted * margin)

        with ThreadPoolExecutor(WORKERS, initializer=_quiet) as pool:
            found = list(pool.map(judged, self._boosters(settings), [judge for _, judge, _ in self._parts]))
        return np.concatenate(found), np.concatenate([judge.weights for _, judge, _ in self._parts])

    def _boosters(self, chosen: Mapping[str, Any]) -> list[Booster]:
        import lightgbm

        grown = []
        for (learn, _, _), (data, judging) in zip(self._parts, self._data(chosen), strict=True):
            booster = lightgbm.Booster(self._settings(len(learn.defaulted), chosen), data)
            booster.add_valid(judging, "judge")
            grown.append(booster)
        return grown

    def _data(self, chosen: Mapping[str, Any]) -> list[tuple[Dataset, Dataset]]:
        """Give the rows as LightGBM reads them; they depend on the number of bins alone."""
        bins = self._settings(0, chosen)["max_bin"]
        if bins not in self._binned:
            told = {"max_bin": bins, "feature_pre_filter": False, "num_threads": 1, "verbosity": -1}
            held = self._binned[bins] = []
            for learn, judge, columns in self._parts:
                data = dataset(learn, self._features, columns, told).construct()
                judging = data.create_valid(judge.values, judge.defaulted, weight=judge.weights, params=told)
                held.append((data, judging.construct()))
        return self._binned[bins]


def _quiet() -> None:
    """Keep LightGBM's notes off the screen: it remembers for each thread by itself how much it may say."""
    import lightgbm

    lightgbm.Dataset(np.zeros((1, 1)), params={"verbosity": -1, "num_threads": 1}).construct()


def _grow(booster: Booster) -> float:
    for _ in range(STEP):
        booster.update()
    return float(booster.eval_valid()[0][2])
