"""Questions that an officer should ask before leaning on an applicant's evidence; flags, never verdicts.

No flag reaches the score, a gate or the enterprise. Simple ones are features of the family ``integrity``; those that
take several firms to see are statements of their own, behind the same cut in time.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pyarrow as pa

from certloan.domain.people import Actor, Permission
from certloan.errors import InputError
from certloan.explain.account import Record
from certloan.explain.wording import yuan_told
from certloan.features.catalog import by_name
from certloan.features.integrity_rings import ring_records, rings
from certloan.features.integrity_teams import ASKED, suspicious_teams, team_records
from certloan.features.spec import Spec
from certloan.i18n import Lang, text
from certloan.reference.relations import reference_relations
from certloan.services.build_features import OPEN_APPLICATIONS, applications, build_matrix, evidence
from certloan.services.ports import SILENT, Progress, Warehouse
from certloan.services.read_records import record_of

#: Records shown with a flag, at most.
MOST_RECORDS = 5


class Severity(StrEnum):
    """How hard to look: a serious flag should be cleared before money flows, a notice may have many good reasons."""

    SERIOUS = "serious"
    NOTICE = "notice"


#: Columns of the prepared certificates that other tables tell: which column of which contract names them.
_TOLD_BY = {"staff_reported": ("annual_report", "employees"), "holder_industry": ("enterprise", "industry_code")}


@dataclass(frozen=True)
class _Simple:
    """A flag on a feature: raised where the feature's value is at least ``least``; ``shown`` are the columns that tell."""

    code: str
    feature: str
    severity: Severity
    shown: tuple[str, ...]
    least: int = 1


SIMPLE = (
    _Simple("number-malformed", "flag_number_malformed_n", Severity.SERIOUS, ("scheme", "issued_on")),
    _Simple("body-unlicensed", "flag_body_unlicensed_n", Severity.SERIOUS, ("body_no", "issued_on")),
    _Simple("body-unapproved", "flag_body_unapproved_n", Severity.SERIOUS, ("body_no", "scheme")),
    _Simple("bought-before-applying", "flag_bought_90d_n", Severity.NOTICE, ("scheme", "issued_on"), least=2),
    _Simple(
        "headcount-far", "flag_headcount_far_n", Severity.NOTICE, ("scheme", "headcount_covered", "staff_reported")
    ),
    _Simple("scope-unfit", "flag_scope_unfit_n", Severity.NOTICE, ("scheme", "scope", "holder_industry")),
)
#: Flags that take several firms to see.
TEAM, RING = "suspicious-team", "invoice-ring"
CODES = (*(simple.code for simple in SIMPLE), TEAM, RING)


@dataclass(frozen=True)
class Flag:
    """One question: what was noticed, what to ask, and the records behind it. ``unshown`` counts records left out."""

    code: str
    severity: Severity
    zh: str
    en: str
    ask_zh: str
    ask_en: str
    records: tuple[Record, ...]

    def told(self, lang: Lang | str) -> str:
        """Say what was noticed."""
        return self.zh if Lang(lang) is Lang.ZH else self.en

    def ask(self, lang: Lang | str) -> str:
        """Say what to ask for."""
        return self.ask_zh if Lang(lang) is Lang.ZH else self.ask_en


@dataclass(frozen=True)
class Integrity:
    """The flags of one application, as of its day; the serious ones first."""

    application_id: str
    uscc: str
    name: str | None
    as_of: dt.date
    flags: tuple[Flag, ...]

    def as_json(self) -> dict[str, object]:
        """Give the flags as values that JSON can hold."""
        return {**asdict(self), "as_of": self.as_of.isoformat()}


def integrity(
    warehouse: Warehouse, application_ids: Sequence[str] | None, actor: Actor, progress: Progress = SILENT
) -> tuple[Integrity, ...]:
    """Give the flags of the applications named, or of the open ones, in the order of their numbers.

    Raises ``PermissionDeniedError`` for everybody but who may read the case, and ``InputError``
    (``unknown-application``).
    """
    actor.require(Permission.READ_CASE)
    subjects = _subjects(warehouse, application_ids)
    found: defaultdict[str, list[Flag]] = defaultdict(list)
    progress.stage("check_integrity", 3)
    for flags in (_simple, _teams, _rings):
        for application_id, flag in flags(warehouse, subjects):
            found[application_id].append(flag)
        progress.advance()
    names = _names(warehouse, subjects)
    order = {Severity.SERIOUS: 0, Severity.NOTICE: 1}
    return tuple(
        Integrity(
            row["application_id"],
            row["uscc"],
            names.get(row["application_id"]),
            row["as_of"],
            tuple(sorted(found[row["application_id"]], key=lambda flag: order[flag.severity])),
        )
        for row in subjects.to_pylist()
    )


def _subjects(warehouse: Warehouse, application_ids: Sequence[str] | None) -> pa.Table:
    if application_ids is None:
        return warehouse.query(OPEN_APPLICATIONS)
    wanted = [each.strip().upper() for each in application_ids]
    marks = ", ".join("?" for _ in wanted) or "null"
    subjects = warehouse.query(applications(f"application_id in ({marks})"), wanted)
    known = set(subjects.column("application_id").to_pylist())
    if unknown := [each for each in dict.fromkeys(wanted) if each not in known]:
        raise InputError("unknown-application", found=", ".join(unknown))
    return subjects


