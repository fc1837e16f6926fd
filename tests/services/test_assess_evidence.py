"""Every contradiction that is declared can be found, counted and named; nothing is asked of a source that never came."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from certloan.contracts import CONTRACTS
from certloan.domain.people import Actor, Role
from certloan.errors import NotReadyError, PermissionDeniedError
from certloan.features.catalog import by_name
from certloan.i18n import Lang, has
from certloan.ingest.checks import checks
from certloan.report.evidence_quality import QualityReport
from certloan.report.quality_page import page
from certloan.services.assess_evidence import FAMILIES, assess, write
from certloan.services.build_features import build_matrix
from certloan.services.check_across import ACROSS
from certloan.services.contradictions import CONTRADICTIONS, MISMATCHES
from certloan.storage.warehouse import DuckWarehouse

OFFICER = Actor("officer", Role.OFFICER)
DAY = date(2026, 6, 30)
A, B = "91110000600037341L", "91330100MA27XL0Q8D"
Row = tuple[str, dict[str, Any]]


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    opened.execute("insert into history.delivery values ('d', ?, current_timestamp, 'o', 'f', 1, 0)", [DAY])
    yield opened
    opened.close()


def put(warehouse: DuckWarehouse, *rows: Row) -> None:
    for table, cells in rows:
        told = {"happened_on": date(2025, 1, 1), "known_on": date(2025, 1, 15)} | cells
        names = ", ".join(f'"{name}"' for name in told)
        marks = ", ".join("?" for _ in told)
        warehouse.execute(f"insert into history.{table} ({names}) values ({marks})", list(told.values()))


def certificate(no: str = "C1", uscc: str = A, **cells: Any) -> Row:
    dates = {"issued_on": date(2024, 1, 1), "expires_on": date(2026, 12, 31), "scheme": "A01"}
    return "certificate", {"uscc": uscc, "certificate_no": no, **dates, **cells}


def event(kind: str, on: date, no: str = "C1", **cells: Any) -> Row:
    return "certificate_event", {"uscc": A, "certificate_no": no, "event": kind, "event_on": on, **cells}


def month(**cells: Any) -> Row:
    told = {"uscc": A, "account_no": "L1", "month": date(2025, 1, 1), "balance": 100, "credit_limit": 200}
    return "credit_month", told | cells


def failed(level: str = "national", **cells: Any) -> Row:
    told = {"uscc": A, "inspection_no": "I1", "inspected_on": date(2026, 1, 10), "verdict": "nonconforming"}
    return "inspection", told | {"level": level} | cells


def listed(which: str, **cells: Any) -> Row:
    return "list_entry", {"uscc": A, "list": which, "listed_on": date(2024, 3, 1), **cells}


BODY: Row = (
    "certification_body",
    {"body_no": "B1", "licensed_from": date(2020, 1, 1), "licensed_to": date(2025, 12, 31)},
)
REPORTED: Row = (
    "reported_certificate",
    {"uscc": A, "scheme": "A01", "certified_on": date(2024, 1, 20), "ends_on": date(2026, 12, 31)},
)
STATED: dict[str, Any] = {"known_on": date(2026, 6, 1)}
SURVEYED = (event("surveillance_passed", date(2024, 12, 1)), event("surveillance_passed", date(2025, 12, 1)))

#: For each code: rows that contradict each other, and rows that look alike and do not.
CASES: dict[str, tuple[tuple[Row, ...], tuple[Row, ...]]] = {
    "register-better-than-events": (
        (certificate(state_stated="valid", **STATED), event("suspended", date(2025, 5, 1))),
        (certificate(state_stated="valid", **STATED), event("suspended", date(2026, 6, 15))),
    ),
    "register-worse-than-events": (
        (certificate(state_stated="suspended", **STATED), event("restored", date(2025, 5, 1))),
        (certificate(state_stated="suspended", **STATED), event("suspended", date(2025, 5, 1))),
    ),
    "event-before-issue": (
        (certificate(), event("surveillance_passed", date(2023, 12, 1))),
        (certificate(first_issued_on=date(2021, 1, 1)), event("surveillance_passed", date(2023, 12, 1))),
    ),
    "event-after-expiry": (
        (certificate(expires_on=date(2025, 1, 1)), event("restored", date(2025, 2, 1))),
        (certificate(expires_on=date(2025, 1, 1)), event("cancelled", date(2025, 2, 1))),
    ),
    "event-after-end": (
        (event("withdrawn", date(2025, 1, 1)), event("restored", date(2025, 2, 1))),
        (event("suspended", date(2025, 1, 1)), event("restored", date(2025, 2, 1))),
    ),
    "certificate-number-shared": (
        (certificate(), certificate(uscc=B)),
        (certificate(role="client"), certificate(uscc=B, role="factory")),
    ),
    "certificate-body-unknown": ((BODY, certificate(body_no="B2")), (BODY, certificate(body_no="B1"))),
    "issued-outside-licence": (
        (BODY, certificate(body_no="B1", issued_on=date(2026, 2, 1))),
        (BODY, certificate(body_no="B1")),
    ),
    "fewer-surveillances-stated": (
        (certificate(surveillance_n=1, **STATED), *SURVEYED),
        (certificate(surveillance_n=2, **STATED), *SURVEYED),
    ),
    "report-unconfirmed": ((REPORTED, certificate(scheme="A02")), (REPORTED, certificate(scheme="A0101"))),
    "report-contradicted": (
        (REPORTED, certificate(), event("withdrawn", date(2024, 12, 1))),
        (REPORTED, certificate(), event("suspended", date(2025, 3, 1)), event("restored", date(2025, 6, 1))),
    ),
    "headcount-far-from-report": (
        (certificate(headcount_covered=300), ("annual_report", {"uscc": A, "year": 2023, "employees": 50})),
        (certificate(headcount_covered=60), ("annual_report", {"uscc": A, "year": 2023, "employees": 50})),
    ),
    "failed-without-special-audit": (
        (failed(), certificate(), event("changed", date(2024, 2, 1))),
        (failed(), certificate(), event("special_audit_passed", date(2026, 2, 5))),
    ),
    "overdue-but-normal": (
        (month(days_past_due=120, five_class="normal"),),
        (month(days_past_due=120, five_class="substandard"),),
    ),
    "arrears-without-days": (
        (month(days_past_due=0, overdue_amount=5),),
        (month(days_past_due=3, overdue_amount=5),),
    ),
    "balance-above-limit": ((month(balance=201),), (month(balance=200),)),
    "whitelisted-and-blacklisted": (
        (listed("quality_whitelist"), listed("serious_violation")),
        (listed("quality_whitelist"), listed("serious_violation", removed_on=date(2025, 1, 1))),
    ),
    "arrears-with-grade-a": (
        (listed("tax_arrears"), ("tax_grade", {"uscc": A, "year": 2024, "grade": "A"})),
        (listed("tax_arrears"), ("tax_grade", {"uscc": A, "year": 2023, "grade": "A"})),
    ),
    "tax-a-under-three-years": (
        (
            ("enterprise", {"uscc": A, "registered_on": date(2022, 1, 2)}),
            ("tax_grade", {"uscc": A, "year": 2024, "grade": "A"}),
        ),
        (
            ("enterprise", {"uscc": A, "registered_on": date(2021, 12, 31)}),
            ("tax_grade", {"uscc": A, "year": 2024, "grade": "A"}),
        ),
    ),
    "certificate-without-end": (
        (certificate(expires_on=date(2125, 1, 1)),),
        (certificate(expires_on=date(2030, 1, 1)),),
    ),
    "active-after-deregistration": (
        (("enterprise", {"uscc": A, "status": "deregistered"}), certificate(issued_on=date(2025, 6, 1))),
        (("enterprise", {"uscc": A, "status": "deregistered"}), certificate()),
    ),
    "invoices-above-revenue": (
        tuple(
            (table, {"uscc": A, **cells})
            for table, cells in (
                ("annual_report", {"year": 2024, "revenue": 100}),
                ("invoice", {"direction": "sale", "invoiced_on": date(2024, 5, 1), "net": 150}),
            )
        ),
        tuple(
            (table, {"uscc": A, **cells})
            for table, cells in (
                ("annual_report", {"year": 2024, "revenue": 100}),
                ("invoice", {"direction": "sale", "invoiced_on": date(2024, 5, 1), "net": 150, "status": "void"}),
            )
        ),
    ),
    "equity-not-the-difference": (
        (("annual_report", {"uscc": A, "year": 2024, "assets": 10**6, "liabilities": 4 * 10**5, "equity": 10**5}),),
        (("annual_report", {"uscc": A, "year": 2024, "assets": 10**6, "liabilities": 4 * 10**5, "equity": 6 * 10**5}),),
    ),
    "incident-without-date": (
        (("incident", {"uscc": A, "incident_no": "1"}),),
        (("incident", {"uscc": A, "incident_no": "1", "occurred_on": date(2025, 1, 1)}),),
    ),
}


def found(warehouse: DuckWarehouse) -> dict[str, int | None]:
    return {finding.code: finding.found for finding in assess(warehouse, OFFICER).findings}


def test_every_declared_contradiction_has_a_case() -> None:
    assert set(CASES) == {question.code for question in CONTRADICTIONS}


@pytest.mark.parametrize("code", CASES)
def test_a_contradiction_is_found_and_what_only_looks_like_one_is_not(code: str, warehouse: DuckWarehouse) -> None:
    bad, good = CASES[code]
    put(warehouse, *good)
    assert found(warehouse)[code] == 0
    for table in {table for table, _ in good}:
        warehouse.execute(f"truncate history.{table}")
    put(warehouse, *bad)
    assert found(warehouse)[code]


@pytest.mark.parametrize("code", CASES)
def test_what_was_not_known_on_the_day_contradicts_nothing(code: str, warehouse: DuckWarehouse) -> None:
    later = [(table, cells | {"known_on": date(2026, 7, 1)}) for table, cells in CASES[code][0]]
    put(warehouse, *later)
    assert found(warehouse)[code] == 0


@pytest.mark.parametrize("code", ["report-contradicted", "report-unconfirmed"])
def test_the_report_counts_what_the_feature_counts(code: str, warehouse: DuckWarehouse) -> None:
    later = ("reported_certificate", REPORTED[1] | {"ends_on": date(2029, 12, 31)})
    other = ("reported_certificate", REPORTED[1] | {"scheme": "A02", "uscc": B})
    old = [(table, cells | {"uscc": B, "scheme": "A03"}) for table, cells in (REPORTED, certificate(no="C3"))]
    ended = event("withdrawn", date(2025, 3, 1), "C3", uscc=B)
    put(warehouse, REPORTED, later, other, *old, certificate(), certificate(no="C2", uscc=B), ended)
    (name,) = (question.feature for question in CONTRADICTIONS if question.code == code)
    subjects = f"select uscc as application_id, uscc, date '{DAY}' as as_of from (values ('{A}'), ('{B}')) as t(uscc)"
    told = build_matrix(warehouse, subjects, [by_name(name)])
    assert found(warehouse)[code] == sum(told[name].to_pylist()) > 0


def test_nothing_is_asked_of_a_source_that_was_never_delivered(warehouse: DuckWarehouse) -> None:
    assert set(found(warehouse).values()) == {None}
    put(warehouse, certificate(body_no="B9"))
    asked = found(warehouse)
    assert asked["certificate-body-unknown"] is None
    assert asked["certificate-without-enterprise"] is None
    assert asked["certificate-number-shared"] == 0


def test_lost_keys_are_counted_with_at_most_five_examples(warehouse: DuckWarehouse) -> None:
    put(warehouse, ("enterprise", {"uscc": B}), *(certificate(f"C{n}", f"U{n}") for n in range(7)), certificate(uscc=B))
    (lost,) = [f for f in assess(warehouse, OFFICER).findings if f.code == "certificate-without-enterprise"]
    assert (lost.found, lost.of) == (7, 8)
    assert lost.examples == ("U0", "U1", "U2", "U3", "U4")


def test_coverage_tells_enterprises_by_year_and_applicants_by_what_was_known(warehouse: DuckWarehouse) -> None:
    put(
        warehouse,
        ("enterprise", {"uscc": A, "registered_on": date(2020, 1, 1), "happened_on": date(2020, 1, 1)}),
        ("enterprise", {"uscc": B, "registered_on": date(2025, 1, 1), "happened_on": date(2025, 1, 1)}),
        certificate(happened_on=date(2024, 1, 1), known_on=date(2024, 6, 1)),
        ("application", {"application_id": "1", "uscc": A, "applied_on": date(2024, 5, 1)}),
        ("application", {"application_id": "2", "uscc": A, "applied_on": date(2024, 7, 1)}),
    )
    by = {(cover.family, cover.year): cover for cover in assess(warehouse, OFFICER).coverage}
    told = by["certification", 2024]
    assert (told.enterprises, told.enterprises_of, told.applicants, told.applicants_of) == (1, 1, 1, 2)
    assert by["certification", 2025].share == 0
    assert by["certification", 2025].enterprises_of == 2
    assert by["certification", 2025].applicant_share is None


def test_age_counts_the_days_since_a_record_became_known(warehouse: DuckWarehouse) -> None:
    put(
        warehouse, *(certificate(f"C{n}", known_on=date(year, 6, 1)) for n, year in enumerate((2026, 2025, 2024, 2020)))
    )
    (source,) = [s for s in assess(warehouse, OFFICER).sources if s.table == "certificate"]
    assert source.ages == (1, 0, 2, 1)
    assert source.newest_known_on == date(2026, 6, 1)
    assert source.days_since == 29


def test_every_table_about_enterprises_speaks_for_exactly_one_family() -> None:
    named = [table for tables in FAMILIES.values() for table in tables]
    about = {name for name, contract in CONTRACTS.items() if "uscc" in contract.names}
    assert len(named) == len(set(named))
    assert set(named) == about - {"application", "consent"}


def test_every_question_is_worded_in_both_languages() -> None:
    for group, questions in (("contradiction", CONTRADICTIONS), ("mismatch", MISMATCHES)):
        for question in questions:
            for part in ("title", "meaning", "treatment"):
                own = has(f"quality.{group}.{question.code}.{part}")
                assert own or question.code.endswith("-without-enterprise")
            assert set(question.tables) <= set(CONTRACTS)


def test_only_who_may_load_or_audit_may_look_and_an_empty_warehouse_says_so(warehouse: DuckWarehouse) -> None:
    with pytest.raises(PermissionDeniedError):
        assess(warehouse, Actor("firm", Role.ENTERPRISE))
    assert assess(warehouse, Actor("r", Role.REGULATOR)).deliveries == 1
    warehouse.execute("truncate history.delivery")
    with pytest.raises(NotReadyError, match="nothing-delivered"):
        assess(warehouse, OFFICER)


class Tags(HTMLParser):
    """Which elements and addresses a page holds, and whether they are closed."""

    VOID = frozenset({"meta", "input", "rect", "br"})

    def __init__(self, told: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.addresses: list[str] = []
        self.feed(told)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action", "data"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        assert self.open.pop() == tag


def whole(warehouse: DuckWarehouse) -> QualityReport:
    put(warehouse, *(row for bad, _ in CASES.values() for row in bad))
    return assess(warehouse, OFFICER)


def test_the_page_is_well_formed_loads_nothing_and_runs_nothing(warehouse: DuckWarehouse) -> None:
    told = page(whole(warehouse))
    tags = Tags(told)
    assert tags.open == []
    assert "script" not in tags.seen
    assert tags.addresses == []
    assert "url(" not in told
    assert "@import" not in told
    assert tags.seen.count("main") == 2
    assert tags.seen.count("title") > 10  # every picture has one


def test_what_a_file_says_cannot_become_markup(warehouse: DuckWarehouse) -> None:
    put(warehouse, ("enterprise", {"uscc": B}), certificate(uscc="<img src=x onerror=alert(1)>"))
    told = page(assess(warehouse, OFFICER))
    assert "&lt;img src=x" in told
    assert "img" not in Tags(told).seen


def test_the_report_is_written_as_page_and_as_json_with_both_languages(
    tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    html, plain = write(whole(warehouse), tmp_path / "made", "q")
    held = json.loads(plain.read_text(encoding="utf-8"))
    assert held["as_of"] == "2026-06-30"
    worst = held["findings"][0]
    assert worst["title_zh"] != worst["title_en"]
    text = html.read_text(encoding="utf-8")
    for finding in whole(warehouse).findings:
        for lang in Lang:
            assert finding.told("title", lang).split("“")[0].replace("'", "&#x27;") in text
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["q.html", "q.json"]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotReadyError, match="quality-unwritable"):
        write(assess(warehouse, OFFICER), tmp_path / "file" / "below")


def test_every_problem_that_a_row_can_have_has_a_short_name() -> None:
    told = {check.code for contract in CONTRACTS.values() for check in checks(contract, DAY, opaque_key=False)}
    told |= {check.code for check in ACROSS} | {"conflicting-duplicate", "late-record", "unknown-scheme"}
    told |= {"unknown-product_category"}
    assert sorted(code for code in told if not has(f"quality.problem.{code}")) == []
