"""The laws of a record's history, on a real warehouse, against the same rules told in Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from certloan.contracts import CONTRACTS, Contract
from certloan.ingest.conform import digest
from certloan.ingest.history import Merge
from certloan.services.merge_table import Merged, merge_table
from certloan.storage.warehouse import DuckWarehouse

CONTRACT = CONTRACTS["credit_inquiry"]  # its key has parts that may be missing
NEWEST_COUNTS = replace(CONTRACT, newest_counts=True)
START = date(2024, 1, 1)


@dataclass(frozen=True)
class Said:
    """A statement: about a record, on a day, by the file itself or by the usual lag; ``content`` is what it says."""

    record: str | None
    content: str
    day: int
    stated: bool = True


def deliver(
    warehouse: DuckWarehouse,
    said: Sequence[Said],
    day: int,
    sheets: Sequence[int] | None = None,
    contract: Contract = CONTRACT,
) -> Merged:
    numbers = sheets or [0] * len(said)
    rows = pa.table(
        {
            "sheet_no": pa.array(numbers, pa.int32()),
            "_row": pa.array(range(len(said)), pa.int64()),
            "uscc": ["U"] * len(said),
            "inquired_on": pa.array([START] * len(said), pa.date32()),
            "lender": pa.array([s.record for s in said], pa.string()),
            "purpose": pa.array([None] * len(said), pa.string()),
            "happened_on": pa.array([START] * len(said), pa.date32()),
            "known_on": pa.array([on(s.day) for s in said], pa.date32()),
            # What differs between two statements about this record is the day on which they may no longer be used.
            "void_on": pa.array([on(1000 + ord(s.content)) for s in said], pa.date32()),
            "stated": [s.stated for s in said],
            "earlier_on": pa.array([None] * len(said), pa.date32()),
        }
    )
    before = warehouse.query("select max(delivered_on) as d from history.delivery where delivered_on < ?", [on(day)])
    merge = Merge(contract, "waiting", on(day), f"delivery-{day}", before.column("d")[0].as_py())
    with warehouse.transaction():
        with warehouse.attached("given", rows):
            warehouse.execute(
                f"create temp table waiting as select *, "
                f"{digest((*CONTRACT.names, 'void_on'))} as row_digest from given"
            )
        late: list[str] = []
        merged = merge_table(warehouse, merge, lambda rows: None, late.append)
        warehouse.execute(
            "insert or ignore into history.delivery values (?, ?, current_timestamp, '', '', 0, 0)",
            [f"delivery-{day}", on(day)],
        )
        for table in (
            warehouse.query("select table_name as t from duckdb_tables() where temporary").column("t").to_pylist()
        ):
            warehouse.execute(f"drop table temp.{table}")
    return merged


def on(day: int) -> date:
    return START + timedelta(days=day)


def stored(warehouse: DuckWarehouse) -> list[tuple[object, ...]]:
    rows = warehouse.query(
        "select lender, void_on, known_on, superseded_on, delivery_id from history.credit_inquiry order by all"
    )
    return [tuple(row.values()) for row in rows.to_pylist()]


def seen(warehouse: DuckWarehouse, record: str | None, day: int) -> list[str]:
    rows = warehouse.query(
        """select h.void_on from history.credit_inquiry as h where h.lender is not distinct from ?
        and h.known_on <= ? and (h.superseded_on is null or ? < h.superseded_on)""",
        [record, on(day), on(day)],
    )
    return [chr((found - START).days - 1000) for found in rows.column("void_on").to_pylist()]


@dataclass(frozen=True)
class Kept:
    """A statement in the history: known on a day, said by the delivery of another."""

    day: int
    content: str
    said_on: int


def told(deliveries: Sequence[tuple[int, Sequence[Said]]], *, newest_counts: bool = False) -> list[tuple[object, ...]]:
    """Tell the rules of ``ingest/history.py`` in Python: the expected (record, content, known, superseded)."""
    history: dict[str | None, list[Kept]] = {}
    last: int | None = None
    for delivered, rows in deliveries:
        latest: dict[tuple[str | None, int], Said] = {}
        for row in rows:
            dated = row.stated or any(
                r.stated for r in rows if (r.record, r.day, r.content) == (row.record, row.day, row.content)
            )
            latest[row.record, row.day] = Said(row.record, row.content, row.day, dated)
        for record in {row.record for row in rows}:
            said = sorted((r for r in latest.values() if r.record == record), key=lambda r: r.day)
            history[record] = joined(history.get(record, []), said, delivered, last, newest_counts=newest_counts)
        last = delivered
    expected: list[tuple[object, ...]] = []
    for record, line in history.items():
        for kept, later in zip(line, [*line[1:], None], strict=True):
            expected.append((record, kept.content, on(kept.day), None if later is None else on(later.day)))
    return expected


def joined(
    old: list[Kept], said: Sequence[Said], delivered: int, last: int | None, *, newest_counts: bool
) -> list[Kept]:
    """Join what one delivery says of a record, in the order of knowing, to what is stored of it."""
    line = [(kept.day, 0, place, kept) for place, kept in enumerate(old)]
    for place, row in enumerate(said):
        if row.stated and any((kept.day, kept.content) == (row.day, row.content) for kept in old):
            continue
        day = row.day
        if old and (not row.stated or any(kept.day == row.day for kept in old)):
            newest = old[-1]
            settled = max(newest.day, newest.said_on) >= delivered or (not row.stated and row is not said[-1])
            if row.content == newest.content or (settled and any(kept.content == row.content for kept in old)):
                continue
            day = newest.day if newest_counts else delivered
        elif not old and not row.stated and last is not None and row.day < last:
            day = delivered
        line.append((day, 1, place, Kept(day, row.content, delivered)))
    kept_line: list[Kept] = []
    before: str | None = None
    for _, is_new, _, kept in sorted(line, key=lambda entry: entry[:3]):
        if not is_new or kept.content != before:
            kept_line.append(kept)
        before = kept.content
    return kept_line


records = st.sampled_from(["a", "b", None])
statements = st.builds(Said, records, st.sampled_from("XYZ"), st.integers(0, 6), st.booleans())


@st.composite
def deliveries(draw: st.DrawFn) -> list[tuple[int, list[Said]]]:
    days = draw(st.lists(st.integers(6, 30), min_size=1, max_size=3, unique=True))
    return [(day, draw(st.lists(statements, min_size=1, max_size=6))) for day in sorted(days)]


def key(row: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(map(str, row))


@settings(max_examples=80, deadline=None)
@given(deliveries(), st.booleans())
def test_the_engine_keeps_history_as_the_rules_tell(given_: list[tuple[int, list[Said]]], newest_counts: bool) -> None:
    warehouse = DuckWarehouse.open(None)
    contract = NEWEST_COUNTS if newest_counts else CONTRACT
    for day, said in given_:
        merged = deliver(warehouse, said, day, contract=contract)
        assert merged.accepted + merged.duplicate + merged.conflicting + merged.unchanged == len(said)
    found = [(r, chr((v - START).days - 1000), k, s) for r, v, k, s, _ in stored(warehouse)]  # type: ignore[operator]
    assert sorted(found, key=key) == sorted(told(given_, newest_counts=newest_counts), key=key)
    warehouse.close()


@settings(max_examples=20, deadline=None)
@given(deliveries(), st.integers(0, 5))
def test_a_delivery_that_comes_twice_changes_nothing_at_all(given_: list[tuple[int, list[Said]]], later: int) -> None:
    warehouse = DuckWarehouse.open(None)
    for day, said in given_:
        deliver(warehouse, said, day)
    before = stored(warehouse)
    day, said = given_[-1]
    again = deliver(warehouse, said, day)
    assert stored(warehouse) == before
    assert again.accepted == again.superseding == 0
    warehouse.close()


@settings(max_examples=20, deadline=None)
@given(deliveries(), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_their_split_into_files_matters(
    given_: list[tuple[int, list[Said]]], random: object
) -> None:
    # Which of two contradicting rows wins does depend on their order; the law is about rows that do not contradict.
    agreeing = [(day, list({(s.record, s.day): s for s in said}.values())) for day, said in given_]
    one, other = DuckWarehouse.open(None), DuckWarehouse.open(None)
    for day, said in agreeing:
        deliver(one, [*said, *said[:1]], day)
        mixed = [*said, *said[:1]]
        random.shuffle(mixed)  # type: ignore[attr-defined]
        deliver(other, mixed, day, sheets=[at % 2 for at in range(len(mixed))])
    assert stored(one) == stored(other)
    one.close()
    other.close()


@settings(max_examples=20, deadline=None)
@given(deliveries())
def test_on_any_day_at_most_one_statement_about_a_record_is_seen(given_: list[tuple[int, list[Said]]]) -> None:
    warehouse = DuckWarehouse.open(None)
    for day, said in given_:
        deliver(warehouse, said, day)
    for record in ("a", "b", None):
        for day in (0, 3, 6, 12, 29, 31):
            assert len(seen(warehouse, record, day)) <= 1
    warehouse.close()


def test_before_a_correction_the_old_statement_is_seen_and_after_it_the_new_one() -> None:
    warehouse = DuckWarehouse.open(None)
    deliver(warehouse, [Said("a", "X", 0, stated=False)], 10)
    corrected = deliver(warehouse, [Said("a", "Y", 0, stated=False)], 20)
    assert (corrected.accepted, corrected.superseding) == (1, 1)
    assert [seen(warehouse, "a", day) for day in (0, 19, 20, 99)] == [["X"], ["X"], ["Y"], ["Y"]]
    warehouse.close()


def test_an_old_statement_that_is_delivered_again_does_not_become_the_newest() -> None:
    warehouse = DuckWarehouse.open(None)
    deliver(warehouse, [Said("a", "X", 0, stated=False)], 10)
    deliver(warehouse, [Said("a", "Y", 0, stated=False)], 20)
    assert deliver(warehouse, [Said("a", "X", 0, stated=False)], 10).unchanged == 1
    assert seen(warehouse, "a", 99) == ["Y"]
    warehouse.close()


def test_a_correction_that_a_later_delivery_takes_back_is_taken_back() -> None:
    warehouse = DuckWarehouse.open(None)
    for day, content in ((10, "X"), (20, "Y"), (30, "X"), (30, "X"), (10, "X")):
        deliver(warehouse, [Said("a", content, 0, stated=False)], day)
    assert [seen(warehouse, "a", day) for day in (0, 19, 20, 29, 30, 99)] == [["X"], ["X"], ["Y"], ["Y"], ["X"], ["X"]]
    assert deliver(warehouse, [Said("a", "Y", 0, stated=False)], 20).accepted == 0
    warehouse.close()


def test_two_statements_in_every_snapshot_do_not_take_each_other_back() -> None:
    warehouse = DuckWarehouse.open(None)
    said = [Said("a", "X", 0, stated=False), Said("a", "Y", 2, stated=False)]
    for day in (10, 20, 30):
        deliver(warehouse, said, day)
    assert [seen(warehouse, "a", day) for day in (0, 2, 99)] == [["X"], ["Y"], ["Y"]]
    assert len(stored(warehouse)) == 2
    warehouse.close()


def test_where_the_newest_statement_counts_a_correction_is_seen_from_the_first_day_on() -> None:
    warehouse = DuckWarehouse.open(None)
    for day, content in ((10, "X"), (20, "Y"), (20, "Y"), (10, "X")):
        deliver(warehouse, [Said("a", content, 0, stated=False)], day, contract=NEWEST_COUNTS)
    assert [seen(warehouse, "a", day) for day in (0, 19, 99)] == [["Y"], ["Y"], ["Y"]]
    assert len(stored(warehouse)) == 2
    warehouse.close()


def test_a_record_that_the_last_delivery_did_not_have_was_not_known_then() -> None:
    warehouse = DuckWarehouse.open(None)
    deliver(warehouse, [Said("a", "X", 0, stated=False)], 10)
    deliver(warehouse, [Said("b", "X", 9, stated=False), Said("c", "X", 10, stated=False), Said("d", "X", 9)], 20)
    seen_on = {name: next(day for day in range(25) if seen(warehouse, name, day)) for name in ("b", "c", "d")}
    assert seen_on == {"b": 20, "c": 10, "d": 9}
    warehouse.close()


def test_a_statement_dated_by_its_file_takes_its_place_between_two_others() -> None:
    warehouse = DuckWarehouse.open(None)
    deliver(warehouse, [Said("a", "X", 1), Said("a", "Z", 5)], 10)
    deliver(warehouse, [Said("a", "Y", 3)], 20)
    assert [seen(warehouse, "a", day) for day in (0, 1, 2, 3, 4, 5)] == [[], ["X"], ["X"], ["Y"], ["Y"], ["Z"]]
    warehouse.close()


def test_a_record_whose_key_has_a_missing_part_is_still_the_same_record() -> None:
    warehouse = DuckWarehouse.open(None)
    deliver(warehouse, [Said(None, "X", 0, stated=False)], 10)
    assert deliver(warehouse, [Said(None, "Y", 0, stated=False)], 20).superseding == 1
    assert seen(warehouse, None, 99) == ["Y"]
    warehouse.close()


def test_of_two_different_rows_about_one_record_and_day_the_later_wins_and_the_other_is_told() -> None:
    warehouse = DuckWarehouse.open(None)
    merged = deliver(warehouse, [Said("a", "X", 0), Said("a", "Y", 0), Said("a", "X", 0)], 10)
    assert (merged.accepted, merged.duplicate, merged.conflicting) == (1, 1, 1)
    assert seen(warehouse, "a", 99) == ["X"]
    warehouse.close()
