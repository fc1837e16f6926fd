"""The whole way from a table of features to a champion: learn the columns, screen them, grow, calibrate.

The pipeline (:mod:`certloan.scoring.trial`) and the estimator (:mod:`certloan.scoring.estimator`) both go this way, so
what is measured of one holds for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from certloan.errors import InputError
from certloan.scoring.growing.champion import Grown, grow_champion
from certloan.scoring.growing.curves import Masks
from certloan.scoring.growing.deals import how_many_parts, parts_of
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.growing.screening import (
    GROUPS,
    LEAST_PARTS,
    beats_chance,
    needs_screening,
)
from certloan.scoring.matrix import Floats, ModelFeature, encode, learn_features
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.splits import Integers, ever_defaulted

#: Enterprises with a default, and with a loan repaid, without which there is nothing to deal into parts.
_LEAST_GROUPS = 5
#: The AUC of a coin.
_CHANCE = 0.5
#: From so many defaults a model that does not beat chance is refused; nobody trains on fewer without saying so.
_REFUSED_FROM_DEFAULTS = 30

#: Chooses settings for these rows and features: gives the recipe to grow with.
Tune = Callable[[Sample, tuple[ModelFeature, ...], Recipe], Recipe]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Training rows as a model reads them: every usable feature, and why each other column is none."""

    sample: Sample
    features: tuple[ModelFeature, ...]
    dropped: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 over names, levels, values, outcomes, weights and enterprises: the same evidence gives the same digest."""
        found = hashlib.sha256(repr([(feature.name, feature.levels) for feature in self.features]).encode())
        of = self.sample
        for part in (of.values, of.defaulted, of.weights, *(() if of.groups is None else (of.groups,))):
            found.update(np.ascontiguousarray(part).tobytes())
        return found.hexdigest()


@dataclass(frozen=True, eq=False)
class Fitted:
    """A champion, the features it reads, those it does not and why, and a digest of exactly what it learnt from.

    ``digest`` covers every usable feature: those that were dropped as ``noise`` had their say in the screening.
    ``recipe`` is how it was grown, whatever a search has chosen included. ``reads`` tells which of ``features`` each bag
    may read, of shape (bags, features), and is ``None`` where nothing was screened.
    """

    grown: Grown
    features: tuple[ModelFeature, ...]
    dropped: Mapping[str, str]
    digest: str
    recipe: Recipe = field(default_factory=Recipe)
    reads: Masks | None = None

    def margin(self, values: Floats) -> Floats:
        """Give the calibrated log-odds of default of encoded rows."""
        return self.grown.calibrator.apply(self.grown.tables.margin(values))


def fit(
    matrix: pa.Table,
    defaulted: Floats,
    weights: Floats,
    directions: Mapping[str, int],
    recipe: Recipe,
    advance: Callable[[], None] = lambda: None,
    groups: Integers | None = None,
) -> Fitted:
    """Grow a champion on every row of ``matrix``; ``directions`` names its columns (+1: more is better evidence).

    ``groups`` numbers the enterprise of each row (:class:`Sample`).

    Raises ``no-features`` when no column can teach anything, ``no-signal`` when none beats chance.
    """
    return fit_prepared(prepare(matrix, defaulted, weights, directions, groups), recipe, advance)


def prepare(
    matrix: pa.Table,
    defaulted: Floats,
    weights: Floats,
    directions: Mapping[str, int],
    groups: Integers | None = None,
) -> Prepared:
    """Describe and encode the columns named in ``directions``, and keep which rows are one enterprise's.

    Raises ``no-features`` when no column is usable, ``too-few-enterprises`` when fewer than five enterprises have a
    default, or fewer than five a loan that was repaid.
    """
    if groups is not None:
        groups = _numbered(groups, defaulted)
    usable, dropped = learn_features(matrix, directions)
    if not usable:
        raise InputError("no-features", found=len(directions), dropped=len(dropped))
    sample = Sample(encode(matrix, usable), defaulted, np.asarray(weights / weights.mean()), groups)
    return Prepared(sample, usable, dropped)


def _numbered(groups: Integers, defaulted: Floats) -> Integers:
    """Number the groups in the order of first appearance, so that their numbers alone change nothing."""
    bad, of_row = ever_defaulted(defaulted, groups)
    good, _ = ever_defaulted(1.0 - defaulted, groups)
    if min(bad.sum(), good.sum()) < _LEAST_GROUPS:
        raise InputError(
            "too-few-enterprises", defaults=int(bad.sum()), others=int(good.sum()), n=len(bad), expected=_LEAST_GROUPS
        )
    return of_row


def fit_prepared(
    prepared: Prepared,
    recipe: Recipe,
    advance: Callable[[], None] = lambda: None,
    tune: Tune | None = None,
) -> Fitted:
    """Screen, let ``tune`` choose settings for what is left, and grow.

    The champion reads every feature that one of its bags was allowed to.

    Raises ``no-signal`` when no feature beats chance, or the grown model does not on rows set aside. With fewer defaults
    than are asked for unless somebody lowers that number, the latter is a ``warning`` in the model's account instead.
    """
    reads = _telling(prepared, recipe, advance)
    kept = list(range(len(prepared.features))) if reads is None else np.flatnonzero(reads.any(axis=0)).tolist()
    features = tuple(prepared.features[at] for at in kept)
    noise = {feature.name: "noise" for feature in prepared.features if feature not in features}
    sample = prepared.sample.of_columns(kept)
    chosen = recipe if tune is None else tune(sample, features, recipe)
    allowed = None if reads is None else reads[:, kept]
    grown = grow_champion(sample, features, chosen, advance, allowed)
    if recipe.screen and not _beats_chance(grown, sample):
        if sample.defaulted.sum() >= _REFUSED_FROM_DEFAULTS:
            raise _no_signal(prepared)
        grown = replace(grown, account={**grown.account, "warning": "no-signal"})
    return Fitted(grown, features, {**prepared.dropped, **noise}, prepared.digest, chosen, allowed)


def _telling(prepared: Prepared, recipe: Recipe, advance: Callable[[], None]) -> Masks | None:
    """Tell which features each bag may read, chosen without the rows that it sets aside; ``None`` for all."""
    sample, usable = prepared.sample, prepared.features
    parts = how_many_parts(sample, recipe)
    if not recipe.screen or not needs_screening(sample, usable) or parts < LEAST_PARTS:
        return None
    reads = np.zeros((0, len(usable)), dtype=np.bool_)
    bags = recipe.bags or parts
    for deal in range(-(-bags // parts)):
        # A choice for every few parts together costs less than one for each.
        group = parts_of(sample, recipe, deal * parts) % GROUPS
        found = beats_chance(sample, usable, recipe, group)
        reads = np.vstack([reads, found[np.arange(parts) % GROUPS]])
        advance()
    if not reads.any():
        raise _no_signal(prepared)
    return reads[:bags]


def _beats_chance(grown: Grown, sample: Sample) -> bool:
    """Tell whether set-aside rows are ranked better than chance would, by a 95 % interval."""
    known = np.isfinite(grown.bags.unseen)
    return auc_interval(sample.defaulted[known], grown.bags.unseen[known], sample.weights[known]).low > _CHANCE


def _no_signal(prepared: Prepared) -> InputError:
    sample = prepared.sample
    return InputError(
        "no-signal", found=len(prepared.features), n=len(sample.defaulted), defaults=int(sample.defaulted.sum())
    )
