"""How good the evidence in the warehouse is: contradictions, coverage, age, and what became of what was delivered.

Everything is counted in the engine by aggregates over whole tables, so memory stays bounded however many rows there
are. Only what counted on the day is looked at, by the one cut in time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from certloan.contracts import CONTRACTS
from certloan.domain.evidence import Family
from certloan.domain.people import Actor, Permission
from certloan.errors import EXIT_REFUSED, NotReadyError
from certloan.features.asof import SUBJECTS, counts
from certloan.features.catalog import by_name
from certloan.features.evidence import evidence_sql
from certloan.features.matrix import parts, sources_read
from certloan.report.evidence_quality import AGES, Arrival, Cover, Finding, QualityReport, Source, Trouble
from certloan.report.quality_page import write_quality
from certloan.services.build_features import asked
from certloan.services.contradictions import CONTRADICTIONS, MISMATCHES, Contradiction
from certloan.services.load_report import LoadReport
from certloan.services.ports import SILENT, Progress, Warehouse

__all__ = ["FAMILIES", "Finding", "QualityReport", "assess", "compiled", "with_quality", "write"]

#: The tables that speak for each family; requests, outcomes and consents are the lender's own.
FAMILIES: dict[Family, tuple[str, ...]] = {
    Family.CERTIFICATION: ("certificate", "certificate_event", "reported_certificate"),
    Family.QUALITY: ("inspection", "incident", "programme"),
    Family.CREDIT: ("credit_account", "credit_month", "credit_inquiry", "tax_grade", "utility_bill"),
    Family.ENTERPRISE: ("enterprise", "annual_report", "list_entry", "product"),
    Family.OPERATIONS: ("invoice",),
    Family.INNOVATION: ("innovation",),
    Family.HONOUR: ("honour",),
    Family.MITIGANT: ("mitigant",),
}
_EXAMPLES = 5
#: Enterprises that a feature is asked about at a time.
_AT_ONCE = 100_000
#: Lines that the summary of a load shows.
_WORST = 5
#: Years that the picture of coverage shows, at most.
_YEARS = 8


def assess(warehouse: Warehouse, actor: Actor, as_of: date | None = None, progress: Progress = SILENT) -> QualityReport:
    """Assess all evidence as it was known on ``as_of``, the day of the newest delivery unless told otherwise.

    Raises ``PermissionDeniedError``, and ``NotReadyError`` (``nothing-delivered``) for an empty warehouse.
    """
    actor.require(Permission.LOAD_EVIDENCE, Permission.AUDIT)
    (told,) = warehouse.query("select max(delivered_on) as day, count(*) as n from history.delivery").to_pylist()
    day = as_of or told["day"]
    if told["day"] is None or day is None:
        raise NotReadyError("nothing-delivered")
    delivered = {table for table in CONTRACTS if warehouse.query(f"select 1 from history.{table} limit 1").num_rows}
    progress.stage("assess_evidence", len(CONTRADICTIONS) + len(MISMATCHES) + len(CONTRACTS) + len(FAMILIES))
    return QualityReport(
        as_of=day,
        deliveries=int(told["n"]),
        findings=tuple(_findings(warehouse, day, delivered, progress)),
        sources=tuple(_sources(warehouse, day, progress)),
        coverage=tuple(_coverage(warehouse, day, progress)),
        arrivals=tuple(_arrivals(warehouse)),
        troubles=tuple(_troubles(warehouse)),
    )


def write(report: QualityReport, folder: Path, name: str = "quality") -> tuple[Path, Path]:
    """Write the report as a page and as JSON, and give their paths; ``NotReadyError`` (``quality-unwritable``)."""
    try:
        return write_quality(report, folder, name)
    except OSError as error:
        raise NotReadyError("quality-unwritable", found=str(folder), why=error.strerror) from error


def with_quality(
    report: LoadReport, warehouse: Warehouse, folder: Path, actor: Actor, progress: Progress = SILENT
) -> LoadReport:
    """Assess the evidence after a load, write it beside the quarantine files, and put the worst into the report."""
    if report.exit_code == EXIT_REFUSED:
        return report
    assessed = assess(warehouse, actor, progress=progress)
    written, _ = write(assessed, folder, report.delivery_id)
    return replace(report, quality_file=written, worst=assessed.worst(_WORST))


def compiled(sql: str, day: date) -> str:
    """Put the cut tables and the day into a question.

    >>> compiled("{incident} as r where r.known_on < {day}", date(2026, 1, 1))[:52]
    '(select * from incident as t where t.known_on <= dat'
    """
    at = f"date '{day.isoformat()}'"
    return re.sub(r"\{(\w+)\}", lambda found: at if found[1] == "day" else _cut(found[1], at), sql)


def _cut(table: str, at: str) -> str:
    return f"(select * from {table} as t where {counts('t', at)})"


def _findings(warehouse: Warehouse, day: date, delivered: set[str], progress: Progress) -> Iterator[Finding]:
    for group, questions in (("contradiction", CONTRADICTIONS), ("mismatch", MISMATCHES)):
        for question in questions:
            found = of = None
            examples: list[str] = []
            if delivered.issuperset(question.tables):
                found, of, examples = _asked(warehouse, question, day)
            yield Finding(question.code, group, question.tables, found, of, tuple(examples), _rule(question))
            progress.advance()


def _asked(warehouse: Warehouse, question: Contradiction, day: date) -> tuple[int, int, list[str]]:
    if question.feature:
        found, examples = _counted(warehouse, question, day)
    else:
        sql = compiled(f"select {_counting(question.key)} from {question.found}", day)
        found, examples = _told(warehouse, sql)
    asked = f"select count(*) as n from {{{question.tables[0]}}} as r where {question.asked}"
    of = warehouse.query(compiled(asked, day)).column("n")[0].as_py()
    return found, int(of), examples


def _counting(key: Sequence[str]) -> str:
    named = f"concat_ws(' ', {', '.join(f'r.{name}' for name in key)})"
    return f"count(*) as n, min({named}, {_EXAMPLES}) as examples"


def _told(warehouse: Warehouse, sql: str) -> tuple[int, list[str]]:
    (told,) = warehouse.query(sql).to_pylist()
    return int(told["n"]), list(told["examples"] or ())


def _counted(warehouse: Warehouse, question: Contradiction, day: date) -> tuple[int, list[str]]:
    """Ask the feature itself which records it counts, so many enterprises at a time: memory stays bounded."""
    (spec,) = parts(by_name(question.feature))
    at = f"date '{day.isoformat()}'"
    of = f"from {_cut(question.tables[0], at)}"
    n = int(warehouse.query(f"select count(distinct uscc) as n {of}").column("n")[0].as_py())
    turns = -(-n // _AT_ONCE)
    found, examples = 0, list[str]()
    for turn in range(turns):
        who = f"select distinct uscc as application_id, uscc, {at} as as_of {of}"
        with asked(warehouse, f"{who} where hash(uscc) % {turns} = {turn}", sources_read([spec])):
            records = f"select r.*, s.uscc from ({evidence_sql(spec)}) as r join {SUBJECTS} as s using (subject)"
            more, shown = _told(warehouse, f"select {_counting(question.key)} from ({records}) as r")
        found, examples = found + more, sorted([*examples, *shown])[:_EXAMPLES]
    return found, examples


def _rule(question: Contradiction) -> str:
    if not question.feature:
        return f"from {question.found}"
    (spec,) = parts(by_name(question.feature))
    return f"{spec.name}: from {spec.table} where {spec.where}"


def _sources(warehouse: Warehouse, day: date, progress: Progress) -> Iterator[Source]:
    at = f"date '{day.isoformat()}'"
    edges = [-1, *AGES]
    classes = [f"{at} - known_on > {low} and {at} - known_on <= {high}" for low, high in zip(edges, AGES, strict=False)]
    classes.append(f"{at} - known_on > {AGES[-1]}")
    counted = ", ".join(f"count(*) filter (where {each}) as age_{place}" for place, each in enumerate(classes))
    for contract in CONTRACTS.values():
        (told,) = warehouse.query(
            f"select count(*) as n, max(known_on) as known, max(happened_on) as happened, {counted} "
            f"from {_cut(contract.table, at)}"
        ).to_pylist()
        since = None if told["known"] is None else (day - told["known"]).days
        ages = tuple(int(told[f"age_{place}"]) for place in range(len(classes)))
        yield Source(
            contract.table, contract.zh, contract.en, int(told["n"]), told["known"], told["happened"], since, ages
        )
        progress.advance()


def _coverage(warehouse: Warehouse, day: date, progress: Progress) -> Iterator[Cover]:
    at = f"date '{day.isoformat()}'"
    years = range(day.year - _YEARS + 1, day.year + 1)
    listed = ", ".join(f"({year})" for year in years)
    registered = warehouse.query(
        f"select y, count(distinct uscc) as n from (values {listed}) as years(y) "
        f"left join {_cut('enterprise', at)} as e on coalesce(year(e.registered_on), 0) <= y group by y"
    ).to_pylist()
    of = {row["y"]: int(row["n"]) for row in registered}
    applied = warehouse.query(
        f"select year(applied_on) as y, count(*) as n from {_cut('application', at)} group by y"
    ).to_pylist()
    applications = {row["y"]: int(row["n"]) for row in applied}
    for family, tables in FAMILIES.items():
        seen = _seen(warehouse, tables, at, years)
        asked = _asked_for(warehouse, tables, at)
        for year in years:
            yield Cover(
                family.value, year, seen.get(year, 0), of.get(year, 0), asked.get(year, 0), applications.get(year, 0)
            )
        progress.advance()


def _seen(warehouse: Warehouse, tables: tuple[str, ...], at: str, years: range) -> dict[int, int]:
    """Count the enterprises with a record that happened in each year."""
    parts = [f"select uscc, year(happened_on) as y from {_cut(t, at)} where happened_on is not null" for t in tables]
    rows = warehouse.query(
        f"select y, count(*) as n from (select distinct uscc, y from ({' union all '.join(parts)}) "
        f"where y between {years[0]} and {years[-1]}) group by y"
    ).to_pylist()
    return {row["y"]: int(row["n"]) for row in rows}


def _asked_for(warehouse: Warehouse, tables: tuple[str, ...], at: str) -> dict[int, int]:
    """Count the applicants of each year of whom something was known on the day they applied."""
    # One join for each table, with the few applicants on the side that is kept in memory.
    known = " union all ".join(
        f"select a.application_id, a.applied_on from asked as a "
        f"join {table} as r on r.uscc = a.uscc and {counts('r', 'a.applied_on')}"
        for table in tables
    )
    rows = warehouse.query(
        f"with asked as materialized (select * from {_cut('application', at)}) "
        f"select year(applied_on) as y, count(distinct application_id) as n from ({known}) group by y"
    ).to_pylist()
    return {row["y"]: int(row["n"]) for row in rows}


def _arrivals(warehouse: Warehouse) -> Iterator[Arrival]:
    rows = warehouse.query(
        "select table_name, sum(rows_read)::bigint as rows_read, sum(rows_accepted)::bigint as rows_accepted, "
        "sum(rows_quarantined)::bigint as rows_quarantined, sum(rows_duplicate)::bigint as rows_duplicate, "
        "sum(rows_superseding)::bigint as rows_superseding, sum(rows_unchanged)::bigint as rows_unchanged "
        "from history.delivery_table group by table_name order by table_name"
    ).to_pylist()
    for row in rows:
        contract = CONTRACTS[row.pop("table_name")]
        yield Arrival(contract.table, contract.zh, contract.en, **row)


def _troubles(warehouse: Warehouse) -> Iterator[Trouble]:
    rows = warehouse.query(
        'select code, severity, table_name as "table", sum(rows)::bigint as rows from history.delivery_problem '
        "group by all order by rows desc, code, table_name"
    ).to_pylist()
    return (Trouble(**row) for row in rows)
