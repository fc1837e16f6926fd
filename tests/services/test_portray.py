"""Two pictures of a real applicant of the demo, beside peers that really are its like."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from certloan.bootstrap import House
from certloan.domain.people import Actor, Role
from certloan.errors import InputError, PermissionDeniedError
from certloan.portrait.portrait import Portrait
from certloan.services.portray import PEERS_SAMPLED, portray
from certloan.storage.warehouse import DuckWarehouse

_OFFICER = Actor("test", Role.OFFICER)


@pytest.fixture(scope="module")
def told(demo: House) -> Portrait:
    with demo.warehouse(read_only=True) as warehouse:
        newest = "select application_id from application order by applied_on desc, application_id limit 1"
        return portray(warehouse, _OFFICER, warehouse.query(newest).column(0)[0].as_py())


def test_both_pictures_say_what_is_proven_what_is_possible_and_where_the_firm_stands(told: Portrait) -> None:
    assert [len(sides) for sides in told.pictures.values()] == [5, 4]
    for side in (side for sides in told.pictures.values() for side in sides):
        assert 0 <= side.low <= side.high <= 100 + 1e-9
        assert side.standing is not None
        assert side.standing_high is not None
        assert 0 <= side.standing <= side.standing_high <= 100
        assert sum(item.weight for item in side.items) == pytest.approx(100)
        assert sum(item.earned or 0 for item in side.items) == pytest.approx(side.low)


def test_the_peers_are_told_by_number_and_by_what_they_share(told: Portrait) -> None:
    assert 30 <= told.peers <= 2 * PEERS_SAMPLED
    assert told.peers_zh
    assert told.peers_en
    assert set(told.peers_share) <= {"industry", "section", "size"}


def test_the_account_is_plain_values(told: Portrait) -> None:
    again = json.loads(json.dumps(told.as_json()))
    assert again["pictures"]["axes"][0]["name_zh"] == "产品质量"
    assert again["as_of"] == told.as_of.isoformat()


def test_the_same_warehouse_gives_the_same_picture(demo: House, told: Portrait) -> None:
    with demo.warehouse(read_only=True) as warehouse:
        assert portray(warehouse, _OFFICER, f" {told.application_id.lower()} ") == told


def test_what_comes_after_the_application_changes_no_picture(demo: House, told: Portrait, tmp_path: Path) -> None:
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(demo.warehouse_file.read_bytes())
    warehouse = DuckWarehouse.open(copy)
    later = told.as_of + timedelta(days=1)
    warehouse.execute(
        "insert into history.honour (uscc, kind, level, granted_on, happened_on, known_on) "
        f"values (?, 'quality_award', 'national', date '{later}', date '{later}', date '{later}')",
        (told.uscc,),
    )
    after = portray(warehouse, _OFFICER, told.application_id)
    assert after == told
    warehouse.execute(f"update history.honour set known_on = date '{told.as_of}' where uscc = ?", (told.uscc,))
    honoured = portray(warehouse, _OFFICER, told.application_id)
    warehouse.close()
    assert _low(honoured, "quality_management") > _low(told, "quality_management")


def _low(told: Portrait, code: str) -> float:
    return next(side.low for sides in told.pictures.values() for side in sides if side.code == code)


def test_only_those_who_may_read_a_case_see_it(demo: House, told: Portrait) -> None:
    with demo.warehouse(read_only=True) as warehouse:
        with pytest.raises(PermissionDeniedError):
            portray(warehouse, Actor("firm", Role.ENTERPRISE), told.application_id)
        with pytest.raises(InputError, match="unknown-application"):
            portray(warehouse, _OFFICER, "NO-SUCH-ONE")
