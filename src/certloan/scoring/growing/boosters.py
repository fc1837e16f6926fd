"""Bags of boosters, grown in step: each sets a part of the rows aside, and all stop where those parts are told best.

The rows are dealt into parts; bag ``b`` learns from all parts but its own. After every round the log-loss of the parts
set aside is added up over all bags, and the one number of rounds with the smallest sum holds for all of them. The
set-aside rows have then decided a single number; the margins that the bags give them are as good as those of rows that
nobody used (*unseen*). Further bags deal the rows anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.growing.deals import aside_of, how_many_parts
from certloan.scoring.growing.levels import read_levels
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.parts import Column, Forest
from certloan.scoring.trees import slim

if TYPE_CHECKING:
    from lightgbm import Booster, Dataset

#: Bags grown at once, each on one thread: two boosters side by side wait for nobody, two threads of one booster wait
#: for each other at every node (measured: up to ten times slower on a busy machine).
WORKERS = 2
#: Rounds grown before the bags are compared again.
_STRIDE = 25
#: How many features a tree is shown, but never less than this share of them.
_SHOWN, _LEAST_SHOWN = 30, 0.3
#: A leaf holds about one of so many rows.
_ROWS_OF_A_LEAF = 100


@dataclass(frozen=True, eq=False)
class Bags:
    """Trained boosters as text, how each reads the features, how many trees each has, and unseen margins.

    ``unseen`` is the mean over the bags that set a row aside, NaN where none did.
    """

    boosters: tuple[str, ...]
    trees: tuple[int, ...]
    unseen: Floats
    columns: tuple[tuple[Column, ...], ...] = ()

    @property
    def forests(self) -> list[Forest]:
        """The boosters as parts of a table model."""
        return [Forest(text, columns) for text, columns in zip(self.boosters, self.columns, strict=True)]


def champion_settings(features: Sequence[ModelFeature], depth: int = 2) -> dict[str, Any]:
    """Trees of depth 2 that may never let better evidence raise the risk.

    Of LightGBM's three methods "basic" forbids more than it must and "advanced" lets better evidence raise the risk in
    trees of depth 2 with missing values (4.7.0: found in 74 steps of 12 small models, 581 with random thresholds).
    """
    return {
        "num_leaves": 2**depth,
        "max_depth": depth,
        "monotone_constraints": [-feature.direction for feature in features],
        "monotone_constraints_method": "intermediate",
        "max_bin": 127,
        # Each tree is shown some of the features, so that bags differ in more than their rows.
        "feature_fraction": shown(len(features)),
        # Levels with few rows are drawn towards the others before they are sorted and split.
        "cat_smooth": 20.0,
    }


def shown(features: int) -> float:
    """Give the share of so many features that each tree is shown."""
    return float(np.clip(_SHOWN / max(features, 1), _LEAST_SHOWN, 1.0))


def grow_bags(
    sample: Sample,
    features: Sequence[ModelFeature],
    recipe: Recipe,
    shapes: Sequence[Mapping[str, Any]],
    advance: Callable[[], None] = lambda: None,
    numbers: range | None = None,
    rounds: Sequence[int] | None = None,
    reads: NDArray[np.bool_] | None = None,
) -> Bags:
    """Train ``recipe.bags`` boosters, stopped together on the rows that they set aside.

    ``shapes`` holds LightGBM's settings: one for all bags, or one for each; bags with ``extra_trees`` stop among
    themselves. ``numbers`` names the bags (the first ones otherwise), ``rounds`` fixes how many trees each grows. Row
    ``b`` of ``reads`` tells which features bag number ``b`` may read, all where it is ``None``.
    """
    wanted = range(recipe.bags or how_many_parts(sample, recipe)) if numbers is None else numbers
    growing = [
        _Growing.planned(
            sample, features, recipe, number, shapes[at % len(shapes)], None if reads is None else ~reads[number]
        )
        for at, number in enumerate(wanted)
    ]
    with ThreadPoolExecutor(WORKERS, initializer=_quiet) as pool:
        for _ in pool.map(lambda one: one.prepare(), growing):
            pass
        wanted_rounds = _grown_in_step(growing, recipe, pool) if rounds is None else tuple(rounds)
        if rounds is not None:
            list(pool.map(_Growing.grow, growing, rounds))
        finished = []
        for told in pool.map(_Growing.finish, growing, wanted_rounds):
            finished.append(told)
            advance()
    total, heard = np.zeros(len(sample.defaulted)), np.zeros(len(sample.defaulted))
    for one, (_, margins) in zip(growing, finished, strict=True):
        total[one.aside] += margins
        heard[one.aside] += 1
    unseen = np.divide(total, heard, out=np.full(len(total), np.nan), where=heard > 0)
    columns = tuple(one.columns for one in growing)
    return Bags(tuple(text for text, _ in finished), wanted_rounds, unseen, columns)


def joined(first: Bags, more: Bags) -> Bags:
    """Put bags of further whole deals behind the first deal's."""
    share = len(first.boosters) / (len(first.boosters) + len(more.boosters))
    unseen = share * first.unseen + (1.0 - share) * more.unseen
    return Bags(first.boosters + more.boosters, first.trees + more.trees, unseen, first.columns + more.columns)


def _grown_in_step(growing: Sequence[_Growing], recipe: Recipe, pool: ThreadPoolExecutor) -> tuple[int, ...]:
    """Grow all bags until their set-aside rows have long gained nothing; give the best number of rounds of each.

    It is one number for all bags of a kind: those that try every threshold, and those of ``extra_trees``.
    """
    best: dict[bool, int] = {}
    for kind in sorted({one.extra for one in growing}):
        alike = [one for one in growing if one.extra == kind]
        best[kind], reached = 1, 0
        while reached < recipe.rounds and reached - best[kind] < recipe.patience:
            stride = min(_STRIDE, recipe.rounds - reached)
            list(pool.map(_Growing.grow, alike, [stride] * len(alike)))
            reached += stride
            best[kind] = int(np.argmin(np.sum([one.losses for one in alike], axis=0))) + 1
    return tuple(best[one.extra] for one in growing)


