"""Sheets become rows that keep their contract, waiting in temporary tables; the warehouse itself is not touched.

A sheet is taken in blocks, so memory stays bounded however long it is, and so do the problems, which wait as numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import TracebackType

import pyarrow as pa

from certloan.contracts import CONTRACTS, Contract
from certloan.ingest.conform import Conform, conform
from certloan.ingest.projection import FileProblem, Projection, RowProblem, Severity
from certloan.ingest.quarantine import (
    Wordings,
    of_check,
    of_conflict,
    of_file,
    of_late,
    of_orphan,
    of_row,
    row_problems,
)
from certloan.ingest.reading import RawSheet
from certloan.services.load_report import ProblemCount, SheetCount, TableCount
from certloan.services.ports import Progress, Warehouse

#: Rows that are conformed at once: enough to keep two cores busy, few enough to fit beside everything else.
BLOCK_ROWS = 262_144
_PROBLEMS_HELD = 4_096


@dataclass(frozen=True)
class Target:
    """One table that a sheet fills, with the numbers under which its checks are worded."""

    conform: Conform
    texts: tuple[int, ...]

    @property
    def table(self) -> str:
        """Name the table that is filled."""
        return self.conform.contract.table


class Staging:
    """The waiting room of one delivery. Its temporary tables are gone when the block ends."""

    def __init__(self, warehouse: Warehouse, name: str, delivered_on: date, progress: Progress) -> None:
        self.warehouse = warehouse
        self.name = name
        self.delivered_on = delivered_on
        self.wordings = Wordings()
        self.counts: dict[str, TableCount] = {}
        self.sheets: list[SheetCount] = []
        #: Tables for which rows wait.
        self.waiting: list[str] = []
        self.progress = progress
        #: Rows of the sheet at hand that reading left out.
        self._lost = 0

    def __enter__(self) -> Staging:
        self.warehouse.execute(
            f"create or replace temp table {self.name}_problem "
            "(sheet_no integer, _row bigint, text_no integer, found varchar)"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        listed = self.warehouse.query(
            "select table_name from duckdb_tables() where temporary and starts_with(table_name, ?)", [self.name]
        )
        for table in listed.column("table_name").to_pylist():
            self.warehouse.execute(f"drop table temp.{table}")

    def incoming(self, table: str) -> str:
        """Name the temporary table of rows that wait for ``table``."""
        return f"{self.name}_{table}"

    def add(self, sheet: RawSheet, projections: Sequence[Projection]) -> None:
        """Conform all rows of a sheet to each of its tables."""
        sheet_no = len(self.sheets)
        targets = [self.target(projection) for projection in projections]
        names = tuple(dict.fromkeys(target.table for target in targets))
        self.sheets.append(SheetCount(sheet.file, sheet.sheet, names, 0))
        rows = 0
        for block in _blocks(self._drained(sheet, sheet_no, names)):
            rows += block.num_rows
            with self.warehouse.attached(f"{self.name}_staged", block):
                for target in targets:
                    self._conform(sheet_no, target)
            self.progress.advance(block.num_rows)
        self._put_aside(sheet_no, sheet.problems, names)
        self.sheets[sheet_no] = replace(self.sheets[sheet_no], rows_read=rows + self._lost)
        for projection in projections:
            for note in projection.notes:
                self.note_of(sheet_no, note)

    def begin(self, table: str, rows: str) -> None:
        """Let rows wait for ``table`` that look like those of ``rows`` (a relation, or a SELECT in brackets)."""
        sheet_no = "cast(0 as integer) as sheet_no"
        self.warehouse.execute(f"create temp table {self.incoming(table)} as select {sheet_no}, * from {rows} limit 0")
        self.waiting.append(table)

    def note(self, problem: FileProblem) -> None:
        """Report a file or sheet that could not be used, or what is odd about one that was."""
        self.sheets.append(SheetCount(problem.file, problem.sheet, (), 0))
        self.note_of(len(self.sheets) - 1, problem)

    def conflicts(self, contract: Contract, source: str) -> None:
        """Report rows (``sheet_no``, ``_row``, ``found``) that lost against another row of the delivery."""
        number = self.wordings.number(of_conflict(contract))
        self.warehouse.execute(
            f"insert into {self.name}_problem select sheet_no, _row, {number}, found from ({source})"
        )

    def late(self, contract: Contract, source: str) -> None:
        """Report rows (``sheet_no``, ``_row``, ``found``) that came later than they might have."""
        number = self.wordings.number(of_late(contract))
        self.warehouse.execute(
            f"insert into {self.name}_problem select sheet_no, _row, {number}, found from ({source})"
        )

    def orphans(self, code: str, table: str, columns: Sequence[str], source: str) -> None:
        """Report rows of ``source`` (a FROM clause with alias ``i``) whose ``columns`` point to nothing."""
        number = self.wordings.number(of_orphan(CONTRACTS[table], code, columns))
        found = ", ".join(f'i."{name}"' for name in columns)
        self.warehouse.execute(
            f"insert into {self.name}_problem select i.sheet_no, i._row, {number}, concat_ws(' ', {found}) {source}"
        )

    def count(self, table: str, more: TableCount) -> None:
        """Add to the counts of a table."""
        self.counts[table] = self.counts.get(table, TableCount()) + more

    def finish_reports(self) -> None:
        """Make the relations that the report files are written from."""
        sheets = pa.table(
            {
                "sheet_no": pa.array(range(len(self.sheets)), pa.int32()),
                "file": pa.array([sheet.file for sheet in self.sheets], pa.string()),
                "sheet": pa.array([sheet.sheet for sheet in self.sheets], pa.string()),
            }
        )
        for what, table in (("sheet", sheets), ("text", self.wordings.table())):
            with self.warehouse.attached(f"{self.name}_given", table):
                self.warehouse.execute(f"create temp table {self.name}_{what} as select * from {self.name}_given")

    def problems(self) -> tuple[ProblemCount, ...]:
        """Count the problems by kind and place; those of files one by one, with what was found."""
        counted = self.warehouse.query(
            f"""select text_no, if(_row = 0, sheet_no, null) as file_no, count(*) as n, any_value(found) as found
            from {self.name}_problem group by all order by n desc, text_no, file_no"""
        )
        return tuple(self._counted(**row) for row in counted.to_pylist())

    def _counted(self, text_no: int, file_no: int | None, n: int, found: str) -> ProblemCount:
        wording = self.wordings[text_no]
        shown = "…" if file_no is None else found
        file = (
            "" if file_no is None else " / ".join(filter(None, (self.sheets[file_no].file, self.sheets[file_no].sheet)))
        )
        messages = (wording.message("zh", shown), wording.message("en", shown))
        return ProblemCount(wording.code, wording.severity, n, wording.table, wording.column, file, *messages)

    def target(self, projection: Projection, codes: str | None = None) -> Target:
        """Compile what a projection fills; ``codes`` is as in :func:`certloan.ingest.conform.conform`."""
        compiled = conform(projection, self.delivered_on, codes)
        numbers = (self.wordings.number(of_check(projection.contract, check)) for check in compiled.checks)
        self.count(projection.contract.table, TableCount())
        return Target(compiled, tuple(numbers))

    def _conform(self, sheet_no: int, target: Target) -> None:
        rows, staged, incoming = f"{self.name}_rows", f"{self.name}_staged", self.incoming(target.table)
        self.warehouse.execute(f"create or replace temp table {rows} as {target.conform.rows(staged)}")
        if target.table not in self.waiting:
            self.begin(target.table, rows)
        self.warehouse.execute(f"insert into {incoming} select {sheet_no}, * from {rows} where not bad")
        counts = f"select count(*) as n, count(*) filter (where bad) as bad, count(*) filter (where bad or warned) as flagged from {rows}"
        (told,) = self.warehouse.query(counts).to_pylist()
        if told["flagged"]:
            flagged = f"(select _row from {rows} where bad or warned)"
            numbers = ", ".join(map(str, target.texts))
            self.warehouse.execute(
                f"insert into {self.name}_problem select {sheet_no}, _row, [{numbers}][check_no + 1], found "
                f"from ({target.conform.problems(staged, flagged)})"
            )
        self.count(target.table, TableCount(rows_read=told["n"], rows_quarantined=told["bad"]))

    def _drained(self, sheet: RawSheet, sheet_no: int, tables: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Give the batches, taking over the problems of reading before they pile up."""
        self._lost = 0
        for batch in sheet.batches:
            yield batch
            if len(sheet.problems) >= _PROBLEMS_HELD:
                self._put_aside(sheet_no, sheet.problems, tables)

    def _put_aside(self, sheet_no: int, problems: list[RowProblem], tables: Sequence[str]) -> None:
        """Take over what reading found in single rows so far, and count the rows that it left out."""
        table = tables[0] if len(tables) == 1 else ""
        taken = [(p.row, self.wordings.number(of_row(p, table)), p.found) for p in problems]
        lost = len({problem.row for problem in problems if problem.severity is Severity.QUARANTINE})
        problems.clear()
        self._insert(row_problems(sheet_no, taken))
        for name in tables[:1]:
            self.count(name, TableCount(rows_read=lost, rows_quarantined=lost))
        self._lost += lost

    def note_of(self, sheet_no: int, problem: FileProblem) -> None:
        """Report what is odd about a sheet that is known already."""
        self._insert(row_problems(sheet_no, [(0, self.wordings.number(of_file(problem)), problem.found)]))

    def _insert(self, problems: pa.Table) -> None:
        with self.warehouse.attached(f"{self.name}_given", problems):
            self.warehouse.execute(f"insert into {self.name}_problem select * from {self.name}_given")


def _blocks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Join batches to blocks of at least :data:`BLOCK_ROWS` rows, but for the last."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        if batch.num_rows:
            held.append(batch)
        rows += batch.num_rows
        if rows >= BLOCK_ROWS:
            yield pa.Table.from_batches(held)
            held, rows = [], 0
    if held:
        yield pa.Table.from_batches(held)
