"""Which features beat chance: the others never reach the champion, so they can never be a reason.

With a hundred candidates and a few hundred defaults, some columns that say nothing will look as if they did. What
chance alone can do is therefore measured on the same rows: beside the real columns stand their *shadows*, the same
columns with the rows shuffled together. A shadow keeps the values, the gaps and the direction of its feature, and its
relations with the other shadows, and has lost every relation with the outcome.

Boosters of the champion's kind are grown on both, and what a column carries is read on rows which the booster had not
seen: by how much their mean log-loss rises when the column's Shapley value is taken out of the margin. A column that
was learnt by heart *lowers* the loss when it goes. Each round shuffles anew, and what counts is the mean over the
rounds; the shadows of all rounds together say how far a column gets by luck in one.

Every bag of the champion chooses for itself, without the rows that it sets aside: these calibrate the model, and a
choice that had seen them would flatter it. On five samples of a world (200 to 232 defaults, 259 columns) one choice on
all rows made the slope against the true PD 0.90 on later applications, 0.97 this way. Bags that choose anew differ in
what they took for a signal, and a column of noise that one of them kept has but a share of the say: the log-loss against
the true PD fell in all five, the AUC rose in four. The champion reads what any of its bags reads, so its list is longer.

- A feature with a declared direction has field knowledge behind it, and chance has only one side to err on: it stays
  when it carries more than 95 of 100 shadows of such features. A weak signal of the declared sign stays in this way.
- A feature without a direction may fit any shape, and nobody said beforehand that it matters: it stays only when it
  carries more than the best of all shadows.

A signal too weak for the rows at hand is dropped with the noise: nothing in the data tells the two apart. Columns are
therefore screened only where they are many for the defaults at hand. With two defaults or more for each column the
champion's own shrinkage deals with noise better than a choice of columns does (measured on training parts: choosing
once cost 0.03 of AUC on 800 loans with 20 columns, 0.02 on 20,000 with 15); with fewer the choice saves two thirds of
the time, costs nothing and keeps most noise out of the list of reasons. Of the directed features that carry nothing,
some will pass all the same (at most about one in twenty for each choice).
The idea of shadows is that of Boruta (Kursa and Rudnicki, Journal of Statistical Software 36(11), 2010); reading them
on unseen rows is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.growing.boosters import WORKERS, champion_settings, grow_one
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.splits import fold_of

#: Rounds go on until about so many shadows tell what chance can do; few features need more rounds for that than many.
#: With fewer defaults real features cannot be told from shadows either: on 27 defaults screening cost 0.046 of AUC.
SCREENED_FROM_DEFAULTS = 60
_SHADOWS, _LEAST_ROUNDS, _MOST_ROUNDS = 240, 3, 8
#: With fewer parts a booster that learns from neither of two has nothing left to learn from.
LEAST_PARTS = 3
#: Bags whose parts fall into the same one of so many groups share a choice of features, made without all of these.
GROUPS = 4
#: Fewer defaults than this for each column call for a choice of columns.
_DEFAULTS_EACH = 2
#: Of the rows that teach, one part in so many tells a booster when to stop.
_STOP_PARTS = 5
#: Share of the directed shadows that a feature with a direction must exceed; one without must exceed every shadow.
_DIRECTED_QUANTILE = 0.95
#: More rows than this are not needed to tell a feature from its shadow.
_MOST_ROWS = 20_000
#: Keeps the draws of the screening apart from those of the bags.
_SALT = 7919


def enough_to_tell(sample: Sample) -> bool:
    """Tell whether there are defaults enough to tell signal from chance at all."""
    return bool(sample.defaulted.sum() >= SCREENED_FROM_DEFAULTS)


def needs_screening(sample: Sample, features: Sequence[ModelFeature]) -> bool:
    """Tell whether there are too many columns for the defaults, and defaults enough to tell columns apart."""
    return enough_to_tell(sample) and bool(sample.defaulted.sum() < _DEFAULTS_EACH * len(features))


def beats_chance(
    sample: Sample, features: Sequence[ModelFeature], recipe: Recipe, part: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell for each part of the rows which features carry more than shuffled columns do on all *other* rows.

    ``part`` counts the rows' parts from 0, at least three; the result has shape (parts, features). What is said for a
    part was neither learnt from its rows nor read on them. The recipe's seed settles the draw.
    """
    few = _enough(sample, recipe.seed)
    sample, part = sample.take(few), part[few]
    rounds = int(np.clip(-(-_SHADOWS // len(features)), _LEAST_ROUNDS, _MOST_ROUNDS))
    carried = np.array([_one_round(sample, features, recipe, number, part) for number in range(rounds)])
    directed = np.array([feature.direction != 0 for feature in features])
    return np.array([_told_apart(carried[:, at], directed) for at in range(carried.shape[1])])


def _told_apart(carried: Floats, directed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Compare features, and the shadows behind them, over rounds: ``carried`` has shape (rounds, twice the features)."""
    real, shadows = carried[:, : len(directed)].mean(axis=0), carried[:, len(directed) :]
    of_directed = float(np.quantile(shadows[:, directed], _DIRECTED_QUANTILE)) if directed.any() else 0.0
    by_chance = np.where(directed, of_directed, shadows.max())
    return np.asarray(real > np.maximum(by_chance, 0.0))


def _enough(sample: Sample, seed: int) -> NDArray[np.bool_]:
    """Tell which rows are read: a stratified share where there are more than enough."""
    parts = -(-len(sample.defaulted) // _MOST_ROWS)
    return np.asarray(fold_of(sample.defaulted, parts, (seed, _SALT)) == 0)


def _one_round(
    sample: Sample, features: Sequence[ModelFeature], recipe: Recipe, number: int, part: NDArray[np.int64]
) -> Floats:
    """Give for each part what each feature, and then each shadow, carries on the other parts, in log-loss per row.

    One booster for every two parts learns from neither. What it says of the first counts for the second, and the other
    way round: so half as many boosters serve.
    """
    # Counted from 1: numpy takes a seed that ends in 0 for the same seed without it.
    seed = (recipe.seed, _SALT, number + 1)
    shuffled = np.random.default_rng(seed).permutation(len(sample.values))
    both = sample.with_values(np.hstack([sample.values, sample.values[shuffled]]))
    doubled = (*features, *features)
    shape = champion_settings(doubled)
    twos = list(combinations(range(int(part.max()) + 1), 2))
    # Twice the step needs half the trees: enough to tell columns apart (measured: the same ones stay, in a third of the
    # time).
    coarse = replace(recipe, learning_rate=2.0 * recipe.learning_rate, patience=max(recipe.patience // 2, 1))

    def lost(at: int) -> tuple[Floats, Floats]:
        first, second = (part == one for one in twos[at])
        unseen = first | second
        stop = ~unseen & (sample.fold(_STOP_PARTS, (*seed, at + 1)) == 0)
        settings = {**shape, "seed": recipe.seed + number * len(twos) + at}
        booster = grow_one(both.take(~stop & ~unseen), both.take(stop), doubled, coarse, settings)
        of_first, of_second = (
            _lost_without(
                np.asarray(booster.predict(both.values[rows], pred_contrib=True, num_threads=1)), both.take(rows)
            )
            for rows in (first, second)
        )
        return of_first, of_second

    total = np.zeros((int(part.max()) + 1, len(doubled)))
    with ThreadPoolExecutor(WORKERS) as pool:
        for (first, second), (of_first, of_second) in zip(twos, pool.map(lost, range(len(twos))), strict=True):
            total[first] += of_second
            total[second] += of_first
    outside = sample.weights.sum() - np.bincount(part, sample.weights)
    return np.asarray(total / outside[:, None])


def _lost_without(shapley: Floats, judged: Sample) -> Floats:
    """Give, for each column, by how much the summed log-loss rises when its Shapley values leave the margin.

    ``shapley`` has one column more than there are features: the expected margin.
    """
    margin = shapley.sum(axis=1)

    def loss(at: Floats) -> float:
        return float(np.sum(judged.weights * (np.logaddexp(0.0, at) - judged.defaulted * at)))

    whole = loss(margin)
    return np.array([loss(margin - alone) - whole if alone.any() else 0.0 for alone in shapley.T[:-1]])
