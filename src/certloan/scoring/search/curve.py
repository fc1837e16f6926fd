"""How well one choice of settings does: the loss on later loans, followed while the trees grow.

One booster a cut, all of them grown in step, a few rounds at a time; the mean of their losses after each step is the
curve that a hopeless choice is given up by, and its lowest point is what choices are compared by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from certloan.scoring.growing.boosters import WORKERS, champion_settings
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.search.cuts import Cuts

if TYPE_CHECKING:
    from lightgbm import Booster, Dataset

#: Where there are so many rows to learn from, a trial's boosters learn twice as fast as the champion's: half the trees,
#: and settings rank alike. Few rows are quick anyway, and learnt by heart in a few large steps.
FAST_FROM_ROWS, FASTER = 10_000, 2.0
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
        self._features, self._seed = features, recipe.seed
        self._parts = [(sample.take(part.learn), sample.take(part.judge)) for part in cuts.parts]
        fast = max(len(part.learn) for part in cuts.parts) >= FAST_FROM_ROWS
        self._rate = recipe.learning_rate * (FASTER if fast else 1.0)
        self._shares = [float(judge.weights.sum()) for _, judge in self._parts]
        self._binned: dict[object, list[tuple[Dataset, Dataset]]] = {}

    @property
    def usual(self) -> Mapping[str, Any]:
        """The settings in use without a search, those that depend on the data included."""
        rows = max(len(learn.defaulted) for learn, _ in self._parts)
        return {**champion_settings(self._features), "min_data_in_leaf": _leaf(rows)}

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
            found = list(pool.map(judged, self._boosters(settings), [judge for _, judge in self._parts]))
        return np.concatenate(found), np.concatenate([judge.weights for _, judge in self._parts])

    def _boosters(self, settings: Mapping[str, Any]) -> list[Booster]:
        import lightgbm

        told = {
            "objective": "binary",
            "metric": "binary_logloss",
            "learning_rate": self._rate,
            "deterministic": True,
            "force_row_wise": True,
            # Trials share what is binned, so no column may be left out for one trial's smallest leaf.
            "feature_pre_filter": False,
            "num_threads": 1,
            "verbosity": -1,
            "seed": self._seed,
            **champion_settings(self._features),
        }
        grown = []
        for (learn, _), (data, judging) in zip(self._parts, self._data({**told, **settings}), strict=True):
            booster = lightgbm.Booster({**told, "min_data_in_leaf": _leaf(len(learn.defaulted)), **settings}, data)
            booster.add_valid(judging, "judge")
            grown.append(booster)
        return grown

    def _data(self, told: Mapping[str, Any]) -> list[tuple[Dataset, Dataset]]:
        """Give the rows as LightGBM reads them; they depend on the number of bins alone."""
        import lightgbm

        if told["max_bin"] not in self._binned:
            texts = [position for position, feature in enumerate(self._features) if feature.categorical]
            names = [f"f{position}" for position in range(len(self._features))]
            held = self._binned[told["max_bin"]] = []
            fixed = {name: told[name] for name in ("max_bin", "feature_pre_filter", "num_threads", "verbosity")}
            for learn, judge in self._parts:
                data = lightgbm.Dataset(
                    learn.values,
                    learn.defaulted,
                    weight=learn.weights,
                    categorical_feature=texts,
                    feature_name=names,
                    params=fixed,
                ).construct()
                judging = data.create_valid(judge.values, judge.defaulted, weight=judge.weights, params=fixed)
                judging.construct()
                held.append((data, judging))
        return self._binned[told["max_bin"]]


def _quiet() -> None:
    """Keep LightGBM's notes off the screen: it remembers for each thread by itself how much it may say."""
    import lightgbm

    lightgbm.Dataset(np.zeros((1, 1)), params={"verbosity": -1}).construct()


def _grow(booster: Booster) -> float:
    for _ in range(STEP):
        booster.update()
    return float(booster.eval_valid()[0][2])


def _leaf(rows: int) -> int:
    """Give the smallest leaf that is used without a search."""
    return int(np.clip(rows // 200, 5, 40))
