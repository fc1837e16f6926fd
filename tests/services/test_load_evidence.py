"""A delivery is loaded as a whole or not at all, twice is once, and nothing good is lost beside something bad."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from certloan.domain.people import Actor, Role
from certloan.errors import InputError, NotReadyError, PermissionDeniedError
from certloan.i18n import sentence
from certloan.ingest.recipe import load_recipe
from certloan.services.load_evidence import load_delivery
from certloan.services.load_report import LoadReport
from certloan.storage.warehouse import DuckWarehouse

GOOD, OTHER = "91110000600037341L", "91330100MA27XL0Q85"
OFFICER = Actor("officer", Role.OFFICER)
DAY = date(2024, 12, 31)

RECIPE = """
[recipe]
name = "loans"
title = { zh = "贷款", en = "loans" }
key = "opaque"

[recipe.provenance]
source = "made up for this test"
licence = "none"
as_of = "never"

[[sheet]]
name = "loans"

[sheet.columns]
loan = "loan"
firm = "firm"
day = { header = "day", type = "date", formats = ["%d/%m/%Y"] }
sum = { header = "sum", type = "number" }

[[table]]
name = "enterprise"
from = ["loans"]

[table.columns]
uscc = "loan"
name = "firm"

[[table]]
name = "application"
from = ["loans"]

