"""The few things that the two engines say differently, as fragments of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Records whose day is not known order before all others.
NO_DAY = "date '0001-01-01'"


@dataclass(frozen=True)
class Dialect:
    """How one engine quotes a name, packs a record, looks back, sets a bit and calls the text type."""

    name: str
    quote_mark: str
    text: str

    def quote(self, name: str) -> str:
        """Quote a column's name.

        >>> DUCKDB.quote("list")
        '"list"'
        """
        return f"{self.quote_mark}{name}{self.quote_mark}"

    def record(self, fields: Mapping[str, str]) -> str:
        """Pack values into one record that orders by its fields from left to right."""
        if self.name == "duckdb":
            return "struct_pack(" + ", ".join(f"{name} := {value}" for name, value in fields.items()) + ")"
        return "named_struct(" + ", ".join(f"'{name}', {value}" for name, value in fields.items()) + ")"

    def newest_before(self, record: str, group: str, order: str) -> str:
        """Give the greatest ``record`` of the rows of a group that lie strictly before, by the record's first field."""
        if self.name == "duckdb":
            frame = f"order by {order} range between unbounded preceding and current row exclude group"
            return f"(max({record}) over (partition by {group} {frame}))"
        return f"array_max(filter(collect_list({record}) over (partition by {group}), e -> e.before < {order}))"

    def bit(self, place: str) -> str:
        """Give the integer whose only set bit stands at ``place`` (0 to 62)."""
        if self.name == "duckdb":
            return f"(cast(1 as bigint) << ({place}))"
        return f"shiftleft(cast(1 as bigint), cast({place} as int))"


def newest_first(value: str, dialect: Dialect, rank: str = "") -> str:
    """Pack a record's value behind what makes it the newest: when it happened, when it was known, then ``rank``.

    Engines differ in whether an unknown value is the greatest or the least: here a known one goes before it.
    """
    ranked = {"weight": rank} if rank else {}
    ordered = {"happened": f"coalesce(happened_on, {NO_DAY})", "known": "known_on", **ranked}
    return dialect.record({**ordered, "told_known": f"{value} is not null", "told": value})


DUCKDB = Dialect("duckdb", '"', "varchar")
SPARK = Dialect("spark", "`", "string")
DIALECTS: Mapping[str, Dialect] = {"duckdb": DUCKDB, "spark": SPARK}
