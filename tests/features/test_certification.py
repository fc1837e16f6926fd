"""What counts as a certificate on the day, rule by rule; ``docs/evidence.md`` has a worked example of each."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from certloan.features.catalog import CATALOG
from certloan.features.spec import Missing, Unit

D = dt.date
#: So lately issued that no surveillance audit can be due on the day that the tests ask about.
NEW = {"certificate_no": "C1", "issued_on": D(2023, 9, 1)}


def test_five_certificates_of_one_audit_are_one_piece_of_evidence(records: Any) -> None:
    for number in range(5):
        records.put("certificate", certificate_no=f"C{number}", audit_id="R1", accreditation="cnas")
    found = records.ask("cert_valid_n", "cert_valid_audits")
    assert (found["cert_valid_n"], found["cert_valid_audits"]) == (5, 1)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "valid"),
        ([("suspended", D(2024, 1, 1))], "suspended"),
        ([("suspended", D(2024, 1, 1)), ("restored", D(2024, 2, 1))], "valid"),
        ([("restored", D(2024, 1, 1)), ("suspended", D(2024, 2, 1))], "suspended"),
        ([("withdrawn", D(2024, 1, 1))], "withdrawn"),
        ([("cancelled", D(2024, 1, 1))], "cancelled"),
        ([("suspended", D(2024, 1, 1)), ("surveillance_passed", D(2024, 2, 1))], "suspended"),
        ([("suspended", D(2024, 1, 1)), ("recertified", D(2024, 2, 1))], "valid"),
        ([("suspended", D(2024, 2, 1)), ("withdrawn", D(2024, 2, 1))], "withdrawn"),
        ([("withdrawn", D(2024, 7, 1))], "valid"),
        ([("withdrawn", D(2024, 1, 1)), ("restored", D(2024, 2, 1))], "withdrawn"),
        ([("withdrawn", D(2024, 1, 1)), ("recertified", D(2024, 2, 1))], "valid"),
        ([("suspended", D(2024, 1, 1)), ("restored", D(2024, 1, 1))], "suspended"),
        ([("expired", D(2024, 1, 1))], "expired"),
        ([("suspended", D(2023, 10, 1))], "lapsed"),
    ],
)
def test_the_state_of_a_certificate_is_that_of_its_last_event_before_the_day(
    records: Any, events: list[tuple[str, dt.date]], state: str
) -> None:
    records.put("certificate", **NEW)
    for event, on in events:
        records.put("certificate_event", certificate_no="C1", event=event, event_on=on, known_on=min(on, D(2024, 6, 1)))
    found = records.ask("cert_valid_n", "cert_suspended_audits", "cert_lapsed_audits")
    assert found["cert_valid_n"] == (state == "valid")
    assert found["cert_suspended_audits"] == (state == "suspended")
    assert found["cert_lapsed_audits"] == (state == "lapsed")


def test_an_event_that_was_not_known_on_the_day_leaves_the_certificate_valid(records: Any) -> None:
    records.put("certificate", **NEW)
    records.put(
        "certificate_event", certificate_no="C1", event="withdrawn", event_on=D(2024, 6, 1), known_on=D(2024, 6, 16)
    )
    assert records.ask("cert_valid_n") == 1
    assert records.ask("cert_valid_n", day=D(2024, 6, 16)) == 0


def test_an_event_of_another_holder_with_the_same_number_changes_nothing(records: Any) -> None:
    records.put("certificate", **NEW)
    records.put("certificate_event", uscc="U2", certificate_no="C1", event="withdrawn", event_on=D(2024, 1, 1))
    assert records.ask("cert_valid_n") == 1


@pytest.mark.parametrize(("day", "valid"), [(D(2025, 12, 31), 1), (D(2026, 1, 1), 1), (D(2026, 1, 2), 0)])
def test_a_certificate_is_valid_through_the_day_of_its_expiry(records: Any, day: dt.date, valid: int) -> None:
    records.put("certificate", expires_on=D(2026, 1, 1))
    assert records.ask("cert_valid_n", day=day) == valid


def test_a_lapsed_scheme_is_lost_until_another_certificate_of_it_is_valid(records: Any) -> None:
    records.put("certificate", scheme="A01", expires_on=D(2024, 1, 1))
    records.put("certificate", scheme="A02")
    assert records.ask("cert_unrenewed_n") == 1
    records.put("certificate", scheme="A01", expires_on=D(2027, 1, 1))
    assert records.ask("cert_unrenewed_n") == 0


@pytest.mark.parametrize(
    ("cells", "counted"),
    [
        ({"scheme": "A01", "accreditation": "cnas"}, 1),
        ({"scheme": "A01", "accreditation": None}, 1),
        ({"scheme": "A01", "accreditation": "unaccredited"}, 0),
        ({"scheme": "A01", "assurance": "self_declared"}, 0),
        ({"scheme": "PZB", "accreditation": "unaccredited"}, 1),
        ({"scheme": "PZB", "assurance": "self_declared"}, 0),
        ({"scheme": "NO-SUCH-SCHEME"}, 0),
        ({"scheme": "NO-SUCH-SCHEME", "accreditation": "cnas"}, 1),
    ],
)
def test_weak_proof_is_no_independent_audit(records: Any, cells: dict[str, Any], counted: int) -> None:
    records.put("certificate", audit_id="R1", **cells)
    assert records.ask("cert_valid_audits") == counted


def test_a_compulsory_certificate_counts_for_its_holder_and_not_for_the_factory(records: Any) -> None:
    for role in ("client", "producer", "factory"):
        records.put("certificate", scheme="CCC", role=role)
    found = records.ask("cert_ccc_n", "cert_factory_n")
    assert (found["cert_ccc_n"], found["cert_factory_n"]) == (2, 1)


def test_days_to_expiry_are_those_of_the_first_to_expire(records: Any) -> None:
    records.put("certificate", expires_on=D(2024, 6, 25))
    records.put("certificate", expires_on=D(2025, 6, 25))
    records.put("certificate", expires_on=D(2024, 6, 1))
    assert records.ask("cert_nearest_expiry_days") == 10


def test_a_share_of_an_unknown_number_is_unknown(records: Any) -> None:
    records.put("certificate", headcount_covered=30)
    assert records.ask("cert_headcount_share") is None
    records.put("annual_report", year=2022, employees=120)
    assert records.ask("cert_headcount_share") == 0.25
    records.put("certificate", headcount_covered=500)
    assert records.ask("cert_headcount_share") == 1


def _ends(records: Any, number: str, event: str, reason: str | None) -> None:
    records.put("certificate_event", certificate_no=number, event=event, event_on=D(2024, 1, 1), reason_code=reason)


@pytest.mark.parametrize(
    ("event", "reason", "bad"),
    [
        ("withdrawn", "0120", False),
        ("withdrawn", "因换发新证而撤销旧证书", False),
        ("withdrawn", "0115", True),
        ("withdrawn", None, True),
        ("cancelled", "0102", False),
        ("cancelled", "0104", False),
        ("cancelled", "0199", True),
        ("suspended", "0120", None),
    ],
)
def test_a_certificate_that_a_new_one_replaced_is_neither_bad_nor_lost(
    records: Any, event: str, reason: str | None, bad: bool | None
) -> None:
    records.put("certificate", certificate_no="OLD")
    _ends(records, "OLD", event, reason)
    found = records.ask("cert_valid_n", "cert_withdrawn_36m_n", "cert_unrenewed_n")
    assert found["cert_valid_n"] == 0
    assert found["cert_withdrawn_36m_n"] == (event == "withdrawn" and bad is True)
    assert found["cert_unrenewed_n"] == (bad is True)


def test_a_scheme_is_lost_when_the_certificate_that_replaced_another_is_lost(records: Any) -> None:
    records.put("certificate", certificate_no="OLD")
    records.put("certificate", certificate_no="NEW")
    _ends(records, "OLD", "withdrawn", "0120")
    assert records.ask("cert_unrenewed_n") == 0
    _ends(records, "NEW", "withdrawn", "0115")
    assert records.ask("cert_unrenewed_n") == 1


def test_a_suspended_scheme_is_not_lost(records: Any) -> None:
    records.put("certificate", **NEW)
    _ends(records, "C1", "suspended", None)
    found = records.ask("cert_suspended_audits", "cert_unrenewed_n", "cert_valid_n")
    assert (found["cert_suspended_audits"], found["cert_unrenewed_n"], found["cert_valid_n"]) == (1, 0, 0)


def test_every_count_of_certificates_is_zero_once_the_register_was_delivered(records: Any) -> None:
    counted = [s for s in CATALOG if getattr(s, "missing", None) is Missing.ZERO_IF_DELIVERED]
    counts = [s for s in counted if getattr(s, "table", "") == "certificate_state" and s.unit is Unit.COUNT]
    assert len(counts) > 10
    names = [spec.name for spec in counts] + ["cert_unrenewed_n"]
    assert {records.ask(name) for name in names} == {None}
    records.put("certificate", uscc="somebody")
    assert {records.ask(name) for name in names} == {0}


@pytest.mark.parametrize(
    ("day", "audited", "overdue"),
    [
        (D(2025, 12, 31), D(2024, 10, 1), 0),  # 15 months and 30 days
        (D(2025, 12, 31), D(2024, 8, 30), 1),
        (D(2026, 1, 1), D(2024, 12, 2), 0),  # 12 months and 30 days
        (D(2026, 1, 1), D(2024, 12, 1), 1),
    ],
)
def test_the_day_that_is_asked_about_chooses_the_version_of_the_rule(
    records: Any, day: dt.date, audited: dt.date, overdue: int
) -> None:
    records.put("certificate", certificate_no="C1", issued_on=D(2023, 9, 1), expires_on=D(2026, 8, 31))
    records.put("certificate_event", certificate_no="C1", event="surveillance_passed", event_on=audited)
    found = records.ask("cert_overdue", "cert_valid_audits", day=day)
    assert (found["cert_overdue"], found["cert_valid_audits"]) == (overdue, 1 - overdue)


@pytest.mark.parametrize(("rule_day", "restarted"), [(D(2025, 11, 1), 0), (D(2026, 2, 1), 1)])
def test_the_day_of_issue_chooses_whether_a_late_recertification_is_one(
    records: Any, rule_day: dt.date, restarted: int
) -> None:
    records.put("certificate", certificate_no="OLD", issued_on=D(2022, 10, 1), expires_on=D(2025, 9, 30))
    records.put("certificate", certificate_no="NEW", issued_on=rule_day, expires_on=D(2028, 9, 30))
    found = records.ask("cert_restarted_n", "cert_recertified_n", day=D(2026, 3, 1))
    assert (found["cert_restarted_n"], found["cert_recertified_n"]) == (restarted, 1 - restarted)


def test_the_audits_of_a_product_certificate_are_told_by_nobody(records: Any) -> None:
    records.put("certificate", certificate_no="C1", scheme="CCC", issued_on=D(2021, 1, 1), expires_on=D(2025, 12, 31))
    records.put("certificate_event", certificate_no="OTHER", event="changed", event_on=D(2023, 1, 1))
    found = records.ask("cert_overdue", "cert_gap_used", "cert_ccc_audits")
    assert (found["cert_overdue"], found["cert_gap_used"], found["cert_ccc_audits"]) == (None, None, 1)


@pytest.mark.parametrize(
    ("cells", "agreement"),
    [
        ({"certified_on": D(2023, 1, 1), "ends_on": D(2026, 1, 1)}, "confirmed"),
        ({"certified_on": D(2022, 11, 20), "ends_on": D(2026, 2, 10)}, "confirmed"),
        ({"certified_on": D(2022, 11, 10), "ends_on": D(2026, 1, 1)}, "unconfirmed"),
        ({"certified_on": D(2023, 1, 1), "ends_on": D(2026, 2, 20)}, "contradicted"),
        ({"certified_on": D(2023, 1, 1), "ends_on": None}, "confirmed"),
        ({"certified_on": D(2023, 1, 1), "ends_on": D(2026, 1, 1), "scheme": "A0101"}, "confirmed"),
        ({"certified_on": D(2023, 1, 1), "ends_on": D(2026, 1, 1), "scheme": "A02"}, "unconfirmed"),
    ],
)
def test_the_credit_report_is_held_against_the_register(records: Any, cells: dict[str, Any], agreement: str) -> None:
    records.put("certificate", scheme="A01")
    records.put("reported_certificate", **{"scheme": "A01"} | cells)
    kinds = ("confirmed", "unconfirmed", "contradicted")
    found = records.ask(*(f"cert_reported_{kind}_n" for kind in kinds))
    assert [kind for kind in kinds if found[f"cert_reported_{kind}_n"]] == [agreement]


def test_without_the_register_nothing_in_the_credit_report_is_confirmed_or_contradicted(records: Any) -> None:
    records.put("reported_certificate", scheme="A01", certified_on=D(2023, 1, 1), ends_on=D(2026, 1, 1))
    found = records.ask("cert_reported_n", "cert_reported_confirmed_share", "cert_reported_contradicted_share")
    assert list(found.values())[-3:] == [1, None, None]


def test_the_number_of_a_compulsory_certificate_tells_its_kind_of_product(records: Any) -> None:
    records.put("product", product_category="0702", since=D(2020, 1, 1))
    records.put("certificate", certificate_no="2021010702000001", scheme="CCC")
    assert records.ask("cert_ccc_missing_n") == 0
    records.put("product", product_category="0703", since=D(2020, 1, 1))
    assert records.ask("cert_ccc_missing_n") == 1


@pytest.mark.parametrize(("since", "until"), [(D(2024, 7, 1), None), (D(2020, 1, 1), D(2024, 6, 14))])
def test_what_is_not_made_on_the_day_needs_no_certificate(records: Any, since: dt.date, until: dt.date | None) -> None:
    records.put("certificate", scheme="A01")
    records.put("product", product_category="0702", since=since, until=until, known_on=D(2024, 1, 1))
    assert records.ask("cert_ccc_missing_n") == 0


def test_nothing_is_missing_where_the_register_was_never_delivered(records: Any) -> None:
    records.put("product", product_category="0702", since=D(2020, 1, 1))
    found = records.ask("cert_ccc_required_n", "cert_ccc_missing_n")
    assert (found["cert_ccc_required_n"], found["cert_ccc_missing_n"]) == (1, 0)
