"""An enterprise looks at itself: what it types goes through the real pipeline, and nothing is stored.

What it does not tell is unknown, which the score takes as it took it of firms in the past: a value of its own. To show
how much that matters, the unknown features are filled in turn with those of past applicants, and the range of bands that
comes out is given instead of a probability.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.domain.decision import Outcome
from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.explain.account import GateTold
from certloan.explain.reasons import choose, word
from certloan.explain.speaking import speaking
from certloan.features.catalog import CATALOG, by_name
from certloan.i18n import Lang
from certloan.policy.policy import Policy
from certloan.reference.certificates import schemes
from certloan.scoring.bundle import Bundle
from certloan.services.apply_policy import apply_policy, gates_told
from certloan.services.build_features import build_matrix
from certloan.services.ports import Warehouse
from certloan.services.preview_records import PreviewInput, TypedCertificate, told_features
from certloan.services.refresh_derived import copy_derived

#: How many past applicants stand in for what is unknown; enough for a 10–90 % range of bands.
DONORS = 200
_LOW, _HIGH = 0.1, 0.9

__all__ = ["Preview", "PreviewInput", "PreviewItem", "TypedCertificate", "donors", "preview", "scheme_choices"]


@dataclass(frozen=True)
class PreviewItem:
    """One thing that counts: ``effect`` is ``up`` or ``down``."""

    zh: str
    en: str
    effect: str


@dataclass(frozen=True)
class Preview:
    """Where an enterprise stands: a range of bands, and what counts. No probability, no exact points."""

    grade_low: str
    grade_high: str
    outcome_low: str
    outcome_high: str
    counts: tuple[PreviewItem, ...]
    unknown_zh: tuple[str, ...]
    unknown_en: tuple[str, ...]
    gates: tuple[GateTold, ...]


def scheme_choices(lang: Lang | str) -> list[tuple[str, str]]:
    """Give the schemes that can be typed: code and label."""
    return [(scheme.code, scheme.zh if Lang(lang) is Lang.ZH else scheme.en) for scheme in schemes()]


def donors(warehouse: Warehouse, count: int = DONORS) -> pa.Table:
    """Give the features of up to ``count`` past applicants, spread evenly over the book and without their names."""
    subjects = warehouse.query(
        "select application_id, uscc, applied_on as as_of from application "
        "order by hash(application_id), application_id limit ?",
        (count,),
    )
    return build_matrix(warehouse, subjects) if subjects.num_rows else pa.table({})


def preview(
    bundle: Bundle,
    policy: Policy,
    warehouse: Warehouse,
    typed: PreviewInput,
    as_of: dt.date,
    actor: Actor,
    *,
    past: pa.Table | None = None,
) -> Preview:
    """Run what was typed through features, score and gates; ``past`` saves looking the donors up again."""
    actor.require(Permission.PREVIEW)
    _check(typed)
    scratch = warehouse.scratch()
    try:
        copy_derived(warehouse, scratch)
        matrix = told_features(scratch, typed, as_of)
    finally:
        scratch.close()
    completed = _completed(matrix, donors(warehouse) if past is None else past)
    spread = bundle.score(completed).points
    edges = np.quantile(spread, [_LOW, _HIGH]) if spread.size else bundle.score(matrix).points.repeat(2)
    low, high = policy.band_of(float(edges[0])), policy.band_of(float(edges[1]))
    decided = apply_policy(warehouse, matrix, bundle, policy)
    unknown = [spec for spec in CATALOG if spec.name in bundle.names and matrix.column(spec.name).null_count]
    gates = gates_told(policy, decided.column("gates")[0].as_py())
    return Preview(
        low.code, high.code, _after(gates, low.outcome), _after(gates, high.outcome),
        _counts(bundle, matrix),
        tuple(spec.zh for spec in unknown), tuple(spec.en for spec in unknown),
        gates,
    )  # fmt: skip


def _after(gates: tuple[GateTold, ...], outcome: str) -> str:
    """Give what remains of a band's outcome after the gates: the severest holds."""
    return max([outcome, *(gate.outcome for gate in gates)], key=lambda each: Outcome(each).severity)


def _check(typed: PreviewInput) -> None:
    known = {scheme.code for scheme in schemes()}
    for certificate in typed.certificates:
        if certificate.scheme not in known:
            raise InputError("unknown-scheme", found=certificate.scheme, expected=", ".join(sorted(known)))
        if certificate.expires_on is not None and certificate.expires_on < certificate.issued_on:
            raise InputError("preview-date", found=certificate.expires_on, expected=certificate.issued_on)


def _completed(matrix: pa.Table, past: pa.Table) -> pa.Table:
    """Give the one row once for each donor, with what is unknown taken from the donor."""
    if not past.num_rows:
        return matrix
    columns = {}
    for name in matrix.column_names:
        value = matrix.column(name)[0]
        if value.is_valid or name not in past.column_names:
            columns[name] = pa.array([value.as_py()] * past.num_rows, type=matrix.schema.field(name).type)
        else:
            columns[name] = pc.cast(past.column(name), matrix.schema.field(name).type)
    return pa.table(columns)


def _counts(bundle: Bundle, matrix: pa.Table) -> tuple[PreviewItem, ...]:
    row = bundle.contributions(matrix)[0]
    specs = [by_name(name) for name in bundle.names]
    known = np.array([matrix.column(spec.name)[0].is_valid for spec in specs])
    may = speaking(bundle, matrix)
    chosen = choose(row, [spec.family.value for spec in specs], may.positive[0], may.negative[0] & known)
    items = []
    for effect, positions in (("up", chosen.positive), ("down", chosen.negative)):
        for position in positions:
            spec = specs[position]
            reason = word(spec, matrix.column(spec.name)[0].as_py(), 0)
            items.append(PreviewItem(reason.zh, reason.en, effect))
    return tuple(items)
