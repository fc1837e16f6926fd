"""How much of a score is the draw: the same recipe on other seeds, and on enterprises drawn again.

Another *seed* deals the rows of the bags differently and nothing else: what changes then is noise of the method.
Drawing the *enterprises* again with replacement (each with all its loans, as case weights, so that no copy of a row can
stand on both sides of a bag) shows what another sample of the same economy would have made of the same applicants.

Each refit scores the same test rows. Points are on the given scale; a *side* is which of the cut-offs' bands a score
falls into; *reasons* are the features that cost an applicant most points against the average, at most three.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.calibration import Calibrator
from certloan.scoring.growing.champion import grow_champion
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.metrics.stability import Stability, stability_of_values
from certloan.scoring.points import Scale
from certloan.scoring.tables import Tables
from certloan.scoring.validation.judgement import Thresholds, Verdict, thresholds, told
from certloan.scoring.validation.monotonicity import values_of_bins
from certloan.scoring.validation.quick import Advance, cheap, quick_fit
from certloan.scoring.validation.stage import Stage

#: How many reasons an applicant hears.
REASONS = 3
_SALT = 9199
#: A feature that costs fewer points than this is no reason.
_NO_REASON = 0.5


@dataclass(frozen=True, eq=False)
class Model:
    """A score as tables and a calibrator: the model on trial, or a refit."""

    tables: Tables
    calibrator: Calibrator


Refit = Callable[[Sample, Sequence[ModelFeature], Recipe], Model]


def refit_quickly(sample: Sample, features: Sequence[ModelFeature], recipe: Recipe) -> Model:
    """Grow few bags with every pair allowed: noisier than the champion, so that what it shows is on the safe side."""
    fitted = quick_fit(sample, features, cheap(recipe))
    return Model(fitted.tables(features, sample), fitted.calibrator)


def refit_wholly(sample: Sample, features: Sequence[ModelFeature], recipe: Recipe) -> Model:
    """Grow the champion by its own recipe, pairs chosen anew."""
    grown = grow_champion(sample, features, replace(recipe, screen=False))
    return Model(grown.tables, grown.calibrator)


@dataclass(frozen=True)
class Agreement:
    """How far the refits of one kind agree with each other; ``n`` test rows.

    ``points_sd`` is the median over applicants of the standard deviation of their points over the refits, with the
    10th and 90th percentile in place of an interval; ``rank_correlation`` the mean over pairs of refits, with the
    lowest and the highest; ``side_changes`` the share of applicants who change sides from one refit to another, for
    each cut-off, mean over pairs with the lowest and highest; ``reasons_kept`` the share of the top reasons of one refit that are
    among those of another, ``reasons_overlap`` their Jaccard index, ``first_kept`` how often the first stays first.
    """

    kind: str
    refits: int
    n: int
    points_sd: Interval
    rank_correlation: Interval
    side_changes: tuple[tuple[float, Interval], ...]
    reasons_kept: Interval
    reasons_overlap: Interval
    first_kept: Interval

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "kind": self.kind,
            "refits": self.refits,
            "n": self.n,
            "points_sd": told(self.points_sd),
            "rank_correlation": told(self.rank_correlation),
            "side_changes": [{"cut_off": at, "share": told(share)} for at, share in self.side_changes],
            "reasons_kept": told(self.reasons_kept),
            "reasons_overlap": told(self.reasons_overlap),
            "first_kept": told(self.first_kept),
        }


@dataclass(frozen=True)
class FeatureBand:
    """A feature's points over its bins in the model on trial, and the middle 90 % of what the bootstrap refits give there.

    ``values`` are the upper ends of the bins (levels by number for a text); the last entry of the points is missing.
    """

    name: str
    values: tuple[float, ...]
    points: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        rounded = {
            name: [round(value, 4) for value in getattr(self, name)] for name in ("values", "points", "low", "high")
        }
        return {"feature": self.name, **rounded}


@dataclass(frozen=True)
class StabilityReport:
    """Agreement over seeds and over redrawn enterprises, bands of every feature, and drift of the score.

    ``drift`` compares the training rows' scores with the test rows' (PSI beside what chance alone would give).
    """

    seeds: Agreement
    bootstrap: Agreement
    bands: tuple[FeatureBand, ...]
    drift: Stability
    counts: dict[str, int]
    limits: Thresholds

    @property
    def verdict(self) -> Verdict:
        """Fails when redrawn enterprises move the median applicant, or change the reasons, by more than is allowed."""
        if self.bootstrap.refits < 2:
            return Verdict.TOO_LITTLE
        steady = self.bootstrap.points_sd.value <= self.limits["stability.most_points_sd"]
        kept = self.bootstrap.reasons_kept.value >= self.limits["stability.least_reasons_kept"]
        return Verdict.PASSES if steady and kept else Verdict.FAILS

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "verdict": str(self.verdict),
            "seeds": self.seeds.as_json(),
            "bootstrap": self.bootstrap.as_json(),
            "bands": [band.as_json() for band in self.bands],
            "drift": self.drift.as_json(),
            "thresholds": self.limits.id,
            **self.counts,
        }


def stability(
    stage: Stage,
    model: Model,
    scale: Scale,
    cut_offs: Sequence[float],
    seeds: int = 4,
    draws: int = 8,
    refit: Refit = refit_quickly,
    limits: Thresholds | None = None,
    advance: Advance = lambda: None,
) -> StabilityReport:
    """Refit on ``seeds`` other seeds and ``draws`` bootstrap draws of the enterprises, and compare on the test rows.

    ``model`` is the one on trial (its bands are shown); ``cut_offs`` are points. Reports progress after each refit.
    """
    recipe = replace(stage.recipe, screen=False)

    def grown(sample: Sample, seed: int) -> Model:
        found = refit(sample, stage.features, replace(recipe, seed=seed))
        advance()
        return found

    on_seeds = [grown(stage.train, recipe.seed + 1 + at) for at in range(seeds)]
    on_draws = [grown(redrawn(stage, at), recipe.seed) for at in range(draws)]
    points = [
        scale.points_of(model.calibrator.apply(model.tables.margin(side.values))) for side in (stage.train, stage.test)
    ]
    return StabilityReport(
        agreement("seeds", on_seeds, stage.test, scale, cut_offs),
        agreement("bootstrap", on_draws, stage.test, scale, cut_offs),
        tuple(_band(model, on_draws, feature, at, scale) for at, feature in enumerate(stage.features)) if draws else (),
        stability_of_values(points[0], points[1], stage.train.weights, stage.test.weights),
        stage.counts,
        limits or thresholds(),
    )


def redrawn(stage: Stage, draw: int) -> Sample:
    """Draw the training enterprises with replacement; how often one was drawn is the weight of its loans."""
    numbers, of_row = np.unique(stage.firms_train, return_inverse=True)
    random = np.random.default_rng((stage.recipe.seed, _SALT, draw + 1))
    times = random.multinomial(len(numbers), np.full(len(numbers), 1.0 / len(numbers)))[of_row]
    drawn = stage.train.take(times > 0)
    weights = drawn.weights * times[times > 0]
    return Sample(drawn.values, drawn.defaulted, np.asarray(weights / weights.mean()))


def agreement(kind: str, models: Sequence[Model], judged: Sample, scale: Scale, cut_offs: Sequence[float]) -> Agreement:
    """Compare every two models on the judged rows."""
    from scipy.stats import rankdata

    points = np.array([scale.points_of(one.calibrator.apply(one.tables.margin(judged.values))) for one in models])
    reasons = [_reasons(one, judged.values, scale) for one in models]
    ranks = [rankdata(row) for row in points]
    pairs = [(one, other) for one in range(len(models)) for other in range(one + 1, len(models))]
    weights = judged.weights
    return Agreement(
        kind,
        len(models),
        len(judged.defaulted),
        _spread(points, weights),
        _over([float(np.corrcoef(ranks[one], ranks[other])[0, 1]) for one, other in pairs]),
        tuple(
            (float(at), _over([_share((points[one] < at) != (points[other] < at), weights) for one, other in pairs]))
            for at in cut_offs
        ),
        *(_over([_kept(reasons[one], reasons[other], weights)[at] for one, other in pairs]) for at in range(3)),
    )


def _spread(points: Floats, weights: Floats) -> Interval:
    if len(points) < 2:
        return Interval(float("nan"), float("nan"), float("nan"))
    each = np.std(points, axis=0, ddof=1)
    middle, low, high = (float(np.quantile(each, at, weights=weights, method="inverted_cdf")) for at in (0.5, 0.1, 0.9))
    return Interval(middle, low, high)


def _over(values: Sequence[float]) -> Interval:
    if not values:
        return Interval(float("nan"), float("nan"), float("nan"))
    return Interval(float(np.mean(values)), min(values), max(values))


def _share(rows: NDArray[np.bool_], weights: Floats) -> float:
    return float(np.sum(weights * rows) / np.sum(weights))


def _reasons(model: Model, values: Floats, scale: Scale) -> NDArray[np.int64]:
    """Give the features that cost each row most, the costliest first; -1 where there are fewer."""
    cost = model.tables.contributions(values) * scale.factor * model.calibrator.slope
    top = np.argsort(-cost, axis=1, kind="stable")[:, :REASONS]
    return np.where(np.take_along_axis(cost, top, axis=1) > _NO_REASON, top, -1)


def _kept(one: NDArray[np.int64], other: NDArray[np.int64], weights: Floats) -> tuple[float, float, float]:
    """Give the share of reasons kept, the Jaccard index, and how often the first stays; rows without reasons agree."""
    shared = np.sum((one[:, :, None] == other[:, None, :]) & (one >= 0)[:, :, None], axis=(1, 2))
    counts = np.sum(one >= 0, axis=1), np.sum(other >= 0, axis=1)
    most, either = np.maximum(*counts), counts[0] + counts[1] - shared
    ones = np.ones(len(one))
    kept = np.divide(shared, most, out=ones.copy(), where=most > 0)
    overlap = np.divide(shared, either, out=ones.copy(), where=either > 0)
    mean = [float(np.average(share, weights=weights)) for share in (kept, overlap)]
    return mean[0], mean[1], _share(one[:, 0] == other[:, 0], weights)


def _band(model: Model, refits: Sequence[Model], feature: ModelFeature, position: int, scale: Scale) -> FeatureBand:
    axis = model.tables.axes[position]
    known = np.arange(axis.missing, dtype=float) if feature.categorical else values_of_bins(axis)
    if axis.bins == 2 and not feature.categorical:
        known = np.zeros(1)
    values = np.append(known, np.nan)
    drawn = np.array([_points(one, position, values, scale) for one in refits])
    low, high = np.quantile(drawn, 0.05, axis=0), np.quantile(drawn, 0.95, axis=0)
    own = _points(model, position, values, scale)
    return FeatureBand(feature.name, *(tuple(float(value) for value in row) for row in (known, own, low, high)))


def _points(model: Model, position: int, values: Floats, scale: Scale) -> Floats:
    """Give the main points of these values of one feature."""
    cells = model.tables.mains[position][model.tables.axes[position].place(values)]
    return np.asarray(-scale.factor * model.calibrator.slope * cells)
