"""What people and programs do to a file on its way to the bank: copies, slips, impossible values.

Every act is written into a ledger with what a careful reader must make of it, so that ingest can be held to it row by
row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.contracts import Column, Kind
from certloan.world.codes import ALPHABET
from certloan.world.draws import Arrow, Flags, Ints
from certloan.world.rendering import Cell, DateStyle, Field, Rendered, column_of, date_text, to_full_width


class Effect(StrEnum):
    """What a careful reader makes of a messy row."""

    QUARANTINED = "quarantined"  # put aside
    WARNED = "warned"  # kept, and reported
    ACCEPTED = "accepted"  # read as if nothing were wrong
    DUPLICATE = "duplicate"  # says nothing new
    SUPERSEDES = "supersedes"  # corrects an earlier delivery


@dataclass(frozen=True)
class MessShares:
    """How much goes wrong, as shares of the rows of each sheet."""

    duplicates: float = 0.005
    slips: float = 0.005
    late: float = 0.003
    corrected: float = 0.003


@dataclass(frozen=True)
class Note:
    """One entry of the ledger. ``row`` counts as a spreadsheet shows it, from 1, title lines included."""

    delivery: str
    file: str
    sheet: str
    row: int
    table: str
    kind: str
    column: str
    effect: Effect


@dataclass
class Messy:
    """A rendered sheet after its mess."""

    columns: list[Arrow]
    plain: list[Flags]  # which cells are plain text, whatever their column holds
    notes: list[tuple[int, str, str, Effect]]  # row (from 0), kind, column, effect
    final: Ints  # where each clean row now stands
    lost: Ints  # clean rows that a careful reader cannot use


@dataclass(frozen=True)
class _Slip:
    """One kind of slip in one field: gives the new text of a row of the sheet, or ``None`` where it cannot happen."""

    kind: str
    field: int
    effect: Effect
    write: Callable[[str, int], str | None]
    weight: float = 1.0


def spoil(sheet: Rendered, shares: MessShares, rng: np.random.Generator, spare: Ints | None = None) -> Messy:
    """Copy and spoil some rows of a sheet, but none of those in ``spare``."""
    n = sheet.clean.num_rows
    order = rng.permutation(n)
    if spare is not None:
        order = order[~np.isin(order, spare)]
    slips = _slips(sheet)
    wanted = _count(rng, len(order), shares.slips) if slips else 0
    acts = _acts(sheet, slips, order[:wanted].tolist(), rng)
    copied = order[wanted : wanted + _count(rng, len(order) - wanted, shares.duplicates)]
    return _assembled(sheet, acts, copied, rng)


def _count(rng: np.random.Generator, n: int, share: float) -> int:
    """Round the wanted number up or down at random, so that small sheets get their share on average."""
    return min(n, int(np.floor(n * share + rng.random())))


@dataclass(frozen=True)
class _Act:
    row: int
    slip: _Slip
    text: str


def _acts(sheet: Rendered, slips: list[_Slip], rows: list[int], rng: np.random.Generator) -> list[_Act]:
    """Give each row a slip that can happen in it; the order of trying is random."""
    weights = np.array([slip.weight for slip in slips])
    acts = []
    for row in rows:
        for at in np.argsort(rng.random(len(slips)) ** (1 / weights))[::-1].tolist():
            old = sheet.cells[slips[at].field][row].as_py()
            new = slips[at].write(str(old), row) if old is not None else None
            if new is not None and new != str(old):
                acts.append(_Act(row, slips[at], new))
                break
    return acts


def _assembled(sheet: Rendered, acts: list[_Act], copied: Ints, rng: np.random.Generator) -> Messy:
    """Put the rows in their final order: a copy some rows below its original, a wrong version right above the right."""
    n = sheet.clean.num_rows
    twice = [act for act in acts if act.slip.kind == _CONFLICT]
    conflicts = np.array([act.row for act in twice], dtype=np.int64)
    below = np.minimum(copied + 1 + np.floor(rng.random(len(copied)) * 20).astype(np.int64), n - 1)
    source = np.concatenate([np.arange(n, dtype=np.int64), copied, conflicts])
    place = np.concatenate([np.arange(n) * 3 + 1, below * 3 + 2, conflicts * 3])
    order = np.argsort(place, kind="stable")
    final = np.empty(len(source), dtype=np.int64)
    final[order] = np.arange(len(source))
    spots = {id(act): int(final[act.row]) for act in acts}
    spots |= {id(act): int(final[n + len(copied) + i]) for i, act in enumerate(twice)}
    columns, plain = [], []
    for i, cells in enumerate(sheet.cells):
        changed = {spots[id(act)]: act.text for act in acts if act.slip.field == i}
        column, text = _with_changes(cells.take(pa.array(source[order])), sheet.kinds[i], changed)
        columns.append(column)
        plain.append(text)
    notes = [(spots[id(act)], act.slip.kind, sheet.fields[act.slip.field].column, act.slip.effect) for act in acts]
    notes += [(int(final[n + i]), "copy", "", Effect.DUPLICATE) for i in range(len(copied))]
    lost = [act.row for act in acts if act.slip.effect is Effect.QUARANTINED and act.slip.kind != _CONFLICT]
    return Messy(columns, plain, sorted(notes), final[:n], np.array(sorted(lost), dtype=np.int64))


def _with_changes(column: Arrow, kind: Cell, changed: dict[int, str]) -> tuple[Arrow, Flags]:
    plain = np.zeros(len(column), dtype=bool)
    if kind is not Cell.TEXT:
        is_number = pc.match_substring_regex(column, r"^-?[0-9.]+$")
        plain |= np.asarray(pc.fill_null(pc.invert(is_number), False))
    if changed:
        mask = np.zeros(len(column), dtype=bool)
        mask[list(changed)] = True
        texts = pa.array([changed[row] for row in sorted(changed)], pa.string()).cast(column.type)
        column = pc.replace_with_mask(column, pa.array(mask), texts)
        plain |= mask
    return column, plain


_CONFLICT = "conflicting-duplicate"
#: What cannot stand in a cell that has a type.
_TEXT_ONLY = frozenset({"not-a-date", "not-money", "not-an-integer", "unit-in-cell", "full-width"})


def _slips(sheet: Rendered) -> list[_Slip]:
    """List what can go wrong in this sheet. The kinds of quarantined rows are the problem codes of ingest."""
    found: list[_Slip] = []
    for i, entry in enumerate(sheet.fields):
        column = column_of(sheet.contract, entry.column)
        key = entry.column in sheet.contract.key
        match column.kind:
            case Kind.USCC:
                found.append(_Slip("bad-uscc-check", i, Effect.QUARANTINED, _wrong_check, 2.0))
                found.append(_Slip("lower-case-uscc", i, Effect.WARNED, lambda old, row: old.lower(), 1.5))
            case Kind.DATE:
                found.append(_Slip("not-a-date", i, Effect.QUARANTINED, _impossible(sheet), 0.5))
                if not column.future:
                    found.append(_Slip("future-date", i, Effect.QUARANTINED, _distant(sheet, i), 0.3))
            case Kind.CATEGORY:
                found.append(_Slip("unknown-level", i, Effect.QUARANTINED, lambda old, row: "待核实", 0.4))
            case Kind.MONEY:
                found.append(_Slip("not-money", i, Effect.QUARANTINED, lambda old, row: "面议", 0.3))
                found.append(_Slip("unit-in-cell", i, Effect.ACCEPTED, _with_unit(entry, sheet), 0.5))
            case Kind.INTEGER if not key:
                found.append(_Slip("not-an-integer", i, Effect.QUARANTINED, lambda old, row: f"约{old}", 0.3))
                found.append(_Slip("full-width", i, Effect.ACCEPTED, lambda old, row: to_full_width(old), 0.3))
            case Kind.CODE if column.required and not key:
                found.append(_Slip("required-missing", i, Effect.QUARANTINED, lambda old, row: "", 0.3))
        if column.kind in (Kind.MONEY, Kind.TEXT) and not key and not column.required:
            found.append(_Slip(_CONFLICT, i, Effect.QUARANTINED, _another(column, sheet, i), 0.15))
    return [slip for slip in found + _broken_rules(sheet) if not (sheet.typed and slip.kind in _TEXT_ONLY)]


def _broken_rules(sheet: Rendered) -> list[_Slip]:
    """For every rule that one day is not before another: write the later one a year before the earlier."""
    places = {entry.column: i for i, entry in enumerate(sheet.fields)}
    found = []
    for rule in sheet.contract.rules:
        if rule.warning or len(rule.columns) != 2:
            continue
        later, earlier = rule.columns
        if f"{later} >= {earlier}" != rule.holds or later not in places or earlier not in places:
            continue
        found.append(_Slip(rule.code, places[later], Effect.QUARANTINED, _too_early(sheet, earlier), 1.0))
    return found


def _wrong_check(old: str, row: int) -> str | None:
    return old[:-1] + ALPHABET[(ALPHABET.index(old[-1]) + 1) % len(ALPHABET)]


def _impossible(sheet: Rendered) -> Callable[[str, int], str | None]:
    """Give 30 February in the sheet's own style."""
    texts = {DateStyle.CHINESE: "2024年2月30日", DateStyle.SLASHES: "2024/2/30", DateStyle.COMPACT: "20240230"}
    return lambda old, row: texts.get(sheet.dates, "2024-02-30")


