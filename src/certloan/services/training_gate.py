"""Nothing may teach that was written after the outcome: the leakage gate, before a model is grown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from certloan.features.spec import Spec
from certloan.scoring.growing.fit import prepare
from certloan.scoring.splits import Labels, Split
from certloan.scoring.validation.hindsight import Hindsight, hindsight, refuse_hindsight
from certloan.scoring.validation.judgement import Verdict
from certloan.scoring.validation.leakage import Alone, alone_steps, each_alone, refuse_leaks
from certloan.services.build_features import build_matrix
from certloan.services.ports import Progress, Warehouse

#: So many features are told of, the most telling first.
_TOLD = 5


@dataclass(frozen=True, eq=False)
class Gate:
    """What the gate found: every feature alone, and, for features of another day, what hindsight is worth."""

    alone: Alone
    later: Hindsight | None

    @property
    def verdict(self) -> Verdict:
        """The worse of the two."""
        found = [one.verdict for one in (self.alone, self.later) if one is not None]
        return next(one for one in (Verdict.FAILS, Verdict.TOO_LITTLE, Verdict.PASSES) if one in found)

    @property
    def look_at(self) -> list[str]:
        """Features that are too good together, though none is alone."""
        whole = self.alone.whole
        return [] if whole is None else list(whole.named)

    def as_json(self) -> dict[str, Any]:
        """Give plain values; of the features alone only the most telling."""
        alone = self.alone.as_json()
        return {
            "verdict": str(self.verdict),
            "alone": {**alone, "features": alone["features"][:_TOLD]},
            "hindsight": None if self.later is None else self.later.as_json(),
        }


def subjects_as_of(subjects: pa.Table, day: date | None) -> pa.Table:
    """Give the subjects as of ``day`` instead of the day that each applied on; as they are for ``None``."""
    if day is None:
        return subjects
    held = pa.array(np.full(subjects.num_rows, np.datetime64(day)), pa.date32())
    return subjects.set_column(subjects.schema.get_field_index("as_of"), "as_of", held)


def hold_gate(
    matrix: pa.Table,
    labels: Labels,
    split: Split,
    directions: Mapping[str, int],
    seed: int,
    progress: Progress,
    vouched: Sequence[str] = (),
) -> Alone:
    """Judge every feature alone on the training rows; those ``vouched`` for are judged and not refused.

    Raises ``leaking-features`` when one tells too much, ``no-features`` when none can be used.
    """
    rows = split.train
    heard = labels.take(rows)
    taught = prepare(matrix.take(pa.array(rows)), heard.defaulted, heard.weights, directions, heard.firms)
    progress.stage("train_leakage", alone_steps(taught.features))
    found = each_alone(taught.sample, taught.features, seed, advance=progress.advance, vouched=vouched)
    refuse_leaks(found)
    return found


def hold_hindsight(
    warehouse: Warehouse,
    subjects: pa.Table,
    used: Sequence[Spec],
    matrix: pa.Table,
    labels: Labels,
    splits: Sequence[Split],
    seed: int,
    progress: Progress,
) -> Hindsight:
    """Compare ``matrix``, built as of another day, with what was known on each application's day.

    Raises ``hindsight`` when it ranks better than anybody could have on the day.
    """
    honest = build_matrix(warehouse, subjects, used, progress)
    progress.stage("train_hindsight", 2 * len(splits))
    directions = {spec.name: spec.direction for spec in used}
    found = hindsight(matrix, honest, labels, splits, directions, seed, advance=progress.advance)
    refuse_hindsight(found)
    return found
