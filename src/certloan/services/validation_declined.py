"""The declined of the test window: who they were is known, what they would have done is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.features.catalog import by_name
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


def selective(case: Case, progress: Progress, terms: ProfitTerms) -> dict[str, Any]:
    """How far the figures could move under stated assumptions about the declined, as a whole and by size of firm.

    ``declined`` is 0 and there are no bounds where the warehouse tells of nobody who was declined.
    """
    window = case.labels.applied_on[case.one.test]
    found = case.warehouse.query(_APPLICANTS, (str(window.min()), str(window.max())))
    granted = np.asarray(pc.is_valid(found["defaulted"]).to_numpy(zero_copy_only=False), dtype=np.bool_)
    counted = {"n": len(granted), "granted": int(granted.sum()), "declined": int((~granted).sum())}
    if not counted["declined"]:
        return {**counted, "bounds": []}
    subjects = found.select(["application_id", "uscc", "as_of"])
    matrix = build_matrix(case.warehouse, subjects, case.specs, progress)
    groups = build_matrix(case.warehouse, subjects, [by_name(_BY)], progress)[_BY].fill_null("unknown")
    progress.stage("validate_selective", _STEPS)
    names = pc.unique(groups).to_pylist()
    values = case.bundle.encode(matrix)
    rows = Applicants(
        case.bundle.score(matrix).margin,
        granted,
        np.asarray(pc.cast(pc.fill_null(found["defaulted"], False), pa.float64()).to_numpy()),
        np.asarray(pc.cast(found["case_weight"], pa.float64()).to_numpy()),
        numbered(found["uscc"]),
        numbered(groups),
        tuple(str(name) for name in names),
    )
    recipe, cut = case.recipe, terms.break_even
    chance = chance_of_grant(values, granted, case.bundle.features, recipe)
    bounds = bound_declined(rows, chance, float(np.log(cut / (1.0 - cut))), case.config.seed, advance=progress.advance)
    return {"by": _BY, "cut": cut, **bounds.as_json()}
