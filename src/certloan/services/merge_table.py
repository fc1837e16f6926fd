"""The rows of one table that a delivery brought join its history: the steps of :class:`certloan.ingest.history.Merge`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from certloan.ingest.history import Merge
from certloan.services.ports import Warehouse


@dataclass(frozen=True)
class Merged:
    """What became of the waiting rows; together they are all of them (``superseding`` are some of ``accepted``)."""

    accepted: int
    superseding: int
    duplicate: int
    conflicting: int
    unchanged: int
    #: Rows of which ``advance`` has heard.
    inserted: int = 0


#: New records are inserted so many at a time, which is a second or two, and in the order in which they came.
_AT_ONCE = 2_000_000


def merge_table(
    warehouse: Warehouse,
    merge: Merge,
    report_conflicts: Callable[[str], None],
    report_late: Callable[[str], None],
    advance: Callable[[int], None] = lambda rows: None,
) -> Merged:
    """Merge and count.

    ``report_conflicts`` is given a SELECT of the rows that lost against another of the delivery, ``report_late`` one of
    the rows that came later than they might have, and ``advance`` the number of rows that are in, again and again.

    To be called inside a transaction; the temporary tables that it makes are the caller's to drop.
    """
    warehouse.execute(merge.find_repeated())
    told = warehouse.query(f"select fate, count(*) as n from {merge.repeated} group by fate").to_pylist()
    fates = {row["fate"]: int(row["n"]) for row in told}
    if fates.get("conflict"):
        report_conflicts(merge.conflicts())
    if fates:
        warehouse.execute(merge.drop_repeated())
    distinct = _number(warehouse, f"select count(*) from {merge.incoming}")
    if _number(warehouse, f"select count(*) from {merge.history}"):
        warehouse.execute(merge.drop_known())
    warehouse.execute(merge.find_touched())
    if merge.last_delivered_on is not None:
        report_late(merge.late())
    touched = _number(warehouse, f"select count(*) from {merge.touched}")
    accepted = _number(warehouse, f"select count(*) from {merge.incoming}") - touched
    superseding = 0
    if touched:
        warehouse.execute(merge.build_timeline())
        accepted += _number(warehouse, f"select count(*) from {merge.timeline} where stored_id is null and not partial")
        superseding = _number(warehouse, f"select count(*) from {merge.timeline} where supersedes")
        warehouse.execute(merge.insert_timeline())
    for first, last, rows in _slices(warehouse, merge.incoming):
        warehouse.execute(merge.insert_simple(first, last))
        advance(rows)
    repeated = (fates.get("duplicate", 0), fates.get("conflict", 0))
    return Merged(accepted, superseding, *repeated, distinct - accepted, distinct)


def _slices(warehouse: Warehouse, incoming: str) -> Iterator[tuple[int, int, int]]:
    """Divide the waiting rows by their sheets: the first and the last sheet of a slice, and its rows."""
    sheets = warehouse.query(f"select sheet_no, count(*) as n from {incoming} group by sheet_no order by sheet_no")
    first, held = None, 0
    for sheet_no, n in zip(*(sheets.column(name).to_pylist() for name in ("sheet_no", "n")), strict=True):
        first = sheet_no if first is None else first
        held += n
        if held >= _AT_ONCE:
            yield first, sheet_no, held
            first, held = None, 0
    if first is not None:
        yield first, sheet_no, held


def _number(warehouse: Warehouse, sql: str) -> int:
    return int(warehouse.query(sql).column(0)[0].as_py())
