"""Everything that can be wrong with a row of a contract, each as one SQL condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from certloan.contracts import KNOWN_ON, VOID_ON, Column, Contract, Kind
from certloan.contracts.contract import types
from certloan.expressions import Type, parse
from certloan.ingest import uscc
from certloan.ingest.projection import Severity
from certloan.ingest.sql import among, identifier, literal

#: A date before this is a slip of the keyboard or an empty cell that a program filled.
EARLIEST = date(1900, 1, 1)
_DAMAGED = r"^-?\d(\.\d+)?[Ee]\+\d+$"

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
    for column in every_column(contract):
        found += _of_cell(column)
        found += _of_value(column, delivered_on)
        if codes and column.name in codes:
            strange = f"not {among(identifier(column.name), sorted(codes[column.name]))}"
            found.append(Check(f"unknown-{column.name}", (column.name,), strange, Severity.WARNING))
        if column.kind is Kind.USCC and not opaque_key:
            found += _of_uscc(column.name)
    found += _of_happening(contract, delivered_on)
    for rule in contract.rules:
        holds = parse(rule.holds, types(contract)).sql()
        severity = Severity.WARNING if rule.warning else Severity.QUARANTINE
        found.append(Check(rule.code, rule.columns, f"not ({holds})", severity))
    return tuple(found)


def _of_cell(column: Column) -> Iterator[Check]:
    name = column.name
    if column.required:
        yield Check("required-missing", (name,), f"{text(name)} is null")
    if column.kind in (Kind.CODE, Kind.USCC):
        yield Check("damaged-number", (name,), damaged(name))
    if column.kind in _UNREADABLE:
        facts = {"levels": column.levels} if column.kind is Kind.CATEGORY else {}
        # The day of knowledge is filled where a file is silent; what the file says of it is read beside that.
        value = identifier(f"{name}~stated" if column is KNOWN_ON else name)
        unread = f"{text(name)} is not null and {value} is null"
        yield Check(_UNREADABLE[column.kind], (name,), unread, facts=facts)


def _of_value(column: Column, delivered_on: date) -> Iterator[Check]:
    read = value(column)
    beyond = [f"{read} {sign} {bound}" for sign, bound in (("<", column.low), (">", column.high)) if bound is not None]
    if beyond:
        yield Check("out-of-range", (column.name,), " or ".join(beyond), facts={"range": _range(column)})
    if column.kind in (Kind.DATE, Kind.MONTH):
        early = f"{read} < date '{EARLIEST}'"
        yield Check("date-too-early", (column.name,), early, facts={"earliest": EARLIEST})
        if not column.future:
            late = f"{read} > date '{delivered_on}'"
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
