"""The ledger in its database: append-only, one chain whoever writes, damage found."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from certloan.domain.people import Actor, Role
from certloan.errors import NotReadyError, PermissionDeniedError
from certloan.ledger.chain import BreakKind, verify
from certloan.ledger.entry import Kind
from certloan.services.verify_ledger import verify_ledger
from certloan.storage.journal import SqlJournal

RISK = Actor("李", Role.RISK)


def filled(path: Path, length: int) -> SqlJournal:
    journal = SqlJournal(path)
    for number in range(length):
        journal.append(RISK, Kind.MODEL_PROMOTED, {"from": None, "to": f"模型 {number}"})
    return journal


def tampered(path: Path, *statements: str) -> None:
    """Act as somebody who owns the file: the triggers go first."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for name in ("ledger_keeps", "ledger_holds", "ledger_follows"):
            raw.execute(f"drop trigger {name}")
        for statement in statements:
            raw.execute(statement)


#: What each of several processes runs: path, name and count are its arguments.
APPEND_SOME = """
import sys
from pathlib import Path
from certloan.domain.people import Actor, Role
from certloan.ledger.entry import Kind
from certloan.storage.journal import SqlJournal
journal = SqlJournal(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    journal.append(Actor(sys.argv[2], Role.RISK), Kind.MODEL_PROMOTED, {"to": f"{sys.argv[2]}-{number}"})
"""


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path / "data" / "ledger.db")
    written = [journal.append(RISK, kind, {"n": number}) for number, kind in enumerate(Kind)]
    assert list(journal.entries()) == written
    assert verify(journal.entries()).broken is None


def test_a_verifier_written_from_the_document_alone_agrees(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    journal, before = filled(path, 5), "0" * 64
    with closing(sqlite3.connect(path)) as raw:
        names = ("seq", "at", "actor", "role", "kind", "payload_sha256", "previous", "payload", "digest")
        rows = raw.execute(f"select {', '.join(names)} from ledger order by seq").fetchall()
    for place, row in enumerate(rows, 1):
        held = dict(zip(names, row, strict=True))
        payload, digest = held.pop("payload"), held.pop("digest")
        told = json.dumps({**held, "format": 1}, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert (held["seq"], held["previous"]) == (place, before)
        assert hashlib.sha256(payload.encode()).hexdigest() == held["payload_sha256"]
        assert hashlib.sha256(told.encode()).hexdigest() == digest
        before = digest
    assert verify(journal.entries()).head == before


def test_several_processes_make_one_chain_without_gaps(tmp_path: Path) -> None:
    path, each = tmp_path / "ledger.db", 15
    program = [sys.executable, "-c", APPEND_SOME, str(path)]
    writers = [subprocess.Popen([*program, f"p{number}", str(each)]) for number in range(4)]
    assert [writer.wait(timeout=240) for writer in writers] == [0] * len(writers)
    entries = list(SqlJournal(path).entries())
    assert [entry.seq for entry in entries] == list(range(1, 4 * each + 1))
    assert {entry.actor for entry in entries} == {f"p{number}" for number in range(4)}
    assert verify(entries).broken is None


def test_a_process_killed_while_it_appends_leaves_a_chain_that_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    journal = filled(path, 1)
    writer = subprocess.Popen([sys.executable, "-c", APPEND_SOME, str(path), "p", "1000000"])
    try:
        deadline = time.monotonic() + 120
        while verify(journal.entries()).entries < 10:
            assert writer.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        writer.kill()
        writer.wait()
    left = verify(journal.entries())
    assert left.broken is None
    assert journal.append(RISK, Kind.MODEL_PROMOTED, {"to": "next"}).previous == left.head
    assert verify(journal.entries()).entries == left.entries + 1


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger set actor = 'x' where seq = 2",
        "delete from ledger where seq = 3",
        "insert or replace into ledger select 3, at, 'x', role, kind, payload, payload_sha256, previous, digest "
        "from ledger where seq = 3",
        "insert into ledger select 5, at, actor, role, kind, payload, payload_sha256, 'p', 'd' from ledger where seq = 3",
        "insert into ledger select 4, at, actor, role, kind, payload, payload_sha256, 'p', 'd' from ledger where seq = 3",
    ],
)
def test_the_database_itself_refuses_to_change_the_past(tmp_path: Path, statement: str) -> None:
    journal = filled(tmp_path / "ledger.db", 3)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)
    assert verify(journal.entries()).entries == 3


@pytest.mark.parametrize(
    ("statements", "kind", "place"),
    [
        (["update ledger set payload = replace(payload, '2', '7') where seq = 3"], BreakKind.EDITED, 3),
        (["update ledger set payload = cast(x'ff00fe' as text) where seq = 3"], BreakKind.EDITED, 3),
        (["update ledger set payload = cast(payload as blob) where seq = 3"], BreakKind.EDITED, 3),
        (["delete from ledger where seq = 3"], BreakKind.DELETED, 3),
        (["delete from ledger where seq = 3", "update ledger set seq = seq - 1 where seq > 3"], BreakKind.DELETED, 3),
        (
            [
                "update ledger set seq = 99 where seq = 2",
                "update ledger set seq = 2 where seq = 4",
                "update ledger set seq = 4 where seq = 99",
            ],
            BreakKind.REORDERED,
            2,
        ),
    ],
)
def test_whoever_takes_the_triggers_away_is_found(
    tmp_path: Path, statements: list[str], kind: BreakKind, place: int
) -> None:
    journal = filled(tmp_path / "ledger.db", 6)
    tampered(tmp_path / "ledger.db", *statements)
    broken = verify(journal.entries()).broken
    assert broken is not None
    assert (broken.kind, broken.place) == (kind, place)


def test_one_byte_changed_in_the_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    journal = filled(path, 4)
    raw, last = bytearray(path.read_bytes()), list(journal.entries())[-1]
    for told in (last.payload, last.payload_sha256, last.at):
        damaged = bytearray(raw)
        damaged[damaged.index(told.encode()) + 9] ^= 1
        path.write_bytes(damaged)
        assert verify(journal.entries()).broken is not None
    path.write_bytes(raw)
    assert verify(journal.entries()).broken is None


def test_reading_goes_on_while_others_write(tmp_path: Path) -> None:
    journal = filled(tmp_path / "ledger.db", 3)
    reading = journal.entries()
    next(reading)
    journal.append(RISK, Kind.MODEL_PROMOTED, {"to": "later"})
    assert len(list(reading)) == 2
    assert verify(journal.entries()).entries == 4


@pytest.mark.parametrize(
    ("content", "code"), [(None, "no-ledger"), (b"", "ledger-unreachable"), (b"no database" * 99, "ledger-damaged")]
)
def test_a_ledger_that_cannot_be_read_is_told_by_its_code(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "data" / "ledger.db"
    path.parent.mkdir()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NotReadyError) as refused:
        list(SqlJournal(path).entries())
    assert refused.value.code == code


def test_an_enterprise_may_not_look_at_the_ledger(tmp_path: Path) -> None:
    with pytest.raises(PermissionDeniedError):
        verify_ledger(filled(tmp_path / "ledger.db", 1), Actor("企业", Role.ENTERPRISE))