[table.columns]
application_id = "loan"
uscc = "loan"
applied_on = "day"
amount = "sum * 1000"
"""

CERTIFICATES = f"""统一社会信用代码,证书编号,认证项目代码,颁证日期,到期日期,覆盖人数
{GOOD},C-1,A01,2024年3月1日,2027-02-28,120
{GOOD},C-1,A01,2024年3月1日,2027-02-28,120
{GOOD},C-2,A02,2024/5/1,2023-05-01,80
{GOOD.lower()},C-3,A03,45352,长期,
"""
EVENTS = f"""统一社会信用代码,证书编号,变化类型,变化日期
{GOOD},C-1,监督通过,2024-09-01
{GOOD},C-9,暂停,2024-09-01
"""


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    yield opened
    opened.close()


def deliver(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def load(path: Path, warehouse: DuckWarehouse, day: date | None = DAY) -> LoadReport:
    return load_delivery(path, warehouse, quarantine_dir=path.parent / "quarantine", delivered_on=day, actor=OFFICER)


def everything(warehouse: DuckWarehouse) -> list[list[dict[str, object]]]:
    tables = warehouse.query("select table_name as t from duckdb_tables() where schema_name = 'history' order by t")
    names = tables.column("t").to_pylist()
    return [warehouse.query(f'select * from history."{name}" order by all').to_pylist() for name in names]


def codes(report: LoadReport) -> dict[str, int]:
    return {problem.code: problem.count for problem in report.problems}


def lines(path: Path | None) -> list[dict[str, str]]:
    assert path is not None
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_good_rows_are_loaded_and_bad_ones_are_told(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    report = load(deliver(tmp_path / "delivery", certificate=CERTIFICATES, certificate_event=EVENTS), warehouse)
    assert (report.rows_read, report.rows_accepted, report.rows_quarantined, report.rows_duplicate) == (6, 4, 1, 1)
    assert codes(report) == {"lower-case-uscc": 1, "expiry-before-issue": 1, "orphan-certificate-event": 1}
    assert report.exit_code == 4
    found = warehouse.query("select certificate_no, issued_on, expires_on from certificate order by 1").to_pylist()
    assert [tuple(row.values()) for row in found] == [
        ("C-1", date(2024, 3, 1), date(2027, 2, 28)),
        ("C-3", date(2024, 3, 1), None),
    ]
    (line,) = lines(report.quarantine_file)
    assert (line["file"], line["row"], line["code"]) == ("certificate.csv", "4", "expiry-before-issue")
    assert [line["code"] for line in lines(report.warnings_file)] == ["lower-case-uscc", "orphan-certificate-event"]


def test_the_counts_of_every_table_add_up_and_are_json(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    report = load(deliver(tmp_path / "delivery", certificate=CERTIFICATES, certificate_event=EVENTS), warehouse)
    for count in (*report.tables.values(), report.total):
        together = count.rows_accepted + count.rows_quarantined + count.rows_duplicate + count.rows_unchanged
        assert count.rows_read == together
    told = json.loads(json.dumps(report.as_json()))
    assert told["rows_accepted"] == report.rows_accepted
    assert told["tables"]["certificate"]["rows_quarantined"] == 1
    assert sum(sheet["rows_read"] for sheet in told["files"]) == report.rows_read


def test_a_delivery_that_comes_twice_changes_nothing_at_all(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    folder = deliver(tmp_path / "delivery", certificate=CERTIFICATES, certificate_event=EVENTS)
    load(folder, warehouse)
    before = everything(warehouse)
    again = load(folder, warehouse)
    assert everything(warehouse) == before
    assert (again.rows_accepted, again.rows_unchanged, again.rows_superseding) == (0, 4, 0)
    later = load(folder, warehouse, date(2025, 3, 31))
    assert everything(warehouse) == before
    assert later.delivery_id != again.delivery_id


def test_a_corrected_delivery_supersedes_and_the_past_still_sees_what_it_saw(
    tmp_path: Path, warehouse: DuckWarehouse
) -> None:
    load(deliver(tmp_path / "first", certificate=CERTIFICATES), warehouse)
    corrected = CERTIFICATES.replace(",120", ",150")
    report = load(deliver(tmp_path / "second", certificate=corrected), warehouse, date(2025, 1, 31))
    assert (report.rows_superseding, report.rows_accepted, report.rows_unchanged) == (1, 1, 1)
    seen = "select headcount_covered as n from certificate where certificate_no = 'C-1' and known_on <= ? and (void_on is null or ? < void_on)"
    for day, headcount in ((date(2024, 12, 31), 120), (date(2025, 1, 30), 120), (date(2025, 1, 31), 150)):
        assert warehouse.query(seen, [day, day]).column("n").to_pylist() == [headcount]


def test_the_split_into_files_and_the_encoding_do_not_matter(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    header, *rows = CERTIFICATES.splitlines(keepends=True)
    one = deliver(tmp_path / "one", certificate=CERTIFICATES)
    two = tmp_path / "two"
    two.mkdir()
    (two / "certificate-1.csv").write_bytes((header + rows[0] + rows[3]).encode("gb18030"))
    (two / "certificate-2.csv").write_bytes(("证书清单,,,,,\n" + header + rows[2] + rows[1]).encode("utf-8-sig"))
    other = warehouse.scratch()
    load(one, warehouse)
    load(two, other)
    kept = "select * exclude (delivery_id) from history.certificate order by all"
    assert warehouse.query(kept).to_pylist() == other.query(kept).to_pylist()
    other.close()


def test_a_note_in_the_folder_dates_the_delivery(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    folder = deliver(tmp_path / "delivery", certificate=CERTIFICATES)
    (folder / "delivery.toml").write_text("delivered_on = 2024-11-30\n")
    assert load(folder, warehouse, None).delivered_on == date(2024, 11, 30)
    assert load(folder, warehouse, DAY).delivered_on == DAY
    (folder / "delivery.toml").unlink()
    assert load(folder, warehouse, None).delivered_on == datetime.now(tz=UTC).date()


@pytest.mark.parametrize(
    ("note", "code"),
    [("delivered_on = ", "delivery-toml-unreadable"), ("delivered_on = 'soon'", "delivery-date-invalid")],
)
def test_a_note_that_cannot_be_read_stops_the_load(
    tmp_path: Path, warehouse: DuckWarehouse, note: str, code: str
) -> None:
    folder = deliver(tmp_path / "delivery", certificate=CERTIFICATES)
    (folder / "delivery.toml").write_text(note)
    with pytest.raises(InputError) as caught:
        load(folder, warehouse, None)
    assert caught.value.code == code


def test_a_delivery_older_than_the_newest_is_loaded_with_a_warning(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    load(deliver(tmp_path / "new", certificate=CERTIFICATES), warehouse)
    report = load(deliver(tmp_path / "old", certificate_event=EVENTS), warehouse, date(2024, 10, 31))
    assert codes(report)["delivery-out-of-order"] == 1
    assert report.rows_accepted == 2


def test_nothing_loadable_is_refused_and_nothing_at_all_is_an_error(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    report = load(deliver(tmp_path / "delivery", strange="甲,乙\n1,2\n"), warehouse)
    assert report.exit_code == 3
    assert report.quarantine_file is not None
    with pytest.raises(InputError) as caught:
        load(tmp_path / "nowhere", warehouse)
    assert caught.value.code == "delivery-not-found"


def test_only_those_may_load_whose_role_allows_it(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    folder = deliver(tmp_path / "delivery", certificate=CERTIFICATES)
    with pytest.raises(PermissionDeniedError):
        load_delivery(folder, warehouse, quarantine_dir=tmp_path, actor=Actor("enterprise", Role.ENTERPRISE))


def test_a_clean_delivery_leaves_no_file_and_no_temporary_table(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    text = "\n".join(CERTIFICATES.splitlines()[:2])
    report = load(deliver(tmp_path / "delivery", certificate=text), warehouse)
    assert (report.exit_code, report.quarantine_file, report.warnings_file) == (0, None, None)
    assert not (tmp_path / "quarantine").exists()
    assert warehouse.query("select * from duckdb_tables() where temporary").num_rows == 0


def test_orphans_are_not_told_of_a_source_that_was_never_delivered(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    assert codes(load(deliver(tmp_path / "delivery", certificate_event=EVENTS), warehouse)) == {}


def test_one_sheet_may_fill_several_tables_by_a_recipe(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    file = tmp_path / "loans.csv"
    file.write_text("loan,firm,day,sum\nL1,甲,01/02/2020,5\nL2,乙,13/45/2020,6\n", encoding="utf-8")
    recipe = load_recipe(str(tmp_path / "recipe.toml"))
    report = load_delivery(
        file, warehouse, quarantine_dir=tmp_path / "q", delivered_on=DAY, actor=OFFICER, recipe=recipe
    )
    assert {name: count.rows_accepted for name, count in report.tables.items()} == {"enterprise": 2, "application": 1}
    assert warehouse.query("select application_id, uscc, applied_on, amount from application").to_pylist() == [
        {"application_id": "L1", "uscc": "L1", "applied_on": date(2020, 2, 1), "amount": 5000}
    ]
    assert [line["code"] for line in lines(report.quarantine_file)] == ["not-a-date"]


def test_a_recipe_may_map_words_to_codes(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    mapped = 'lender_region_code = { expr = "firm", map = { "甲 行" = "330102", "乙行" = "330106" } }\n'
    (tmp_path / "recipe.toml").write_text(RECIPE + mapped, encoding="utf-8")
    file = tmp_path / "loans.csv"
    file.write_text("loan,firm,day,sum\nL1,甲行,01/02/2020,5\nL2,丙行,01/02/2020,6\n", encoding="utf-8")
    recipe = load_recipe(str(tmp_path / "recipe.toml"))
    load_delivery(file, warehouse, quarantine_dir=tmp_path / "q", delivered_on=DAY, actor=OFFICER, recipe=recipe)
    found = warehouse.query("select lender_region_code as code from application order by application_id")
    assert found.column("code").to_pylist() == ["330102", "丙行"]


@pytest.mark.parametrize("moment", ["while reading", "while merging"])
def test_a_delivery_killed_half_way_leaves_the_warehouse_as_it_was(tmp_path: Path, moment: str) -> None:
    path = tmp_path / "warehouse.duckdb"
    warehouse = DuckWarehouse.open(path)
    load(deliver(tmp_path / "first", certificate=CERTIFICATES), warehouse)
    before = everything(warehouse)
    warehouse.close()
    rows = "".join(f"{GOOD},C-{n},A01,2024-03-01,2027-02-28,1\n" for n in range(1, 20_000))
    second = deliver(
        tmp_path / "second", certificate=CERTIFICATES.splitlines()[0] + "\n" + rows, certificate_event=EVENTS
    )
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), str(second), moment], capture_output=True, text=True, check=False
    )
    assert killed.returncode == -9, killed.stderr
    warehouse = DuckWarehouse.open(path)
    assert everything(warehouse) == before
    report = load(second, warehouse)
    assert report.rows_accepted > 19_000
    warehouse.close()


def test_nothing_is_loaded_where_its_problems_could_not_be_told(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    folder = deliver(tmp_path / "delivery", certificate=CERTIFICATES)
    (tmp_path / "quarantine").write_text("a file where the folder should be")
    before = everything(warehouse)
    with pytest.raises(NotReadyError) as caught:
        load(folder, warehouse)
    assert caught.value.code == "report-unwritable"
    assert str(tmp_path) in sentence(caught.value)
    assert everything(warehouse) == before


def test_an_error_half_way_leaves_nothing_behind(tmp_path: Path, warehouse: DuckWarehouse) -> None:
    class Fails:
        def stage(self, key: str, total: int | None = None) -> None:
            self.merging = key == "load_merge"

        def advance(self, n: int = 1) -> None:
            if self.merging:
                raise KeyboardInterrupt

    folder = deliver(tmp_path / "delivery", certificate=CERTIFICATES, certificate_event=EVENTS)
    before = everything(warehouse)
    with pytest.raises(KeyboardInterrupt):
        load_delivery(
            folder, warehouse, quarantine_dir=tmp_path / "q", delivered_on=DAY, actor=OFFICER, progress=Fails()
        )
    assert everything(warehouse) == before
    assert warehouse.query("select * from duckdb_tables() where temporary").num_rows == 0
    assert list(tmp_path.glob("q/*")) == []
    assert load(folder, warehouse).rows_accepted == 4


KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from certloan.domain.people import Actor, Role
from certloan.services.load_evidence import load_delivery
from certloan.storage.warehouse import DuckWarehouse

class Kills:
    def stage(self, key, total=None):
        self.moment = {"load_read": "while reading", "load_merge": "while merging"}[key]
    def advance(self, n=1):
        if self.moment == sys.argv[3]:
            os.kill(os.getpid(), signal.SIGKILL)

load_delivery(Path(sys.argv[2]), DuckWarehouse.open(Path(sys.argv[1])), quarantine_dir=Path(sys.argv[1]).parent / "q",
    delivered_on=date(2024, 12, 31), actor=Actor("officer", Role.OFFICER), progress=Kills())
"""
