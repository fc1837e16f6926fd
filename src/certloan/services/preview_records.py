"""What an enterprise types of itself, as records; and which features it thereby tells.

A few figures never say everything that a record says: on which day a check failed, whether there were grades before the
last one. Each such blank is filled in three ways that all agree with what was typed, and a feature is taken as told
only where all three give the same value. What depends on how a blank is filled stays unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from certloan.features.figures import FIGURES
from certloan.services.dossier import dossier, features_of
from certloan.services.ports import Warehouse

_Rows = list[dict[str, Any]]
_LONG_AGO = dt.date(1990, 1, 1)
_KEY = "PREVIEW"


@dataclass(frozen=True)
class TypedCertificate:
    """A certificate as its holder types it; whether it is ``accredited`` may be left open."""

    scheme: str
    issued_on: dt.date
    expires_on: dt.date | None = None
    third_party: bool = True
    accredited: bool | None = None


@dataclass(frozen=True)
class PreviewInput:
    """What an enterprise tells of itself; what is ``None`` stays unknown. Money in yuan.

    Inspections are those of the last three years; days past due, the most within twelve months.
    """

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
class _Filling:
    """One way to fill in what was not typed."""

    status: str | None
    first_issued_years_before: int | None
    inspected_days_before: int
    inspection: Mapping[str, object]
    earlier_tax_grade: str | None
    earlier_reports: int
    figures: Mapping[str, int]  # of the last report
    accreditation: str
    overdue_months: tuple[int, ...]  # months before the request, of the last twelve
    earlier_overdue: int | None  # days past due in the year before those; None: no statements


_FILLINGS = (
    _Filling(None, None, 40, {}, None, 0, {}, "cnas", (1,), None),
    _Filling(
        "operating", 0, 400, {"safety_item": True, "level": "national", "recheck": "passed", "product": _KEY}, "A", 1,
        dict.fromkeys(FIGURES, 10**12),
        "unaccredited", (1, 2), 0,
    ),
    _Filling("revoked", 3, 1000, {"safety_item": False, "level": "county", "recheck": "failed"}, "D", 2, {}, "cnas", (11,), 60),
)  # fmt: skip


def told_features(warehouse: Warehouse, typed: PreviewInput, as_of: dt.date) -> pa.Table:
    """Give the feature matrix of one row that what was typed amounts to; of ``warehouse``, references alone are read."""
    held = [
        {table: [_dated(row) for row in rows] for table, rows in _records(typed, as_of, filling, f"{_KEY}-{number}")}
        for number, filling in enumerate(_FILLINGS)
    ]
    since = {table: min(row["known_on"] for rows in group for row in rows) for table, group in _by_table(held).items()}
    # Certificates were asked for: typing none means having none.
    since["certificate"] = _LONG_AGO
    keys = [f"{_KEY}-{number}" for number in range(len(held))]
    asked = pa.table({name: pa.array(keys, pa.string()) for name in ("application_id", "uscc")})
    asked = asked.append_column("as_of", pa.array([as_of] * len(keys), pa.date32()))
    matrix = features_of(asked, [dossier(warehouse).imagined(records, since) for records in held])
    return pa.table({name: _agreed(matrix.column(name)) for name in matrix.column_names})


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"known_on": row["happened_on"], **row}


def _by_table(held: Iterable[Mapping[str, _Rows]]) -> dict[str, list[_Rows]]:
    found: dict[str, list[_Rows]] = {}
    for records in held:
        for table, rows in records.items():
            if rows:
                found.setdefault(table, []).append(rows)
    return found


def _agreed(column: pa.ChunkedArray) -> pa.Array:
    """Give what all rows say, or null; who they are is taken from the first."""
    values = column.to_pylist()
    told = values[0] if len(set(values)) == 1 or str(values[0]).startswith(_KEY) else None
    return pa.array([told], type=column.type)


def _records(typed: PreviewInput, as_of: dt.date, filling: _Filling, key: str) -> Iterator[tuple[str, _Rows]]:
    """Give what was typed as rows of the warehouse's tables."""
    yield (
        "application",
        [{"application_id": key, "uscc": key, "applied_on": as_of, "amount": typed.amount, "happened_on": as_of}],
    )
    yield "certificate", [_certificate(each, filling, f"{key}-{no}") for no, each in enumerate(typed.certificates)]
    yield "enterprise", [{
        "name": key, "registered_on": typed.registered_on, "industry_code": typed.industry_code,
        "status": filling.status, "happened_on": typed.registered_on or as_of,
    }]  # fmt: skip
    ends = [dt.date(as_of.year - back, 12, 31) for back in range(1, 4)]
    if typed.employees is not None or typed.revenue is not None:
        told: dict[str, object] = {"employees": typed.employees, "revenue": typed.revenue}
        filled = {name: value for name, value in filling.figures.items() if told.get(name) is None}
        last: dict[str, object] = {"year": ends[0].year, "happened_on": ends[0], **told, **filled}
        yield "annual_report", [
            last, *({"year": end.year, "happened_on": end} for end in ends[1 : 1 + filling.earlier_reports])
        ]  # fmt: skip
    if typed.tax_grade:
        yield (
            "tax_grade",
            [
                {"year": end.year, "grade": grade, "happened_on": end}
                for end, grade in zip(ends, [typed.tax_grade, *[filling.earlier_tax_grade] * 2], strict=True)
                if grade
            ],
        )
    yield "inspection", list(_inspections(typed, as_of, filling, key))
    if typed.days_past_due_max is not None:
        yield "credit_month", list(_months(typed.days_past_due_max, as_of, filling, key))


def _certificate(typed: TypedCertificate, filling: _Filling, number: str) -> dict[str, Any]:
    before, issued = filling.first_issued_years_before, typed.issued_on
    return {
        "certificate_no": number,
        "scheme": typed.scheme,
        "issued_on": issued,
        "first_issued_on": None if before is None else issued - dt.timedelta(days=365 * before),
        "expires_on": typed.expires_on,
        "accreditation": {True: "cnas", False: "unaccredited", None: filling.accreditation}[typed.accredited],
        "assurance": "third_party" if typed.third_party else "self_declared",
        "role": "client",
        "happened_on": issued,
    }


def _inspections(typed: PreviewInput, as_of: dt.date, filling: _Filling, key: str) -> Iterator[dict[str, Any]]:
    day = as_of - dt.timedelta(days=filling.inspected_days_before)
    verdicts = ["no_nonconformity"] * typed.inspections_passed + ["nonconforming"] * typed.inspections_failed
    for number, verdict in enumerate(verdicts):
        known = {"inspection_no": f"{key}-{number}", "kind": "spot_check", "verdict": verdict}
        further = filling.inspection if verdict == "nonconforming" else {}
        yield {**known, **further, "inspected_on": day, "happened_on": day}


def _months(worst: int, as_of: dt.date, filling: _Filling, key: str) -> Iterator[dict[str, Any]]:
    """Give monthly statements: a year whose worst is what was typed and, in some fillings, the year before it."""
    first = as_of.replace(day=1)
    for back in range(1, 13 if filling.earlier_overdue is None else 25):
        end = first - dt.timedelta(days=1)
        first = end.replace(day=1)
        overdue = filling.earlier_overdue if back > 12 else worst if back in filling.overdue_months else 0
        yield {"account_no": key, "month": first, "days_past_due": overdue, "happened_on": end}
