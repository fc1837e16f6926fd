"""Parquet files become rows that wait: the engine scans them itself, some files at a time, and keeps their types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from certloan.errors import NotReadyError
from certloan.ingest.conform import judged_codes, looked_up_code
from certloan.ingest.native import cell
from certloan.ingest.parquet import ParquetSheet, Part, damage
from certloan.ingest.projection import Projection
from certloan.services.load_report import SheetCount, TableCount
from certloan.services.ports import UnreadableSourceError
from certloan.services.staging import Staging, Target

#: Files are scanned together until they have this many rows: few statements, and yet a sign of life every few seconds.
ROWS_AT_ONCE = 1_500_000
#: A row is known by one number while it is conformed: that of its file, and its place there.
_PLACE_BITS = 40


def stage_parquet(staging: Staging, sheet: ParquetSheet, projections: Sequence[Projection]) -> None:
    """Conform all rows of a sheet to each of its tables; files that prove to be damaged are put aside whole."""
    names = tuple(dict.fromkeys(projection.contract.table for projection in projections))
    chosen = next((name for name in map(looked_up_code, projections) if name), None)
    codes = f"{staging.name}_codes" if chosen and len(projections) == 1 else None
    targets = [staging.target(projection, codes) for projection in projections]
    first = len(staging.sheets)
    for parts in _together(sheet.parts):
        start = len(staging.sheets)
        staging.sheets += [SheetCount(part.file, "", names, part.rows) for part in parts]
        scan = _Scan(staging, replace(sheet, parts=tuple(parts)), start, targets, typed=bool(projections[0].types))
        scan.run(projections[0].columns[chosen] if codes and chosen else None)
        staging.progress.advance(sum(part.rows for part in parts))
    for projection in projections:
        for note in projection.notes:
            staging.note_of(first, note)


def _together(parts: Sequence[Part]) -> Iterator[list[Part]]:
    held: list[Part] = []
    for part in parts:
        if held and sum(one.rows for one in held) + part.rows > ROWS_AT_ONCE:
            yield held
            held = []
        held.append(part)
    if held:
        yield held


class _Scan:
    """Some files of one sheet, whose numbers among the sheets of the delivery begin with ``start``."""

    def __init__(
        self, staging: Staging, sheet: ParquetSheet, start: int, targets: Sequence[Target], *, typed: bool
    ) -> None:
        self._typed = typed
        self._staging = staging
        self._sheet = sheet
        self._start = start
        self._targets = targets
        self._given, self._staged = f"{staging.name}_given", f"{staging.name}_staged"
        self._numbers = list(range(start, start + len(sheet.parts)))

    def run(self, code: str | None) -> None:
        """Conform the files; where one of them cannot be read to its end, all but the damaged ones."""
        parts = list(self._sheet.parts)
        try:
            self._conform(parts, code)
        except UnreadableSourceError as error:
            whole = [part for part in parts if not self._is_damaged(part)]
            if len(whole) == len(parts):
                raise NotReadyError("warehouse-io-failed", why=str(error)) from error
            if whole:
                self._numbers = [self._start + parts.index(part) for part in whole]
                self._conform(whole, code)

    def _is_damaged(self, part: Part) -> bool:
        problem = damage(part)
        if problem is not None:
            number = self._start + self._sheet.parts.index(part)
            self._staging.sheets[number] = SheetCount(part.file, "", (), 0)
            self._staging.note_of(number, problem)
        return problem is not None

    def _conform(self, parts: Sequence[Part], code: str | None) -> None:
        warehouse = self._staging.warehouse
        with warehouse.attached_files(self._given, [part.path for part in parts], len(self._sheet.header)):
            warehouse.execute(f"create or replace temp view {self._staged} as {self._rows()}")
            if code:
                self._judge(code)
            for target in self._targets:
                self._wait(target)
            warehouse.execute(f"drop view temp.{self._staged}")

    def _rows(self) -> str:
        """Compile the staged rows: numbered over all files, without blank ones; a recipe is given text."""
        cells = [f"c{at}" for at in range(len(self._sheet.header))]
        if not self._typed:
            typed = zip(cells, self._sheet.types, strict=True)
            cells = [f"cast({cell(name, type_)} as varchar) as {name}" for name, type_ in typed]
        numbers = f"[{', '.join(map(str, self._numbers))}]"
        filled = " or ".join(f"c{at} is not null" for at in range(len(self._sheet.header)))
        place = f"(cast({numbers}[file_no + 1] as bigint) << {_PLACE_BITS}) + row_no"
        return f"select {place} as _row, {', '.join(cells)} from {self._given} where {filled}"

    def _judge(self, code: str) -> None:
        """Judge the codes of these files, those that no file before had: into ``…_codes``."""
        codes, known = f"{self._staging.name}_codes", f"{self._staging.name}_known_codes"
        execute = self._staging.warehouse.execute
        execute(f"create temp table if not exists {known} as {judged_codes('(select null::varchar as raw)')} limit 0")
        execute(f"create or replace temp table {codes}_raw as select distinct {code} as raw from {self._staged}")
        fresh = f'(select raw from {codes}_raw where raw is not null and raw not in (select "code~raw" from {known}))'
        execute(f"insert into {known} {judged_codes(fresh)}")
        execute(
            f'create or replace temp table {codes} as select * from {known} where "code~raw" in (select raw from {codes}_raw)'
        )

    def _wait(self, target: Target) -> None:
        staging, incoming = self._staging, self._staging.incoming(target.table)
        rows = f"({target.conform.rows(self._staged)})"
        if target.table not in staging.waiting:
            staging.begin(target.table, rows)
        staging.warehouse.execute(
            f"insert into {incoming} select {_sheet_no('_row')}, {_row('_row')}, * exclude (_row) from {rows}"
        )
        ours = f"sheet_no between {self._numbers[0]} and {self._numbers[-1]}"
        (told,) = staging.warehouse.query(
            f"select count(*) as n, count(*) filter (bad) as bad, count(*) filter (bad or warned) as flagged "
            f"from {incoming} where {ours}"
        ).to_pylist()
        if told["flagged"]:
            place = f"(cast(sheet_no as bigint) << {_PLACE_BITS}) + _row"
            flagged = f"(select {place} as _row from {incoming} where {ours} and (bad or warned))"
            texts = f"[{', '.join(map(str, target.texts))}]"
            staging.warehouse.execute(
                f"insert into {staging.name}_problem select {_sheet_no('_row')}, {_row('_row')}, {texts}[check_no + 1], "
                f"found from ({target.conform.problems(self._staged, flagged)})"
            )
        if told["bad"]:
            staging.warehouse.execute(f"delete from {incoming} where {ours} and bad")
        staging.count(target.table, TableCount(rows_read=told["n"], rows_quarantined=told["bad"]))


def _sheet_no(place: str) -> str:
    return f"cast({place} >> {_PLACE_BITS} as integer)"


def _row(place: str) -> str:
    return f"{place} & {(1 << _PLACE_BITS) - 1}"
