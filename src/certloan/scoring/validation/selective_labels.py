"""What the declined would have done, and how far every figure could move because nobody knows.

Outcomes exist for granted loans only, and those were not drawn at random: the lender had reasons to decline the others,
some of them in no file. Figures on granted loans are therefore about granted loans. What can be said of all applicants
rests on an assumption, and each line here names its own:

- *as granted* (k = 1): at the same score the declined default like the granted. Nothing that the lender saw beyond the
  score mattered. Much reject inference assumes this without saying so, and without further information nobody can check
  it (Hand and Henley, IMA Journal of Mathematics Applied in Business and Industry 5:45, 1993).
- *k times the odds*: at the same score the declined have k times the odds of the granted. k measures what the lender
  knew beyond the score. The lines take one k for all; a group's rate hangs on its own k alone, so its bounds hold
  whatever the other groups' are. The odds of the granted are their observed ones, by a slope and an offset on the score.
- *reweighted* (the documented choice of augmentation, Hsia 1978): granted loans stand for the declined with the same
  features, by the inverse of their chance to be granted. It assumes that the features hold all the reasons for declining
  and that everybody had some chance; ``no_counterpart`` counts the declined who had next to none.
- *worst case*: nothing is assumed (Manski); what no argument can leave.

A bound does not correct a model. It says which conclusions survive the unknown, and which hang on an assumption. That
judging is where the unknown matters most, more than in training, is what Kozodoi et al. (arXiv:2407.13009, 2024) found
on loans that a lender had granted at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from certloan.scoring.calibration import calibrate, fitted_line, probability
from certloan.scoring.growing.boosters import champion_settings
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, ModelFeature
from certloan.scoring.metrics.interval import Interval
from certloan.scoring.splits import fold_of
from certloan.scoring.validation.applicants import Applicants, Figures
from certloan.scoring.validation.judgement import Thresholds, thresholds, told
from certloan.scoring.validation.quick import Advance, cheap, unseen_margins

_DRAWS = 200
_STEPS = 7
#: Who had less than this chance of a grant has no counterpart among the granted, and weighs no more than it allows.
LEAST_CHANCE = 0.05
_FOLDS = 5
_SALT = 6961
_TAIL = 0.025


@dataclass(frozen=True)
class Line:
    """A figure under one assumption; ``times`` is k, ``None`` where the assumption has none."""

    assumption: str
    times: float | None
    found: Interval

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {"assumption": self.assumption, "times": self.times, **told(self.found)}


@dataclass(frozen=True)
class Bounds:
    """One figure among all applicants under every assumption.

    ``granted_only`` is the naive figure; ``low`` and ``high`` are the ends of the lines from k = 1 to the most, without
    sampling error, and ``widest_low``, ``widest_high`` with it; ``worst_low``, ``worst_high`` the frame without assumptions.
    """

    figure: str
    group: str | None
    granted_only: Interval
    lines: tuple[Line, ...]
    low: float
    high: float
    widest_low: float
    widest_high: float
    worst_low: float
    worst_high: float

    def holds(self, truth: float) -> bool:
        """Tell whether a figure lies within the bounds, sampling error allowed for."""
        return self.widest_low <= truth <= self.widest_high

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        ends = ("low", "high", "widest_low", "widest_high", "worst_low", "worst_high")
        return {
            "figure": self.figure,
            "group": self.group,
            "granted_only": told(self.granted_only),
            "lines": [line.as_json() for line in self.lines],
            **{name: round(getattr(self, name), 6) for name in ends},
        }


@dataclass(frozen=True)
class Declined:
    """The bounds of every figure, and what they rest on.

    ``effective`` is the number of granted loans that the reweighted ones are worth (Kish), ``no_counterpart`` the share
    of the declined whom hardly any granted loan resembles; both ``None`` where no chance of a grant was given.
    """

    bounds: tuple[Bounds, ...]
    most_times: float
    n: int
    granted: int
    declined: int
    defaults: int
    effective: float | None
    no_counterpart: float | None
    limits: Thresholds

    def of(self, figure: str, group: str | None = None) -> Bounds:
        """Give the bounds of one figure; ``KeyError`` when there is none of that name."""
        for one in self.bounds:
            if (one.figure, one.group) == (figure, group):
                return one
        raise KeyError(f"{figure} {group}")

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "bounds": [one.as_json() for one in self.bounds],
            "most_times": self.most_times,
            "n": self.n,
            "granted": self.granted,
            "declined": self.declined,
            "defaults": self.defaults,
            "effective": None if self.effective is None else round(self.effective, 2),
            "no_counterpart": None if self.no_counterpart is None else round(self.no_counterpart, 6),
            "thresholds": self.limits.id,
        }


def bound_declined(
    rows: Applicants,
    chance: Floats | None = None,
    cut_off: float | None = None,
    seed: int = 1,
    limits: Thresholds | None = None,
    advance: Advance = lambda: None,
) -> Declined:
    """Bound AUC, rate of default, observed against expected, and each group's rates, among all applicants.

    ``chance`` is each row's chance of a grant (:func:`chance_of_grant`); ``cut_off`` a log-odds of default below which
    an applicant would be accepted, for the share of good applicants who are. Intervals draw the enterprises again
    (percentiles of 200 draws), the line through the granted included. Reports progress after each draw.
    """
    limits = limits or thresholds()
    grid = np.geomspace(1.0, limits["declined.most_times"], _STEPS)
    figures = Figures(rows, cut_off)
    random = np.random.default_rng((seed, _SALT))
    numbers, of_row = np.unique(rows.firms, return_inverse=True)
    point = _every_line(rows, figures, grid, chance, rows.weights)
    drawn = []
    for _ in range(_DRAWS):
        times = random.multinomial(len(numbers), np.full(len(numbers), 1.0 / len(numbers)))[of_row]
        drawn.append(_every_line(rows, figures, grid, chance, rows.weights * times))
        advance()
    spread = np.quantile(np.array(drawn), [_TAIL, 1.0 - _TAIL], axis=0)
    kinds = [("granted_only", None), *(("as_granted" if k == 1.0 else "times", float(round(k, 4))) for k in grid)]
    kinds += [("reweighted", None)] if chance is not None else []
    bounds = tuple(_bounds(figures, at, kinds, point[:, at], spread[:, :, at]) for at in range(len(figures.names)))
    bad = int(np.count_nonzero(rows.defaulted[rows.granted]))
    granted = int(np.count_nonzero(rows.granted))
    effective, lonely = None, None
    if chance is not None:
        weights = (rows.weights / np.maximum(chance, LEAST_CHANCE))[rows.granted]
        effective = float(weights.sum() ** 2 / np.sum(weights**2))
        lonely = float(np.mean(chance[~rows.granted] < LEAST_CHANCE)) if granted < len(rows.granted) else 0.0
    counts = (len(rows.granted), granted, len(rows.granted) - granted, bad)
    return Declined(bounds, float(grid[-1]), *counts, effective, lonely, limits)


def chance_of_grant(
    values: Floats, granted: NDArray[np.bool_], features: Sequence[ModelFeature], recipe: Recipe
) -> Floats:
    """Estimate each applicant's chance to be granted from the encoded features, on rows that the model had not seen."""
    free = [ModelFeature(feature.name, 0, feature.levels, feature.missing_seen) for feature in features]
    sample = Sample(np.asfortranarray(values), granted.astype(np.float64), np.ones(len(granted)))
    part = fold_of(sample.defaulted, _FOLDS, (recipe.seed, _SALT))
    margin = unseen_margins(sample, free, cheap(recipe), champion_settings(free), part)
    return probability(calibrate(margin, sample.defaulted, sample.weights).apply(margin))


