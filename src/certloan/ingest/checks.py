"""Everything that can be wrong with a row of a contract, each as one SQL condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from certloan.contracts import KNOWN_ON, VOID_ON, Column, Contract, Kind
from certloan.contracts.contract import types
from certloan.expressions import Type, parse
from certloan.ingest import uscc, values
from certloan.ingest.projection import EXPECTED_AS, Severity
from certloan.ingest.sql import among, identifier, literal

#: A date before this is a slip of the keyboard or an empty cell that a program filled.
EARLIEST = date(1900, 1, 1)
_DAMAGED = r"^-?\d(\.\d+)?[Ee]\+\d+$"

#: What is told of a cell that cannot be read, where the record is kept nevertheless.
LEFT_EMPTY, TAKEN_FOR, PART_UNREAD = "unreadable-cell-left-empty", "unreadable-cell-taken-for", "part-of-cell-unread"

_UNREADABLE: dict[Kind, str] = {
    Kind.DATE: "not-a-date",
    Kind.MONTH: "not-a-month",
    Kind.MONEY: "not-money",
    Kind.NUMBER: "not-a-number",
    Kind.INTEGER: "not-an-integer",
    Kind.BOOLEAN: "not-a-boolean",
    Kind.CATEGORY: "unknown-level",
}


@dataclass(frozen=True)
class Check:
    """One way to be wrong. ``fails`` is SQL over the columns that :mod:`certloan.ingest.conform` makes; null is no.

    ``columns`` are those whose cells the report shows. ``facts`` fill the texts.
    """

    code: str
    columns: tuple[str, ...]
    fails: str
    severity: Severity = Severity.QUARANTINE
    facts: Mapping[str, object] = field(default_factory=dict)


def raw(column: str) -> str:
    """Name the cell of a column as the file has it."""
    return identifier(f"{column}~raw")


def text(column: str) -> str:
    """Name the cleaned text of a column."""
    return identifier(f"{column}~text")


def value(column: Column) -> str:
    """Name the value of a cell. What the file says of the day of knowing is kept apart from the day that counts."""
    return identifier(f"{KNOWN_ON.name}~stated" if column is KNOWN_ON else column.name)


def read(column: Column) -> str:
    """Name what a cell says before what cannot be true of it is left out, see :func:`left_out`."""
    return identifier(f"{column.name}~read")


def spared(contract: Contract) -> tuple[Column, ...]:
    """List the columns whose cells are left empty where they cannot be read, so that the record is kept."""
    return tuple(c for c in every_column(contract) if c.kind in _UNREADABLE and contract.spares(c))


def left_out(column: Column, delivered_on: date) -> str:
    """Compile the value of a cell of :func:`spared`: empty, or what it is taken for, where it says nothing credible."""
    wrong = " or ".join(check.fails for check in _of_value(column, delivered_on, read(column)))
    kept = f"case when {wrong} then null else {read(column)} end" if wrong else read(column)
    if not column.unread_as:
        return kept
    return f"case when {text(column.name)} is not null then coalesce({kept}, {literal(column.unread_as)}) end"


def damaged(column: str) -> str:
    """Write the test for a code that a spreadsheet took for a number, so that its last digits are lost."""
    cell = text(column)
    # Asking for two characters first is ten times cheaper than the pattern.
    return f"((contains({cell}, 'E+') or contains({cell}, 'e+')) and regexp_matches({cell}, {literal(_DAMAGED)}))"


def verdict(column: str) -> str:
    """Name what is wrong with the code in a column, see :func:`certloan.ingest.uscc.verdict`."""
    return identifier(f"{column}~verdict")


def every_column(contract: Contract) -> tuple[Column, ...]:
    """The columns that a file may fill."""
    return (*contract.columns, KNOWN_ON, VOID_ON)


def checks(
    contract: Contract, delivered_on: date, *, opaque_key: bool, codes: Mapping[str, frozenset[str]] | None = None
) -> tuple[Check, ...]:
    """List the checks of a contract for what was delivered on a day, those of single cells first.

    ``codes`` are what columns of codes may hold, where that is known.
    """
    found: list[Check] = []
    mild = spared(contract)
    for column in every_column(contract):
        told = read(column) if column in mild else value(column)
        of_cell = (*_of_cell(column, told), *_of_value(column, delivered_on, told))
        found += (_mildly(check, column) for check in of_cell) if column in mild else of_cell
        if column.graver:
            some = values.partly_unread(text(column.name), column)
            facts = {"levels": column.levels, EXPECTED_AS: _UNREADABLE[Kind.CATEGORY]}
            found.append(Check(PART_UNREAD, (column.name,), some, Severity.WARNING, facts))
        if codes and column.name in codes:
            strange = f"not {among(identifier(column.name), sorted(codes[column.name]))}"
            found.append(Check(f"unknown-{column.name}", (column.name,), strange, Severity.WARNING))
        if column.kind is Kind.USCC and not opaque_key:
            found += _of_uscc(column.name)
    found += _of_happening(contract, delivered_on)
    for rule in contract.rules:
        holds = parse(rule.holds, types(contract)).sql()
        severity = Severity.WARNING if rule.warning else Severity.QUARANTINE
        # A cell that was left empty has been told already; it is not missing as well.
        empty = [f"({text(c.name)} is null or {value(c)} is not null)" for c in mild if c.name in rule.columns]
        found.append(Check(rule.code, rule.columns, " and ".join([f"not ({holds})", *empty]), severity))
    return tuple(found)


def _mildly(check: Check, column: Column) -> Check:
    """Make a warning of what would cost the record."""
    facts = {**check.facts, EXPECTED_AS: check.code}
    if not column.unread_as:
        return replace(check, code=LEFT_EMPTY, severity=Severity.WARNING, facts=facts)
    facts["taken"] = f"{column.levels[column.unread_as][0]} ({column.unread_as})"
    return replace(check, code=TAKEN_FOR, severity=Severity.WARNING, facts=facts)


def _of_cell(column: Column, told: str) -> Iterator[Check]:
    name = column.name
    if column.required:
        yield Check("required-missing", (name,), f"{text(name)} is null")
    if column.kind in (Kind.CODE, Kind.USCC):
        yield Check("damaged-number", (name,), damaged(name))
    if column.kind in _UNREADABLE:
        facts = {"levels": column.levels} if column.kind is Kind.CATEGORY else {}
        unread = f"{text(name)} is not null and {told} is null"
        yield Check(_UNREADABLE[column.kind], (name,), unread, facts=facts)


def _of_value(column: Column, delivered_on: date, told: str) -> Iterator[Check]:
    beyond = [f"{told} {sign} {bound}" for sign, bound in (("<", column.low), (">", column.high)) if bound is not None]
    if beyond:
        yield Check("out-of-range", (column.name,), " or ".join(beyond), facts={"range": _range(column)})
    if column.kind in (Kind.DATE, Kind.MONTH):
        early = f"{told} < date '{EARLIEST}'"
        yield Check("date-too-early", (column.name,), early, facts={"earliest": EARLIEST})
        if not column.future:
            late = f"{told} > date '{delivered_on}'"
            yield Check("future-date", (column.name,), late, facts={"delivered_on": delivered_on})


def _of_uscc(name: str) -> Iterator[Check]:
    found = verdict(name)
    lower = f"{raw(name)} <> upper({raw(name)}) and coalesce({found}, 0) <> {uscc.MISSHAPEN}"
    yield Check("bad-uscc", (name,), f"{found} = {uscc.MISSHAPEN} and not {damaged(name)}")
    yield Check("bad-uscc-check", (name,), f"{found} = {uscc.WRONG_CHECK}")
    yield Check("lower-case-uscc", (name,), lower, Severity.WARNING)
    yield Check("pilot-uscc-check", (name,), f"{found} = {uscc.PILOT}", Severity.WARNING)
    yield Check("uscc-organisation-check", (name,), f"{found} = {uscc.WRONG_ORGANISATION}", Severity.WARNING)
    yield Check("uscc-unknown-division", (name,), f"{found} = {uscc.UNKNOWN_DIVISION}", Severity.WARNING)


def _of_happening(contract: Contract, delivered_on: date) -> Iterator[Check]:
    """The day a fact is about: checked by itself only where no date stands behind it that is checked already."""
    expression = parse(contract.happened_on, types(contract), expect=Type.DATE)
    if all(contract.column(name).kind not in (Kind.DATE, Kind.MONTH) for name in expression.columns):
        behind = tuple(sorted(expression.columns))
        late = f"happened_on > date '{delivered_on.year}-12-31'"
        yield Check("future-date", behind, late, facts={"delivered_on": delivered_on})
    columns = (KNOWN_ON.name, *sorted(expression.columns))
    early = f"{value(KNOWN_ON)} < happened_on"
    yield Check("known-before-happened", columns, early, Severity.WARNING)


def _range(column: Column) -> str:
    low, high = ("" if bound is None else f"{bound:,.15g}" for bound in (column.low, column.high))
    return f"{low} – {high}" if low and high else f"≥ {low}" if low else f"≤ {high}"
