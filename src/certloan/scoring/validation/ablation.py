"""What each family of evidence adds: the model grown again without it, judged on the same later rows.

Evidence overlaps, so "without" and "alone" are different questions. *Beyond everything else*: the whole model against
one without the family; small where others tell the same. *Alone beyond the base*: base features (a firm's size) and the
family against the base by itself; what a lender who knew nothing else would gain.

The gain of a family with many columns is also held against a **null**: its columns are handed to other enterprises of
the same class (size), all columns together and all rows of an enterprise from one other, on both sides of the split, and
the model is grown again. The shuffled family keeps its values, its own inner relations and its relation with size, and
has lost what it says of *this* firm. How often it gains as much as the real one is the p-value.

All refits share the recipe in its cheap form (:func:`certloan.scoring.validation.quick.cheap`), the seed, and at most
about 40,000 training rows (whole enterprises).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.interval import Interval, z_value
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.validation.chance import error_of
from certloan.scoring.validation.gains import Gain, gain
from certloan.scoring.validation.judgement import Thresholds, Verdict, thresholds, told
from certloan.scoring.validation.quick import Advance, cheap, quick_fit
from certloan.scoring.validation.stage import Integers, Stage, thinned

_SALT = 3319


@dataclass(frozen=True)
class Without:
    """A family, how many features the model reads of it, the AUC of the model without it, and what it added."""

    family: str
    features: int
    auc: Interval
    adds: Gain

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "family": self.family,
            "features": self.features,
            "auc_without": told(self.auc),
            "adds": self.adds.as_json(),
        }


@dataclass(frozen=True)
class Ablation:
    """Every family left out once, the one that adds most first; ``counts`` holds rows, defaults and enterprises."""

    whole: Interval
    families: tuple[Without, ...]
    counts: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "auc": told(self.whole),
            "families": [one.as_json() for one in self.families],
            **self.counts,
        }


@dataclass(frozen=True)
class Added:
    """What one family adds, twice, with its null.

    ``null`` holds the gain in AUC and in log-loss of each shuffled refit (beyond everything else); the p-values count
    the real one among them, so that with R draws none is below 1 / (R + 1).
    """

    family: str
    features: int
    beyond_all: Gain
    beyond_base: Gain
    base: tuple[str, ...]
    auc_base: Interval
    null_auc: tuple[float, ...]
    null_log_loss: tuple[float, ...]
    counts: Mapping[str, int]
    limits: Thresholds

    @property
    def p_auc(self) -> float:
        """The share of draws, the real one among them, that gain as much AUC."""
        return _share(self.beyond_all.auc.value, self.null_auc)

    @property
    def beyond_null(self) -> Interval:
        """The gain in AUC beyond the mean of the shuffles, the few draws of that mean allowed for.

        Shuffled columns gain a little of their own: they still tell the class, and trees shown more columns differ more.
        """
        null, plain = np.array(self.null_auc), self.beyond_all.auc
        if len(null) < 2:
            return Interval(float("nan"), float("nan"), float("nan"))
        error = float(np.hypot(error_of(plain), np.std(null, ddof=1) / len(null) ** 0.5))
        value = plain.value - float(null.mean())
        return Interval(value, value - z_value() * error, value + z_value() * error)

    @property
    def p_log_loss(self) -> float:
        """The same of the log-loss, which sees more than ranks."""
        return _share(self.beyond_all.log_loss.value, self.null_log_loss)

    @property
    def verdict(self) -> Verdict:
        """Passes when the family ranks better beyond everything else than its shuffles do; fails when it does not.

        The AUC decides: out of time a log-loss also moves with the level, which any column, shuffled or not, may shift
        a little. Too little where the draws are too few for the level, or the defaults.
        """
        alpha = self.limits["family.alpha"]
        few = self.counts["defaults_test"] < self.limits["evidence.least_defaults"]
        if few or 1.0 / (len(self.null_auc) + 1) > alpha:
            return Verdict.TOO_LITTLE
        return Verdict.PASSES if self.p_auc <= alpha else Verdict.FAILS

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "verdict": str(self.verdict),
            "family": self.family,
            "features": self.features,
            "beyond_all": self.beyond_all.as_json(),
            "beyond_null": told(self.beyond_null),
            "beyond_base": self.beyond_base.as_json(),
            "base": list(self.base),
            "auc_base": told(self.auc_base),
            "null": {
                "draws": len(self.null_auc),
                "auc": [round(value, 6) for value in self.null_auc],
                "log_loss": [round(value, 6) for value in self.null_log_loss],
                "p_auc": round(self.p_auc, 6),
                "p_log_loss": round(self.p_log_loss, 6),
            },
            "thresholds": self.limits.id,
            **self.counts,
        }


def ablate(stage: Stage, families: Mapping[str, str], advance: Advance = lambda: None) -> Ablation:
    """Leave out each family once; ``families`` maps features to families. Reports progress after every fit."""
    (stage, _), recipe = thinned(stage), cheap(stage.recipe)
    everything = list(range(len(stage.features)))
    whole = _heard(stage, everything, recipe)
    advance()
    found = []
    for family in sorted({families[feature.name] for feature in stage.features}):
        rest = [at for at in everything if families[stage.features[at].name] != family]
        margin = _heard(stage, rest, recipe)
        found.append(
            Without(
                family,
                len(everything) - len(rest),
                auc_interval(stage.test.defaulted, margin, stage.test.weights),
                gain(stage.test, whole, margin, stage.firms_test),
            )
        )
        advance()
    found.sort(key=lambda one: (-one.adds.log_loss.value, one.family))
    return Ablation(auc_interval(stage.test.defaulted, whole, stage.test.weights), tuple(found), stage.counts)


def what_it_adds(
    stage: Stage,
    families: Mapping[str, str],
    family: str,
    base: Sequence[str],
    classes: tuple[Integers, Integers],
    draws: int = 19,
    limits: Thresholds | None = None,
    advance: Advance = lambda: None,
) -> Added:
    """Tell what ``family`` adds beyond everything else, and alone beyond the features ``base``; shuffle it ``draws`` times.

    ``classes`` numbers the (size) class of each row, of the training and of the test rows; the shuffle stays within.
    Reports progress after each of the ``4 + draws`` fits.
    """
    (stage, kept), recipe = thinned(stage), cheap(stage.recipe)
    classes = classes[0][kept], classes[1]
    own = [at for at, feature in enumerate(stage.features) if families[feature.name] == family]
    rest = [at for at in range(len(stage.features)) if at not in own]
    ground = [at for at in stage.positions(base) if at not in own]

    def heard(positions: Sequence[int], on: Stage) -> Floats:
        margin = _heard(on, positions, recipe)
        advance()
        return margin

    def over(margin: Floats, other: Floats) -> Gain:
        return gain(stage.test, margin, other, stage.firms_test)

    without, alone_base = heard(rest, stage), heard(ground, stage)
    real, alone = heard([*rest, *own], stage), heard([*ground, *own], stage)
    null = []
    for draw in range(draws if own else 0):
        shuffled = shuffle_family(stage, own, classes, (stage.recipe.seed, _SALT, draw + 1))
        null.append(over(heard([*rest, *own], shuffled), without))
    return Added(
        family,
        len(own),
        over(real, without),
        over(alone, alone_base),
        tuple(stage.features[at].name for at in ground),
        auc_interval(stage.test.defaulted, alone_base, stage.test.weights),
        tuple(one.auc.value for one in null),
        tuple(one.log_loss.value for one in null),
        stage.counts,
        limits or thresholds(),
    )


def shuffle_family(
    stage: Stage, columns: Sequence[int], classes: tuple[Integers, Integers], seed: int | Sequence[int]
) -> Stage:
    """Hand the family's columns to other enterprises of the same class, within each side of the split."""
    random = np.random.default_rng(seed)
    train = _shuffled(stage.train, columns, stage.firms_train, classes[0], random)
    test = _shuffled(stage.test, columns, stage.firms_test, classes[1], random)
    return Stage(stage.features, train, test, stage.firms_train, stage.firms_test, stage.recipe)