def _distant(sheet: Rendered, i: int) -> Callable[[str, int], str | None]:
    def write(old: str, row: int) -> str | None:
        value = sheet.clean[sheet.fields[i].column][row].as_py()
        if value is None or _would_break(sheet, sheet.fields[i].column):
            return None
        return _plain_date(sheet, value.replace(year=2062, day=min(value.day, 28)))

    return write


def _would_break(sheet: Rendered, column: str) -> bool:
    """Tell whether a later date in this column would also break a rule, so that one slip stays one problem."""
    return any(column in rule.columns for rule in sheet.contract.rules) or column in ("known_on", "void_on")


def _too_early(sheet: Rendered, earlier: str) -> Callable[[str, int], str | None]:
    def write(old: str, row: int) -> str | None:
        value = sheet.clean[earlier][row].as_py()
        return None if value is None else _plain_date(sheet, value.replace(year=value.year - 1, day=min(value.day, 28)))

    return write


def _plain_date(sheet: Rendered, value: object) -> str:
    style = DateStyle.ISO if sheet.dates in (DateStyle.CELL, DateStyle.SERIAL) else sheet.dates
    text: str = date_text(pa.array([value], pa.date32()), style)[0].as_py()
    return text


def _with_unit(entry: Field, sheet: Rendered) -> Callable[[str, int], str | None]:
    """Write the amount with its unit behind it: the same value, in 万."""

    def write(old: str, row: int) -> str | None:
        yuan = sheet.clean[entry.column][row].as_py()
        if yuan is None or yuan < 0:
            return None
        fraction = f".{yuan % 10_000:04d}".rstrip("0").rstrip(".")
        return f"{yuan // 10_000}{fraction}万"

    return write


def _another(column: Column, sheet: Rendered, i: int) -> Callable[[str, int], str | None]:
    def write(old: str, row: int) -> str | None:
        if sheet.clean[sheet.fields[i].column][row].as_py() is None:
            return None
        return (
            f"{old}1"
            if column.kind is Kind.MONEY and "." not in old
            else None
            if column.kind is Kind.MONEY
            else f"{old}（旧）"
        )

    return write
