"""What can be wrong with a recipe, found before a row is read: every problem, each with its place.

The rules of a recipe are held against our contracts (:data:`certloan.contracts.CONTRACTS`) and its expressions
against the names of the sheets that they are meant for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from certloan.contracts import CONTRACTS, KNOWN_ON, VOID_ON, Column, Kind
from certloan.errors import InputError
from certloan.expressions import Type, parse
from certloan.ingest.headings import normalise
from certloan.ingest.recipe_parts import ColumnRule, Declaration, SheetKind, SourceColumn, TableRule
from certloan.ingest.recipe_read import nearest
from certloan.ingest.recipe_sql import behind, scope, target

#: What an expression may yield for each kind of column; text is read as a cell of the file would be.
_FITTING: Mapping[Kind, tuple[Type, ...]] = {
    Kind.TEXT: (Type.TEXT,),
    Kind.CODE: (Type.TEXT,),
    Kind.USCC: (Type.TEXT,),
    Kind.CATEGORY: (Type.TEXT,),
    Kind.DATE: (Type.DATE, Type.TEXT),
    Kind.MONTH: (Type.DATE, Type.TEXT),
    Kind.MONEY: (Type.NUMBER, Type.TEXT),
    Kind.NUMBER: (Type.NUMBER, Type.TEXT),
    Kind.INTEGER: (Type.NUMBER, Type.TEXT),
    Kind.BOOLEAN: (Type.BOOLEAN, Type.TEXT),
}
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_HINDSIGHT_TABLE = "outcome"


def check(recipe: Declaration) -> tuple[InputError, ...]:
    """Give every problem of a recipe, in the order in which it is written."""
    problems = [problem for kind in recipe.kinds for problem in _kind(kind)]
    problems += _repeated("sheet", (kind.name for kind in recipe.kinds))
    for key, entries in (("sheet", recipe.kinds), ("table", recipe.tables)):
        if not entries:
            problems.append(InputError("recipe-missing-key", place=f"[[{key}]]"))
    sound = {kind.name: kind for kind in recipe.kinds if not any(_derived(kind))}
    known = tuple(kind.name for kind in recipe.kinds)
    for rule in recipe.tables:
        problems += _table(rule, known, sound)
    problems += _same_target_twice(recipe)
    return tuple(problems)


def _kind(kind: SheetKind) -> Iterator[InputError]:
    place = f"sheet[{kind.name}]"
    if not kind.columns:
        yield InputError("recipe-missing-key", place=f"{place}.columns")
    for name in (*kind.columns, *kind.derived):
        if not _is_name(name):
            yield InputError("recipe-bad-name", place=place, found=name)
    yield from _repeated(place, (*kind.columns, *kind.derived))
    yield from _repeated(place, (normalise(header) for header in kind.known_headers()))
    for name in sorted(kind.hindsight - set(kind.columns)):
        expected = nearest(name, tuple(kind.columns))
        yield InputError("recipe-bad-value", place=f"{place}.hindsight", found=name, expected=expected)
    for column in kind.columns.values():
        yield from _source(f"{place}.columns.{column.name}", column)
    yield from _derived(kind)


def _is_name(name: str) -> bool:
    """Tell whether an expression can use the name; words of the language itself (``end``, ``case``) are none."""
    if not _NAME.fullmatch(name):
        return False
    try:
        return parse(name, {name: Type.TEXT}, expect=None).columns == {name}
    except InputError:
        return False


def _source(place: str, column: SourceColumn) -> Iterator[InputError]:
    if column.formats and column.type is not Type.DATE:
        yield InputError("recipe-bad-value", place=f"{place}.type", found=str(column.type), expected=str(Type.DATE))
    for entry in column.formats:
        bad = re.sub(r"%[YymdbBHMS]|[^%A-Za-z]|[T]", "", entry)
        if bad or "%d" not in entry or not re.search("%[mbB]", entry) or not re.search("%[Yy]", entry):
            yield InputError("recipe-bad-value", place=f"{place}.formats", found=entry, expected="%Y-%m-%d / %d-%b-%y")
        elif "%y" in entry and column.not_after is None:
            yield InputError("recipe-two-digit-year", place=place, found=entry)


def _derived(kind: SheetKind) -> Iterator[InputError]:
    """Parse each derived name over what stands before it; one that fails hides those built on it, no others."""
    names: dict[str, Type] = {name: column.type for name, column in kind.columns.items()}
    for name, source in kind.derived.items():
        try:
            names[name] = parse(source, names, expect=None).type
        except InputError as error:
            yield InputError("recipe-bad-expression", place=f"sheet[{kind.name}].derived.{name}", why=error)


def _table(rule: TableRule, known: tuple[str, ...], sound: Mapping[str, SheetKind]) -> Iterator[InputError]:
    place = f"table[{rule.table}]"
    if rule.table not in CONTRACTS:
        yield InputError(
            "recipe-unknown-table", place=place, found=rule.table, expected=nearest(rule.table, tuple(CONTRACTS))
        )
        return
    if not rule.kinds:
        yield InputError("recipe-missing-key", place=f"{place}.from")
    for name in rule.kinds:
        if name not in known:
            yield InputError("recipe-bad-value", place=f"{place}.from", found=name, expected=nearest(name, known))
    given = {column.column for column in rule.columns}
    for column in CONTRACTS[rule.table].columns:
        if column.required and column.name not in given:
            yield InputError("recipe-missing-column", place=place, expected=column.name, zh=column.zh, en=column.en)
    allowed = (*CONTRACTS[rule.table].names, KNOWN_ON.name, VOID_ON.name)
    for entry in rule.columns:
        wanted = target(rule.table, entry.column)
        inside = f"{place}.columns.{entry.column}"
        if wanted is None:
            expected = nearest(entry.column, allowed)
            yield InputError("recipe-unknown-column", place=inside, found=entry.column, expected=expected)
        else:
            yield from _column(inside, entry, wanted)
    for kind in (sound[name] for name in rule.kinds if name in sound):
        yield from _expressions(place, rule, kind)


def _column(place: str, rule: ColumnRule, wanted: Column) -> Iterator[InputError]:
    """What can be told of a column's rule without a sheet: its constant, its map, its unit."""
    if rule.constant is not None and not _holds(rule.constant, wanted):
        yield InputError("recipe-bad-value", place=f"{place}.value", found=rule.constant, expected=_expected(wanted))
    if rule.unit is not None and wanted.kind is not Kind.MONEY:
        yield InputError("recipe-bad-value", place=f"{place}.unit", found=str(wanted.kind), expected=str(Kind.MONEY))
    if rule.values is None:
        return
    if wanted.kind not in (Kind.CATEGORY, Kind.BOOLEAN, Kind.CODE):
        expected = f"{Kind.CATEGORY} / {Kind.BOOLEAN} / {Kind.CODE}"
        yield InputError("recipe-map-misplaced", place=f"{place}.map", found=str(wanted.kind), expected=expected)
        return
    for word, code in rule.values.items():
        if not _holds(code, wanted):
            yield InputError(
                "recipe-unknown-level", place=f"{place}.map.{word}", found=code, expected=_expected(wanted, code)
            )


