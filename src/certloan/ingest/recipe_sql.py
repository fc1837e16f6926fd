"""A checked rule of a recipe, compiled to DuckDB SQL over the staged text columns ``c0`` to ``cN``.

A cell that is not of the type its recipe declares is never turned into *missing*: its text goes, as it stands, into
every column of ours that is computed from it, where the contract finds it and puts the row aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from certloan.contracts import CONTRACTS, KNOWN_ON, VOID_ON, Column, Kind
from certloan.expressions import Expression, Type, parse
from certloan.ingest.headings import normalise
from certloan.ingest.projection import FileProblem, Projection
from certloan.ingest.recipe_parts import ColumnRule, SheetKind, SourceColumn, TableRule

#: Date formats tried where a recipe names none; all have four-digit years.
DEFAULT_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日")
_DIALECT = "duckdb"
# Names are found again in compiled SQL behind this alias; the language refuses unprintable characters, so no text that
# a recipe's author wrote can look like one.
_MARK = "\x1f"
_MARKED = re.compile(f'"{_MARK}"[.]"([^"]+)"')


def target(table: str, column: str) -> Column | None:
    """Give a column of our table, its two dates of knowing included; ``None`` if there is none of that name."""
    columns = {entry.name: entry for entry in (*CONTRACTS[table].columns, KNOWN_ON, VOID_ON)}
    return columns.get(column)


def scope(kind: SheetKind) -> dict[str, Type]:
    """Give the names that expressions over this kind of sheet may use, with their types.

    Raises ``InputError`` if a derived name cannot be parsed.
    """
    names = {name: column.type for name, column in kind.columns.items()}
    for name, source in kind.derived.items():
        names[name] = parse(source, names, expect=None).type
    return names


def headers_used(kind: SheetKind, rule: TableRule) -> frozenset[str]:
    """Give the headers that a rule reads, through derived names too."""
    names = scope(kind)
    sources = [source for column in rule.columns for source in column.expressions]
    wheres = [rule.where] if rule.where else []
    used = frozenset(
        name for source in (*sources, *wheres) for name in behind(kind, parse(source, names, expect=None).columns)
    )
    return frozenset(header for name in used for header in kind.columns[name].headers)


def behind(kind: SheetKind, names: frozenset[str]) -> frozenset[str]:
    """Replace derived names by the columns of the sheet that they come from."""
    found: set[str] = set()
    for name in names:
        if name in kind.derived:
            found |= behind(kind, parse(kind.derived[name], _earlier(kind, name), expect=None).columns)
        else:
            found.add(name)
    return frozenset(found)


def compile_rule(
    kind: SheetKind,
    rule: TableRule,
    header: Sequence[str],
    *,
    opaque_key: bool,
    notes: tuple[FileProblem, ...] = (),
) -> Projection:
    """Compile a table's rule for a sheet with this header.

    A column all of whose headers are optional and absent is left out: missing in the file.
    """
    sheet = _Sheet(kind, scope(kind), _positions(kind, header))
    columns: dict[str, str] = {}
    for column in rule.columns:
        sql = sheet.column(rule.table, column)
        if sql is not None:
            columns[column.column] = sql
    kept = [column for column in rule.columns if column.column in columns]
    return Projection(
        contract=CONTRACTS[rule.table],
        columns=columns,
        units={column.column: column.unit for column in kept if column.unit is not None},
        values={column.column: column.values for column in kept if column.values is not None},
        opaque_key=opaque_key,
        where=None if rule.where is None else sheet.keeps(rule.where),
        notes=notes,
    )


@dataclass(frozen=True)
class _Sheet:
    """One sheet under one header: where each name of the recipe is found."""

    kind: SheetKind
    names: Mapping[str, Type]
    positions: Mapping[str, int]

    def column(self, table: str, rule: ColumnRule) -> str | None:
        """Write the SQL of one column of ours, as text; ``None`` if nothing that it needs is in the sheet."""
        if rule.constant is not None:
            return _quoted(rule.constant)
        parsed = [parse(source, self.names, expect=None) for source in rule.expressions]
        inputs = sorted({name for one in parsed for name in behind(self.kind, one.columns)})
        if inputs and not any(name in self.positions for name in inputs):
            return None
        wanted = target(table, rule.column)
        texts = [_as_text(self.sql(one), one.type, wanted.kind if wanted else Kind.TEXT) for one in parsed]
        text = texts[0] if len(texts) == 1 else _joined(texts, rule.separator)
        if rule.missing:
            words = ", ".join(_quoted(word) for word in rule.missing)
            text = f"case when trim({text}) in ({words}) then null else {text} end"
        return self._with_bad_cells(text, inputs)

    def keeps(self, where: str) -> str:
        """Write the condition that keeps a row; a row with an unreadable cell is kept, to be put aside by name."""
        parsed = parse(where, self.names)
        bad = [self._is_bad(name) for name in sorted(behind(self.kind, parsed.columns))]
        return " or ".join([f"coalesce(({self.sql(parsed)}), false)", *(test for test in bad if test is not None)])

    def sql(self, expression: Expression) -> str:
        """Write an expression over the staged columns instead of the recipe's names."""
        return _MARKED.sub(lambda found: f"({self._name(found[1])})", expression.sql(_DIALECT, qualify=_MARK))

    def _name(self, name: str) -> str:
        if name in self.kind.derived:
            return self.sql(parse(self.kind.derived[name], _earlier(self.kind, name), expect=None))
        return _typed(self.kind.columns[name], self.positions.get(name))

    def _with_bad_cells(self, text: str, inputs: Sequence[str]) -> str:
        whens = [
            f"when {test} then c{self.positions[name]}" for name in inputs if (test := self._is_bad(name)) is not None
        ]
        return f"case {' '.join(whens)} else {text} end" if whens else text

    def _is_bad(self, name: str) -> str | None:
        """Write the test that a cell says something which is not of its declared type; text never is."""
        column, position = self.kind.columns[name], self.positions.get(name)
        if position is None or column.type is Type.TEXT:
            return None
        return f"(nullif(trim(c{position}), '') is not null and ({_typed(column, position)}) is null)"


