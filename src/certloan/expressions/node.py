"""The checked tree between what was written and what an engine runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """What a value is. Numbers of every width are one type, computed as IEEE doubles."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"


class Op(StrEnum):
    """What a node does with its arguments."""

    COLUMN = "column"
    LITERAL = "literal"
    NULL = "null"
    AND = "and"
    OR = "or"
    NOT = "not"
    COMPARE = "compare"
    ARITHMETIC = "arithmetic"
    NEGATE = "negate"
    IN = "in"
    BETWEEN = "between"
    IS_NULL = "is null"
    LIKE = "like"
    CASE = "case"
    CALL = "call"


@dataclass(frozen=True)
class Node:
    """One checked step. ``type`` is None only for a bare null, which fits any type.

    ``word`` is the column's name, the literal's text, the operator or the function's name; ``at`` the offset in the
    source where the step begins. A case holds its conditions and results in turn, and its default last.
    """

    op: Op
    type: Type | None
    word: str = ""
    args: tuple[Node, ...] = ()
    at: int = 0

    def walk(self) -> Iterator[Node]:
        """Give this node and everything below it."""
        yield self
        for arg in self.args:
            yield from arg.walk()

    @property
    def plain(self) -> bool:
        """Whether engines compare the value exactly as it is: a column, or a whole number that fits every width."""
        whole = self.op is Op.LITERAL and self.word.lstrip("-").isdigit() and len(self.word) <= 15
        return self.op is Op.COLUMN or whole
