"""Growing the champion: smooth curves and monotone depth-2 boosters, bag by bag, blended and compiled to tables.

Every bag sets its own part of the rows aside and learns two things from the rest: curves, which need few rows
(:mod:`.smooth`), and a booster, which finds steps and pairs where rows are many (:mod:`.boosters`). What the set-aside
rows decide are single numbers that hold for all bags: how stiff the curves are, how many rounds and pairs the boosters
have, how much each part weighs. The margins that the bags give to their set-aside rows are therefore all but as good as
those of rows that nobody used; they calibrate the model and price its limits.

The pairs of a bag are ranked by that bag alone, without its set-aside rows, and where features are screened
(:mod:`.screening`), those that a bag may read were chosen without them, too. A choice made once, on every row, would
flatter the unseen margins, and with them slope and offset: the model would be too sure of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from certloan.scoring.calibration import Calibrator, calibrate, probability
from certloan.scoring.compiling import compile_bags
from certloan.scoring.growing.blending import blend
from certloan.scoring.growing.boosters import Bags, champion_settings, grow_bags, joined, shown
from certloan.scoring.growing.curves import Curves, Masks, draw_curves
from certloan.scoring.growing.deals import how_many_parts
from certloan.scoring.growing.pairs import kept, only, pairs_of_bags
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.tables import Tables

#: Numbers of pairs tried, one after the other, where the recipe names none; fewer are tried while fewer do as well.
_PAIRS_TRIED = (40, 12, 0)
#: Bags are added until their disagreement costs less than this share of the standard error of the log-loss.
_NOISE_SHARE, _MOST_DEALS = 0.1, 2
#: With more rows than this, time counts for more than the last decimal: each tree reads half of the rows, one deal is
#: enough, and only the largest of the smaller numbers of pairs is tried.
_MANY_ROWS, _SHARE_READ = 50_000, 0.5
#: The disagreement is measured on so many rows.
_NOISE_ROWS = 2000


@dataclass(frozen=True, eq=False)
class Grown:
    """The champion before it is bundled: tables, calibrator, boosters, and what its limits cost.

    ``price`` holds the AUC with every pair allowed and with those kept, on set-aside rows. ``account`` tells how the
    model is made up, in plain values: the weight of each part, the stiffness of the curves, rounds, bags, and every
    number of pairs that was tried with its log-loss. ``bags`` are the boosters; their ``unseen`` is the whole blend's.
    """

    tables: Tables
    calibrator: Calibrator
    bags: Bags
    price: Mapping[str, float | int]
    account: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Candidate:
    """Boosters with some number of pairs, blended with the curves: the weight of either, and the unseen margins."""

    pairs: int
    bags: Bags
    weights: Floats
    unseen: Floats


def grow_champion(
    sample: Sample,
    features: Sequence[ModelFeature],
    recipe: Recipe,
    advance: Callable[[], None] = lambda: None,
    reads: Masks | None = None,
) -> Grown:
    """Train, choose the pairs, blend, compile and calibrate.

    Row ``b`` of ``reads`` tells which features bag ``b`` may read; there are then no more bags than rows. All bags read
    everything where it is ``None``.
    """
    free = _free(sample, features, recipe, advance, reads)
    curves = draw_curves(sample, features, recipe, len(free.boosters), reads)
    advance()
    whole = _candidate(free, len({pair for pairs in _paired(free) for pair in pairs}), curves, sample)
    tried, chosen = [whole], whole
    for candidate in _fewer(whole, curves, sample, features, recipe, advance, reads):
        tried.append(candidate)
        if recipe.pairs is None and not _as_good(candidate, whole, sample):
            break
        chosen = candidate
    tables = compile_bags(_parts(chosen, curves), features, sample.values, sample.weights)
    price = {
        "pairs_free": whole.pairs,
        "auc_free": _auc(whole.unseen, sample),
        "pairs": len(tables.pairs),
        "auc": _auc(chosen.unseen, sample),
    }
    account = {
        "weights": {"curves": float(chosen.weights[0]), "trees": float(chosen.weights[1])},
        "penalty": curves.penalty,
        "rounds": list(dict.fromkeys(chosen.bags.trees)),
        "bags": len(chosen.bags.boosters),
        "tried": [{"pairs": one.pairs, "log_loss": round(_loss(one.unseen, sample), 6)} for one in tried],
    }
    bags = Bags(chosen.bags.boosters, chosen.bags.trees, chosen.unseen, chosen.bags.columns)
    return Grown(tables, calibrate(chosen.unseen, sample.defaulted, sample.weights), bags, price, account)


def _free(
    sample: Sample,
    features: Sequence[ModelFeature],
    recipe: Recipe,
    advance: Callable[[], None],
    reads: Masks | None,
) -> Bags:
    """Grow boosters that may pair any two features in bags enough; a choice of features is made for one deal only."""
    parts = how_many_parts(sample, recipe)
    shapes = _shapes(sample, features, range(recipe.bags or parts), parts, reads)
    first = grow_bags(sample, features, recipe, shapes, advance, reads=reads)
    if recipe.bags is not None or reads is not None or _many(sample):
        return first
    deals = _deals(first, sample)
    if deals == 1:
        return first
    numbers = range(parts, parts * deals)
    # The second deal lets the other kind of trees hear a row; rounds are those that each kind had in the first.
    shapes = _shapes(sample, features, numbers, parts)
    rounds = [first.trees[int(shape["extra_trees"])] for shape in shapes]
    more = grow_bags(sample, features, recipe, shapes, advance, numbers=numbers, rounds=rounds)
    return joined(first, more)


def _many(sample: Sample) -> bool:
    return len(sample.defaulted) > _MANY_ROWS


def _shapes(
    sample: Sample,
    features: Sequence[ModelFeature],
    numbers: range,
    parts: int,
    reads: Masks | None = None,
    depth: int = 2,
) -> list[dict[str, Any]]:
    """Give the settings of each bag: every other one draws its thresholds at random.

    Random thresholds (Geurts, Ernst and Wehenkel, Machine Learning 63(1), 2006) make smoother tables where rows are
    few, the best ones sharper tables where they are many; the two kinds err differently, so that their mean is better
    than either or nearly so.
    """
    shape = champion_settings(features, depth)
    if _many(sample):
        shape |= {"bagging_fraction": _SHARE_READ, "bagging_freq": 1}
    shapes = [shape | {"extra_trees": (number + number // parts) % 2 == 1} for number in numbers]
    if reads is None:
        return shapes
    return [one | {"feature_fraction": shown(int(reads[at].sum()))} for at, one in zip(numbers, shapes, strict=True)]


def _deals(bags: Bags, sample: Sample) -> int:
    """Give how many deals it takes until the bags' disagreement can no longer be told from no disagreement.

    Noise of variance v in the margin costs about p (1 - p) v / 2 of log-loss, and averaging n bags leaves v / n.
    """
    import lightgbm

    rows = np.linspace(0, len(sample.defaulted) - 1, min(len(sample.defaulted), _NOISE_ROWS)).astype(np.int64)
    margins = [
        lightgbm.Booster(model_str=forest.text).predict(forest.read(sample.values[rows]), raw_score=True, num_threads=1)
        for forest in bags.forests
    ]
    p = probability(np.mean(margins, axis=0))
    lost = float(np.average(p * (1.0 - p) * np.var(margins, axis=0, ddof=1) / 2.0, weights=sample.weights[rows]))
    surprise = sample.surprise(bags.unseen)
    error = float(np.std(surprise)) / len(surprise) ** 0.5
    return int(np.clip(np.ceil(lost / (len(margins) * _NOISE_SHARE * error)), 1, _MOST_DEALS))


def _fewer(
    whole: _Candidate,
    curves: Curves,
    sample: Sample,
    features: Sequence[ModelFeature],
    recipe: Recipe,
    advance: Callable[[], None],
    reads: Masks | None,
) -> Iterator[_Candidate]:
    """Grow boosters with fewer and fewer pairs; each bag keeps the pairs that it ranks highest itself."""
    numbers, parts = range(len(whole.bags.boosters)), how_many_parts(sample, recipe)
    tried = _PAIRS_TRIED[:1] if _many(sample) else _PAIRS_TRIED
    wanted = tried if recipe.pairs is None else (recipe.pairs,)
    ranked: list[list[tuple[int, int]]] = []
    for most in wanted:
        if most >= whole.pairs:
            continue
        if most == 0:
            shapes = _shapes(sample, features, numbers, parts, reads, depth=1)
            used = 0
        else:
            ranked = ranked or pairs_of_bags(whole.bags, sample, features, recipe)
            few = kept(ranked, most)
            shapes = [
                shape | only(pairs, len(features))
                for shape, pairs in zip(_shapes(sample, features, numbers, parts, reads), few, strict=True)
            ]
            used = len({pair for pairs in few for pair in pairs})
        bags = grow_bags(sample, features, recipe, shapes, advance, numbers=numbers, reads=reads)
        yield _candidate(bags, used, curves, sample)


def _candidate(bags: Bags, pairs: int, curves: Curves, sample: Sample) -> _Candidate:
    weights = blend([curves.unseen, bags.unseen], sample)
    return _Candidate(pairs, bags, weights, weights[0] * curves.unseen + weights[1] * bags.unseen)


def _as_good(simple: _Candidate, whole: _Candidate, sample: Sample) -> bool:
    """Tell whether fewer pairs lose less than one standard error of log-loss, row against row."""
    lost = sample.surprise(simple.unseen) - sample.surprise(whole.unseen)
    lost = lost[np.isfinite(lost)]
    return bool(np.mean(lost) <= np.std(lost) / len(lost) ** 0.5)


def _paired(bags: Bags) -> Iterator[set[tuple[int, int]]]:
    for forest in bags.forests:
        yield forest.pairs()


def _parts(chosen: _Candidate, curves: Curves) -> list[list[tuple[float, Any]]]:
    return [
        [(float(chosen.weights[0]), steps), (float(chosen.weights[1]), forest)]
        for steps, forest in zip(curves.steps, chosen.bags.forests, strict=True)
    ]


def _loss(unseen: Floats, sample: Sample) -> float:
    known = np.isfinite(unseen)
    return float(np.sum(sample.surprise(unseen)[known]) / np.sum(sample.weights[known]))


def _auc(unseen: Floats, sample: Sample) -> float:
    known = np.isfinite(unseen)
    return auc_interval(sample.defaulted[known], unseen[known], sample.weights[known]).value
