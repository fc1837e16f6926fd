"""Which statements stand in which delivery: what was known by then, what came late, what was put right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.contracts import CONTRACTS
from certloan.world.calendar import FIRST_DELIVERY, SECOND_DELIVERY
from certloan.world.draws import Arrow, Flags, Ints, chance, joined, stream
from certloan.world.mess import MessShares
from certloan.world.slips import Effect

#: Tables that describe a record in several statements over time.
_SEVERAL = (
    "enterprise", "list_entry", "certificate", "inspection", "incident", "credit_account", "certification_body", "product",
    "programme",
)  # fmt: skip
#: What a correction of each table changes; requests, outcomes and consents are never corrected, and never late.
_CORRECTED = {
    "enterprise": "registered_capital",
    "annual_report": "revenue",
    "certificate": "scope",
    "inspection": "batch_no",
    "incident": "amount",
    "credit_account": "credit_limit",
    "credit_month": "balance",
    "mitigant": "insured_amount",
    "invoice": "net",
    "utility_bill": "billed",
}
_NEVER_LATE = ("enterprise", "application", "outcome", "consent", "certification_body")
_RESENT = 0.6  # of the rows that could not be used, so many come again, put right


@dataclass(frozen=True)
class Allotment:
    """The rows of one table by delivery, as positions in ``table``."""

    table: pa.Table
    rank: Ints  # 0 for a record's first statement, 1 for the next
    sole: Flags  # whether the record has no other statement
    early: Ints  # in the first delivery
    fresh: Ints  # became known after it
    late: Ints  # were known before it, but arrive after
    corrected: Ints  # stand in both, differently


@dataclass(frozen=True)
class Content:
    """What one table says in the second delivery, and which of its rows are not simply new: position, kind, effect."""

    rows: pa.Table
    notes: tuple[tuple[int, str, str, Effect], ...]


def allot(name: str, table: pa.Table, seed: int, shares: MessShares) -> Allotment:
    """Divide the statements of a table between the deliveries."""
    rng = stream(seed, f"allotment {name}")
    rank, sole = _ranked(name, table)
    by_first = np.asarray(pc.less_equal(table["known_on"], pa.scalar(FIRST_DELIVERY, pa.date32())))
    late = by_first & sole & chance(rng, shares.late, len(rank)) & (name not in _NEVER_LATE)
    corrected = by_first & ~late & sole & chance(rng, shares.corrected, len(rank))
    if name in _CORRECTED:
        corrected &= np.asarray(pc.is_valid(table[_CORRECTED[name]]))
    else:
        corrected &= False
    early, fresh = by_first & ~late, ~by_first
    return Allotment(
        table, rank, sole, *(np.flatnonzero(rows).astype(np.int64) for rows in (early, fresh, late, corrected))
    )


def second(name: str, part: Allotment, lost: Ints, seed: int) -> Content:
    """Put together what a table says in the second delivery; ``lost`` are the rows that the first one spoiled.

    What is late, corrected or sent again is known from the second delivery on: until then nobody could use it.
    """
    again = lost[part.sole[lost]]
    again = again[chance(stream(seed, f"resent {name}"), _RESENT, len(again))]
    again = np.setdiff1d(again, part.corrected).astype(np.int64)
    rows = part.table.take(pa.array(np.concatenate([part.fresh, part.late, part.corrected, again])))
    starts = np.cumsum([len(part.fresh), len(part.late), len(part.corrected), len(again)])
    position = np.arange(rows.num_rows)
    known = pc.if_else(
        pa.array(position >= starts[0]), pa.scalar(SECOND_DELIVERY, pa.date32()), rows["known_on"].combine_chunks()
    )
    rows = _replaced(rows, "known_on", known)
    if len(part.corrected):
        column = _CORRECTED[name]
        right = (position >= starts[1]) & (position < starts[2])
        values = rows[column].combine_chunks()
        rows = _replaced(rows, column, pc.if_else(pa.array(right), _put_right(values), values))
    kinds = (
        ("late", "", Effect.ACCEPTED),
        ("corrected", _CORRECTED.get(name, ""), Effect.SUPERSEDES),
        ("resent", "", Effect.ACCEPTED),
    )
    notes = [(int(at), *kinds[part_of]) for part_of in range(3) for at in range(starts[part_of], starts[part_of + 1])]
    return Content(rows, tuple(notes))


def _put_right(values: Arrow) -> Arrow:
    """Give the corrected value: an amount a tenth higher, a text with a word behind it."""
    if pa.types.is_string(values.type):
        return joined(values, "（更正）")
    return pc.add(values, pc.add(pc.divide(values, 10), 100))


def _replaced(table: pa.Table, name: str, values: Arrow) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, values)


def _ranked(name: str, table: pa.Table) -> tuple[Ints, Flags]:
    """Number the statements of each record in the order in which they became known."""
    n = table.num_rows
    if name not in _SEVERAL:
        return np.zeros(n, dtype=np.int64), np.ones(n, dtype=bool)
    parts = [pc.cast(table[column].combine_chunks(), pa.string()) for column in CONTRACTS[name].key]
    code = np.asarray(pc.dictionary_encode(pc.binary_join_element_wise(*parts, "|")).indices).astype(np.int64)
    known = np.asarray(pc.cast(pc.cast(table["known_on"].combine_chunks(), pa.int32()), pa.int64()))
    order = np.lexsort((known, code))
    sizes = np.bincount(code)
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rank, sizes[code] == 1
