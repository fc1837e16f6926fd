"""What the house does stands in its ledger: no act without a record, and nobody's data in one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from certloan.bootstrap import House, house
from certloan.cli.main import run
from certloan.domain.people import Actor
from certloan.errors import NotReadyError
from certloan.ledger.entry import Entry, Kind, Plain
from certloan.report.digest import table_digest
from certloan.services.load_evidence import load_delivery
from certloan.storage.warehouse import DuckWarehouse

TAX = "uscc,year,grade\n91110000600037341L,2024,A\n"


class FullDisk:
    """A journal that cannot write."""

    def append(self, actor: Actor, kind: Kind, payload: Mapping[str, Plain]) -> Entry:
        raise NotReadyError("ledger-unreachable", found="ledger.db", why="disk full")

    def entries(self) -> Iterator[Entry]:
        return iter(())


@pytest.fixture
def own(demo: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    shutil.copytree(demo.settings.home, tmp_path / "home")
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path / "home"))
    return house(tmp_path / "home")


def payloads(at: House, kind: Kind) -> list[dict[str, Plain]]:
    return [json.loads(entry.payload) for entry in at.journal().entries() if entry.kind == kind]


def test_a_demo_records_its_deliveries_its_champion_and_its_decisions(demo: House) -> None:
    kinds = [entry.kind for entry in demo.journal().entries()]
    assert list(dict.fromkeys(kinds)) == [
        "delivery_loaded",
        "model_trained",
        "model_validated",
        "model_promoted",
        "decisions_made",
    ]
    (promoted,), (decided,) = payloads(demo, Kind.MODEL_PROMOTED), payloads(demo, Kind.DECISIONS_MADE)
    assert (promoted["from"], promoted["to"]) == (None, demo.models().champion())
    assert {told["model"] for told in payloads(demo, Kind.MODEL_TRAINED)} == set(demo.models().fingerprints())
    assert decided["bundle"] == promoted["to"]
    people = {entry.kind: entry.actor for entry in demo.journal().entries()}
    assert people["model_trained"] not in (people["model_validated"], people["model_promoted"])


def test_the_demo_goes_past_the_gate_on_a_report_that_is_as_it_was_recorded(demo: House) -> None:
    (validated,), (promoted,) = payloads(demo, Kind.MODEL_VALIDATED), payloads(demo, Kind.MODEL_PROMOTED)
    file = demo.validation / demo.bundle().fingerprint / "validation.json"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert digest == validated["validation_sha256"] == promoted["validation_sha256"]
    assert validated["model"] == promoted["to"]
    checks = {one["name"]: one["verdict"] for one in json.loads(str(promoted["gate"]))["checks"]}
    asked = ("validated", "independent-validation", "validated-after", "same-evidence", "monotonicity")
    assert {checks[name] for name in asked} == {"passes"}
    # Few defaults leave a suspicion of leakage open; the gate takes over what the training found, whatever it was.
    assert checks["leakage"] == demo.bundle().provenance["leakage"]["verdict"] != "fails"
    assert checks["reproduction"] == "missing"


def test_the_decisions_file_has_the_digest_that_was_recorded(demo: House) -> None:
    (told,) = payloads(demo, Kind.DECISIONS_MADE)
    table = pq.read_table(demo.decisions / "decisions.parquet")
    assert table_digest(table) == told["decisions_sha256"]
    assert table.num_rows == told["scored"]
    assert (told["bundle"], told["policy_sha256"]) == (demo.bundle().fingerprint, demo.policy().hash)


def test_one_changed_value_gives_another_digest(demo: House) -> None:
    table = pq.read_table(demo.decisions / "decisions.parquet")
    rows = table.to_pylist()
    rows[0]["score"] += 1
    assert table_digest(type(table).from_pylist(rows, schema=table.schema)) != table_digest(table)


def test_no_entry_holds_a_name_or_a_credit_code(demo: House) -> None:
    rows = pq.read_table(demo.decisions / "decisions.parquet").to_pylist()
    told = "\n".join(entry.payload for entry in demo.journal().entries())
    for row in rows:
        assert not [row[name] for name in ("application_id", "uscc", "name") if row[name] and row[name] in told]


def test_every_command_that_acts_is_recorded_and_the_others_are_not(
    own: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(list(own.journal().entries()))
    (tmp_path / "tax_grade.csv").write_text(TAX, encoding="utf-8")
    assert run(["ingest", str(tmp_path / "tax_grade.csv"), "--json"]) == 0
    loaded = json.loads(capsys.readouterr().out)
    assert run(["score", "--json"]) == 0
    assert run(["audit", "--json"]) == 0
    assert run(["ingest", str(tmp_path / "no-such-file"), "--json"]) == 3
    added = list(own.journal().entries())[before:]
    assert [(entry.kind, entry.actor) for entry in added] == [
        ("delivery_loaded", "officer"),
        ("decisions_made", "officer"),
    ]
    told = json.loads(added[0].payload)
    assert (told["delivery_id"], told["rows_accepted"]) == (loaded["delivery_id"], loaded["rows_accepted"]) != (None, 0)


def test_a_delivery_that_cannot_be_recorded_is_not_loaded(demo: House, tmp_path: Path) -> None:
    (tmp_path / "tax_grade.csv").write_text(TAX, encoding="utf-8")
    warehouse = DuckWarehouse.open(None)
    with pytest.raises(NotReadyError):
        load_delivery(
            tmp_path / "tax_grade.csv", warehouse, quarantine_dir=tmp_path, actor=demo.officer, journal=FullDisk()
        )
    for table in ("delivery", "tax_grade"):
        assert warehouse.query(f"select * from history.{table}").num_rows == 0
    warehouse.close()


def test_the_command_names_the_first_break_with_exit_code_4(own: House, capsys: pytest.CaptureFixture[str]) -> None:
    import sqlite3
    from contextlib import closing

    assert run(["ledger", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["intact"] is True
    with closing(sqlite3.connect(own.settings.ledger, isolation_level=None)) as raw:
        raw.execute("drop trigger ledger_keeps")
        raw.execute('update ledger set payload = replace(payload, \'"model":"\', \'"model":"0\') where seq = 3')
    assert run(["ledger", "verify", "--json"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert told["broken"] == {"place": 3, "kind": "edited", "found": 3}
    assert "3" in told["message_zh"]
    assert run(["--lang", "en", "ledger", "verify"]) == 4
    assert "edited at entry 3" in capsys.readouterr().out


def test_a_workspace_without_a_ledger_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path))
    assert run(["ledger", "verify", "--json"]) == 5
    assert list(tmp_path.iterdir()) == []
