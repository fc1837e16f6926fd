"""The loans that a training can learn from and be judged by: those whose outcome is stated, and that count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.errors import InputError
from certloan.scoring.matrix import Floats
from certloan.scoring.splits import Days, Labels
from certloan.services.ports import Warehouse

#: In an order that does not depend on the files.
_LOANS = """
select a.application_id, a.uscc, a.applied_on as as_of, o.observed_to, o.defaulted, o.case_weight
from application a join outcome o on o.application_id = a.application_id and o.void_on is null
where a.void_on is null
order by a.application_id
"""
_SHOWN = 5
_OUTCOMES = {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "false": 0.0, "true": 1.0}


@dataclass(frozen=True, eq=False)
class Loans:
    """Who applied when (application_id, uscc, as_of), what became of it, and how many were left out and why.

    ``left_out`` counts ``unstated`` (an outcome that does not say whether the loan defaulted) and ``weightless`` (case
    weight 0: the bank's own way to say that a loan shall not count).
    """

    subjects: pa.Table
    labels: Labels
    left_out: Mapping[str, int]


def read_loans(warehouse: Warehouse) -> Loans:
    """Read and check the outcomes; rows of ``subjects`` and ``labels`` belong together.

    Raises ``InputError``: ``target-values`` for an outcome that is neither yes nor no, ``weights-not-numbers`` and
    ``weights-negative`` for case weights that cannot count anything.
    """
    loans = warehouse.query(_LOANS)
    defaulted, weights = outcomes_of(loans["defaulted"]), _weights(loans)
    stated, counts = np.isfinite(defaulted), weights > 0
    kept = np.flatnonzero(stated & counts)
    loans = loans.take(pa.array(kept))

    def days(name: str) -> Days:
        return np.asarray(loans[name].to_numpy(), dtype="datetime64[D]")

    left_out = {"unstated": int(np.count_nonzero(~stated)), "weightless": int(np.count_nonzero(stated & ~counts))}
    firms = np.asarray(loans["uscc"].combine_chunks().dictionary_encode().indices.to_numpy(), dtype=np.int64)
    labels = Labels(defaulted[kept], weights[kept], days("as_of"), days("observed_to"), firms)
    return Loans(loans.select(["application_id", "uscc", "as_of"]), labels, left_out)


def outcomes_of(column: pa.ChunkedArray) -> Floats:
    """Give 1.0 for a default, 0.0 for none, NaN where it is not stated; ``target-values`` for anything else.

    >>> outcomes_of(pa.chunked_array([[True, False, None]])).tolist()
    [1.0, 0.0, nan]
    """
    texts = pc.utf8_lower(pc.cast(column, pa.string()))
    known = pa.array(list(_OUTCOMES))
    others = pc.drop_null(texts.filter(pc.invert(pc.is_in(texts, known))))
    if len(others):
        shown = sorted(pc.unique(others).to_pylist())[:_SHOWN]
        raise InputError("target-values", found=", ".join(shown), count=len(others), n=len(column))
    numbers = np.array([*_OUTCOMES.values(), np.nan])
    places = pc.fill_null(pc.index_in(texts, known), len(_OUTCOMES))
    return np.asarray(numbers[places.to_numpy()])


def _weights(loans: pa.Table) -> Floats:
    """Give the case weights, 1 where none is stated."""
    weights = np.asarray(pc.fill_null(pc.cast(loans["case_weight"], pa.float64()), 1.0).to_numpy())
    for code, wrong in (("weights-not-numbers", ~np.isfinite(weights)), ("weights-negative", weights < 0)):
        rows = np.flatnonzero(wrong)
        if len(rows):
            shown = ", ".join(loans["application_id"].take(pa.array(rows[:_SHOWN])).to_pylist())
            raise InputError(code, found=len(rows), n=len(weights), examples=shown)
    return weights
