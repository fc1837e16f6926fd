"""What was planted for the checks of integrity to find, written down so that their precision and recall are known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.world.draws import Arrow, Flags, Ints, dates

#: What is planted, and what ``key`` names: a certificate, an application, a ring of firms, a product, a scheme.
FLAGS = (
    "number_malformed",
    "body_not_approved",
    "body_not_licensed",
    "bought_before_applying",
    "headcount_far",
    "scope_unfit",
    "audit_team",
    "invoice_ring",
    "state_contradicted",
    "report_contradicted",
    "sold_without_ccc",
)
_SCHEMA = pa.schema([("uscc", pa.string()), ("flag", pa.string()), ("key", pa.string()), ("since", pa.date32())])


class Planted:
    """Collects what the stages plant. ``uscc`` holds the code of every firm."""

    def __init__(self, uscc: Arrow) -> None:
        self.uscc = uscc
        self.parts: list[pa.Table] = []

    def add(self, flag: str, firm: Ints, key: Arrow, since: Ints) -> None:
        """Note for each firm given what was planted, what names it, and the day from which it is there."""
        n = len(firm)
        columns = [self.uscc.take(pa.array(firm)), pa.array([flag] * n, pa.string()), key, dates(since)]
        self.parts.append(pa.table(columns, schema=_SCHEMA))

    def note(self, flag: str, issued: tuple[Ints, Ints], wrong: Flags, number: Arrow) -> None:
        """Note certificates: ``issued`` gives the holder and the day of issue of each, ``wrong`` says which are meant."""
        firm, day = issued
        at = np.flatnonzero(wrong).astype(np.int64)
        self.add(flag, firm[at], pc.take(number, pa.array(at)), day[at])

    def table(self) -> pa.Table:
        """Give all of it, in order of firm and flag."""
        rows = pa.concat_tables(self.parts).combine_chunks()
        return rows.sort_by([("uscc", "ascending"), ("flag", "ascending"), ("key", "ascending")])