def _quiet() -> None:
    """Keep LightGBM silent in a new thread: it holds its level of verbosity for each thread alone."""
    import lightgbm

    lightgbm.Dataset(np.zeros((2, 1)), params={"verbosity": -1}).construct()


class _Growing:
    """One bag on its way: a booster, and the summed log-loss of its set-aside rows after each round."""

    def __init__(
        self,
        sample: Sample,
        features: Sequence[ModelFeature],
        settings: dict[str, Any],
        aside: NDArray[np.bool_],
        hidden: NDArray[np.bool_] | None,
    ) -> None:
        self.sample, self.features, self.settings = sample, features, settings
        self.aside, self.hidden = aside, hidden
        self.extra = bool(settings.get("extra_trees", False))
        self.losses: list[float] = []
        self.columns: tuple[Column, ...] = ()
        self._booster: Booster

    @staticmethod
    def planned(
        sample: Sample,
        features: Sequence[ModelFeature],
        recipe: Recipe,
        number: int,
        shape: Mapping[str, Any],
        hidden: NDArray[np.bool_] | None,
    ) -> _Growing:
        aside = aside_of(sample, recipe, number)
        settings = settings_of(recipe, len(sample.defaulted), {**shape, "seed": recipe.seed + number})
        return _Growing(sample, features, settings, aside, hidden)

    def prepare(self) -> None:
        import lightgbm

        self.columns, learn = read_levels(self._rows(~self.aside), self.features, self.settings["seed"])
        judge = read_rows(self._rows(self.aside), self.columns)
        data = dataset(learn, self.features, self.columns, self.settings)
        self._weight = float(judge.weights.sum())
        self._judged = judge.values
        self._booster = lightgbm.Booster(self.settings, data)
        aside = data.create_valid(judge.values, judge.defaulted, weight=judge.weights, params=self.settings)
        self._booster.add_valid(aside, "aside")

    def _rows(self, rows: NDArray[np.bool_]) -> Sample:
        """Give some of the rows; a feature that may not be read is missing in all of them, so no tree splits it."""
        taken = self.sample.take(rows)
        for at in [] if self.hidden is None else np.flatnonzero(self.hidden).tolist():
            levels = self.features[at].levels
            taken.values[:, at] = np.nan if levels is None else len(levels)
        return taken

    def grow(self, rounds: int) -> None:
        for _ in range(rounds):
            self._booster.update()
            self.losses.append(self._booster.eval_valid()[0][2] * self._weight)

    def finish(self, rounds: int) -> tuple[str, Floats]:
        margins = self._booster.predict(self._judged, raw_score=True, num_iteration=rounds, num_threads=1)
        return slim(self._booster.model_to_string(num_iteration=rounds)), np.asarray(margins)


def settings_of(recipe: Recipe, rows: int, shape: Mapping[str, Any]) -> dict[str, Any]:
    """Give LightGBM's settings: what never changes, then ``shape``, then the recipe's own.

    With more rows a leaf holds more of them, and what sets of levels say is held back more: there are then more
    thresholds and sets to choose the luckiest from.
    """
    share = rows / _ROWS_OF_A_LEAF
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": recipe.learning_rate,
        "min_data_in_leaf": int(np.clip(share - 5.0, 5.0, 100.0)),
        "cat_l2": float(np.clip(share, 10.0, 100.0)),
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
        **shape,
        **recipe.settings,
    }


def read_rows(sample: Sample, columns: Sequence[Column]) -> Sample:
    """Give the rows as trees read them."""
    if all(column.of_level is None for column in columns):
        return sample
    values = np.asfortranarray(np.column_stack([column.read(sample.values) for column in columns]))
    return sample.with_values(values)


def dataset(
    learn: Sample, features: Sequence[ModelFeature], columns: Sequence[Column], settings: Mapping[str, Any]
) -> Dataset:
    """Give rows, as trees read them, to LightGBM."""
    import lightgbm

    pairs = enumerate(zip(features, columns, strict=True))
    return lightgbm.Dataset(
        learn.values,
        learn.defaulted,
        weight=learn.weights,
        categorical_feature=[at for at, (feature, column) in pairs if feature.categorical and column.of_level is None],
        feature_name=[f"f{position}" for position in range(len(features))],
        params=dict(settings),
    )


def grow_one(
    learn: Sample,
    judge: Sample,
    features: Sequence[ModelFeature],
    recipe: Recipe,
    shape: Mapping[str, Any],
    callbacks: Sequence[Callable[..., Any]] = (),
) -> Booster:
    """Train one booster on ``learn`` until ``judge`` no longer gains from another tree.

    ``callbacks`` are LightGBM's: each is called after every round, may look at the loss of ``judge``
    (``env.evaluation_result_list``) and may end the training by an exception of its own. Texts are split by their
    levels, so that the booster reads encoded rows as they are.
    """
    import lightgbm

    settings = settings_of(recipe, len(learn.defaulted), shape)
    data = dataset(learn, features, [Column(position) for position in range(len(features))], settings)
    return lightgbm.train(
        settings,
        data,
        recipe.rounds,
        valid_sets=[data.create_valid(judge.values, judge.defaulted, weight=judge.weights)],
        callbacks=[lightgbm.early_stopping(recipe.patience, verbose=False), *callbacks],
    )
