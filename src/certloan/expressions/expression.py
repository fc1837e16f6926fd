"""The one door: text in, a checked and typed expression out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, ParseError

from certloan.expressions import compile as compiling
from certloan.expressions.check import MAX_DEPTH, Checker
from certloan.expressions.node import Node, Op, Type
from certloan.expressions.problems import refuse
from certloan.expressions.screen import Screened, screen


@dataclass(frozen=True)
class Expression:
    """One scalar expression that was checked: what it says, the type it gives, the columns it reads."""

    source: str
    type: Type
    columns: frozenset[str]
    tree: Node = field(repr=False)

    def sql(self, dialect: str = "duckdb", *, qualify: str | None = None) -> str:
        """Give the expression in the engine's SQL; ``qualify`` is a table alias put before every column.

        >>> print(parse("amount > 0", {"amount": Type.NUMBER}).sql(qualify="r"))
        ("r"."amount" > 0)
        """
        return compiling.sql(self.tree, dialect, qualify)


def parse(source: str, columns: Mapping[str, Type], *, expect: Type | None = Type.BOOLEAN) -> Expression:
    """Read one expression over ``columns``; ``expect`` is the type it must give, None for any.

    Unknown (null) spreads as in SQL; dividing by zero, an impossible date or number gives null. Raises
    :class:`InputError` with the place, what was found and what was expected.

    >>> parse("year(issued_on) + 1", {"issued_on": Type.DATE}, expect=Type.NUMBER).columns
    frozenset({'issued_on'})
    >>> parse("amonut > 1", {"amount": Type.NUMBER})
    Traceback (most recent call last):
        ...
    certloan.errors.InputError: expression-unknown-column (expression='amonut > 1', line=1, column=1, offset=0, found='amonut', expected='amount')
    """
    screened = screen(source)
    checker = Checker(source, screened.marks, columns)
    try:
        node = checker.node(_tree(source, screened))
    except RecursionError:
        raise refuse("expression-too-deep", source, 0, found="…", expected=MAX_DEPTH) from None
    if expect is not None:
        node = checker.as_type(node, expect)
    if node.type is None:
        raise refuse("expression-wrong-type", source, 0, found="null", expected=", ".join(expect or Type))
    read = frozenset(part.word for part in node.walk() if part.op is Op.COLUMN)
    return Expression(source, node.type, read, node)


def _tree(source: str, screened: Screened) -> exp.Expr:
    parser = DuckDB().parser(error_level=ErrorLevel.IMMEDIATE)
    try:
        trees = parser.parse_into(exp.Condition, list(screened.tokens), source)
    except ParseError as error:
        raise _refused(source, screened, error) from None
    if len(trees) != 1 or trees[0] is None:
        raise refuse("expression-syntax", source, 0, found=source[:20], expected="=, and, or, …")
    return trees[0]


def _refused(source: str, screened: Screened, error: ParseError) -> Exception:
    """Word the parser's complaint by the place where it stopped, in the user's own text."""
    told = error.errors[0] if error.errors else {}
    line, column = told.get("line") or 1, told.get("col") or 1
    token = next((t for t in screened.tokens if (t.line, t.col) == (line, column)), screened.tokens[-1])
    found = source[token.start : token.end + 1]
    return refuse("expression-syntax", source, token.start, found=found, expected="=, and, or, (, ), …")
