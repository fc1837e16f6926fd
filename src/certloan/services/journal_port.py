"""What the services ask of the place where acts are recorded. The adapter is ``storage/journal.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from certloan.domain.people import Actor
from certloan.ledger.entry import Entry, Kind, Plain


class Journal(Protocol):
    """A ledger: entries are added at its end and never change.

    Whoever performs an act records it first, or inside the act's own transaction: a record may be left of an act that
    a crash then stopped, but there is no act without a record. A payload holds counts, names of models and policies,
    digests, and the reason that an operator gave; nothing of applicants.
    """

    def append(self, actor: Actor, kind: Kind, payload: Mapping[str, Plain]) -> Entry:
        """Record one act; when this returns, it is on disk."""
        ...

    def entries(self) -> Iterator[Entry]:
        """Give every entry in order, in constant memory. ``NotReadyError`` where there is no ledger."""
        ...
