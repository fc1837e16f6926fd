"""Whether the applicants since the champion was trained still look like those that it learnt from."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa

from certloan.domain.people import Actor, Permission
from certloan.errors import EXIT_OK, EXIT_PARTIAL, InputError
from certloan.features.catalog import FEATURES, by_name
from certloan.i18n import Lang, both
from certloan.monitoring.drift import Drift, DriftVerdict, drift_of_numbers, drift_of_words
from certloan.policy.policy import Policy
from certloan.scoring.bundle import Bundle
from certloan.services.apply_policy import apply_policy
from certloan.services.build_features import applications, build_matrix
from certloan.services.ports import SILENT, Progress, Warehouse

_SUBJECTS = applications("applied_on between ? and ?")
_NO_END = dt.date(9999, 12, 31)


class State(StrEnum):
    """How much something needs looking at."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    NOT_ENOUGH = "not_enough"


_STATES = {
    DriftVerdict.SHIFTED: State.RED,
    DriftVerdict.WATCH: State.AMBER,
    DriftVerdict.STEADY: State.GREEN,
    DriftVerdict.NOT_ENOUGH: State.NOT_ENOUGH,
}


@dataclass(frozen=True)
class Measure:
    """The drift of one thing that is watched: ``what`` is ``score``, ``outcome`` or ``feature``."""

    what: str
    zh: str
    en: str
    drift: Drift

    @property
    def state(self) -> State:
        """Give the verdict as a colour."""
        return _STATES[self.drift.verdict]

    def label(self, lang: Lang | str) -> str:
        """Give the name."""
        return self.zh if Lang(lang) is Lang.ZH else self.en

    def as_json(self) -> dict[str, object]:
        """Give plain values; what chance does is unknown (null) where one side has nobody."""
        drift, known = self.drift, math.isfinite(self.drift.alarm_above)
        return {
            "what": self.what,
            "name": drift.name,
            "zh": self.zh,
            "en": self.en,
            "state": self.state.value,
            "psi": round(drift.psi, 6) if known else None,
            "by_chance": round(drift.by_chance, 6) if known else None,
            "alarm_above": round(drift.alarm_above, 6) if known else None,
            "n_reference": drift.n_reference,
            "n_current": drift.n_current,
            "bins": drift.bins,
        }


@dataclass(frozen=True)
class DriftReport:
    """Every measure, the largest index first; both periods with their first and last day and number of applications."""

    fingerprint: str
    reference: tuple[dt.date, dt.date, int]
    since: dt.date
    n_current: int
    measures: tuple[Measure, ...]

    @property
    def state(self) -> State:
        """Give the worst state; ``not_enough`` only where nothing at all can be said."""
        found = {measure.state for measure in self.measures}
        return next(state for state in State if state in found)

    @property
    def exit_code(self) -> int:
        """4: something is red; 0: nothing is."""
        return EXIT_PARTIAL if self.state is State.RED else EXIT_OK

    def as_json(self) -> dict[str, object]:
        """Give plain values, without any applicant."""
        first, last, n = self.reference
        return {
            "state": self.state.value,
            **{state.value: sum(measure.state is state for measure in self.measures) for state in State},
            "fingerprint": self.fingerprint,
            "reference": {"from": first.isoformat(), "to": last.isoformat(), "n": n},
            "current": {"from": self.since.isoformat(), "n": self.n_current},
            "measures": [measure.as_json() for measure in self.measures],
        }


def monitor(
    warehouse: Warehouse,
    bundle: Bundle,
    policy: Policy,
    actor: Actor,
    *,
    since: dt.date | None = None,
    progress: Progress = SILENT,
) -> DriftReport:
    """Compare the applications since a day with those of the training window of ``bundle``.

    Both periods hold everybody who applied, with or without an outcome, each as known on the day. ``since`` is the day
    after the window unless given. Raises ``InputError``: ``monitor-no-window`` (the bundle does not tell its window),
    ``monitor-overlap`` (``since`` lies in it), ``monitor-no-reference`` (nobody in the warehouse applied in it).
    """
    actor.require(Permission.AUDIT)
    first, last = _window(bundle)
    start = since or last + dt.timedelta(days=1)
    if start <= last:
        raise InputError("monitor-overlap", found=start, expected=last)
    before = warehouse.query(_SUBJECTS, (first, last))
    after = warehouse.query(_SUBJECTS, (start, _NO_END))
    if not before.num_rows:
        raise InputError("monitor-no-reference", found=first, until=last)
    matrix = build_matrix(warehouse, pa.concat_tables([before, after]), FEATURES, progress)
    progress.stage("score")
    decided = apply_policy(warehouse, matrix, bundle, policy)
    compare = _Comparison(before.num_rows)
    measures = [
        Measure("score", *both("monitoring.score"), compare.numbers("score", decided.column("score"))),
        Measure("outcome", *both("monitoring.outcome"), compare.words("outcome", decided.column("outcome"))),
    ]
    for name in bundle.names:
        spec, column = by_name(name), matrix.column(name)
        drift = compare.words(name, column) if spec.categorical else compare.numbers(name, column)
        measures.append(Measure("feature", spec.zh, spec.en, drift))
    ordered = sorted(measures, key=lambda measure: (-measure.drift.psi, measure.drift.name))
    return DriftReport(bundle.fingerprint, (first, last, before.num_rows), start, after.num_rows, tuple(ordered))


def _window(bundle: Bundle) -> tuple[dt.date, dt.date]:
    window = bundle.provenance.get("window", {})
    try:
        return dt.date.fromisoformat(window["train_from"]), dt.date.fromisoformat(window["train_to"])
    except (KeyError, TypeError, ValueError) as untold:
        raise InputError("monitor-no-window", found=bundle.fingerprint[:12]) from untold


@dataclass(frozen=True)
class _Comparison:
    """Cuts a column in two: the first rows are the reference."""

    rows: int

    def numbers(self, name: str, column: pa.ChunkedArray) -> Drift:
        values = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
        return drift_of_numbers(name, values[: self.rows], values[self.rows :])

    def words(self, name: str, column: pa.ChunkedArray) -> Drift:
        values = column.to_pylist()
        return drift_of_words(name, values[: self.rows], values[self.rows :])
