"""Slips of the keyboard and of programs, one kind after another: what each makes of a cell, and of its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import pyarrow as pa

from certloan.contracts import Column, Kind
from certloan.world.codes import ALPHABET
from certloan.world.rendering import DateStyle, Field, Rendered, column_of, date_text, to_full_width


class Effect(StrEnum):
    """What a careful reader makes of a messy row."""

    QUARANTINED = "quarantined"  # put aside
    WARNED = "warned"  # kept, and reported
    ACCEPTED = "accepted"  # read as if nothing were wrong
    DUPLICATE = "duplicate"  # says nothing new
    SUPERSEDES = "supersedes"  # corrects an earlier delivery


@dataclass(frozen=True)
class Slip:
    """One kind of slip in one field: gives the new text of a row of the sheet, or ``None`` where it cannot happen."""

    kind: str
    field: int
    effect: Effect
    write: Callable[[str, int], str | None]
    weight: float = 1.0


CONFLICT = "conflicting-duplicate"
#: What cannot stand in a cell that has a type.
_TEXT_ONLY = frozenset(
    {"not-a-date", "not-money", "not-an-integer", "unit-in-cell", "full-width", "incident-without-date"}
)

#: Cells that cannot be read, or cannot be true.
_OF_CELLS = frozenset({"not-a-date", "future-date", "unknown-level", "not-money", "not-an-integer"})

#: One row lost here would make every certificate of a body look unlicensed: somebody reads such a list before sending it.
_SHORT_REGISTERS = ("certification_body",)


def slips_of(sheet: Rendered) -> list[Slip]:
    """List what can go wrong in this sheet. The kinds of quarantined rows are the problem codes of ingest."""
    found: list[Slip] = []
    for i, entry in enumerate(sheet.fields):
        column = column_of(sheet.contract, entry.column)
        key = entry.column in sheet.contract.key
        match column.kind:
            case Kind.USCC:
                found.append(Slip("bad-uscc-check", i, Effect.QUARANTINED, _wrong_check, 2.0))
                found.append(Slip("lower-case-uscc", i, Effect.WARNED, lambda old, row: old.lower(), 1.5))
            case Kind.DATE:
                found.append(Slip("not-a-date", i, Effect.QUARANTINED, _impossible(sheet), 0.5))
                if not column.future:
                    found.append(Slip("future-date", i, Effect.QUARANTINED, _distant(sheet, i), 0.3))
            case Kind.CATEGORY:
                found.append(Slip("unknown-level", i, Effect.QUARANTINED, lambda old, row: "待核实", 0.4))
            case Kind.MONEY:
                found.append(Slip("not-money", i, Effect.QUARANTINED, lambda old, row: "面议", 0.3))
                found.append(Slip("unit-in-cell", i, Effect.ACCEPTED, _with_unit(entry, sheet), 0.5))
            case Kind.INTEGER if not key:
                found.append(Slip("not-an-integer", i, Effect.QUARANTINED, lambda old, row: f"约{old}", 0.3))
                found.append(Slip("full-width", i, Effect.ACCEPTED, lambda old, row: to_full_width(old), 0.3))
            case Kind.CODE if column.required and not key:
                found.append(Slip("required-missing", i, Effect.QUARANTINED, lambda old, row: "", 0.3))
        if column.kind in (Kind.MONEY, Kind.TEXT) and not key and not column.required:
            found.append(Slip(CONFLICT, i, Effect.QUARANTINED, _another(column, sheet, i), 0.15))
    every = found + _broken_rules(sheet) + _contradictions(sheet)
    if sheet.contract.table in _SHORT_REGISTERS:
        every = [slip for slip in every if slip.effect is not Effect.QUARANTINED]
    return [_as_read(slip, sheet) for slip in every if not (sheet.typed and slip.kind in _TEXT_ONLY)]


def _as_read(slip: Slip, sheet: Rendered) -> Slip:
    """Keep the record that speaks against a firm: it is not lost by a cell that it can do without."""
    column = column_of(sheet.contract, sheet.fields[slip.field].column)
    if slip.kind not in _OF_CELLS or not sheet.contract.spares(column):
        return slip
    kind = "unreadable-cell-taken-for" if column.unread_as else "unreadable-cell-left-empty"
    return replace(slip, kind=kind, effect=Effect.WARNED)


def _broken_rules(sheet: Rendered) -> list[Slip]:
    """For every rule that one day is not before another: write the later one a year before the earlier."""
    places = {entry.column: i for i, entry in enumerate(sheet.fields)}
    found = []
    for rule in sheet.contract.rules:
        if rule.warning or len(rule.columns) != 2:
            continue
        later, earlier = rule.columns
        if f"{later} >= {earlier}" != rule.holds or later not in places or earlier not in places:
            continue
        found.append(Slip(rule.code, places[later], Effect.QUARANTINED, _too_early(sheet, earlier), 1.0))
    return found


def _contradictions(sheet: Rendered) -> list[Slip]:
    """What contradicts itself, or other records, and is kept nevertheless: the kinds are ingest's warnings."""
    places = {entry.column: i for i, entry in enumerate(sheet.fields)}
    kinds: dict[str, list[tuple[str, str, float, Callable[[str, int], str | None]]]] = {
        "credit_month": [("overdue-but-normal", "five_class", 30.0, _called_normal(sheet))],
        "incident": [("incident-without-date", "occurred_on", 8.0, _undated_penalty(sheet))],
        "programme": [("more-closed-than-found", "problems_closed", 2.0, _more_than_found(sheet))],
        "certificate": [
            ("certificate-body-unknown", "body_no", 0.7, lambda old, row: "CNCA-R-2031-999"),
            ("certificate-number-shared", "certificate_no", 0.7, _number_of_another(sheet)),
        ],
        "certificate_event": [("event-before-issue", "event_on", 0.7, _long_before(sheet, "event_on"))],
    }
    return [
        Slip(kind, places[column], Effect.WARNED, write, weight)
        for kind, column, weight, write in kinds.get(sheet.contract.table, [])
        if column in places
    ]


