"""Staged cells become rows that keep their contract, in one pass of SQL (DuckDB).

The pass is layered: a cell as the file has it (``x~raw``), its cleaned text (``x~text``), its value (``x``), the three
dates, and then two flags, ``bad`` and ``warned``. Only flagged rows are looked at again, to say what is wrong with
them: all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from certloan.contracts import KNOWN_ON, Column, Contract, Kind
from certloan.contracts.contract import types
from certloan.expressions import Type, parse
from certloan.ingest import native, uscc, values
from certloan.ingest.checks import Check, checks, every_column, left_out, raw, read, spared, text, value, verdict
from certloan.ingest.native import Staged
from certloan.ingest.projection import Projection, Severity
from certloan.ingest.sql import identifier, literal

#: What a report shows of a cell.
_SHOWN = 200
#: True of every row. What is chosen by chance cannot be asked earlier or later, so the engine leaves the layers apart:
#: merged into one, what a layer names would be written out wherever the next one asks for it, and grow without end.
_APART = "random() < 2"
_STATED = value(KNOWN_ON)
_USUAL = identifier(f"{KNOWN_ON.name}~usual")


@dataclass(frozen=True)
class Conform:
    """The SQL that conforms one staged sheet to one contract."""

    contract: Contract
    checks: tuple[Check, ...]
    _cells: str
    _layers: tuple[str, ...]
    _where: str | None
    #: The staged cell whose code is looked up among those that were judged before.
    _looked_up: str | None = None
    _codes: str | None = None

    def rows(self, source: str) -> str:
        """Compile the rows: ``_row``, the contract's columns, the dates, ``stated``, ``row_digest``, ``bad``, ``warned``.

        ``earlier_on`` is the day from which a row was known but for its later columns, where that was before it was
        known as a whole.
        """
        columns = [*self.contract.names, "happened_on", "known_on", "void_on"]
        shown = ", ".join(identifier(name) for name in columns)
        return (
            f"select _row, {shown}, {_STATED} is not null as stated, {_earlier(self.contract)} as earlier_on, "
            f"{digest((*self.contract.names, 'void_on'))} as row_digest, "
            f"{_any(self.checks, Severity.QUARANTINE)} as bad, {_any(self.checks, Severity.WARNING)} as warned "
            f"from ({self._from(source)})"
        )

    def problems(self, source: str, flagged: str) -> str:
        """Compile the problems of the rows that are listed in ``flagged``: ``_row``, ``check_no``, ``found``."""
        # A warning says that the row was kept, so a row that was put aside has none.
        when = {Severity.QUARANTINE: "", Severity.WARNING: "not bad and "}
        listed = ", ".join(
            f"case when {when[check.severity]}({check.fails}) then {{'check_no': {number}, 'found': {_found(check)}}} end"
            for number, check in enumerate(self.checks)
        )
        named = f"list_filter([{listed}], lambda p: p is not null)"
        return (
            f"select _row, problem.check_no, problem.found from (select _row, unnest({named}) as problem "
            f"from (select *, {_any(self.checks, Severity.QUARANTINE)} as bad "
            f"from ({self._from(source, f'_row in (select _row from {flagged})')})))"
        )

    def _from(self, source: str, also: str | None = None) -> str:
        kept = [f"({condition})" for condition in (self._where, also) if condition]
        known = f" left join {self._codes} on {identifier('code~raw')} = {self._looked_up}" if self._looked_up else ""
        sql = f"select _row, {self._cells} from {source}{known}" + (f" where {' and '.join(kept)}" if kept else "")
        for shown in filter(None, self._layers):
            sql = f"select *, {shown} from ({sql}) where {_APART}"
        return sql


def conform(projection: Projection, delivered_on: date, codes: str | None = None) -> Conform:
    """Compile a projection against its contract for a delivery of that day.

    ``codes`` names a relation of :func:`judged_codes` in which every code of the staged sheet stands: judging a code
    costs more than all other cells of its row, and a firm has many rows.
    Raises ``InputError`` if a rule of the contract cannot be parsed.
    """
    contract = projection.contract
    columns = every_column(contract)
    looked_up = looked_up_code(projection) if codes else None
    layers = (
        # Each in its own layer: what a layer names is computed once, however often the next one asks for it.
        ", ".join(_asked(projection, columns)),
        ", ".join(_translated(projection, columns)),
        ", ".join(_texts(projection, columns, looked_up)),
        ", ".join(_values(projection, columns, looked_up)),
        ", ".join(f"{left_out(column, delivered_on)} as {value(column)}" for column in spared(contract)),
        ", ".join(_derived(projection, delivered_on, looked_up)),
        _usual(contract, delivered_on),
        _knowing(contract, delivered_on),
    )
    found = checks(contract, delivered_on, opaque_key=projection.opaque_key, codes=projection.codes)
    cells = ", ".join(_cells(projection, columns, looked_up))
    cell = projection.columns[looked_up] if looked_up else None
    return Conform(contract, found, cells, layers, projection.where, cell, codes)


def looked_up_code(projection: Projection) -> str | None:
    """Give the column whose codes are worth judging once for all rows: the first that holds credit codes as text."""
    text = (c for c in projection.contract.columns if projection.types.get(c.name) is Staged.TEXT)
    return None if projection.opaque_key else next((c.name for c in text if c.kind is Kind.USCC), None)


def judged_codes(raws: str) -> str:
    """Compile ``code~raw``, ``code~text``, ``code~value``, ``code~verdict`` of a relation's column ``raw``."""
    column = Column("code", Kind.USCC, "", "")
    read = f"select raw, {values.cleaned('raw', column)} as text from {raws}"
    read = f"select raw, text, {values.typed('text', column)} as value from ({read})"
    named = ", ".join(f"{name} as {identifier(f'code~{name}')}" for name in ("raw", "text", "value"))
    return f"select {named}, {uscc.verdict('value')} as {identifier('code~verdict')} from ({read})"


