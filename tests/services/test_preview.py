"""An enterprise's own look: what it typed is known, what it did not tell is unknown, and nothing is made up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
import pytest

from certloan.bootstrap import House
from certloan.services.preview import PreviewInput, TypedCertificate, preview
from certloan.services.preview_records import told_features
from certloan.storage.warehouse import DuckWarehouse

TODAY = dt.date(2026, 6, 1)
CERTIFICATE = TypedCertificate("A01", dt.date(2024, 10, 1), dt.date(2027, 9, 30))
Told = Callable[[PreviewInput], dict[str, object]]


@pytest.fixture
def told() -> Told:
    def of(typed: PreviewInput) -> dict[str, object]:
        scratch = DuckWarehouse.open(None)
        try:
            matrix: pa.Table = told_features(scratch, typed, TODAY)
        finally:
            scratch.close()
        assert matrix.num_rows == 1
        return {name: value for name, value in matrix.to_pylist()[0].items() if value is not None}

    return of


def test_what_was_typed_is_known(told: Told) -> None:
    known = told(
        PreviewInput(
            Decimal(1_000_000), dt.date(2015, 1, 1), certificates=(CERTIFICATE,), inspections_passed=2,
            inspections_failed=1, days_past_due_max=45,
        )
    )  # fmt: skip
    assert known["app_amount"] == 1_000_000
    assert known["cert_valid_n"] == 1
    assert known["ent_age_months"] == 137
    assert known["insp_failed_36m_n"] == 1
    assert known["credit_dpd_max_12m"] == 45


@pytest.mark.parametrize(
    ("typed", "untold"),
    [
        (
            PreviewInput(Decimal(1), certificates=(CERTIFICATE,)),
            {"cert_first_issue_months", "cert_accredited_audits", "cert_overdue", "cert_body_struck"},
        ),
        (PreviewInput(Decimal(1), tax_grade="A"), {"tax_a_years_60m_n", "tax_d_years_60m_n"}),
        (PreviewInput(Decimal(1), inspections_failed=1), {"insp_months_since_failure", "insp_failed_12m_n"}),
        (PreviewInput(Decimal(1), days_past_due_max=45), {"credit_months_past_due_12m", "credit_dpd_max_6m"}),
        (PreviewInput(Decimal(1), days_past_due_max=0), {"credit_dpd_max_24m", "credit_months_24m"}),
        (PreviewInput(Decimal(1), employees=5), {"ent_reports_60m_n", "ent_figures_withheld", "ent_log_revenue"}),
        (PreviewInput(Decimal(9_000_000), employees=5), {"app_amount_to_revenue", "app_amount_to_assets"}),
        (PreviewInput(Decimal(1), dt.date(2015, 1, 1)), {"ent_operating"}),
    ],
)
def test_what_no_field_tells_stays_unknown(told: Told, typed: PreviewInput, untold: set[str]) -> None:
    assert not untold & told(typed).keys()


def test_a_registration_that_was_not_asked_for_is_not_held_against_anybody(demo: House) -> None:
    with demo.warehouse(read_only=True) as warehouse:
        seen = preview(
            demo.bundle(), demo.policy(), warehouse, PreviewInput(Decimal(1_000_000)), TODAY, demo.enterprise
        )
    assert {gate.code for gate in seen.gates} <= {"no-valid-certificate"}
