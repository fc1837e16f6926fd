"""What a delivery does not date is never known before anybody could have known it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from certloan.domain.people import Actor, Role
from certloan.errors import InputError
from certloan.services.load_evidence import load_delivery
from certloan.services.load_report import LoadReport
from certloan.storage.warehouse import DuckWarehouse

GOOD, OTHER = "91110000600037341L", "91350211M0000XUF46"
ENTERPRISES = "统一社会信用代码,企业名称,成立日期,登记状态\n"
CERTIFICATES = "统一社会信用代码,证书编号,认证项目代码,颁证日期\n"
FIRST, SECOND, THIRD = date(2024, 6, 30), date(2024, 12, 31), date(2025, 6, 30)


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    yield opened
    opened.close()


def load(
    folder: Path, warehouse: DuckWarehouse, day: date, *, backfill: bool = False, note: str = "", **files: str
) -> LoadReport:
    where = folder / f"delivery-{day}"
    where.mkdir(exist_ok=True)
    for name, text in {f"{name}.csv": text for name, text in files.items()}.items():
        (where / name).write_text(text, encoding="utf-8")
    if note:
        (where / "delivery.toml").write_text(note)
    return load_delivery(
        where,
        warehouse,
        quarantine_dir=folder / "quarantine",
        delivered_on=day,
        actor=Actor("officer", Role.OFFICER),
        backfill=backfill,
    )


def seen(warehouse: DuckWarehouse, what: str, table: str, day: date) -> list[object]:
    sql = f"select {what} as x from {table} where known_on <= ? and (void_on is null or ? < void_on) order by 1"
    values: list[object] = warehouse.query(sql, [day, day]).column("x").to_pylist()
    return values


def codes(report: LoadReport) -> dict[str, int]:
    return {problem.code: problem.count for problem in report.problems}


@pytest.mark.parametrize(("told", "status"), [("吊销", "revoked"), ("存续", "operating")])
def test_a_state_that_may_change_is_known_from_the_delivery_on_and_the_old_fact_before(
    tmp_path: Path, warehouse: DuckWarehouse, told: str, status: str
) -> None:
    report = load(tmp_path, warehouse, FIRST, enterprise=f"{ENTERPRISES}{GOOD},甲,2010-05-01,{told}\n")
    assert (report.rows_read, report.rows_accepted, report.rows_superseding) == (1, 1, 0)
    assert seen(warehouse, "status", "enterprise", date(2010, 4, 30)) == []
    assert seen(warehouse, "status", "enterprise", date(2024, 6, 29)) == [None]
    assert seen(warehouse, "name", "enterprise", date(2024, 6, 29)) == ["甲"]
    assert seen(warehouse, "status", "enterprise", FIRST) == [status]


def test_a_snapshot_that_comes_again_changes_nothing_and_a_changed_state_supersedes(
    tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    alive, gone = (f"{ENTERPRISES}{GOOD},甲,2010-05-01,{told}\n" for told in ("存续", "注销"))
    load(tmp_path, warehouse, FIRST, enterprise=alive)
    kept = warehouse.query("select * from history.enterprise order by all").to_pylist()
    for day in (FIRST, SECOND):
        again = load(tmp_path, warehouse, day, enterprise=alive)
        assert (again.rows_accepted, again.rows_unchanged) == (0, 1)
        assert warehouse.query("select * from history.enterprise order by all").to_pylist() == kept
    report = load(tmp_path, warehouse, SECOND, enterprise=gone)
    assert (report.rows_accepted, report.rows_superseding) == (1, 1)
    assert seen(warehouse, "status", "enterprise", date(2024, 12, 30)) == ["operating"]
    assert seen(warehouse, "status", "enterprise", SECOND) == ["deregistered"]
    assert seen(warehouse, "status", "enterprise", date(2020, 1, 1)) == [None]


def test_the_later_of_two_rows_wins_with_both_its_statements(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    rows = f"{GOOD},甲,2010-05-01,存续\n{GOOD},乙,2012-05-01,注销\n{GOOD},乙,2012-05-01,注销\n"
    report = load(tmp_path, warehouse, FIRST, enterprise=ENTERPRISES + rows)
    assert (report.rows_accepted, report.rows_duplicate, report.rows_quarantined) == (1, 1, 1)
    assert report.rows_superseding == 0
    assert seen(warehouse, "name", "enterprise", date(2011, 1, 1)) == []
    assert seen(warehouse, "name || coalesce(status, '?')", "enterprise", date(2024, 1, 1)) == ["乙?"]
    assert seen(warehouse, "name || coalesce(status, '?')", "enterprise", FIRST) == ["乙deregistered"]


def test_a_recheck_and_a_sanction_are_known_from_the_delivery_on(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    inspections = f"统一社会信用代码,检查编号,检查日期,检查结论,复查结论\n{GOOD},I-1,2020-01-01,不合格,合格\n"
    bodies = "机构批准号,机构名称,批准日期,处罚日期,处罚结果\nB-1,某机构,2015-01-01,2022-03-01,撤销批准\n"
    load(tmp_path, warehouse, FIRST, inspection=inspections, certification_body=bodies)
    assert seen(warehouse, "recheck", "inspection", date(2020, 3, 1)) == [None]
    assert seen(warehouse, "recheck", "inspection", FIRST) == ["passed"]
    assert seen(warehouse, "sanction", "certification_body", date(2023, 1, 1)) == [None]
    assert seen(warehouse, "sanctioned_on", "certification_body", FIRST) == [date(2022, 3, 1)]


def test_a_record_that_comes_late_is_known_from_its_delivery_on_and_told(
    tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    first, late, new = (
        f"{GOOD},{no},A01,{day}\n" for no, day in (("C-1", "2024-01-10"), ("C-2", "2024-02-10"), ("C-3", "2024-07-10"))
    )
    load(tmp_path, warehouse, FIRST, certificate=CERTIFICATES + first)
    report = load(tmp_path, warehouse, SECOND, certificate=CERTIFICATES + first + late + new)
    assert codes(report) == {"late-record": 1}
    assert (report.rows_accepted, report.exit_code) == (2, 0)
    assert seen(warehouse, "certificate_no", "certificate", date(2024, 12, 30)) == ["C-1", "C-3"]
    assert seen(warehouse, "certificate_no", "certificate", SECOND) == ["C-1", "C-2", "C-3"]
    again = load(tmp_path, warehouse, THIRD, certificate=CERTIFICATES + first + late + new)
    assert (again.rows_accepted, codes(again)) == (0, {})


@pytest.mark.parametrize("by_note", [True, False])
def test_a_backfill_says_that_its_records_were_known_at_the_time(
    tmp_path: Path, warehouse: DuckWarehouse, by_note: bool
) -> None:
    load(tmp_path, warehouse, FIRST, certificate=f"{CERTIFICATES}{GOOD},C-1,A01,2024-01-10\n")
    late = f"{CERTIFICATES}{GOOD},C-2,A01,2024-02-10\n"
    note = "backfill = true\n" if by_note else ""
    report = load(tmp_path, warehouse, SECOND, backfill=not by_note, note=note, certificate=late)
    assert codes(report) == {}
    assert seen(warehouse, "certificate_no", "certificate", date(2024, 3, 1)) == ["C-1", "C-2"]


def test_a_backfill_is_true_or_false(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, warehouse, FIRST, note="backfill = 'yes'\n", certificate=CERTIFICATES)
    assert caught.value.code == "delivery-backfill-invalid"


def test_a_late_registration_is_one_statement(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    load(tmp_path, warehouse, FIRST, enterprise=f"{ENTERPRISES}{GOOD},甲,2010-05-01,存续\n")
    report = load(tmp_path, warehouse, SECOND, enterprise=f"{ENTERPRISES}{OTHER},乙,2011-05-01,存续\n")
    assert codes(report)["late-record"] == 1
    found = warehouse.query(f"select known_on, status from history.enterprise where uscc = '{OTHER}'").to_pylist()
    assert found == [{"known_on": SECOND, "status": "operating"}]


def test_a_corrected_request_is_what_was_asked_for_from_the_first_day_on(
    tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    header = "申请编号,统一社会信用代码,申请日期,申请金额\n"
    load(tmp_path, warehouse, FIRST, application=f"{header}A-1,{GOOD},2024-06-01,100\n")
    report = load(tmp_path, warehouse, SECOND, application=f"{header}A-1,{GOOD},2024-06-01,200\n")
    assert (report.rows_accepted, report.rows_superseding) == (1, 1)
    assert [int(str(x)) for x in seen(warehouse, "cast(amount as bigint)", "application", date(2024, 6, 1))] == [200]
    assert warehouse.query("select * from history.application").num_rows == 2


def test_an_outcome_before_its_application_is_told(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    applications = (
        f"申请编号,统一社会信用代码,申请日期,申请金额\nA-1,{GOOD},2024-06-01,100\nA-2,{GOOD},2023-06-01,100\n"
    )
    outcomes = "申请编号,观察截止日,是否违约\nA-1,2024-05-01,否\nA-2,2024-05-01,否\n"
    report = load(tmp_path, warehouse, FIRST, application=applications, outcome=outcomes)
    assert codes(report) == {"outcome-before-application": 1}
    assert report.tables["outcome"].rows_accepted == 2
