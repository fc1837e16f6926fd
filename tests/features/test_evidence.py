"""The records behind a number are those that it counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.features.histories import SUBJECTS, Area, History, areas

from certloan.features.aggregates import Count, Sum
from certloan.features.catalog import CATALOG, by_name
from certloan.features.spec import FeatureSpec
from certloan.services.build_features import evidence

D = dt.date
DAY = D(2024, 6, 15)
SUBJECT = pa.table({"application_id": ["A1"], "uscc": ["U1"], "as_of": [DAY]})


def test_the_evidence_names_the_certificates_that_count_and_no_other(records: Any) -> None:
    records.put("certificate", certificate_no="C1", issued_on=D(2023, 1, 1))
    records.put("certificate", certificate_no="C2", issued_on=D(2023, 5, 1))
    records.put("certificate", certificate_no="GONE", expires_on=D(2024, 1, 1))
    records.put("certificate", certificate_no="LATER", known_on=D(2024, 6, 16))
    ((relation, found),) = evidence(records.warehouse, by_name("cert_valid_n"), SUBJECT)
    assert relation == "certificate_state"
    assert found["certificate_no"].to_pylist() == ["C2", "C1"]
    assert found["expires_on"].to_pylist() == [D(2026, 1, 1)] * 2
    assert found["subject"].to_pylist() == [1, 1]


def test_the_record_that_set_an_extreme_comes_first(records: Any) -> None:
    records.put("certificate", certificate_no="FIRST", scheme="A02", expires_on=D(2024, 7, 1), issued_on=D(2021, 7, 1))
    records.put("certificate", certificate_no="SECOND", expires_on=D(2025, 7, 1))
    ((_, found),) = evidence(records.warehouse, by_name("cert_nearest_expiry_days"), SUBJECT)
    assert found["certificate_no"].to_pylist()[0] == "FIRST"


def test_the_oldest_certificate_comes_first_and_shows_the_day_of_its_first_issue(records: Any) -> None:
    put = [
        ("A", "A02", D(2024, 5, 21), None),
        ("B", "A03", D(2023, 5, 1), D(2016, 8, 9)),
        ("C", "A01", D(2023, 6, 1), D(2016, 8, 3)),
    ]
    for number, scheme, issued, first in put:
        records.put("certificate", certificate_no=number, scheme=scheme, issued_on=issued, first_issued_on=first)
    spec = by_name("cert_first_issue_months")
    ((_, found),) = evidence(records.warehouse, spec, SUBJECT)
    assert found["certificate_no"].to_pylist() == ["C", "B", "A"]
    assert found["held_from"].to_pylist()[0] == D(2016, 8, 3)
    assert records.ask(spec.name) == 94


def test_only_the_newest_record_stands_behind_a_latest_value(records: Any) -> None:
    for year in (2020, 2022, 2021):
        records.put("annual_report", year=year, employees=year, happened_on=D(year, 12, 31), known_on=D(2024, 1, 1))
    ((_, found),) = evidence(records.warehouse, by_name("ent_employees"), SUBJECT)
    assert found["year"].to_pylist() == [2022]
    assert records.ask("ent_employees") == 2022


def test_the_records_that_make_up_a_share_come_first_and_no_more_than_wanted(records: Any) -> None:
    for number, status in enumerate(("valid", "void", "valid", "valid")):
        records.put("invoice", invoice_no=f"N{number}", status=status, invoiced_on=D(2024, 1, 1 + number))
    ((_, found),) = evidence(records.warehouse, by_name("ops_void_share_36m"), SUBJECT, most=2)
    assert found["invoice_no"].to_pylist() == ["N1", "N3"]
    assert found["place"].to_pylist() == [1, 2]


def test_a_derived_feature_shows_the_records_of_its_parts(records: Any) -> None:
    records.put("certificate", headcount_covered=10)
    records.put("annual_report", year=2022, employees=20)
    found = evidence(records.warehouse, by_name("cert_headcount_share"), SUBJECT)
    assert [(relation, rows.num_rows) for relation, rows in found] == [("certificate_state", 1), ("annual_report", 1)]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), area=areas)
def test_a_count_is_the_number_of_records_shown(history: History, data: Any, area: Area) -> None:
    counted = [spec for spec in area.specs if isinstance(spec, FeatureSpec) and isinstance(spec.aggregate, Count)]
    if not counted:
        return
    matrix = history.matrix(data.draw(area.records()), counted)
    for spec in counted:
        ((_, rows),) = evidence(history.warehouse, spec, SUBJECTS)
        shown = [rows["subject"].to_pylist().count(subject) for subject in (1, 2, 3)]
        assert [value or 0 for value in matrix[spec.name].to_pylist()] == shown


@pytest.fixture(scope="module")
def history() -> Any:
    made = History()
    yield made
    made.warehouse.close()


def test_sums_show_what_was_summed_up(records: Any) -> None:
    assert [spec for spec in CATALOG if isinstance(spec, FeatureSpec) and isinstance(spec.aggregate, Sum)]
    records.put("incident", kind="penalty", occurred_on=D(2024, 1, 1), amount=100)
    records.put("incident", kind="complaint", occurred_on=D(2019, 1, 1), amount=900)
    ((_, found),) = evidence(records.warehouse, by_name("incident_amount_36m"), SUBJECT)
    assert [int(amount) for amount in found["amount"].to_pylist()] == [100]
