"""Rows that contradict other rows are kept, named, and told with their place and their reason in both languages."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from certloan.domain.people import Actor, Role
from certloan.services.load_evidence import load_delivery
from certloan.services.load_report import LoadReport
from certloan.storage.warehouse import DuckWarehouse

A, B = "91110000600037341L", "91330100MA27XL0Q8D"
CERTIFICATES = "统一社会信用代码,证书编号,认证项目,认证机构批准号,颁证日期,到期日期,企业角色,初次获证日期"
EVENTS = "统一社会信用代码,证书编号,变化类型,变化日期"
BODIES = "机构批准号,机构名称,批准日期"
INCIDENTS = "统一社会信用代码,事件编号,事件类型,发生日期"


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    yield opened
    opened.close()


def deliver(
    folder: Path, warehouse: DuckWarehouse, day: date = date(2025, 6, 30), **files: tuple[str, ...]
) -> LoadReport:
    """Load a delivery that holds one CSV file for each name."""
    at = folder / f"{day}"
    at.mkdir()
    for name, lines in files.items():
        (at / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    officer = Actor("officer", Role.OFFICER)
    return load_delivery(at, warehouse, quarantine_dir=folder / "aside", delivered_on=day, actor=officer)


def warned(report: LoadReport) -> list[tuple[str, str, str]]:
    """Give code, row and what was found of every warning."""
    if report.warnings_file is None:
        return []
    with report.warnings_file.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert "{" not in row["message_zh"] + row["message_en"]
        assert row["message_zh"] != row["message_en"]
        assert row["expected_zh"]
        assert row["expected_en"]
    return [(row["code"], row["row"], row["found"]) for row in rows]


CERTIFICATE = f"{A},C1,A01,,2023-05-01,2026-04-30,,"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (f"{A},C1,监督通过,2023-04-01", "event-before-issue"),
        (f"{A},C1,监督通过,2024-04-01", None),
        (f"{A},C1,撤销,2025-04-01", None),
    ],
)
def test_an_event_before_the_first_issue_is_kept_and_told(
    event: str, code: str | None, tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    report = deliver(tmp_path, warehouse, 认证证书=(CERTIFICATES, CERTIFICATE), 证书变化=(EVENTS, event))
    assert [found[0] for found in warned(report)] == ([code] if code else [])
    assert warehouse.query("select 1 from certificate_event").num_rows == 1
    assert report.exit_code == 0


def test_an_event_after_a_renewal_of_an_old_number_is_no_contradiction(
    tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    renewed = f"{A},C1,ORGANIC,,2025-01-01,2025-12-31,,2019-01-01"
    report = deliver(
        tmp_path, warehouse, 认证证书=(CERTIFICATES, renewed), 证书变化=(EVENTS, f"{A},C1,监督通过,2020-01-05")
    )
    assert "event-before-issue" not in [found[0] for found in warned(report)]


def test_surveillance_of_an_expired_certificate_is_told_once_wherever_the_certificate_comes_from(
    tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    old = f"{A},C1,A01,,2020-05-01,2023-04-30,,"
    first = deliver(tmp_path, warehouse, date(2025, 1, 1), 证书变化=(EVENTS, f"{A},C1,监督通过,2024-04-01"))
    assert warned(first) == []
    second = deliver(tmp_path, warehouse, date(2025, 2, 1), 认证证书=(CERTIFICATES, old))
    assert ("event-after-expiry", "2", "C1 2023-04-30") in warned(second)


def test_nothing_but_silence_follows_a_withdrawal(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    events = (f"{A},C1,撤销,2024-06-01", f"{A},C1,恢复,2024-07-01", f"{A},C1,监督通过,2024-05-01")
    report = deliver(tmp_path, warehouse, 认证证书=(CERTIFICATES, CERTIFICATE), 证书变化=(EVENTS, *events))
    assert warned(report) == [("event-after-end", "3", "C1 2024-07-01")]


def test_one_number_of_two_holders_is_told_for_both_but_not_for_the_three_roles_of_one(
    tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    rows = (
        f"{A},C1,CCC,,2023-05-01,2026-04-30,委托人,",
        f"{B},C1,CCC,,2023-05-01,2026-04-30,生产企业,",
        f"{A},C2,A01,,2023-05-01,2026-04-30,,",
        f"{B},C2,A01,,2023-05-01,2026-04-30,,",
    )
    report = deliver(tmp_path, warehouse, 认证证书=(CERTIFICATES, *rows))
    told = [found for found in warned(report) if found[0] == "certificate-number-shared"]
    assert told == [("certificate-number-shared", "4", f"C2 {A}"), ("certificate-number-shared", "5", f"C2 {B}")]
    assert warehouse.query("select 1 from certificate").num_rows == 4


def test_a_body_is_unknown_only_where_the_register_of_bodies_was_delivered(
    tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    lost = f"{A},C1,A01,CNCA-R-2003-999,2023-05-01,2026-04-30,,"
    first = deliver(tmp_path, warehouse, date(2025, 1, 1), 认证证书=(CERTIFICATES, lost))
    assert warned(first) == []
    again = f"{B},C9,A01,CNCA-R-2003-999,2024-05-01,2027-04-30,,"
    known = f"{B},C8,A01,CNCA-R-2003-901,2024-05-01,2027-04-30,,"
    bodies = (BODIES, "CNCA-R-2003-901,诚信认证,2003-01-01")
    second = deliver(tmp_path, warehouse, date(2025, 6, 30), 认证证书=(CERTIFICATES, again, known), 认证机构=bodies)
    unknown = [found for found in warned(second) if found[0] == "certificate-body-unknown"]
    assert unknown == [("certificate-body-unknown", "2", "C9 CNCA-R-2003-999")]


@pytest.mark.parametrize(
    ("known", "happened_on"), [("", date(2025, 6, 30)), ("2024-03-05", date(2024, 3, 5))], ids=["silent", "stated"]
)
def test_a_penalty_without_a_date_counts_as_of_the_day_it_became_known(
    known: str, happened_on: date, tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    lines = (f"{INCIDENTS},获知日期", f"{A},P1,行政处罚,,{known}")
    report = deliver(tmp_path, warehouse, 质量事件=lines)
    assert [found[0] for found in warned(report)] == ["incident-without-date"]
    (row,) = warehouse.query("select occurred_on, happened_on, known_on from incident").to_pylist()
    assert row == {"occurred_on": None, "happened_on": happened_on, "known_on": happened_on}


def test_the_day_of_a_penalty_may_be_told_later_and_the_past_keeps_what_it_knew(
    tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    deliver(tmp_path, warehouse, date(2025, 1, 31), 质量事件=(INCIDENTS, f"{A},P1,行政处罚,"))
    again = deliver(tmp_path, warehouse, date(2025, 2, 28), 质量事件=(INCIDENTS, f"{A},P1,行政处罚,"))
    assert again.rows_unchanged == 1
    deliver(tmp_path, warehouse, date(2025, 3, 31), 质量事件=(INCIDENTS, f"{A},P1,行政处罚,2024-11-20"))
    rows = warehouse.query("select happened_on, known_on, void_on from incident order by known_on").to_pylist()
    assert [(row["happened_on"], row["known_on"], row["void_on"]) for row in rows] == [
        (date(2025, 1, 31), date(2025, 1, 31), date(2025, 3, 31)),
        (date(2024, 11, 20), date(2025, 3, 31), None),
    ]


def test_five_class_normal_with_120_days_past_due_is_kept_and_told(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    lines = ("统一社会信用代码,账户编号,月份,余额,五级分类,逾期天数", f"{A},L1,2024-03,100000,正常,120")
    report = deliver(tmp_path, warehouse, 信贷月度表现=lines)
    assert [found[0] for found in warned(report)] == ["overdue-but-normal"]
    assert warehouse.query("select days_past_due from credit_month").to_pylist() == [{"days_past_due": 120}]
