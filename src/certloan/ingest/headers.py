"""Which table a sheet holds, and which of its columns is which.

Many tables share headers (证书编号, 账户编号, 有效期至, 企业名称), so a table is chosen by what sets it apart: each matched
column counts the more, the fewer tables could mean it, and a required column that is missing counts against the
table as much. The names of sheet, file and folder settle what the headers leave open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final

from certloan.contracts import CONTRACTS, KNOWN_ON, VOID_ON, Column, Contract, Kind
from certloan.ingest.headings import HeaderIndex, Heading, heading, normalise
from certloan.ingest.projection import WORDED_AS, FileProblem, Projection, Severity

__all__ = ["HeaderIndex", "match"]

#: What a file, sheet or folder named after a table adds to its weight: about two telling columns.
_NAME_WEIGHT: Final = 1.5
#: Below this weight a sheet resembles no table enough to say what it lacks.
_RESEMBLANCE: Final = 0.6
#: How alike a column name must be to be suggested.
_ALIKE: Final = 0.6


@dataclass(frozen=True)
class _Fit:
    """A contract held against a header: which cell fills which column, and what is wrong with that."""

    contract: Contract
    cells: Mapping[str, int]
    missing: tuple[Column, ...]
    weight: float
    spare: tuple[tuple[int, str], ...] = ()
    twice: tuple[int, ...] = ()
    named: bool = False


def match(
    file: str,
    sheet: str,
    header: Sequence[str],
    unit: Decimal | None = None,
) -> Projection | FileProblem:
    """Project a sheet onto the table that its header, and then its name, speak for.

    ``unit`` is what a line above the table says of its money (:attr:`RawSheet.unit`); a unit in a header goes before
    it. A column answers to its name, its Chinese and its English label and its aliases; where a header could be
    several columns, or several headers one column, the earlier of these wins. Columns that the table does not know
    are reported in ``notes`` and left out.
    """
    headings = [heading(cell) for cell in header]
    named = _named_tables(file, sheet)
    fits = [_fit(contract, header, headings, contract.table in named) for contract in CONTRACTS.values()]
    best = max(fits, key=lambda fit: (fit.weight, not fit.missing, len(fit.cells)))
    if best.weight < _RESEMBLANCE and _is_chance(best, headings):
        return FileProblem(file, sheet, "unrecognised-sheet", _shown(header))
    if best.missing:
        return _missing(file, sheet, header, best)
    if best.twice:
        return _twice(file, sheet, header, best)
    return Projection(
        contract=best.contract,
        columns={name: f"c{at}" for name, at in best.cells.items()},
        units=_units(best, headings, unit),
        notes=tuple(_notes(file, sheet, header, best)),
    )


def _fit(contract: Contract, header: Sequence[str], headings: Sequence[Heading], named: bool) -> _Fit:
    """Assign header cells to columns, the most exact pairs first."""
    names = _names(contract.table)
    pairs = sorted(
        (rank, at, column)
        for at, (cell, head) in enumerate(zip(header, headings, strict=True))
        for key in {head.key, normalise(cell)}
        for rank, column in names.get(key, ())
    )
    cells: dict[str, int] = {}
    used: set[int] = set()
    for _, at, column in pairs:
        if column not in cells and at not in used:
            cells[column] = at
            used.add(at)
    keys = {at: headings[at].key for at in used}
    spare = tuple({at: column for _, at, column in reversed(pairs) if at not in used}.items())
    twice = tuple(at for at, _ in spare if headings[at].key in keys.values())
    missing = tuple(c for c in contract.columns if c.required and c.name not in cells)
    weights = _weights()
    weight = sum(weights.get(key, weights.get(normalise(header[at]), 0.0)) for at, key in keys.items())
    weight -= sum(weights[normalise(column.zh)] for column in missing)
    return _Fit(contract, cells, missing, weight + _NAME_WEIGHT * named, spare, twice, named)


def _is_chance(fit: _Fit, headings: Sequence[Heading]) -> bool:
    """Whether a weak resemblance means nothing.

    An incomplete table must at least be named after what it is. A complete one must not leave columns of other tables
    over: a table that needs little, such as the register, would take what is not its own.
    """
    if fit.missing:
        return not (fit.named and len(fit.cells) > 1)
    used = set(fit.cells.values())
    return any(at not in used and head.key in _weights() for at, head in enumerate(headings))


@lru_cache
def _names(table: str) -> Mapping[str, Sequence[tuple[int, str]]]:
    """What a file may call the columns, with the rank of each name: the lower, the more exact."""
    found: dict[str, list[tuple[int, str]]] = {}
    for column in (*CONTRACTS[table].columns, KNOWN_ON, VOID_ON):
        for rank, name in enumerate((column.name, column.zh, column.en, *column.aliases)):
            found.setdefault(normalise(name), []).append((rank, column.name))
    return found


@lru_cache
def _weights() -> Mapping[str, float]:
    """How much each header says about which table it stands in: one, shared by the tables that know it.

    The name of the enterprise says nothing: exports of every kind repeat it.
    """
    shared = Counter(key for table in CONTRACTS for key in _names(table))
    weights = {key: 1 / tables for key, tables in shared.items()}
    name = CONTRACTS["enterprise"].column("name")
    return weights | {normalise(word): 1 / len(CONTRACTS) for word in (name.zh, *name.aliases)}


def _named_tables(file: str, sheet: str) -> frozenset[str]:
    """The tables that the sheet, else the file, else its folders are named after; the longest name found wins."""
    path = PurePosixPath(file)
    for place in (sheet, path.name, *(parent.name for parent in path.parents)):
        text = normalise(place)
        hits = {
            contract.table: max((len(key) for key in _table_names(contract) if key in text), default=0)
            for contract in CONTRACTS.values()
        }
        longest = max(hits.values(), default=0)
        if longest:
            return frozenset(table for table, length in hits.items() if length == longest)
    return frozenset()


def _table_names(contract: Contract) -> set[str]:
    return {normalise(name) for name in (contract.table, contract.zh, contract.en, *contract.file_names)}


def _units(fit: _Fit, headings: Sequence[Heading], unit: Decimal | None) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for column in fit.contract.columns:
        if column.kind is Kind.MONEY and column.name in fit.cells:
            factor = headings[fit.cells[column.name]].unit or unit
            if factor is not None:
                found[column.name] = factor
    return found


def _notes(file: str, sheet: str, header: Sequence[str], fit: _Fit) -> list[FileProblem]:
    """Report the columns that were left out, each with what it may have been meant for."""
    spare = dict(fit.spare)
    notes = []
    for at, cell in enumerate(header):
        if not cell.strip() or at in fit.cells.values():
            continue
        if at in spare:
            used = header[fit.cells[spare[at]]]
            facts = {"heading": cell, "used": used}
            notes.append(FileProblem(file, sheet, "column-ignored", cell, facts, Severity.WARNING))
        else:
            facts = {"heading": cell, "contract": _table(fit.contract), "suggestion": _suggestion(cell, fit)}
            if not facts["suggestion"]:
                facts[WORDED_AS] = "unknown-column-alone"
            notes.append(FileProblem(file, sheet, "unknown-column", cell, facts, Severity.WARNING))
    return notes


def _suggestion(cell: str, fit: _Fit) -> str:
    """The column of the table that is called most like the cell and not filled yet; empty if there is none."""
    open_columns = [c for c in (*fit.contract.columns, KNOWN_ON, VOID_ON) if c.name not in fit.cells]
    named = {normalise(name): c for c in open_columns for name in (*c.aliases, c.en, c.zh, c.name)}
    close = get_close_matches(heading(cell).key, named, n=1, cutoff=_ALIKE)
    return _label(named[close[0]]) if close else ""


def _missing(file: str, sheet: str, header: Sequence[str], fit: _Fit) -> FileProblem:
    """Name everything required that is missing, and what stands there instead."""
    filled = set(fit.cells.values())
    left = [cell for at, cell in enumerate(header) if cell.strip() and at not in filled]
    keys = {heading(cell).key: cell for cell in left}
    lines = []
    for column in fit.missing:
        names = [normalise(name) for name in (column.zh, column.name, column.en, *column.aliases)]
        close = [keys[hit] for name in names for hit in get_close_matches(name, keys, n=1, cutoff=_ALIKE)]
        lines.append(f"- {_label(column)}" + (f" ← {close[0]}?" if close else ""))
    facts = {
        "contract": _table(fit.contract),
        "missing": ", ".join(_label(column) for column in fit.missing),
        "instead": ", ".join(left) or "-",
        "diff": "; ".join([*lines, *(f"+ {cell}" for cell in left)]),
    }
    return FileProblem(file, sheet, "missing-column", _shown(header), facts)


def _twice(file: str, sheet: str, header: Sequence[str], fit: _Fit) -> FileProblem:
    names = ", ".join(dict.fromkeys(header[at] for at in fit.twice))
    return FileProblem(file, sheet, "duplicate-column", names, {"heading": names, "contract": _table(fit.contract)})


def _label(column: Column) -> str:
    return f"{column.zh} ({column.name})"


def _table(contract: Contract) -> str:
    return f"{contract.zh} ({contract.table})"


def _shown(header: Sequence[str]) -> str:
    return " | ".join(cell for cell in header if cell)
