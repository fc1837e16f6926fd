"""The ledger in a database: see :class:`certloan.services.journal_port.Journal` and docs/ledger.md."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from certloan.domain.people import Actor
from certloan.errors import NotReadyError
from certloan.ledger.entry import GENESIS, Entry, Kind, Plain, sealed

_PATIENCE_SECONDS = 60
_PAGE = 1000
_WRITES = "certloan_writes"

_METADATA = MetaData()
#: The columns are the fields of :class:`certloan.ledger.entry.Entry`. ``previous`` is unique, so that no entry has two heirs.
_LEDGER = Table(
    "ledger",
    _METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("payload", Text, nullable=False),
    Column("payload_sha256", String(64), nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("digest", String(64), nullable=False, unique=True),
)

#: What the database itself refuses, whoever asks. Triggers are the one part that each engine words in its own way.
_GUARDS = tuple(
    text(
        f"create trigger if not exists ledger_{name} before {act} on ledger {when} begin select raise(abort, '{why}'); end"
    )
    for name, act, when, why in (
        ("keeps", "update", "", "the ledger is append-only"),
        ("holds", "delete", "", "the ledger is append-only"),
        (
            "follows",
            "insert",
            "when new.seq is not (select coalesce(max(seq), 0) + 1 from ledger) or new.previous is not coalesce("
            f"(select digest from ledger order by seq desc limit 1), '{GENESIS}')",
            "an entry follows the last one",
        ),
    )
)


class SqlJournal:
    """A ledger in one SQLite file, made by the first append. Nothing stays open between two calls."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = _engine(path)

    def append(self, actor: Actor, kind: Kind, payload: Mapping[str, Plain]) -> Entry:
        """Record one act in a transaction of its own; several processes take turns.

        Raises ``NotReadyError`` ``ledger-unreachable`` (a full disk, permissions) or ``ledger-damaged``.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._told(), self._engine.execution_options(**{_WRITES: True}).begin() as connection:
            _METADATA.create_all(connection)
            for guard in _GUARDS:
                connection.execute(guard)
            last = connection.execute(
                select(_LEDGER.c.seq, _LEDGER.c.digest).order_by(_LEDGER.c.seq.desc()).limit(1)
            ).one_or_none()
            seq, previous = (1, GENESIS) if last is None else (last.seq + 1, last.digest)
            at = datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            entry = sealed(seq, at, actor.name, actor.role.value, kind, payload, previous)
            connection.execute(insert(_LEDGER).values(**vars(entry)))
        return entry

    def entries(self) -> Iterator[Entry]:
        """Give every entry in order, a page at a time, so that a long look never keeps anybody from writing."""
        if not self._path.exists():
            raise NotReadyError("no-ledger", home=self._path.parent.parent)
        after: int | None = None
        while True:
            page = select(_LEDGER).order_by(_LEDGER.c.seq).limit(_PAGE)
            with self._told(), self._engine.connect() as connection:
                rows = connection.execute(page if after is None else page.where(_LEDGER.c.seq > after)).all()
            yield from (_entry(row._asdict()) for row in rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1].seq

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise NotReadyError("ledger-unreachable", found=str(self._path), why=str(error.orig)) from error
        except DatabaseError as error:
            raise NotReadyError("ledger-damaged", found=str(self._path), why=str(error.orig)) from error


def _entry(row: Mapping[str, Any]) -> Entry:
    """Read a row as it stands: what somebody put there in another type must not fit the chain by chance."""
    return Entry(row["seq"], **{name: str(held) for name, held in row.items() if name != "seq"})


def _engine(path: Path) -> Engine:
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _PATIENCE_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # transactions begin where `begin` below says so, and nowhere else
        raw.text_factory = lambda held: held.decode("utf-8", errors="surrogateescape")
        raw.execute("pragma synchronous = full")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Who reads the end in order to write behind it needs the lock before reading.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("begin immediate" if writes else "begin")

    return engine