def _shuffled(
    sample: Sample, columns: Sequence[int], firms: Integers, classes: Integers, random: np.random.Generator
) -> Sample:
    """An enterprise's n-th row gets the n-th row of one other enterprise, in a circle where that has fewer."""
    numbers, first, of_row, sizes = np.unique(firms, return_index=True, return_inverse=True, return_counts=True)
    class_of = classes[first]
    giver = np.arange(len(numbers))
    for one in np.unique(class_of):
        members = np.flatnonzero(class_of == one)
        giver[members] = random.permutation(members)
    order = np.argsort(of_row, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    rank = np.empty(len(firms), dtype=np.int64)
    rank[order] = np.arange(len(firms)) - starts[of_row[order]]
    source = order[starts[giver[of_row]] + rank % sizes[giver[of_row]]]
    values = np.array(sample.values, order="F")
    values[:, columns] = sample.values[source][:, columns]
    return sample.with_values(values)


def _heard(stage: Stage, positions: Sequence[int], recipe: Recipe) -> Floats:
    """Give the test rows' log-odds from a model of these columns; without any, the rate of the training rows."""
    if not positions:
        rate = np.clip(np.average(stage.train.defaulted, weights=stage.train.weights), 1e-9, 1.0 - 1e-9)
        return np.full(len(stage.test.defaulted), np.log(rate / (1.0 - rate)))
    # In the stage's own order, so that the same columns give the same model however they were asked for.
    ordered = sorted(positions)
    fitted = quick_fit(stage.train.of_columns(ordered), [stage.features[at] for at in ordered], recipe)
    return fitted.margin(stage.test.values[:, ordered])


def _share(real: float, null: Sequence[float]) -> float:
    return (1.0 + sum(value >= real for value in null)) / (len(null) + 1.0)
