"""How statements about the same record join its history, as SQL (DuckDB).

A *statement* is what a delivery says of a record; the contract's key says which record. The rules:

1. Within a delivery, a repeated statement says nothing new. Of two that differ and were known on the same day, the
   later row wins (file order, then row) and the other is put aside. Known on different days, both are history.
2. A statement that a file dates itself (``known_on`` in the file) takes its place in the history by that day.
3. Against what is stored, anything else that differs is a correction: it is known from the day of its delivery on, for
   until then everybody saw the older statement. A statement that is in the history already is never one again.
4. A statement that says the same as the one before it in time says nothing new.
5. Each statement is superseded on the day the next one is known.

Ingesting a delivery twice therefore changes nothing, and neither do the order of rows or their split into files.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from certloan.contracts import Contract
from certloan.ingest.conform import digest
from certloan.ingest.sql import identifier, literal


@dataclass(frozen=True)
class Merge:
    """The statements that merge one table's rows of a delivery, ``incoming``, into its history.

    ``incoming`` has ``sheet_no``, ``_row``, the contract's columns and dates, ``stated``, ``key_digest`` and
    ``row_digest``. The temporary tables are named after it.
    """

    contract: Contract
    incoming: str
    delivered_on: date
    delivery_id: str

    @property
    def history(self) -> str:
        """The table of everything ever said."""
        return f"history.{identifier(self.contract.table)}"

    @property
    def repeated(self) -> str:
        """Rows whose record has several rows in the delivery, each with its ``fate``: keep, duplicate or conflict."""
        return f"{self.incoming}_repeated"

    @property
    def touched(self) -> str:
        """Digests of the keys for which there is more to do than to insert one row."""
        return f"{self.incoming}_touched"

    @property
    def timeline(self) -> str:
        """Stored and new statements of the touched keys in the order of time, each with ``superseded_on``."""
        return f"{self.incoming}_timeline"

    def find_repeated(self) -> str:
        """Compile rule 1: the fate of rows that share their key with another row of the delivery."""
        return f"""create temp table {self.repeated} as
            with several as (select key_digest from {self.incoming} group by key_digest having count(*) > 1)
            select sheet_no, _row, key_digest, said_date, case
                when row_digest <> first_value(row_digest) over latest then 'conflict'
                when row_number() over same > 1 then 'duplicate' else 'keep' end as fate
            from (
                select *, bool_or(stated) over (partition by key_digest, known_on, row_digest) as said_date
                from {self.incoming} where key_digest in (select key_digest from several)
            )
            window latest as (partition by key_digest, known_on order by sheet_no desc, _row desc),
                same as (partition by key_digest, known_on, row_digest order by sheet_no desc, _row desc)"""

    def conflicts(self) -> str:
        """Compile the rows that lost: ``sheet_no``, ``_row`` and, as ``found``, the key they share with the winner."""
        key = ", ".join(f"i.{identifier(name)}" for name in self.contract.key)
        return f"""select i.sheet_no, i._row, concat_ws(' ', {key}) as found
            from {self.repeated} as r join {self.incoming} as i on i.sheet_no = r.sheet_no and i._row = r._row
            where r.fate = 'conflict'"""

    def drop_repeated(self) -> str:
        """Compile the removal of rows that say nothing new in their delivery, or lost against a later row."""
        return f"""delete from {self.incoming} as i using {self.repeated} as r
            where r.fate <> 'keep' and r.sheet_no = i.sheet_no and r._row = i._row;
            update {self.incoming} as i set stated = true from {self.repeated} as r
            where r.fate = 'keep' and r.said_date and not i.stated and r.sheet_no = i.sheet_no and r._row = i._row"""

    def drop_known(self) -> str:
        """Compile the removal of rows that the history holds already."""
        return f"""delete from {self.incoming} where not stated and row_digest in (select row_digest from {self.history});
            delete from {self.incoming} as i using {self.history} as h
            where i.stated and h.row_digest = i.row_digest and h.known_on = i.known_on"""

    def find_touched(self) -> str:
        """Compile the keys that are stored already or still have several statements."""
        key = digest(self.contract.key)
        return f"""create temp table {self.touched} as
            select key_digest from {self.repeated} where fate = 'keep' group by key_digest having count(*) > 1
            union
            select key_digest from {self.incoming} where key_digest in (select {key} from {self.history})"""

    def build_timeline(self) -> str:
        """Compile rules 2 to 5 for the touched keys."""
        key = digest(self.contract.key)
        return f"""create temp table {self.timeline} as
            with said as (
                select rowid as stored_id, null as sheet_no, null as _row, {key} as key_digest, known_on, superseded_on,
                    row_digest, true as stated
                from {self.history} where {key} in (select key_digest from {self.touched})
                union all
                select null, sheet_no, _row, key_digest, known_on, null, row_digest, stated
                from {self.incoming} where key_digest in (select key_digest from {self.touched})
            ), placed as (
                select *, bool_or(stored_id is not null) over (partition by key_digest) as has_stored,
                    bool_or(stored_id is not null) over (partition by key_digest, known_on) as day_taken,
                    bool_or(stored_id is not null) over (partition by key_digest, row_digest) as said_before
                from said
            ), dated as (
                select *, case when corrects then date '{self.delivered_on}' else known_on end as effective_on
                from (select *, stored_id is null and has_stored and (not stated or day_taken) as corrects from placed)
                where not (corrects and said_before)
            ), ordered as (
                select *, lag(row_digest) over in_time as before
                from dated
                window in_time as (
                    partition by key_digest
                    order by effective_on, stored_id is null, superseded_on nulls last, stored_id, known_on, sheet_no, _row
                )
            )
            select stored_id, sheet_no, _row, effective_on, superseded_on as was_superseded_on,
                stored_id is null and before is not null as supersedes,
                lead(effective_on) over (
                    partition by key_digest
                    order by effective_on, stored_id is null, superseded_on nulls last, stored_id, known_on, sheet_no, _row
                ) as superseded_on
            from ordered where stored_id is not null or before is null or before <> row_digest"""

    def insert_simple(self) -> str:
        """Compile the insertion of the only statement about a new record."""
        return f"""insert into {self.history} ({self._columns()}, known_on, superseded_on, delivery_id, row_digest)
            select {self._columns()}, known_on, null, {literal(self.delivery_id)}, row_digest
            from {self.incoming} where key_digest not in (select key_digest from {self.touched})"""

    def insert_timeline(self) -> str:
        """Compile the insertion of new statements about touched records, and the closing of those before them."""
        columns = self._columns("i.")
        return f"""insert into {self.history} ({self._columns()}, known_on, superseded_on, delivery_id, row_digest)
            select {columns}, t.effective_on, t.superseded_on, {literal(self.delivery_id)}, i.row_digest
            from {self.timeline} as t join {self.incoming} as i on i.sheet_no = t.sheet_no and i._row = t._row
            where t.stored_id is null;
            update {self.history} as h set superseded_on = t.superseded_on from {self.timeline} as t
            where h.rowid = t.stored_id and t.superseded_on is distinct from t.was_superseded_on"""

    def _columns(self, qualify: str = "") -> str:
        names = (*self.contract.names, "happened_on", "void_on")
        return ", ".join(f"{qualify}{identifier(name)}" for name in names)
