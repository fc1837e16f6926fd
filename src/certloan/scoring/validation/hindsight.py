"""The leakage gate, second half: features as used may not beat features as they were on the day.

The same loans are described twice, by the matrix that a model would learn from and by what was known on the day of
each application. Where both are the same, nothing can have leaked. Where they differ, deep unconstrained boosters learn
from each, on the same rows and with the same draws, and are judged on the same later (or set-aside) rows: if the first
rank better by more than chance (paired DeLong), they know something that nobody could have known. The columns to blame
are found by putting the honest values back, one column at a time, and watching the loss rise.

The interval treats the two models as given; each averages four bags, so that little of a difference is luck in growing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from certloan.errors import InputError
from certloan.scoring.growing.fit import Prepared, prepare
from certloan.scoring.growing.recipe import Recipe
from certloan.scoring.matrix import Floats, encode
from certloan.scoring.metrics.interval import Interval, mean_interval
from certloan.scoring.metrics.ranking import auc_difference, auc_interval
from certloan.scoring.splits import Labels, Split
from certloan.scoring.validation.chance import p_above
from certloan.scoring.validation.judgement import Thresholds, Verdict, thresholds, told
from certloan.scoring.validation.quick import DEEP, Advance, Quick, at_most, cheap, quick_fit

#: So many columns are named, the most telling first.
_NAMED = 10


@dataclass(frozen=True)
class Blamed:
    """A column and what its hindsight is worth: the rise of the mean log-loss when its honest values are put back."""

    name: str
    worth: Interval


@dataclass(frozen=True)
class Hindsight:
    """The AUC with the features used, with those of the day, and by how much the first is higher (paired).

    ``differing`` counts the columns that are not the same in both; ``columns`` names those to blame where the gate
    fails. Where nothing differs nothing is fitted, and there is no AUC. ``n`` and ``defaults`` are those of the judged rows.
    """

    used: Interval | None
    honest: Interval | None
    difference: Interval
    p: float
    differing: int
    columns: tuple[Blamed, ...]
    n: int
    defaults: int
    limits: Thresholds

    @property
    def verdict(self) -> Verdict:
        """Fails when the features used are better than honest ones can be; few defaults cannot clear a difference."""
        if self.differing and self.p < self.limits["hindsight.alpha"]:
            return Verdict.FAILS
        few = self.defaults < self.limits["evidence.least_defaults"]
        return Verdict.TOO_LITTLE if self.differing and few else Verdict.PASSES

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "verdict": str(self.verdict),
            "auc_used": told(self.used) if self.used else None,
            "auc_honest": told(self.honest) if self.honest else None,
            "difference": told(self.difference),
            "p": round(self.p, 8),
            "differing": self.differing,
            "columns": [{"feature": one.name, "log_loss": told(one.worth)} for one in self.columns],
            "n": self.n,
            "defaults": self.defaults,
            "thresholds": self.limits.id,
        }


@dataclass(frozen=True)
class FamilyLift:
    """How much the AUC rises when one family's columns alone are taken as of a later day (all of them: ``None``)."""

    family: str | None
    columns: int
    auc: Interval
    difference: Interval

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "family": self.family,
            "columns": self.columns,
            "auc": told(self.auc),
            "difference": told(self.difference),
        }


@dataclass(frozen=True)
class Lift:
    """What hindsight would have bought: a report, no gate. ``families`` are ordered by what they would have bought."""

    honest: Interval
    whole: FamilyLift
    families: tuple[FamilyLift, ...]
    n: int
    defaults: int

    def as_json(self) -> dict[str, Any]:
        """Give plain values."""
        return {
            "auc_honest": told(self.honest),
            "whole": self.whole.as_json(),
            "families": [one.as_json() for one in self.families],
            "n": self.n,
            "defaults": self.defaults,
        }


def hindsight(
    used: pa.Table,
    honest: pa.Table,
    labels: Labels,
    splits: Sequence[Split],
    directions: Mapping[str, int],
    seed: int = 1,
    limits: Thresholds | None = None,
    advance: Advance = lambda: None,
) -> Hindsight:
    """Compare the matrix that training would use with the one of the applications' days, row by row the same loans.

    ``directions`` names the columns to compare. Reports progress twice for each split.
    """
    limits = limits or thresholds()
    differing = [name for name in directions if not used[name].equals(honest[name])]
    rows = np.concatenate([one.test for one in splits])
    defaulted, weights = labels.defaulted[rows], labels.weights[rows]
    counted = (len(rows), int(np.count_nonzero(defaulted)))
    if not differing:
        return Hindsight(None, None, Interval(0.0, 0.0, 0.0), 1.0, 0, (), *counted, limits)
    taught_used = [_taught(used, labels, one, directions, seed, advance) for one in splits]
    taught_honest = [_taught(honest, labels, one, directions, seed, advance) for one in splits]
    with_used = _heard(taught_used, used, splits)
    with_honest = _heard(taught_honest, honest, splits)
    difference = auc_difference(defaulted, with_used, with_honest, weights)
    p = p_above(difference)
    blamed = _blamed(taught_used, used, honest, labels, splits, differing) if p < limits["hindsight.alpha"] else ()
    return Hindsight(
        auc_interval(defaulted, with_used, weights),
        auc_interval(defaulted, with_honest, weights),
        difference,
        p,
        len(differing),
        blamed,
        *counted,
        limits,
    )


