"""The declined of the test window: who they were is known, what they would have done is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.features.catalog import by_name
from certloan.scoring.matrix import Floats
from certloan.scoring.metrics.profit import ProfitTerms
from certloan.scoring.validation.applicants import Applicants
from certloan.scoring.validation.selective_labels import bound_declined, chance_of_grant
from certloan.scoring.validation.stage import numbered
from certloan.services.build_features import build_matrix
from certloan.services.ports import Progress
from certloan.services.validation_case import Case

#: Everybody of the window whose answer is known and, if it was yes, whose loan has settled.
_APPLICANTS = """
select a.application_id, a.uscc, a.applied_on as as_of, o.defaulted, coalesce(o.case_weight, 1.0) as case_weight
from application a left join outcome o on o.application_id = a.application_id and o.void_on is null
where a.void_on is null and a.applied_on between ? and ?
  and (o.defaulted is not null and coalesce(o.case_weight, 1.0) > 0 or a.status = 'refused' and o.defaulted is null)
order by a.application_id
"""
_BY = "size_class"
_STEPS = 200


@dataclass(frozen=True, eq=False)
class Everybody:
    """The applicants of the test window, by application number; ``values`` are their encoded features."""

    names: tuple[str, ...]
    rows: Applicants
    values: Floats


def selective(case: Case, progress: Progress, terms: ProfitTerms) -> dict[str, Any]:
    """How far the figures could move under stated assumptions about the declined, as a whole and by size of firm.

    ``declined`` is 0 and there are no bounds where the warehouse tells of nobody who was declined.
    """
    found = _found(case)
    declined = found["defaulted"].null_count
    if not declined:
        return {"n": len(found), "granted": len(found), "declined": 0, "bounds": [], "groups": {}}
    everybody = read_applicants(case, progress, found)
    progress.stage("validate_selective", _STEPS)
    rows, recipe, cut = everybody.rows, case.recipe, terms.break_even
    chance = chance_of_grant(everybody.values, rows.granted, case.bundle.features, recipe)
    bounds = bound_declined(rows, chance, float(np.log(cut / (1.0 - cut))), case.config.seed, advance=progress.advance)
    return {"by": _BY, "cut": cut, **bounds.as_json(), "groups": _counted(rows)}


def read_applicants(case: Case, progress: Progress, found: pa.Table | None = None) -> Everybody:
    """Read everybody whose answer is known and, if it was yes, whose loan has settled; groups are by size of firm."""
    found = _found(case) if found is None else found
    subjects = found.select(["application_id", "uscc", "as_of"])
    matrix = build_matrix(case.warehouse, subjects, case.specs, progress)
    groups = build_matrix(case.warehouse, subjects, [by_name(_BY)], progress)[_BY].fill_null("unknown")
    rows = Applicants(
        case.bundle.score(matrix).margin,
        np.asarray(pc.is_valid(found["defaulted"]).to_numpy(zero_copy_only=False), dtype=np.bool_),
        np.asarray(pc.cast(pc.fill_null(found["defaulted"], False), pa.float64()).to_numpy()),
        np.asarray(pc.cast(found["case_weight"], pa.float64()).to_numpy()),
        numbered(found["uscc"]),
        numbered(groups),
        tuple(str(name) for name in pc.unique(groups).to_pylist()),
    )
    return Everybody(tuple(found["application_id"].to_pylist()), rows, case.bundle.encode(matrix))


def _found(case: Case) -> pa.Table:
    window = case.labels.applied_on[case.one.test]
    return case.warehouse.query(_APPLICANTS, (str(window.min()), str(window.max())))


def _counted(rows: Applicants) -> dict[str, dict[str, int]]:
    """Count each group's applicants, those who were granted and declined, and the defaults of the former."""
    found = {}
    for number, name in enumerate(rows.names):
        inside = rows.groups == number
        granted = inside & rows.granted
        found[name] = {
            "n": int(inside.sum()),
            "granted": int(granted.sum()),
            "declined": int((inside & ~rows.granted).sum()),
            "defaults": int(np.count_nonzero(rows.defaulted[granted])),
        }
    return found
