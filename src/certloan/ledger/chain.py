"""Whether a ledger is what it was: every entry unchanged, in its place, none missing and none added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from certloan.ledger.entry import GENESIS, Entry, sha256

#: How far from its place a moved entry is looked for: enough to tell a move from an edit, and soon done.
_REACH = 1000


class BreakKind(StrEnum):
    """What was done to a chain, as far as the chain itself tells."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"


@dataclass(frozen=True)
class Break:
    """The first place where the chain does not hold: the place, the kind, and what stands there (its ``seq``)."""

    place: int
    kind: BreakKind
    found: int


@dataclass(frozen=True)
class Verified:
    """How far a chain holds: ``entries`` entries, the last with the digest ``head``; then the break, if there is one.

    A tail that was cut off leaves a chain that holds: compare ``entries`` and ``head`` with what was noted before.
    """

    entries: int
    head: str
    broken: Break | None


def verify(entries: Iterable[Entry]) -> Verified:
    """Follow the chain entry by entry, in constant memory, up to its end or its first break.

    >>> verify([])
    Verified(entries=0, head='0000000000000000000000000000000000000000000000000000000000000000', broken=None)
    """
    place, head, before = 0, GENESIS, GENESIS
    rest = iter(entries)
    for entry in rest:
        place += 1
        if not _holds(entry, place, head):
            return Verified(place - 1, head, _break(entry, place, head, before, rest))
        before, head = head, entry.digest
    return Verified(place, head, None)


def _holds(entry: Entry, place: int, previous: str) -> bool:
    return (
        entry.seq == place
        and entry.previous == previous
        and sha256(entry.payload) == entry.payload_sha256
        and entry.digest_at(place) == entry.digest
    )


def _break(entry: Entry, place: int, head: str, before: str, rest: Iterator[Entry]) -> Break:
    """Tell what happened where an entry does not fit between its neighbours.

    An entry that is intact at another place was moved there; what its own place holds says how.
    """
    own = _own_place(entry)
    if own is None or (own == place and entry.previous == head):
        return Break(place, BreakKind.EDITED, entry.seq)
    if own > place:
        moved = any(_own_place(later) == place and later.previous == head for later in rest)
        return Break(place, BreakKind.REORDERED if moved else BreakKind.DELETED, entry.seq)
    if own < place:
        # The entry before stands where this one belongs, or this one is an old entry once more.
        inserted = place - 1 if entry.previous == before else place
        return Break(inserted, BreakKind.INSERTED, entry.seq)
    # Intact, in its place, and it follows another entry than the one before it: that one was replaced, digest and all.
    return Break(max(place - 1, 1), BreakKind.EDITED, entry.seq)


def _own_place(entry: Entry) -> int | None:
    """Find the place at which an entry's digest holds; None when it holds nowhere near."""
    if sha256(entry.payload) != entry.payload_sha256:
        return None
    near = (entry.seq + sign * step for step in range(_REACH + 1) for sign in (1, -1))
    return next((seq for seq in near if entry.digest_at(seq) == entry.digest), None)