def refuse_hindsight(found: Hindsight) -> None:
    """Raise ``hindsight`` with the columns to blame when the gate fails."""
    if found.verdict is Verdict.FAILS:
        gain = found.difference
        raise InputError(
            "hindsight",
            found=", ".join(one.name for one in found.columns) or "?",
            difference=f"{gain.value:.3f} ({gain.low:.3f}–{gain.high:.3f})",
            n=found.n,
            defaults=found.defaults,
        )


def hindsight_lift(
    later: pa.Table,
    honest: pa.Table,
    labels: Labels,
    splits: Sequence[Split],
    families: Mapping[str, str],
    seed: int = 1,
    advance: Advance = lambda: None,
) -> Lift:
    """Tell what the columns as of a ``later`` day (today, after the outcomes) would have bought, family by family.

    ``families`` maps each column to its family. Reports progress once for each split, for each family and twice more.
    """
    rows = np.concatenate([one.test for one in splits])
    defaulted, weights = labels.defaulted[rows], labels.weights[rows]
    any_shape = dict.fromkeys(families, 0)

    def margins(matrix: pa.Table) -> Floats:
        return _heard([_taught(matrix, labels, one, any_shape, seed, advance) for one in splits], matrix, splits)

    base = margins(honest)

    def lift(family: str | None) -> FamilyLift:
        names = [name for name in families if family is None or families[name] == family]
        margin = margins(_replaced(honest, later, names))
        return FamilyLift(
            family,
            len(names),
            auc_interval(defaulted, margin, weights),
            auc_difference(defaulted, margin, base, weights),
        )

    lifts = sorted((lift(family) for family in sorted(set(families.values()))), key=lambda one: -one.difference.value)
    counted = (len(rows), int(np.count_nonzero(defaulted)))
    return Lift(auc_interval(defaulted, base, weights), lift(None), tuple(lifts), *counted)


_Taught = tuple[Quick, Prepared]


def _taught(
    matrix: pa.Table, labels: Labels, one: Split, directions: Mapping[str, int], seed: int, advance: Advance
) -> _Taught:
    known = labels.take(one.train)
    taught = prepare(matrix.take(pa.array(one.train)), known.defaulted, known.weights, directions, known.firms)
    sample = taught.sample.take(at_most(taught.sample, seed))
    fitted = quick_fit(sample, taught.features, cheap(Recipe(seed=seed)), DEEP)
    advance()
    return fitted, taught


def _heard(taught: Sequence[_Taught], matrix: pa.Table, splits: Sequence[Split]) -> Floats:
    return np.concatenate(
        [
            fitted.margin(encode(matrix.take(pa.array(one.test)), prepared.features))
            for (fitted, prepared), one in zip(taught, splits, strict=True)
        ]
    )


def _blamed(
    taught: Sequence[_Taught],
    used: pa.Table,
    honest: pa.Table,
    labels: Labels,
    splits: Sequence[Split],
    differing: Sequence[str],
) -> tuple[Blamed, ...]:
    rows = np.concatenate([one.test for one in splits])
    defaulted, weights = labels.defaulted[rows], labels.weights[rows]
    whole = _surprise(_heard(taught, used, splits), defaulted)
    found = []
    for name in differing:
        margin = _heard(taught, _replaced(used, honest, [name]), splits)
        found.append(Blamed(name, mean_interval(_surprise(margin, defaulted) - whole, weights)))
    found.sort(key=lambda one: (-one.worth.value, one.name))
    return tuple(one for one in found[:_NAMED] if one.worth.low > 0.0)


def _replaced(matrix: pa.Table, source: pa.Table, names: Sequence[str]) -> pa.Table:
    for name in names:
        at = matrix.schema.get_field_index(name)
        matrix = matrix.set_column(at, matrix.schema.field(at).with_type(source[name].type), source[name])
    return matrix


def _surprise(margin: Floats, defaulted: Floats) -> Floats:
    return np.asarray(np.logaddexp(0.0, margin) - defaulted * margin)