def _earlier(kind: SheetKind, name: str) -> dict[str, Type]:
    """The names that a derived one may use: the sheet's columns and what was derived before it."""
    names = {column.name: column.type for column in kind.columns.values()}
    for other, source in kind.derived.items():
        if other == name:
            break
        names[other] = parse(source, names, expect=None).type
    return names


def _positions(kind: SheetKind, header: Sequence[str]) -> dict[str, int]:
    at: dict[str, int] = {}
    for position, name in enumerate(header):
        at.setdefault(normalise(name), position)
    found: Iterator[tuple[str, int]] = (
        (column.name, at[normalise(spelling)])
        for column in kind.columns.values()
        for spelling in reversed(column.headers)  # so that the first spelling wins
        if normalise(spelling) in at
    )
    return dict(found)


def _typed(column: SourceColumn, position: int | None) -> str:
    """Write one staged cell as its declared type; null where it is empty, absent or not of that type."""
    if position is None:
        kinds = {Type.NUMBER: "double", Type.DATE: "date"}
        return f"cast(null as {kinds.get(column.type, 'varchar')})"
    cell = f"trim(c{position})"
    if column.type is Type.NUMBER:
        bare = f"regexp_replace({cell}, '[,，$￥¥\\s]', '', 'g')"
        return f"case when isfinite(try_cast({bare} as double)) then try_cast({bare} as double) end"
    if column.type is Type.DATE:
        formats = ", ".join(_quoted(entry) for entry in column.formats or DEFAULT_FORMATS)
        read = f"cast(try_strptime({cell}, [{formats}]) as date)"
        return read if column.not_after is None else _in_century(read, column.not_after)
    return f"nullif({cell}, '')"


def _in_century(read: str, not_after: date) -> str:
    """Move a date that would lie after the last possible day back by a century: ``69`` is not 2069."""
    return (
        f"case when {read} > date '{not_after.isoformat()}'"
        f" then cast({read} - interval 100 year as date) else {read} end"
    )


def _as_text(sql: str, has: Type, kind: Kind) -> str:
    """Write a value as the text that a file would hold, so that the contract reads it like any other cell."""
    if has is Type.TEXT:
        return sql
    plain = f"cast({sql} as varchar)"
    if has is Type.NUMBER and kind in (Kind.INTEGER, Kind.MONEY):  # a double's own text would be 3.0 or 1e+16
        exact = f"regexp_replace(cast(try_cast({sql} as decimal(38, 6)) as varchar), '[.]?0+$', '')"
        return f"coalesce({exact}, {plain})"
    return plain


def _joined(texts: Sequence[str], separator: str) -> str:
    """Join parts of a key; unknown as soon as one part is unknown, since such a key would name two records."""
    between = f" || {_quoted(separator)} || "
    return between.join(f"({text})" for text in texts)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"