def digest(columns: Iterable[str], qualify: str = "") -> str:
    """Compile a 128-bit digest of columns as stored; it tells null from every value, whatever columns come later."""
    named = ", ".join(
        f"{literal(name + '=')} || cast({qualify}{identifier(name)} as varchar)" for name in sorted(columns)
    )
    # Null parts are left out; cleaned text holds no control character, so nothing can look like two parts.
    return f"cast(md5(concat_ws(chr(31), {named})) as uuid)"


def _cells(projection: Projection, columns: Iterable[Column], looked_up: str | None) -> Iterable[str]:
    for column in columns:
        staged = projection.types.get(column.name, Staged.TEXT)
        cell = native.cell(projection.columns.get(column.name, "null"), staged)
        yield f"{cell if _is_native(projection, column) else f'cast({cell} as varchar)'} as {raw(column.name)}"
    if looked_up:
        yield ", ".join(identifier(f"code~{name}") for name in ("text", "value", "verdict"))


def _is_native(projection: Projection, column: Column) -> bool:
    """Whether the cells of a column need no reading; where words are translated, they are text."""
    staged = projection.types.get(column.name, Staged.TEXT)
    return native.fits(column, staged) and not projection.values.get(column.name)


def _asked(projection: Projection, columns: Iterable[Column]) -> Iterable[str]:
    for column in columns:
        if column.name in projection.columns and projection.values.get(column.name):
            yield f"{values.asked(raw(column.name), column)} as {_word(column.name)}"


def _translated(projection: Projection, columns: Iterable[Column]) -> Iterable[str]:
    for column in columns:
        words = projection.values.get(column.name)
        if column.name in projection.columns and words:
            stored = values.translated(_word(column.name), raw(column.name), column, words)
            yield f"{stored} as {_own(column.name)}"


def _word(column: str) -> str:
    return identifier(f"{column}~word")


def _own(column: str) -> str:
    return identifier(f"{column}~own")


def _texts(projection: Projection, columns: Iterable[Column], looked_up: str | None) -> Iterable[str]:
    for column in columns:
        if column.name == looked_up:
            cleaned = identifier("code~text")
        elif _is_native(projection, column):
            cleaned = native.told(raw(column.name), column)
        elif column.name in projection.columns:
            cell = _own(column.name) if projection.values.get(column.name) else raw(column.name)
            cleaned = values.cleaned(cell, column)
        else:
            cleaned = "cast(null as varchar)"
        yield f"{cleaned} as {text(column.name)}"


def _values(projection: Projection, columns: Iterable[Column], looked_up: str | None) -> Iterable[str]:
    mild = spared(projection.contract)
    for column in columns:
        unit = projection.units.get(column.name, Decimal(1))
        if column.name == looked_up:
            typed = identifier("code~value")
        elif _is_native(projection, column):
            typed = native.typed(text(column.name), column, projection.types[column.name], unit)
        else:
            typed = values.typed(
                text(column.name),
                column,
                unit=unit,
                strptime=projection.date_formats.get(column.name),
                opaque=projection.opaque_key,
            )
        yield f"{typed} as {read(column) if column in mild else value(column)}"


def _derived(projection: Projection, delivered_on: date, looked_up: str | None) -> Iterable[str]:
    contract = projection.contract
    happened = f"cast({parse(contract.happened_on, types(contract), expect=Type.DATE).sql()} as date)"
    if contract.undated_counts:
        # As late as it can have happened: the benefit of an early day is not given to who leaves the day out.
        happened = f"coalesce({happened}, {_STATED}, date '{delivered_on}')"
    yield f"{happened} as happened_on"
    if not projection.opaque_key:
        for column in contract.columns:
            if column.name == looked_up:
                yield f"{identifier('code~verdict')} as {verdict(column.name)}"
            elif column.kind is Kind.USCC:
                yield f"{uscc.verdict(identifier(column.name))} as {verdict(column.name)}"


def _usual(contract: Contract, delivered_on: date) -> str:
    # What a file does not say is taken to be known after the usual lag, and never later than it was delivered.
    return f"least(happened_on + {contract.known_lag_days}, date '{delivered_on}') as {_USUAL}"


def _knowing(contract: Contract, delivered_on: date) -> str:
    # The usual lag counts from the day of the fact; what a later column tells may have happened any day until now.
    silent = _USUAL
    if contract.later:
        silent = f"case when {_tells_later(contract)} then date '{delivered_on}' else {_USUAL} end"
    return f"coalesce({_STATED}, {silent}) as known_on"


def _earlier(contract: Contract) -> str:
    if not contract.later:
        return "cast(null as date)"
    return f"case when {_STATED} is null and {_tells_later(contract)} and {_USUAL} < known_on then {_USUAL} end"


def _tells_later(contract: Contract) -> str:
    return f"({' or '.join(f'{identifier(name)} is not null' for name in contract.later)})"


def _any(found: Iterable[Check], severity: Severity) -> str:
    fails = [f"coalesce({check.fails}, false)" for check in found if check.severity is severity]
    return f"({' or '.join(fails) or 'false'})"


def _found(check: Check) -> str:
    if len(check.columns) == 1:
        return f"coalesce(cast({raw(check.columns[0])} as varchar)[:{_SHOWN}], '')"
    told = ", ".join(
        f"{literal(name + '=')} || coalesce(cast({raw(name)} as varchar)[:{_SHOWN}], '')" for name in check.columns
    )
    return f"concat_ws('; ', {told})"
