"""A recipe's TOML becomes values: which keys there are, and what each may hold.

Nothing here knows our tables. A part that cannot be read is noted and stands empty, so that the rest of the recipe is
still read and checked and its author hears of every problem at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from certloan.errors import InputError
from certloan.expressions import Type
from certloan.ingest.headings import MONEY_UNITS
from certloan.ingest.recipe_parts import (
    ColumnRule,
    Declaration,
    Provenance,
    SheetKind,
    Skip,
    SourceColumn,
    TableRule,
)

_TYPES = {"text": Type.TEXT, "number": Type.NUMBER, "date": Type.DATE}
_KEYS = ("uscc", "opaque")


def read(document: Mapping[str, object]) -> tuple[Declaration, tuple[InputError, ...]]:
    """Read a parsed TOML document; give what it declares and every problem of its shape."""
    reader = _Reader()
    declaration = reader.document(document)
    return declaration, tuple(reader.problems)


def nearest(found: str, allowed: Sequence[str]) -> str:
    """Give the allowed words most like ``found``, or all of them when none is like it.

    >>> nearest("amout", ("amount", "area")), nearest("x", ("amount", "area"))
    ('amount', 'amount / area')
    """
    return " / ".join(get_close_matches(found, allowed, n=3, cutoff=0.6) or allowed)


@dataclass
class _Reader:
    problems: list[InputError] = field(default_factory=list)

    def document(self, document: Mapping[str, object]) -> Declaration:
        self._keys("", document, ("recipe", "sheet", "table", "skip"))
        head = self._table("recipe", document.get("recipe", {}))
        self._keys("recipe", head, ("name", "title", "key", "provenance"))
        title = self._table("recipe.title", head.get("title", {}))
        self._keys("recipe.title", title, ("zh", "en"))
        return Declaration(
            name=self._text("recipe.name", head.get("name")),
            zh=self._text("recipe.title.zh", title.get("zh")),
            en=self._text("recipe.title.en", title.get("en")),
            provenance=self._provenance(head.get("provenance", {})),
            opaque_key=self._choice("recipe.key", head.get("key", "uscc"), _KEYS) == "opaque",
            kinds=tuple(self._kind(place, entry) for place, entry in self._entries("sheet", document)),
            tables=tuple(self._rule(place, entry) for place, entry in self._entries("table", document)),
            skips=tuple(self._skip(place, entry) for place, entry in self._entries("skip", document)),
        )

    def _provenance(self, value: object) -> Provenance:
        place = "recipe.provenance"
        table = self._table(place, value)
        self._keys(place, table, ("source", "licence", "as_of"))
        return Provenance(
            source=self._text(f"{place}.source", table.get("source")),
            licence=self._text(f"{place}.licence", table.get("licence")),
            as_of=self._text(f"{place}.as_of", table.get("as_of")),
        )

    def _kind(self, place: str, entry: Mapping[str, Any]) -> SheetKind:
        self._keys(place, entry, ("name", "files", "sheets", "columns", "derived", "unused", "hindsight"))
        columns = self._table(f"{place}.columns", entry.get("columns", {}))
        return SheetKind(
            name=self._text(f"{place}.name", entry.get("name")),
            files=self._texts(f"{place}.files", entry.get("files", [])),
            sheets=self._texts(f"{place}.sheets", entry.get("sheets", [])),
            columns={name: self._source(f"{place}.columns.{name}", name, value) for name, value in columns.items()},
            derived=self._text_map(f"{place}.derived", entry.get("derived", {})),
            unused=self._text_map(f"{place}.unused", entry.get("unused", {})),
            hindsight=frozenset(self._texts(f"{place}.hindsight", entry.get("hindsight", []))),
        )

    def _source(self, place: str, name: str, value: object) -> SourceColumn:
        if isinstance(value, str | list):
            return SourceColumn(name, self._texts(place, value))
        table = self._table(place, value)
        self._keys(place, table, ("header", "type", "formats", "not_after", "optional"))
        if "header" not in table:
            self._note("recipe-missing-key", f"{place}.header")
        not_after = table.get("not_after")
        if not_after is not None and type(not_after) is not date:
            self._shape(f"{place}.not_after", not_after, "2014-12-31")
            not_after = None
        optional = table.get("optional", False)
        if not isinstance(optional, bool):
            self._shape(f"{place}.optional", optional, "true / false")
        return SourceColumn(
            name,
            self._texts(f"{place}.header", table.get("header", [])),
            _TYPES.get(self._choice(f"{place}.type", table.get("type", "text"), tuple(_TYPES)), Type.TEXT),
            self._texts(f"{place}.formats", table.get("formats", [])),
            not_after,
            optional is True,
        )

    def _rule(self, place: str, entry: Mapping[str, Any]) -> TableRule:
        self._keys(place, entry, ("name", "from", "where", "columns"))
        name = self._text(f"{place}.name", entry.get("name"))
        columns = self._table(f"{place}.columns", entry.get("columns", {}))
        return TableRule(
            table=name,
            kinds=self._texts(f"{place}.from", entry.get("from", [])),
            where=self._text(f"{place}.where", entry["where"]) or None if "where" in entry else None,
            columns=tuple(self._column(f"{place}.columns.{key}", key, value) for key, value in columns.items()),
        )

    def _column(self, place: str, column: str, value: object) -> ColumnRule:
        if isinstance(value, str):
            return ColumnRule(column, (value,))
        table = self._table(place, value)
        self._keys(place, table, ("expr", "join", "value", "map", "missing", "unit", "separator"))
        given = [key for key in ("expr", "join", "value") if key in table]
        if len(given) > 1:
            self._note("recipe-two-rules", place, found=" / ".join(given))
        elif not given:
            self._note("recipe-missing-key", f"{place}.expr")
        joined = self._texts(f"{place}.join", table.get("join", []))
        own = (self._text(f"{place}.expr", table["expr"]),) if "expr" in table else ()
        return ColumnRule(
            column,
            expressions=tuple(source for source in own or joined if source),
            constant=self._word(f"{place}.value", table["value"]) if "value" in table and not own else None,
            values=self._word_map(f"{place}.map", table["map"]) if "map" in table else None,
            missing=self._texts(f"{place}.missing", table.get("missing", [])),
            unit=self._unit(f"{place}.unit", table["unit"]) if "unit" in table else None,
            separator=self._text(f"{place}.separator", table.get("separator", "-")),
        )

    def _skip(self, place: str, entry: Mapping[str, Any]) -> Skip:
        self._keys(place, entry, ("files", "why"))
        files = self._texts(f"{place}.files", entry.get("files", []))
        if not files:
            self._note("recipe-missing-key", f"{place}.files")  # no pattern fits every file, and would skip them all
        return Skip(files, self._text(f"{place}.why", entry.get("why")))

    def _entries(self, key: str, document: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give each entry of an array of tables with its place; named by its own name where it has one."""
        entries = document.get(key, [])
        if not isinstance(entries, list):
            self._shape(key, entries, f"[[{key}]]")
            return
        for number, entry in enumerate(entries, start=1):
            name = entry.get("name") if isinstance(entry, dict) else None
            place = f"{key}[{name if isinstance(name, str) else number}]"
            yield place, self._table(place, entry)

    def _keys(self, place: str, table: Mapping[str, object], allowed: Sequence[str]) -> None:
        for key in table:
            if key not in allowed:
                inside = f"{place}.{key}" if place else key
                self._note("recipe-unknown-key", inside, found=key, expected=nearest(key, allowed))

    def _table(self, place: str, value: object) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self._shape(place, value, f"[{place}]")
        return {}

    def _text(self, place: str, value: object) -> str:
        if value is None or value == "":
            self._note("recipe-missing-key", place)
        elif not isinstance(value, str):
            self._shape(place, value, '"…"')
        return value if isinstance(value, str) else ""

    def _texts(self, place: str, value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            return tuple(value)
        self._shape(place, value, '["…", "…"]')
        return ()

    def _text_map(self, place: str, value: object) -> Mapping[str, str]:
        return {name: self._text(f"{place}.{name}", entry) for name, entry in self._table(place, value).items()}

    def _word_map(self, place: str, value: object) -> Mapping[str, str]:
        return {name: self._word(f"{place}.{name}", entry) for name, entry in self._table(place, value).items()}

    def _word(self, place: str, value: object) -> str:
        """Write a constant as a file would: booleans as true and false, dates in ISO form."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float) or type(value) is date:
            return str(value)
        self._shape(place, value, '"…" / 1 / true / 2014-12-31')
        return ""

    def _unit(self, place: str, value: object) -> Decimal | None:
        chosen = self._choice(place, value, tuple(MONEY_UNITS))
        return MONEY_UNITS.get(chosen)

    def _choice(self, place: str, value: object, allowed: Sequence[str]) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        self._note("recipe-bad-value", place, found=str(value), expected=nearest(str(value), allowed))
        return ""

    def _shape(self, place: str, value: object, expected: str) -> None:
        self._note("recipe-wrong-shape", place, found=str(value), expected=expected)

    def _note(self, code: str, place: str, **facts: object) -> None:
        self.problems.append(InputError(code, place=place, **facts))