def _names(warehouse: Warehouse, subjects: pa.Table) -> dict[str, str]:
    with _asked(warehouse, subjects):
        rows = warehouse.query(
            f"select s.application_id, arg_max(e.name, e.known_on) as name from {ASKED} as s "
            "join enterprise as e on e.uscc = s.uscc and e.known_on <= s.as_of group by s.application_id"
        ).to_pylist()
    return {row["application_id"]: row["name"] for row in rows}


def _simple(warehouse: Warehouse, subjects: pa.Table) -> Iterator[tuple[str, Flag]]:
    """Raise the flags that rest on one firm's certificates."""
    specs: list[Spec] = [by_name(simple.feature) for simple in SIMPLE]
    matrix = build_matrix(warehouse, subjects, specs).to_pylist()
    for simple, spec in zip(SIMPLE, specs, strict=True):
        raised = {row["application_id"]: row[spec.name] for row in matrix if (row[spec.name] or 0) >= simple.least}
        if not raised:
            continue
        kept = pa.array([each in raised for each in subjects.column("application_id").to_pylist()])
        behind = _behind(warehouse, simple, spec, subjects.filter(kept))
        for application_id, value in raised.items():
            yield application_id, _flag(simple.code, simple.severity, behind[application_id], n=int(value))


def _behind(warehouse: Warehouse, simple: _Simple, spec: Spec, subjects: pa.Table) -> dict[str, tuple[Record, ...]]:
    """Give the certificates that a flag was raised for, each with what makes it doubtful."""
    numbers = subjects.column("application_id").to_pylist()
    found: dict[str, tuple[Record, ...]] = dict.fromkeys(numbers, ())
    ((_, rows),) = evidence(warehouse, spec, subjects, most=MOST_RECORDS)
    for row in rows.to_pylist():
        record = record_of("certificate", {name: row[name] for name in ("certificate_no", *simple.shown)}, _TOLD_BY)
        found[numbers[row["subject"] - 1]] += (record,)
    return found


def _teams(warehouse: Warehouse, subjects: pa.Table) -> Iterator[tuple[str, Flag]]:
    """Raise the flag of audit teams whose other clients should make an officer ask."""
    with _asked(warehouse, subjects):
        with warehouse.attached("reference_replacement", reference_relations()["reference_replacement"]):
            teams = warehouse.query(suspicious_teams())
        if not teams.num_rows:
            return
        with warehouse.attached("integrity_teams", teams.select(["application_id", "team"])):
            behind = _grouped(warehouse.query(team_records()))
    worst: dict[str, dict[str, Any]] = {}
    for row in teams.to_pylist():
        worst.setdefault(row["application_id"], row)
    for application_id, row in worst.items():
        facts = {name: row[name] for name in ("team", "others", "lost", "struck", "busiest", "busiest_on")}
        records = tuple(record_of("certificate_event", told) for told in behind[application_id][:MOST_RECORDS])
        yield application_id, _flag(TEAM, Severity.NOTICE, records, **facts)


def _rings(warehouse: Warehouse, subjects: pa.Table) -> Iterator[tuple[str, Flag]]:
    """Raise the flag of invoices that come back to where they came from."""
    with _asked(warehouse, subjects):
        circles = warehouse.query(rings()).to_pylist()
        if not circles:
            return
        pairs = [(row["application_id"], row[side], of) for row in circles for side, of in _SIDES]
        columns = ("application_id", "invoice_no", "direction")
        named = pa.table({name: pa.array([pair[at] for pair in pairs], pa.string()) for at, name in enumerate(columns)})
        with warehouse.attached("integrity_invoices", named):
            behind = _grouped(warehouse.query(ring_records()))
    of_applicant: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in circles:
        of_applicant[row["application_id"]].append(row)
    for application_id, found in of_applicant.items():
        largest = max(found, key=lambda row: (row["n"], row["firms"]))
        records = tuple(record_of("invoice", told) for told in behind[application_id][:MOST_RECORDS])
        yield (
            application_id,
            _flag(
                RING,
                Severity.SERIOUS,
                records,
                n=sum(row["n"] for row in found),
                firms=largest["firms"],
                amount=largest["net"],
            ),
        )


_SIDES = (("sale_no", "sale"), ("purchase_no", "purchase"))


def _grouped(rows: pa.Table) -> defaultdict[str, list[dict[str, Any]]]:
    grouped: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.to_pylist():
        grouped[row.pop("application_id")].append(row)
    return grouped


@contextmanager
def _asked(warehouse: Warehouse, subjects: pa.Table) -> Iterator[None]:
    with warehouse.attached(ASKED, subjects):
        yield


def _flag(code: str, severity: Severity, records: tuple[Record, ...], **facts: object) -> Flag:
    key = f"integrity.flag.{code}"
    told = {lang: text(f"{key}.told", lang, **_worded(facts, lang)) for lang in Lang}
    asked = {lang: text(f"{key}.ask", lang) for lang in Lang}
    return Flag(code, severity, told[Lang.ZH], told[Lang.EN], asked[Lang.ZH], asked[Lang.EN], records)


def _worded(facts: dict[str, object], lang: Lang) -> dict[str, object]:
    amount = facts.get("amount")
    return facts | ({"amount": yuan_told(Decimal(str(amount)), lang)} if amount is not None else {})
