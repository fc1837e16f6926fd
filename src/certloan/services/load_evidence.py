"""A delivery goes in: read, checked, and merged into the history of every record, as a whole or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from certloan.contracts import CONTRACTS, Contract
from certloan.domain.people import Actor, Permission
from certloan.errors import EXIT_REFUSED, NotReadyError
from certloan.ingest.headers import match
from certloan.ingest.headings import HeaderIndex
from certloan.ingest.history import Merge
from certloan.ingest.parquet import ParquetSheet, typed
from certloan.ingest.projection import FileProblem, Projection, Severity
from certloan.ingest.reading import RawSheet, delivery_files, read_delivery
from certloan.ingest.recipe import Recipe
from certloan.ingest.sql import identifier
from certloan.ledger.entry import Kind, Plain
from certloan.reference.certificates import compulsory_categories, scheme_words, schemes
from certloan.services.check_across import check_across
from certloan.services.delivery_note import read_note
from certloan.services.journal_port import Journal
from certloan.services.load_report import LoadReport, ProblemCount, TableCount
from certloan.services.merge_table import merge_table
from certloan.services.ports import SILENT, Progress, Warehouse
from certloan.services.refresh_derived import refresh_derived
from certloan.services.stage_parquet import stage_parquet
from certloan.services.staging import Staging
from certloan.services.write_report import write_report

__all__ = ["LoadReport", "load_delivery"]


@dataclass(frozen=True)
class _Delivery:
    delivery_id: str
    delivered_on: date
    backfill: bool
    source: str
    actor: str


def load_delivery(
    path: Path,
    warehouse: Warehouse,
    *,
    quarantine_dir: Path,
    delivered_on: date | None = None,
    actor: Actor,
    recipe: Recipe | None = None,
    backfill: bool = False,
    progress: Progress = SILENT,
    journal: Journal | None = None,
) -> LoadReport:
    """Load a file or a folder of files into the warehouse, all in one transaction.

    Rows and files that do not keep their contract are listed in ``quarantine_dir`` and never stop the others. What
    cannot be recorded in the ``journal`` is not loaded.
    ``delivered_on`` is the day on which the delivery arrived: the one given, else the one in the folder's
    ``delivery.toml``, else today. ``backfill`` (or the same word in ``delivery.toml``) says that its new records were
    known at the time, though no earlier delivery had them. Raises ``PermissionDeniedError``, and ``InputError`` (``delivery-not-found``,
    ``delivery-toml-unreadable``, ``delivery-date-invalid``, ``delivery-backfill-invalid``) before anything is read. ``NotReadyError`` means that the
    warehouse or the folder of reports cannot be written; then nothing was loaded.
    """
    actor.require(Permission.LOAD_EVIDENCE)
    note = read_note(path)
    day = delivered_on or note.delivered_on or datetime.now(tz=UTC).date()
    fills = backfill or note.backfill
    delivery = _Delivery(_identity(path, day, recipe), day, fills, path.resolve().name, actor.name)
    with Staging(warehouse, f"load_{delivery.delivery_id[-12:]}", day, progress) as staging:
        progress.stage("load_read")
        _stage(path, staging, recipe)
        progress.stage("load_merge", sum(staging.counts[table].rows_read for table in staging.waiting))
        with _reports(quarantine_dir, delivery) as drafts, warehouse.transaction():
            _note_order(staging)
            for table in staging.waiting:
                _merge(table, staging, delivery)
            check_across(staging, delivery.delivery_id)
            problems = _report_problems(staging, drafts)
            _record(staging, delivery, problems)
            refresh_derived(warehouse, staging.waiting)
            report = _account(staging, delivery, problems, drafts)
            if journal is not None and report.exit_code != EXIT_REFUSED:
                journal.append(actor, Kind.DELIVERY_LOADED, _entry(report))
        return report


def _account(
    staging: Staging, delivery: _Delivery, problems: tuple[ProblemCount, ...], drafts: Mapping[Severity, Path]
) -> LoadReport:
    told = {problem.severity for problem in problems}
    files = {severity: _final(draft) for severity, draft in drafts.items() if severity in told}
    return LoadReport(
        delivery.delivery_id,
        delivery.delivered_on,
        dict(staging.counts),
        problems,
        tuple(staging.sheets),
        files.get(Severity.QUARANTINE),
        files.get(Severity.WARNING),
    )


def _entry(report: LoadReport) -> dict[str, Plain]:
    counts: dict[str, Plain] = {**asdict(report.total)}
    return {
        "delivery_id": report.delivery_id,
        "delivered_on": report.delivered_on.isoformat(),
        **counts,
        "report_sha256": report.digest,
    }


def _stage(path: Path, staging: Staging, recipe: Recipe | None) -> None:
    known = recipe.header_index() if recipe else HeaderIndex.from_contracts(CONTRACTS)
    for item in read_delivery(path, known):
        if recipe and recipe.skips(item.file):
            continue
        if isinstance(item, FileProblem):
            staging.note(item)
            continue
        projections = _projections(item, recipe)
        if isinstance(projections, FileProblem):
            staging.note(projections)
        elif projections and isinstance(item, ParquetSheet):
            stage_parquet(staging, item, projections)
        elif projections and isinstance(item, RawSheet):
            staging.add(item, projections)


def _projections(sheet: RawSheet | ParquetSheet, recipe: Recipe | None) -> list[Projection] | FileProblem:
    if recipe:
        found = recipe.projections(sheet.file, sheet.sheet, sheet.header)
        return found if isinstance(found, FileProblem) else [_with_codes(projection) for projection in found]
    matched = match(sheet.file, sheet.sheet, sheet.header, sheet.unit)
    if isinstance(matched, Projection) and isinstance(sheet, ParquetSheet):
        matched = typed(matched, sheet)
    return matched if isinstance(matched, FileProblem) else [_with_codes(matched)]


#: The certification body and the credit report both tell a scheme by whatever name they use.
_NAMING_SCHEMES = frozenset({"certificate", "reported_certificate"})


def _with_codes(projection: Projection) -> Projection:
    """Give a sheet that names schemes the words for them; those of its recipe go before them.

    A list of products is told which of its categories no compulsory catalogue ever had: nobody would ask for their CCC.
    """
    if projection.contract.table == "product" and "product_category" in projection.columns:
        return replace(projection, codes={"product_category": compulsory_categories()})
    if projection.contract.table not in _NAMING_SCHEMES or "scheme" not in projection.columns:
        return projection
    words = {**scheme_words(), **projection.values.get("scheme", {})}
    known = frozenset(scheme.code for scheme in schemes())
    return replace(projection, values={**projection.values, "scheme": words}, codes={"scheme": known})


def _merge(table: str, staging: Staging, delivery: _Delivery) -> None:
    contract = CONTRACTS[table]
    merge = Merge(
        contract,
        staging.incoming(table),
        delivery.delivered_on,
        delivery.delivery_id,
        _last_delivered_on(contract, staging.warehouse, delivery),
    )
    merged = merge_table(
        staging.warehouse,
        merge,
        lambda rows: staging.conflicts(contract, rows),
        lambda rows: staging.late(contract, rows),
        staging.progress.advance,
    )
    staging.progress.advance(staging.counts[table].rows_read - merged.inserted)
    count = TableCount(
        rows_accepted=merged.accepted,
        rows_quarantined=merged.conflicting,
        rows_duplicate=merged.duplicate,
        rows_superseding=merged.superseding,
        rows_unchanged=merged.unchanged,
    )
    staging.count(table, count)


def _last_delivered_on(contract: Contract, warehouse: Warehouse, delivery: _Delivery) -> date | None:
    """The day before which a new record of the table should have come, if it was known."""
    # A request, and what became of it, are the lender's own: it knew them whenever they are delivered.
    if delivery.backfill or contract.newest_counts:
        return None
    sql = f"""select max(delivered_on) as day from history.delivery
        where delivered_on < ? and delivery_id in (select delivery_id from history.{identifier(contract.table)})"""
    day: date | None = warehouse.query(sql, [delivery.delivered_on]).column("day")[0].as_py()
    return day


def _note_order(staging: Staging) -> None:
    newest = staging.warehouse.query("select max(delivered_on) as day from history.delivery").column("day")[0].as_py()
    if newest is not None and newest > staging.delivered_on:
        facts = {"newest": newest}
        staging.note(FileProblem("", "", "delivery-out-of-order", str(staging.delivered_on), facts, Severity.WARNING))


def _record(staging: Staging, delivery: _Delivery, problems: tuple[ProblemCount, ...]) -> None:
    """Keep what the delivery was and what became of its rows; the same delivery again changes nothing."""
    accepted = sum(count.rows_accepted for count in staging.counts.values())
    quarantined = sum(count.rows_quarantined for count in staging.counts.values())
    if not accepted:
        return
    now = datetime.now(tz=UTC).replace(tzinfo=None)
    known: list[object] = [delivery.delivery_id]
    staging.warehouse.execute(
        "insert or ignore into history.delivery values (?, ?, ?, ?, ?, ?, ?)",
        [*known, delivery.delivered_on, now, delivery.actor, delivery.source, accepted, quarantined],
    )
    for table, count in staging.counts.items():
        staging.warehouse.execute(
            "insert or ignore into history.delivery_table values (?, ?, ?, ?, ?, ?, ?, ?)",
            [*known, table, *asdict(count).values()],
        )
    found: Counter[tuple[str, str, str]] = Counter()
    for problem in problems:
        found[problem.code, str(problem.severity), problem.table] += problem.count
    for kind, rows in found.items():
        staging.warehouse.execute(
            "insert or ignore into history.delivery_problem values (?, ?, ?, ?, ?)", [*known, *kind, rows]
        )


def _report_problems(staging: Staging, drafts: Mapping[Severity, Path]) -> tuple[ProblemCount, ...]:
    staging.finish_reports()
    problems = staging.problems()
    for severity in {problem.severity for problem in problems}:
        try:
            drafts[severity].parent.mkdir(parents=True, exist_ok=True)
            write_report(staging.warehouse, severity, staging.name, drafts[severity])
        except OSError as error:
            raise NotReadyError("report-unwritable", found=str(drafts[severity].parent), why=error.strerror) from error
    return problems


@contextmanager
def _reports(folder: Path, delivery: _Delivery) -> Iterator[Mapping[Severity, Path]]:
    """Give where to draft the two reports; they get their names once the delivery is in the warehouse."""
    names = {Severity.QUARANTINE: "quarantine", Severity.WARNING: "warnings"}
    drafts = {severity: folder / f"{name}-{delivery.delivery_id}.csv.part" for severity, name in names.items()}
    try:
        yield drafts
        for draft in drafts.values():
            if draft.exists():
                draft.replace(_final(draft))
    finally:
        for draft in drafts.values():
            if draft.exists():
                draft.unlink()


def _final(draft: Path) -> Path:
    return draft.with_suffix("")


def _identity(path: Path, day: date, recipe: Recipe | None) -> str:
    """Name a delivery by its day and what is in it, so that the same delivery has the same name again."""
    digest = hashlib.sha256(recipe.digest.encode() if recipe else b"")
    for file, name in delivery_files(path) if path.exists() else ():
        digest.update(name.encode() + b"\0")
        # A file that cannot be read is told by the reader, which comes to it in its turn.
        with suppress(OSError), file.open("rb") as handle:
            digest.update(hashlib.file_digest(handle, "sha256").digest())
    return f"{day:%Y%m%d}-{digest.hexdigest()[:12]}"
