"""The chain finds whatever was done to it, and says what."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certloan.ledger.chain import Break, BreakKind, verify
from certloan.ledger.entry import GENESIS, Entry, Kind, canonical, sealed

NAMES = [field.name for field in fields(Entry)]


def chain(length: int, note: str = "") -> list[Entry]:
    entries: list[Entry] = []
    for seq in range(1, length + 1):
        previous = entries[-1].digest if entries else GENESIS
        at = f"2026-01-01T00:00:{seq % 60:02d}.000000Z"
        entries.append(sealed(seq, at, "李", "risk", Kind.MODEL_PROMOTED, {"to": f"{note}{seq}"}, previous))
    return entries


def renumbered(entries: list[Entry]) -> list[Entry]:
    return [replace(entry, seq=seq) for seq, entry in enumerate(entries, 1)]


def kind(entries: list[Entry]) -> BreakKind | None:
    broken = verify(entries).broken
    return None if broken is None else broken.kind


@given(st.integers(0, 30))
def test_an_untouched_chain_is_intact_and_its_head_is_the_last_digest(length: int) -> None:
    entries = chain(length)
    found = verify(entries)
    assert found.broken is None
    assert (found.entries, found.head) == (length, entries[-1].digest if entries else GENESIS)


@given(st.data())
def test_one_changed_byte_anywhere_is_found_where_it_stands(data: st.DataObject) -> None:
    entries = chain(data.draw(st.integers(1, 12)))
    at = data.draw(st.integers(0, len(entries) - 1))
    name = data.draw(st.sampled_from([name for name in NAMES if name != "seq"]))
    raw = bytearray(getattr(entries[at], name).encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    changed = {name: bytes(raw).decode(errors="surrogateescape")}
    entries[at] = Entry(**{**vars(entries[at]), **changed})
    assert verify(entries).broken == Break(at + 1, BreakKind.EDITED, at + 1)


@given(st.integers(1, 12), st.data())
def test_a_changed_number_is_found(length: int, data: st.DataObject) -> None:
    entries = chain(length)
    at = data.draw(st.integers(0, length - 1))
    entries[at] = replace(entries[at], seq=data.draw(st.integers(-5, 30).filter(lambda seq: seq != at + 1)))
    broken = verify(entries).broken
    assert broken is not None
    assert broken.place == at + 1


@given(st.integers(2, 20), st.booleans(), st.data())
def test_a_deletion_is_found_even_where_the_rest_is_renumbered(length: int, hidden: bool, data: st.DataObject) -> None:
    entries = chain(length)
    first = data.draw(st.integers(0, length - 2))
    last = data.draw(st.integers(first + 1, length - 1))
    left = entries[:first] + entries[last:]
    broken = verify(renumbered(left) if hidden else left).broken
    assert broken is not None
    assert (broken.place, broken.kind) == (first + 1, BreakKind.DELETED)


@given(st.integers(2, 20), st.booleans(), st.data())
def test_two_entries_that_changed_places_are_found(length: int, hidden: bool, data: st.DataObject) -> None:
    entries = chain(length)
    one, other = sorted(data.draw(st.sets(st.integers(0, length - 1), min_size=2, max_size=2)))
    entries[one], entries[other] = entries[other], entries[one]
    broken = verify(renumbered(entries) if hidden else entries).broken
    assert broken is not None
    assert (broken.place, broken.kind) == (one + 1, BreakKind.REORDERED)


@given(st.integers(1, 20), st.data())
def test_an_entry_put_between_is_found(length: int, data: st.DataObject) -> None:
    entries = chain(length)
    at = data.draw(st.integers(0, length - 1))
    previous = entries[at - 1].digest if at else GENESIS
    forged = sealed(at + 1, "2026-01-01T00:00:00.000000Z", "王", "risk", Kind.MODEL_PROMOTED, {"to": "x"}, previous)
    broken = verify(renumbered([*entries[:at], forged, *entries[at:]])).broken
    assert broken is not None
    assert (broken.place, broken.kind) == (at + 1, BreakKind.INSERTED)


@given(st.integers(1, 20), st.data())
def test_an_old_entry_written_once_more_is_found(length: int, data: st.DataObject) -> None:
    entries = chain(length)
    entries.append(entries[data.draw(st.integers(0, length - 1))])
    assert kind(renumbered(entries)) is BreakKind.INSERTED


@given(st.integers(2, 20), st.data())
def test_an_entry_replaced_with_its_digest_is_found_by_the_one_behind_it(length: int, data: st.DataObject) -> None:
    entries = chain(length)
    at = data.draw(st.integers(0, length - 2))
    old = entries[at]
    entries[at] = sealed(old.seq, old.at, "王", old.role, Kind(old.kind), {"to": "x"}, old.previous)
    assert verify(entries).broken == Break(at + 1, BreakKind.EDITED, at + 2)


def test_a_tail_cut_off_leaves_another_head() -> None:
    whole, cut = verify(chain(9)), verify(chain(9)[:-2])
    assert cut.broken is None
    assert (cut.entries, cut.head) != (whole.entries, whole.head)


def test_what_has_no_canonical_text_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        canonical({"auc": 0.75})  # type: ignore[dict-item]


def test_the_canonical_bytes_are_those_of_the_document() -> None:
    entry = sealed(
        1, "2026-01-01T00:00:00.000000Z", "李", "risk", Kind.MODEL_PROMOTED, {"from": None, "to": "ab"}, GENESIS
    )
    assert entry.payload == '{"from":null,"to":"ab"}'
    assert entry.digest == "0bc6ada8efc7355e923e869be34b65fb7aa56e011e0909101676c8f600a9f24f"
