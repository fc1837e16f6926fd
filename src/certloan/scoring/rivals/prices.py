"""The price of each limit: what the champion would gain on the same rows, were that limit alone lifted.

Everything else stays as in the champion: rows, features, seed, way to grow and to calibrate.

- ``monotone``: no feature is held to its direction.
- ``depth``: trees of up to 16 leaves and any depth, still monotone; they may combine any features, so the limit on
  pairs falls with it.
- ``pairs``: every pair may stand in the tables, not only the chosen ones.
- ``no_pairs``: the other way round, a model of single features: what the chosen pairs bring (a price below 0).
- ``screening``: every usable feature is read, not only those that beat chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from certloan.scoring.calibration import calibrate
from certloan.scoring.growing.blending import blend
from certloan.scoring.growing.boosters import champion_settings, grow_bags
from certloan.scoring.growing.champion import grow_champion
from certloan.scoring.growing.curves import Masks, draw_curves
from certloan.scoring.growing.fit import Fitted, Prepared, fit_prepared
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics.interval import Interval, z_value
from certloan.scoring.metrics.ranking import auc_difference
from certloan.scoring.rivals.ceiling import heard

#: Every limit that has a price, in the order of reports.
LIMITS = ("monotone", "depth", "pairs", "no_pairs", "screening")
#: More pairs than any model has.
_ALL_PAIRS = 10_000
_DEEPER: Mapping[str, int] = {"num_leaves": 16, "max_depth": -1}


@dataclass(frozen=True)
class Price:
    """What a limit costs on ``n`` rows with ``defaults``: above 0, the champion would do better without it.

    ``auc`` is by how much the AUC would rise (paired DeLong), ``log_loss`` by how much the mean log-loss would fall
    (paired normal interval of the rows' differences).
    """

    auc: Interval
    log_loss: Interval
    n: int
    defaults: int

    def as_json(self) -> dict[str, float | int]:
        """Give one flat object."""
        return {
            **{
                name if end == "value" else f"{name}_{end}": round(getattr(interval, end), 6)
                for name, interval in (("auc", self.auc), ("log_loss", self.log_loss))
                for end in ("value", "low", "high")
            },
            "n": self.n,
            "defaults": self.defaults,
        }


def priced(defaulted: Floats, weights: Floats, champion: Floats, lifted: Floats) -> Price:
    """Compare the calibrated log-odds of default of the champion and of a model without the limit, row by row."""
    gain = _lost(defaulted, champion) - _lost(defaulted, lifted)
    return Price(
        auc_difference(defaulted, lifted, champion, weights),
        _mean(gain, weights),
        len(defaulted),
        int(np.count_nonzero(defaulted)),
    )


def without_limits(
    taught: Prepared,
    fitted: Fitted,
    recipe: Recipe,
    values: Floats,
    advance: Callable[[], None] = lambda: None,
) -> dict[str, Floats]:
    """Grow the champion again without each limit; give the log-odds of default of rows encoded by ``taught.features``."""
    names = [feature.name for feature in taught.features]
    kept = [names.index(feature.name) for feature in fitted.features]
    sample, features, rows = taught.sample.of_columns(kept), fitted.features, np.asfortranarray(values[:, kept])
    alone = replace(recipe, screen=False, bags=len(fitted.grown.bags.boosters))
    found: dict[str, Floats] = {}

    free = tuple(replace(feature, direction=0) for feature in features)
    grown = grow_champion(sample, free, alone, reads=fitted.reads)
    found["monotone"] = grown.calibrator.apply(grown.tables.margin(rows))
    advance()

    found["depth"] = _deep(sample, features, alone, rows, fitted.reads)
    advance()

    for name, pairs in (("pairs", _ALL_PAIRS), ("no_pairs", 0)):
        grown = grow_champion(sample, features, replace(alone, pairs=pairs), reads=fitted.reads)
        found[name] = grown.calibrator.apply(grown.tables.margin(rows))
        advance()

    found["screening"] = fit_prepared(taught, alone).margin(values)
    advance()
    return found


def _deep(
    sample: Sample, features: Sequence[ModelFeature], recipe: Recipe, rows: Floats, reads: Masks | None
) -> Floats:
    """Blend deeper trees with curves as the champion blends its own, and give calibrated log-odds of ``rows``."""
    bags = grow_bags(sample, features, recipe, [{**champion_settings(features), **_DEEPER}], reads=reads)
    curves = draw_curves(sample, features, recipe, len(bags.boosters), reads)
    smooth, trees = (float(share) for share in blend([curves.unseen, bags.unseen], sample))
    calibrator = calibrate(smooth * curves.unseen + trees * bags.unseen, sample.defaulted, sample.weights)
    told = [
        smooth * steps.margin(rows) + trees * heard([forest.text], forest.read(rows))
        for steps, forest in zip(curves.steps, bags.forests, strict=True)
    ]
    return calibrator.apply(np.asarray(np.mean(told, axis=0)))


def _lost(defaulted: Floats, margin: Floats) -> Floats:
    return np.asarray(np.logaddexp(0.0, margin) - defaulted * margin)


def _mean(gain: Floats, weights: Floats) -> Interval:
    """The weighted mean with its normal interval, rows independent."""
    mean = float(np.average(gain, weights=weights))
    away = weights * (gain - mean)
    n = len(gain)
    error = float(np.sqrt(np.sum(away * away) * n / max(n - 1, 1)) / weights.sum())
    return Interval(mean, mean - z_value() * error, mean + z_value() * error)