def _expressions(place: str, rule: TableRule, kind: SheetKind) -> Iterator[InputError]:
    """Hold a table's expressions against one kind of sheet: they must parse, fit, and use only what was known."""
    names = scope(kind)
    wheres = [("where", rule.where, None)] if rule.where else []
    sources = [(f"columns.{c.column}", source, c) for c in rule.columns for source in c.expressions]
    for key, source, column in (*wheres, *sources):
        inside = f"{place}.{key}"
        try:
            parsed = parse(source, names, expect=None if column else Type.BOOLEAN)
        except InputError as error:
            yield InputError("recipe-bad-expression", place=f"{inside} ({kind.name})", why=error)
            continue
        late = sorted(behind(kind, parsed.columns) & kind.hindsight)
        if late and rule.table != _HINDSIGHT_TABLE:
            yield InputError("recipe-hindsight", place=inside, found=", ".join(late), expected=_HINDSIGHT_TABLE)
        wanted = target(rule.table, column.column) if column else None
        if column and wanted:
            fitting = _fitting(column, wanted)
            if parsed.type not in fitting:
                expected = " / ".join(fitting)
                yield InputError(
                    "recipe-wrong-type", place=f"{inside} ({kind.name})", found=str(parsed.type), expected=expected
                )


def _fitting(rule: ColumnRule, wanted: Column) -> tuple[Type, ...]:
    if rule.values is not None or rule.missing:
        return (Type.TEXT,)  # words are compared with words
    return tuple(Type) if len(rule.expressions) > 1 else _FITTING[wanted.kind]


def _same_target_twice(recipe: Declaration) -> Iterator[InputError]:
    """Two rules may fill one table from one kind of sheet only if each says which rows it takes."""
    seen: dict[tuple[str, str], list[str | None]] = {}
    for rule in recipe.tables:
        for kind in rule.kinds:
            before = seen.setdefault((rule.table, kind), [])
            if before and (rule.where is None or rule.where in before or None in before):
                yield InputError("recipe-two-rules", place=f"table[{rule.table}].from", found=kind)
            before.append(rule.where)


def _repeated(place: str, names: Iterable[str]) -> list[InputError]:
    told = list(names)
    again = {name for name in told if name and told.count(name) > 1}
    return [InputError("recipe-repeated", place=place, found=name) for name in sorted(again)]


def _holds(constant: str, wanted: Column) -> bool:
    """Tell whether a column may hold a constant, written as the recipe writes it."""
    match wanted.kind:
        case Kind.CATEGORY:
            return constant in wanted.levels
        case Kind.BOOLEAN:
            return constant in ("true", "false")
        case Kind.DATE | Kind.MONTH:
            return _is_iso_date(constant)
        case Kind.MONEY | Kind.NUMBER | Kind.INTEGER:
            return _number_fits(constant, wanted)
        case _:
            return constant.strip() != ""


def _is_iso_date(constant: str) -> bool:
    try:
        return date.fromisoformat(constant).isoformat() == constant
    except ValueError:
        return False


def _number_fits(constant: str, wanted: Column) -> bool:
    try:
        value = Decimal(constant)
    except InvalidOperation:
        return False
    whole = wanted.kind is not Kind.INTEGER or value == value.to_integral_value()
    above = wanted.low is None or value >= Decimal(str(wanted.low))
    below = wanted.high is None or value <= Decimal(str(wanted.high))
    return value.is_finite() and whole and above and below


def _expected(wanted: Column, found: str = "") -> str:
    if wanted.kind is Kind.CATEGORY:
        return nearest(found, tuple(wanted.levels))
    if wanted.kind is Kind.BOOLEAN:
        return "true / false"
    return str(wanted.kind)