def _called_normal(sheet: Rendered) -> Callable[[str, int], str | None]:
    """Five-class 正常 with more than 120 days past due."""
    late = sheet.clean["days_past_due"].to_numpy() if "days_past_due" in sheet.clean.column_names else None
    return lambda old, row: "正常" if late is not None and late[row] > 120 else None


def _undated_penalty(sheet: Rendered) -> Callable[[str, int], str | None]:
    return lambda old, row: "" if sheet.clean["kind"][row].as_py() == "penalty" else None


def _more_than_found(sheet: Rendered) -> Callable[[str, int], str | None]:
    def write(old: str, row: int) -> str | None:
        found = sheet.clean["problems_found"][row].as_py()
        return None if found is None else str(found + 3)

    return write


def _number_of_another(sheet: Rendered) -> Callable[[str, int], str | None]:
    """The number of the certificate some rows below, if another firm holds it in the same role."""

    def write(old: str, row: int) -> str | None:
        clean, other = sheet.clean, (row + 7) % sheet.clean.num_rows
        differs = clean["uscc"][row].as_py() != clean["uscc"][other].as_py()
        alike = clean["role"][row].as_py() == clean["role"][other].as_py()
        number: str = clean["certificate_no"][other].as_py()
        return number if differs and alike else None

    return write


def _long_before(sheet: Rendered, column: str) -> Callable[[str, int], str | None]:
    """Twenty years too early: before any certificate of the world was issued."""

    def write(old: str, row: int) -> str | None:
        value = sheet.clean[column][row].as_py()
        return _plain_date(sheet, value.replace(year=value.year - 20, day=min(value.day, 28)))

    return write


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
