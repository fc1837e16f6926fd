"""How statements about the same record join its history, as SQL (DuckDB).

A *statement* is what a delivery says of a record; the contract's key says which record. The rules:

1. Within a delivery, a repeated statement says nothing new. Of two that differ and were known on the same day, the
   later row wins (file order, then row) and the other is put aside. Known on different days, both are history.
2. A statement that a file dates itself (``known_on`` in the file) takes its place in the history by that day.
3. Against what is stored, anything else that differs from the newest statement is a correction: it is known from the
   day of its delivery on, for until then everybody saw the older statement. Where only the newest statement counts
   (:attr:`Contract.newest_counts`), it is known from the day on which that was known, and takes its place.
4. What was said before the newest statement is said again, as a correction taken back, only by a delivery after the
   newest statement and its delivery, and only as that delivery's last word on the record.
5. A statement that says the same as the one before it in time says nothing new.
6. Each statement is superseded on the day the next one is known.
7. A new record with columns that tell of later days (:attr:`Contract.later`) is two statements: without them it was
   known earlier (``earlier_on``) than as a whole.
8. A new record that must have been known before the table's last delivery, by the usual lag, and was not in it, was
   not known then: it is known from the day of its own delivery on.

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

    ``incoming`` has ``sheet_no``, ``_row``, the contract's columns and dates, ``earlier_on``, ``stated``
    and ``row_digest``. The temporary tables are named after it. ``last_delivered_on`` is the day of the
    table's last delivery before ``delivered_on``; None if there is none, or if this delivery fills in what was known.
    """

    contract: Contract
    incoming: str
    delivered_on: date
    delivery_id: str
    last_delivered_on: date | None = None

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
        """Rows with whose records there is more to do than to insert one row, each with the digest of its key."""
        return f"{self.incoming}_touched"

    @property
    def timeline(self) -> str:
        """Stored and new statements of the touched keys in the order of time, each with ``superseded_on``."""
        return f"{self.incoming}_timeline"

    def find_repeated(self) -> str:
        """Compile rule 1: the fate of rows that share their key with another row of the delivery."""
        # A hash is cheap but may be shared by chance: it only chooses the rows whose keys are told apart by digest.
        key = f"hash({', '.join(identifier(name) for name in self.contract.key)})"
        return f"""create temp table {self.repeated} as
            with several as (select {key} as key_hash from {self.incoming} group by key_hash having count(*) > 1)
            select sheet_no, _row, key_digest, said_date, row_number() over spoken = 1 as last_word, case
                when row_digest <> first_value(row_digest) over latest then 'conflict'
                when row_number() over same > 1 then 'duplicate' else 'keep' end as fate
            from (
                select *, bool_or(stated) over (partition by key_digest, known_on, row_digest) as said_date
                from (
                    select *, {digest(self.contract.key)} as key_digest
                    from {self.incoming} where {key} in (select key_hash from several)
                )
            )
            window latest as (partition by key_digest, known_on order by sheet_no desc, _row desc),
                same as (partition by key_digest, known_on, row_digest order by sheet_no desc, _row desc),
                spoken as (partition by key_digest order by known_on desc, sheet_no desc, _row desc)"""

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
        """Compile the removal of rows that say what the history holds already: rules 2 to 4."""
        return f"""delete from {self.incoming} as i using {self.repeated} as r
            where r.fate = 'keep' and not r.last_word and not i.stated and r.sheet_no = i.sheet_no and r._row = i._row
                and i.row_digest in (select row_digest from {self.history});
            delete from {self.incoming}
            where not stated and row_digest in (select row_digest from {self.history} where superseded_on is null);
            delete from {self.incoming} as i using {self.history} as h
            where i.stated and h.row_digest = i.row_digest and h.known_on = i.known_on"""

    def find_touched(self) -> str:
        """Compile the rows whose records are stored already (``has_stored``) or still have several statements."""
        key = ", ".join(f"i.{identifier(name)}" for name in self.contract.key)
        return f"""create temp table {self.touched} as
            select sheet_no, _row, key_digest, bool_or(stored) as has_stored,
                {", ".join(f"any_value({identifier(name)}) as {identifier(name)}" for name in self.contract.key)}
            from (
                select i.sheet_no, i._row, r.key_digest, false as stored, {key}
                from {self.incoming} as i join {self.repeated} as r on r.sheet_no = i.sheet_no and r._row = i._row
                where r.fate = 'keep' and r.key_digest in (
                    select key_digest from {self.repeated} where fate = 'keep' group by key_digest having count(*) > 1)
                union all
                select i.sheet_no, i._row, {digest(self.contract.key, "i.")}, true, {key}
                from {self.incoming} as i where exists (select 1 from {self.history} as h where {self._same("h", "i")})
            ) group by sheet_no, _row, key_digest"""

    def late(self) -> str:
        """Compile the rows of rule 8 (``sheet_no``, ``_row``, and as ``found`` the key of the record)."""
        key = ", ".join(f"i.{identifier(name)}" for name in self.contract.key)
        return f"""select i.sheet_no, i._row, concat_ws(' ', {key}) as found from {self.incoming} as i
            where {self._late("i.")} and {self._not_touched("t.has_stored")}"""

    def build_timeline(self) -> str:
        """Compile rules 2 to 8 for the touched keys."""
        in_time = """partition by key_digest
            order by effective_on, stored_id is null, superseded_on nulls last, stored_id, known_on, sheet_no, _row"""
        return f"""create temp table {self.timeline} as
            with said as ({self._said()}), placed as (
                select *, bool_or(stored_id is not null) over (partition by key_digest) as has_stored,
                    bool_or(stored_id is not null) over (partition by key_digest, known_on) as day_taken,
                    bool_or(stored_id is not null) over (partition by key_digest, row_digest) as said_before,
                    bool_or(is_newest) over (partition by key_digest, row_digest) as says_newest,
                    bool_or(is_newest and greatest(known_on, said_on) >= date '{self.delivered_on}')
                        over (partition by key_digest) as settled,
                    max(known_on) filter (is_newest) over (partition by key_digest) as newest_on
                from said
            ), dated as (
                select *, case when corrects then {self._corrected_on()} when late and not has_stored
                    then date '{self.delivered_on}' else known_on end as effective_on
                from (select *, stored_id is null and has_stored and (not stated or day_taken) as corrects from placed)
                where not (corrects and (says_newest or (said_before and settled)))
            ), ordered as (
                select *, lag(row_digest) over ({in_time}) as before,
                    count(*) filter (not partial) over ({in_time} rows between unbounded preceding and 1 preceding) > 0
                        as after_another
                from dated
            )
            select stored_id, sheet_no, _row, partial, row_digest, effective_on, superseded_on as was_superseded_on,
                stored_id is null and not partial and after_another as supersedes,
                lead(effective_on) over ({in_time}) as superseded_on
            from ordered where stored_id is not null or before is null or before <> row_digest"""

    def _said(self) -> str:
        """Write what is stored about the touched keys, and what is new."""
        key = digest(self.contract.key, "h.")
        same = "t.sheet_no = i.sheet_no and t._row = i._row"
        incoming = f"from {self.incoming} as i join {self.touched} as t on {same}"
        sql = f"""select h.rowid as stored_id, null as sheet_no, null as _row, {key} as key_digest,
                h.known_on, h.superseded_on, h.row_digest, true as stated, false as partial, false as late,
                h.superseded_on is null as is_newest, d.delivered_on as said_on
            from {self.history} as h left join history.delivery as d using (delivery_id)
            where exists (select 1 from {self.touched} as t where t.has_stored and {self._same("t", "h")})
            union all
            select null, i.sheet_no, i._row, t.key_digest, i.known_on, null, i.row_digest, i.stated, false,
                {self._late("i.")}, false, null {incoming}"""
        if not self.contract.later:
            return sql
        return f"""{sql} union all
            select null, i.sheet_no, i._row, t.key_digest, i.earlier_on, null, {self._early_digest("i.")}, false, true,
                false, false, null {incoming} where {self._early("i.")} and not t.has_stored"""

    def _corrected_on(self) -> str:
        return "newest_on" if self.contract.newest_counts else f"date '{self.delivered_on}'"

    def insert_simple(self, first: int, last: int) -> str:
        """Compile the insertion of the only row about a new record: one statement, or two by rule 7.

        Only rows of the sheets from ``first`` to ``last`` are inserted.
        """
        known = "known_on"
        if self.last_delivered_on is not None:
            known = f"case when {self._late()} then date '{self.delivered_on}' else known_on end"
        inserted = (
            f"""insert into {self.history} ({self._columns()}, known_on, superseded_on, delivery_id, row_digest)"""
        )
        only = f"from {self.incoming} as i where sheet_no between {first} and {last} and {self._not_touched()}"
        sql = f"""{inserted} select {self._columns()}, {known}, null, {literal(self.delivery_id)}, row_digest {only}"""
        if not self.contract.later:
            return sql
        return f"""{inserted} select {self._columns(early="true")}, earlier_on, known_on,
                {literal(self.delivery_id)}, {self._early_digest()} {only} and {self._early()};
            {sql}"""

    def insert_timeline(self) -> str:
        """Compile the insertion of new statements about touched records, and the closing of those before them."""
        columns = self._columns("i.", early="t.partial")
        return f"""insert into {self.history} ({self._columns()}, known_on, superseded_on, delivery_id, row_digest)
            select {columns}, t.effective_on, t.superseded_on, {literal(self.delivery_id)}, t.row_digest
            from {self.timeline} as t join {self.incoming} as i on i.sheet_no = t.sheet_no and i._row = t._row
            where t.stored_id is null;
            update {self.history} as h set superseded_on = t.superseded_on from {self.timeline} as t
            where h.rowid = t.stored_id and t.superseded_on is distinct from t.was_superseded_on"""

    def _late(self, qualify: str = "") -> str:
        """Write the test for a row that would have been in the last delivery, had it been known then."""
        if self.last_delivered_on is None:
            return "false"
        known = f"coalesce({qualify}earlier_on, {qualify}known_on)"
        return f"(not {qualify}stated and {known} < date '{self.last_delivered_on}')"

    def _early(self, qualify: str = "") -> str:
        """Write the test for a row that was known before its later columns were."""
        return f"({qualify}earlier_on is not null and not {self._late(qualify)})"

    def _early_digest(self, qualify: str = "") -> str:
        return digest((n for n in (*self.contract.names, "void_on") if n not in self.contract.later), qualify)

    def _same(self, one: str, other: str) -> str:
        """Write the test for two rows being about the same record; a key may have parts that are not told."""
        names = [identifier(name) for name in self.contract.key]
        return " and ".join(f"{one}.{name} is not distinct from {other}.{name}" for name in names)

    def _not_touched(self, also: str = "true") -> str:
        """Write the test for a row of ``incoming as i`` that is not among the touched ones."""
        same = f"t.sheet_no = i.sheet_no and t._row = i._row and {also}"
        return f"not exists (select 1 from {self.touched} as t where {same})"

    def _columns(self, qualify: str = "", early: str = "") -> str:
        """List the columns of a statement; where ``early`` is true, without what later columns tell."""
        names = (*self.contract.names, "happened_on", "void_on")
        written = {name: f"{qualify}{identifier(name)}" for name in names}
        if early:
            written |= {name: f"if({early}, null, {written[name]})" for name in self.contract.later}
        return ", ".join(written.values())
