"""One audit is one piece of evidence, and one loss; what cannot have happened speaks for nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from certloan.domain.evidence import Family
from certloan.features.aggregates import Count, CountDistinct
from certloan.features.catalog import CATALOG
from certloan.features.spec import FeatureSpec, Use

D = dt.date
PAPERS = ("A01", "A02", "A03")
TERM = {"issued_on": D(2024, 3, 1), "expires_on": D(2027, 2, 28)}


def _asked(records: Any, *names: str, day: dt.date) -> list[Any]:
    row = records.ask(*names, day=day)
    return [row[name] for name in names]


def _printed(records: Any, days: Sequence[dt.date], **cells: Any) -> None:
    for scheme, day in zip(PAPERS, days, strict=True):
        records.put(
            "certificate", certificate_no=scheme, scheme=scheme, issued_on=day, expires_on=D(2027, 12, 31), **cells
        )


@pytest.mark.parametrize("cells", [{"audit_id": "X"}, {"audit_id": None, "body_no": "B1"}])
@pytest.mark.parametrize(
    ("event", "counted"),
    [
        ("suspended", "cert_suspensions_24m_n"),
        ("suspended", "cert_suspensions_60m_n"),
        ("withdrawn", "cert_withdrawn_36m_n"),
        ("surveillance_passed", "cert_surveillance_24m_n"),
    ],
)
def test_what_befalls_one_audit_is_one_event_though_its_papers_tell_it_on_different_days(
    records: Any, event: str, counted: str, cells: dict[str, Any]
) -> None:
    _printed(records, [D(2024, 3, 1), D(2024, 3, 2), D(2024, 3, 4)], **cells)
    for scheme, day in zip(PAPERS, (D(2025, 1, 31), D(2025, 2, 1), D(2025, 2, 2)), strict=True):
        records.put("certificate_event", certificate_no=scheme, event=event, event_on=day)
    assert records.ask(counted, day=D(2025, 6, 1)) == 1


def test_a_second_suspension_of_one_audit_months_later_is_a_second_one(records: Any) -> None:
    records.put("certificate", certificate_no="C1", scheme="A01", **TERM)
    for event, day in (("suspended", D(2024, 6, 1)), ("restored", D(2024, 7, 1)), ("suspended", D(2025, 3, 1))):
        records.put("certificate_event", certificate_no="C1", event=event, event_on=day)
    assert records.ask("cert_suspensions_24m_n", day=D(2025, 6, 1)) == 2


@pytest.mark.parametrize(
    ("days", "audits"),
    [
        ((D(2025, 3, 1), D(2025, 3, 2), D(2025, 3, 3)), 1),
        ((D(2025, 3, 1), D(2025, 3, 31), D(2025, 4, 30)), 1),
        ((D(2025, 3, 1), D(2025, 4, 1), D(2025, 4, 2)), 2),
        ((D(2025, 1, 1), D(2025, 3, 1), D(2025, 5, 1)), 3),
    ],
)
def test_without_a_number_of_the_audit_what_one_body_issues_without_a_pause_is_one_audit(
    records: Any, days: Sequence[dt.date], audits: int
) -> None:
    _printed(records, days, audit_id=None, body_no="B1")
    assert records.ask("cert_valid_audits", day=D(2025, 6, 30)) == audits


def test_two_bodies_on_one_day_are_two_audits_and_numbered_audits_bridge_no_others(records: Any) -> None:
    for number, body, audit, day in (
        ("C1", "B1", None, D(2025, 3, 1)),
        ("C2", "B1", "X", D(2025, 3, 20)),
        ("C3", "B1", None, D(2025, 4, 10)),
        ("C4", "B2", None, D(2025, 3, 1)),
    ):
        records.put(
            "certificate", certificate_no=number, scheme="VOL", body_no=body, audit_id=audit, issued_on=day,
            expires_on=D(2028, 2, 28), product_category=number,
        )  # fmt: skip
    assert records.ask("cert_valid_audits", day=D(2025, 6, 30)) == 4


def test_what_befalls_a_certificate_that_the_firm_does_not_hold_is_no_event_of_the_firm(records: Any) -> None:
    records.put("certificate", certificate_no="F1", scheme="CCC", role="factory", **TERM)
    for number in ("F1", "NOSUCH"):
        for event, day in (("suspended", D(2025, 1, 10)), ("withdrawn", D(2025, 3, 10))):
            records.put("certificate_event", certificate_no=number, event=event, event_on=day)
    asked = ("cert_suspensions_24m_n", "cert_suspensions_60m_n", "cert_withdrawn_36m_n", "cert_suspended_audits")
    for day in (D(2025, 2, 10), D(2025, 6, 1)):
        assert _asked(records, *asked, day=day) == [0, 0, 0, 0]


@pytest.mark.parametrize("on", [D(2024, 1, 5), D(2027, 3, 1), D(2026, 2, 1)])
def test_a_surveillance_that_cannot_have_taken_place_is_none(records: Any, on: dt.date) -> None:
    records.put("certificate", certificate_no="C1", scheme="A01", **TERM)
    records.put("certificate_event", certificate_no="C1", event="surveillance_passed", event_on=on)
    records.put("certificate_event", certificate_no="C1", event="withdrawn", event_on=D(2026, 1, 10))
    assert records.ask("cert_surveillance_24m_n", day=max(on, D(2024, 4, 1)) + dt.timedelta(days=30)) == 0


def test_a_surveillance_after_the_certificate_was_issued_anew_counts_again(records: Any) -> None:
    records.put("certificate", certificate_no="C1", scheme="A01", **TERM)
    for event, day in (
        ("withdrawn", D(2024, 9, 1)),
        ("recertified", D(2025, 1, 1)),
        ("surveillance_passed", D(2025, 11, 1)),
    ):
        records.put("certificate_event", certificate_no="C1", event=event, event_on=day)
    assert records.ask("cert_surveillance_24m_n", day=D(2025, 12, 1)) == 1


@pytest.mark.parametrize(("restored", "valid"), [(D(2025, 7, 10), 1), (D(2025, 7, 11), 0)])
def test_a_restoration_after_the_suspension_ran_out_restores_nothing(
    records: Any, restored: dt.date, valid: int
) -> None:
    records.put("certificate", certificate_no="C1", scheme="A01", issued_on=D(2024, 9, 1), expires_on=D(2027, 8, 31))
    for event, day in (("suspended", D(2025, 1, 10)), ("restored", restored)):
        records.put("certificate_event", certificate_no="C1", event=event, event_on=day)
    found = _asked(records, "cert_valid_audits", "cert_lapsed_audits", "cert_contradictions_n", day=D(2025, 9, 1))
    assert found == [valid, 1 - valid, 1 - valid]


def test_the_notice_of_a_restoration_repeated_later_is_no_late_restoration(records: Any) -> None:
    records.put("certificate", certificate_no="C1", scheme="A01", issued_on=D(2024, 9, 1), expires_on=D(2027, 8, 31))
    for event, day in (("suspended", D(2025, 1, 10)), ("restored", D(2025, 3, 1)), ("restored", D(2025, 9, 1))):
        records.put("certificate_event", certificate_no="C1", event=event, event_on=day)
    assert records.ask("cert_valid_audits", day=D(2025, 9, 20)) == 1


@pytest.mark.parametrize(("expires", "contradictions"), [(D(2125, 2, 28), 1), (D(2028, 8, 1), 0)])
def test_an_expiry_that_no_rule_allows_ends_with_the_rule(records: Any, expires: dt.date, contradictions: int) -> None:
    records.put("certificate", certificate_no="C1", scheme="A01", issued_on=D(2025, 3, 1), expires_on=expires)
    assert records.ask("cert_contradictions_n", day=D(2025, 6, 1)) == contradictions
    assert records.ask("cert_valid_n", day=D(2028, 3, 1)) == 1
    assert records.ask("cert_valid_n", day=D(2028, 3, 2)) == 1 - contradictions


@pytest.mark.parametrize("told_of", ["old", "new"])
@pytest.mark.parametrize(("audited", "in_time"), [(D(2026, 1, 20), 1), (D(2026, 2, 5), 0)])
def test_an_audit_on_site_before_expiry_recertifies_though_the_paper_came_weeks_later(
    records: Any, told_of: str, audited: dt.date, in_time: int
) -> None:
    first = {"scheme": "A01", "first_issued_on": D(2020, 2, 1)}
    records.put("certificate", certificate_no="old", issued_on=D(2023, 2, 1), expires_on=D(2026, 1, 31), **first)
    records.put("certificate", certificate_no="new", issued_on=D(2026, 3, 20), expires_on=D(2029, 1, 31), **first)
    records.put("certificate_event", certificate_no=told_of, event="recertified", event_on=audited)
    found = _asked(records, "cert_recertified_n", "cert_restarted_n", day=D(2026, 5, 1))
    assert found == [in_time, 1 - in_time]


@pytest.mark.parametrize("scheme", PAPERS)
@pytest.mark.parametrize(
    ("day", "valid", "transition"), [(D(2025, 12, 20), 1, 0), (D(2026, 1, 1), 0, 1), (D(2026, 3, 1), 0, 0)]
)
def test_all_systems_of_an_integrated_audit_go_by_one_rule_on_each_side_of_2026(
    records: Any, scheme: str, day: dt.date, valid: int, transition: int
) -> None:
    records.put("certificate", certificate_no="C1", scheme=scheme, issued_on=D(2023, 11, 10), expires_on=D(2026, 11, 9))
    records.put("certificate_event", certificate_no="C1", event="surveillance_passed", event_on=D(2024, 10, 10))
    found = _asked(records, "cert_valid_audits", "cert_transition_audits", day=day)
    assert found == [valid, transition]


def test_a_declaration_of_three_schemes_is_one(records: Any) -> None:
    for scheme in ("PZB", "CCC-SD", "VOL"):
        records.put("certificate", certificate_no=scheme, scheme=scheme, assurance="self_declared", **TERM)
    found = _asked(records, "cert_self_declared", "cert_self_declared_schemes", "cert_valid_audits", day=D(2024, 6, 1))
    assert found == [1, 3, 0]


def test_every_number_of_certificates_that_the_model_reads_counts_audits_or_what_befell_one() -> None:
    counted = [
        spec
        for spec in CATALOG
        if isinstance(spec, FeatureSpec)
        and spec.family is Family.CERTIFICATION
        and spec.use is Use.MODEL
        and isinstance(spec.aggregate, Count | CountDistinct)
    ]
    assert len(counted) > 10
    papers = [
        spec.name for spec in counted if spec.aggregate not in (CountDistinct("audit"), CountDistinct("occasion"))
    ]
    assert papers == []


@pytest.mark.parametrize(("registered", "standing", "years"), [(D(2022, 9, 1), "B_capped", 0), (D(2019, 9, 1), "A", 1)])
def test_an_a_before_three_years_of_operation_is_the_best_b(
    records: Any, registered: dt.date, standing: str, years: int
) -> None:
    records.put("enterprise", registered_on=registered, known_on=D(2022, 10, 1))
    records.put("tax_grade", year=2023, grade="A", happened_on=D(2023, 12, 31), known_on=D(2024, 4, 30))
    assert _asked(records, "tax_standing", "tax_a_years_60m_n", day=D(2024, 6, 1)) == [standing, years]
