"""The audit groups applicants as they were known on the day, and shows its uncertainty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pytest

from certloan.domain.people import Actor, Role
from certloan.errors import InputError, PermissionDeniedError
from certloan.fairness.rates import Verdict
from certloan.features.catalog import by_name
from certloan.features.spec import Use
from certloan.i18n import Lang, sentence
from certloan.services.audit_fairness import ATTRIBUTES, audit
from certloan.storage.warehouse import DuckWarehouse

REGULATOR = Actor("regulator", Role.REGULATOR)
PEOPLE = 200


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    # every second enterprise is state-owned; one of them only became so after its application
    opened.execute(
        f"""
        insert into history.enterprise (uscc, ownership, region_code, registered_on, happened_on, known_on, void_on)
        select 'U' || i, case when i % 2 = 0 then 'state' else 'private' end, '330106', date '2015-01-01',
               date '2015-01-01', date '2015-01-01', case when i = 1 then date '2026-06-02' end
        from range({PEOPLE}) t(i);
        insert into history.enterprise (uscc, ownership, registered_on, happened_on, known_on)
        values ('U1', 'state', '2015-01-01', '2015-01-01', '2026-06-02')
        """
    )
    yield opened
    opened.close()


def decisions(outcome_of: dict[int, str]) -> pa.Table:
    return pa.table(
        {
            "application_id": [f"A{place}" for place in range(PEOPLE)],
            "uscc": [f"U{place}" for place in range(PEOPLE)],
            "as_of": [date(2026, 6, 1)] * PEOPLE,
            "outcome": [outcome_of[place % 2] for place in range(PEOPLE)],
        }
    )


def test_groups_are_those_of_the_day(warehouse: DuckWarehouse) -> None:
    report = audit(warehouse, decisions({0: "approve", 1: "decline"}), REGULATOR)
    groups = {
        group.code: group
        for attribute in report.attributes
        for group in attribute.groups
        if attribute.attribute == "ownership"
    }
    assert (groups["state"].n, groups["private"].n) == (PEOPLE // 2, PEOPLE // 2)
    assert (groups["state"].approved, groups["private"].approved) == (PEOPLE // 2, 0)
    assert groups["sole_trader"].n == 0
    assert {groups["state"].verdict, groups["private"].verdict} <= {Verdict.REFERENCE, Verdict.OUTSIDE}
    assert (report.people, report.approved) == (PEOPLE, PEOPLE // 2)


def test_what_is_not_known_is_a_group_and_no_reference(warehouse: DuckWarehouse) -> None:
    report = audit(warehouse, decisions({0: "approve", 1: "refer"}), REGULATOR)
    size = next(attribute for attribute in report.attributes if attribute.attribute == "size_class")
    assert size.reference is None
    assert {group.code: group.n for group in size.groups if group.n} == {"unknown": PEOPLE}


def test_the_report_can_be_written_as_json_without_any_applicant(warehouse: DuckWarehouse) -> None:
    told = json.dumps(
        audit(warehouse, decisions({0: "approve", 1: "approve"}), REGULATOR).as_json(), ensure_ascii=False
    )
    assert "U1" not in told
    assert json.loads(told)["screening_only"] is True
    assert "NaN" not in told


def test_only_those_who_may_audit_do(warehouse: DuckWarehouse) -> None:
    with pytest.raises(PermissionDeniedError):
        audit(warehouse, decisions({0: "approve", 1: "approve"}), Actor("e", Role.ENTERPRISE))


def test_decisions_without_an_outcome_are_refused(warehouse: DuckWarehouse) -> None:
    with pytest.raises(InputError) as caught:
        audit(warehouse, decisions({0: "approve", 1: "approve"}).drop_columns(["outcome"]), REGULATOR)
    assert all("outcome" in sentence(caught.value, lang) for lang in Lang)


def test_what_is_audited_is_never_scored() -> None:
    assert {by_name(name).use for name in ATTRIBUTES} == {Use.AUDIT}