def times_of_truth(rows: Applicants, truth: Floats) -> float:
    """Give the k at which the declined default as often as in truth; ``truth`` holds every row's outcome.

    Only a made world knows it. It is sought between 1/100 and 100, whose ends are given where the truth lies beyond.
    """
    line = _line(rows, rows.weights)
    declined, weights = line[~rows.granted], rows.weights[~rows.granted]
    wanted = float(np.sum(weights * truth[~rows.granted]))
    low, high = -np.log(100.0), np.log(100.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        enough = float(np.sum(weights * probability(declined + middle))) >= wanted
        low, high = (low, middle) if enough else (middle, high)
    return float(np.exp(high))


def true_figures(rows: Applicants, truth: Floats, cut_off: float | None = None) -> dict[tuple[str, str | None], float]:
    """Give every figure as it is among all applicants, where a world tells their outcomes."""
    figures = Figures(rows, cut_off)
    return dict(zip(figures.names, (float(value) for value in figures.of(truth, rows.weights)), strict=True))


def _line(rows: Applicants, weights: Floats) -> Floats:
    """Give everybody the log-odds that the granted of the same score turned out to have."""
    known = rows.granted & (weights > 0)
    return fitted_line(rows.margin[known], rows.defaulted[known], weights[known], prior=1.0).apply(rows.margin)


def _every_line(rows: Applicants, figures: Figures, grid: Floats, chance: Floats | None, weights: Floats) -> Floats:
    """Give the figures (columns) of the granted alone, under each k, and reweighted."""
    at = _line(rows, weights)
    outcome = np.where(rows.granted, rows.defaulted, 0.0)
    found = [figures.of(outcome, weights * rows.granted)]
    for times in grid:
        assumed = probability(at + np.log(times))
        found.append(figures.of(np.where(rows.granted, outcome, assumed), weights))
    if chance is not None:
        found.append(figures.of(outcome, weights * rows.granted / np.maximum(chance, LEAST_CHANCE)))
    return np.array(found)


def _bounds(
    figures: Figures, at: int, kinds: Sequence[tuple[str, float | None]], point: Floats, spread: Floats
) -> Bounds:
    lines = tuple(
        Line(kind, times, Interval(float(value), float(low), float(high)))
        for (kind, times), value, low, high in zip(kinds, point, spread[0], spread[1], strict=True)
    )
    assumed = [line.found for line in lines if line.times is not None]
    figure, group = figures.names[at]
    return Bounds(
        figure,
        group,
        lines[0].found,
        lines[1:],
        min(one.value for one in assumed),
        max(one.value for one in assumed),
        min(one.low for one in assumed),
        max(one.high for one in assumed),
        *figures.frame(at),
    )
