"""An enterprise looks at itself: what it types goes through the real pipeline, and nothing is stored.

What it does not tell is unknown, not good and not bad. To show how much that matters, the unknown features are filled
in turn with those of past applicants, and the range of bands that comes out is given instead of a probability.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

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

#: How many past applicants stand in for what is unknown; enough for a 10–90 % range of bands.
DONORS = 200
_LOW, _HIGH = 0.1, 0.9
_KEY = "PREVIEW"
_LONG_AGO = dt.date(1990, 1, 1)


@dataclass(frozen=True)
class TypedCertificate:
    """A certificate as its holder types it."""

    scheme: str
    issued_on: dt.date
    expires_on: dt.date | None = None
    third_party: bool = True
    accredited: bool = True


@dataclass(frozen=True)
class PreviewInput:
    """What an enterprise tells of itself; what is ``None`` stays unknown. Money in yuan."""

    amount: Decimal
    registered_on: dt.date | None = None
    industry_code: str | None = None
    employees: int | None = None
    revenue: Decimal | None = None
    certificates: tuple[TypedCertificate, ...] = ()
    inspections_passed: int = 0
    inspections_failed: int = 0
    tax_grade: str | None = None
    days_past_due_max: int | None = None


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
        for table, rows in _records(typed, as_of).items():
            _put(scratch, table, rows)
        matrix = build_matrix(scratch)
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


def _records(typed: PreviewInput, as_of: dt.date) -> dict[str, list[dict[str, object]]]:
    """Give what was typed as rows of the warehouse's tables."""
    held: list[dict[str, object]] = [
        {
            "certificate_no": f"{_KEY}-{number}",
            "scheme": certificate.scheme,
            "issued_on": certificate.issued_on,
            "first_issued_on": certificate.issued_on,
            "expires_on": certificate.expires_on,
            "accreditation": "cnas" if certificate.accredited else "unaccredited",
            "assurance": "third_party" if certificate.third_party else "self_declared",
            "role": "client",
            "happened_on": certificate.issued_on,
        }
        for number, certificate in enumerate(typed.certificates, 1)
    ]
    # Somebody else's row says that certificates were asked for, so that typing none means having none.
    another: dict[str, object] = {"uscc": "ANOTHER", "certificate_no": "ANOTHER", "happened_on": _LONG_AGO}
    tables: dict[str, list[dict[str, object]]] = {
        "application": [{"application_id": _KEY, "applied_on": as_of, "amount": typed.amount, "happened_on": as_of}],
        "certificate": [another, *held],
    }
    if typed.registered_on or typed.industry_code:
        tables["enterprise"] = [
            {
                "name": _KEY,
                "registered_on": typed.registered_on,
                "industry_code": typed.industry_code,
                "status": "operating",
                "happened_on": typed.registered_on or as_of,
            }
        ]
    year_end = dt.date(as_of.year - 1, 12, 31)
    if typed.employees is not None or typed.revenue is not None:
        figures = {"year": year_end.year, "employees": typed.employees, "revenue": typed.revenue}
        tables["annual_report"] = [figures | {"happened_on": year_end}]
    if typed.tax_grade:
        tables["tax_grade"] = [{"year": year_end.year, "grade": typed.tax_grade, "happened_on": year_end}]
    tables["inspection"] = [
        {
            "inspection_no": f"{_KEY}-{number}",
            "kind": "spot_check",
            "verdict": verdict,
            "inspected_on": day,
            "happened_on": day,
        }
        for number, verdict in enumerate(
            ["no_nonconformity"] * typed.inspections_passed + ["nonconforming"] * typed.inspections_failed, 1
        )
        for day in [as_of - dt.timedelta(days=180)]
    ]
    if typed.days_past_due_max is not None:
        tables["credit_month"] = _months(typed.days_past_due_max, as_of)
    return tables


def _months(worst: int, as_of: dt.date) -> list[dict[str, object]]:
    """Give a year of monthly statements whose worst is what was typed."""
    first = as_of.replace(day=1)
    rows: list[dict[str, object]] = []
    for back in range(1, 13):
        end = first - dt.timedelta(days=1)
        first = end.replace(day=1)
        overdue = worst if back == 1 else 0
        rows.append({"account_no": _KEY, "month": first, "days_past_due": overdue, "happened_on": end})
    return rows


def _put(scratch: Warehouse, table: str, rows: Iterable[Mapping[str, object]]) -> None:
    for row in rows:
        held = {"uscc": _KEY, **row}
        held.setdefault("known_on", held["happened_on"])
        names = ", ".join(f'"{name}"' for name in held)
        marks = ", ".join("?" for _ in held)
        scratch.execute(f'insert into history."{table}" ({names}) values ({marks})', tuple(held.values()))


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
