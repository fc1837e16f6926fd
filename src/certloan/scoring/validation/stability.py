"""How much of a score is the draw: the same recipe on other seeds, and on enterprises drawn again.

Another *seed* deals the rows of the bags differently and nothing else: what changes then is noise of the method.
Drawing the *enterprises* again with replacement (each with all its loans, as case weights, so that no copy of a row can
stand on both sides of a bag) shows what another sample of the same economy would have made of the same applicants.

Each refit scores the same test rows. Points are on the given scale; a *side* is which of the cut-offs' bands a score
falls into; *reasons* are the features that cost an applicant most points against the average: at most three, and at most
two of one family, as applicants are told them. Features of one family tell much the same story, so the families of the
reasons are compared too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from certloan.scoring.growing.champion import grow_champion
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics.stability import Stability, stability_of_values
from certloan.scoring.points import Scale
from certloan.scoring.validation.agreement import Agreement, Model, agreement
from certloan.scoring.validation.judgement import Thresholds, Verdict, thresholds
from certloan.scoring.validation.monotonicity import values_of_bins
from certloan.scoring.validation.quick import Advance, cheap, quick_fit
from certloan.scoring.validation.stage import Stage

_SALT = 9199


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
    ``whole`` tells whether the refits went the model's own way; quick ones are noisier than the model.
    """

    seeds: Agreement
    bootstrap: Agreement
    bands: tuple[FeatureBand, ...]
    drift: Stability
    whole: bool
    counts: dict[str, int]
    limits: Thresholds

    @property
    def verdict(self) -> Verdict:
        """Fails when redrawn enterprises move the median applicant, or change the reasons, by more than is allowed.

        Fails only where a whole interval over the refits lies beyond its limit, and passes where both figures keep to
        theirs; between, and where refits noisier than the model fail in its place, there is too little evidence.
        """
        if self.bootstrap.refits < 2:
            return Verdict.TOO_LITTLE
        kept, least = self.bootstrap.reasons_kept, self.limits["stability.least_reasons_kept"]
        moved, most = self.bootstrap.points_sd_drawn, self.limits["stability.most_points_sd"]
        if moved.low > most or kept.high < least:
            return Verdict.FAILS if self.whole else Verdict.TOO_LITTLE
        return Verdict.PASSES if moved.value <= most and kept.value >= least else Verdict.TOO_LITTLE

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "verdict": str(self.verdict),
            "whole": self.whole,
            "seeds": self.seeds.as_json(),
            "bootstrap": self.bootstrap.as_json(),
            "bands": [band.as_json() for band in self.bands],
            "drift": self.drift.as_json(),
            "thresholds": self.limits.id,
            **self.counts,
        }


@dataclass(frozen=True)
class Decided:
    """Quick refits, and whole ones where the quick did not pass: those then give the verdict.

    Quick refits are noisier than the model, so a pass of theirs stands; but what they find wanting may be their own noise,
    and only the model's own way can show that it is not.
    """

    quick: StabilityReport
    wholly: StabilityReport | None

    @property
    def verdict(self) -> Verdict:
        """The verdict of the whole refits where there are any."""
        return (self.wholly or self.quick).verdict

    def as_json(self) -> dict[str, Any]:
        """Give plain values: the quick refits, and under ``wholly`` the agreement of the whole ones."""
        wholly = self.wholly.bootstrap.as_json() if self.wholly else None
        return {
            **self.quick.as_json(),
            "verdict": str(self.verdict),
            "whole": self.wholly is not None,
            "wholly": wholly,
        }


def decide(
    stage: Stage,
    model: Model,
    scale: Scale,
    cut_offs: Sequence[float],
    families: Mapping[str, str],
    draws: tuple[int, int, int],
    advance: Advance = lambda: None,
) -> Decided:
    """Refit quickly on other seeds and redrawn enterprises; where that does not pass, refit wholly on the latter.

    ``draws`` are the numbers of seeds, of quick draws and of whole draws; the other arguments and the progress are those
    of :func:`stability`, and the draws of whole refits are the first ones of the quick.
    """
    asked = (stage, model, scale, cut_offs, families)
    quick = stability(*asked, draws[0], draws[1], advance=advance)
    if quick.verdict is Verdict.PASSES:
        return Decided(quick, None)
    return Decided(quick, stability(*asked, 0, draws[2], refit_wholly, advance=advance))


def stability(
    stage: Stage,
    model: Model,
    scale: Scale,
    cut_offs: Sequence[float],
    families: Mapping[str, str],
    seeds: int = 4,
    draws: int = 8,
    refit: Refit = refit_quickly,
    limits: Thresholds | None = None,
    advance: Advance = lambda: None,
) -> StabilityReport:
    """Refit on ``seeds`` other seeds and ``draws`` bootstrap draws of the enterprises, and compare on the test rows.

    ``model`` is the one on trial (its bands are shown); ``cut_offs`` are points; ``families`` maps features to families.
    Reports progress after each refit.
    """
    recipe = replace(stage.recipe, screen=False)

    def grown(sample: Sample, seed: int) -> Model:
        found = refit(sample, stage.features, replace(recipe, seed=seed))
        advance()
        return found

    numbers = {family: number for number, family in enumerate(sorted(set(families.values())))}
    family_of = np.array([numbers[families[feature.name]] for feature in stage.features])
    on_seeds = [grown(stage.train, recipe.seed + 1 + at) for at in range(seeds)]
    on_draws = [grown(redrawn(stage, at), recipe.seed) for at in range(draws)]
    points = [
        scale.points_of(model.calibrator.apply(model.tables.margin(side.values))) for side in (stage.train, stage.test)
    ]
    return StabilityReport(
        agreement("seeds", on_seeds, stage.test, scale, cut_offs, family_of),
        agreement("bootstrap", on_draws, stage.test, scale, cut_offs, family_of),
        tuple(_band(model, on_draws, feature, at, scale) for at, feature in enumerate(stage.features)) if draws else (),
        stability_of_values(points[0], points[1], stage.train.weights, stage.test.weights),
        refit is not refit_quickly,
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
    return replace(drawn, weights=np.asarray(weights / weights.mean()))


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
