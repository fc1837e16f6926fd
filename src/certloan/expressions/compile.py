"""What an engine runs: a checked tree as SQL text, with the same meaning on DuckDB and on Spark.

Names are quoted, everything compound stands in parentheses, and numbers are doubles wherever something is computed
from them; a bare column keeps the type that it has.
"""

from __future__ import annotations

from itertools import pairwise

from certloan.expressions.functions import FUNCTIONS, LITERAL, NUMBER_AS_TEXT
from certloan.expressions.node import Node, Op, Type

DIALECTS = ("duckdb", "spark")
_QUOTE = {"duckdb": '"', "spark": "`"}
_TEXT = {"duckdb": "varchar", "spark": "string"}


def sql(node: Node, dialect: str, qualify: str | None) -> str:
    """Compile ``node``; a column is named as it is, or behind the table alias ``qualify``."""
    return _Writer(dialect, qualify).write(node)


class _Writer:
    def __init__(self, dialect: str, qualify: str | None) -> None:
        if dialect not in DIALECTS:
            raise ValueError(f"expressions compile to {', '.join(DIALECTS)}, not to {dialect}")
        self.dialect, self.qualify = dialect, qualify

    def write(self, node: Node) -> str:
        args = node.args
        match node.op:
            case Op.COLUMN:
                return self._name(node.word)
            case Op.LITERAL:
                return self._literal(node)
            case Op.NULL:
                return "null"
            case Op.AND | Op.OR:
                return "(" + f" {node.word} ".join(self.write(arg) for arg in args) + ")"
            case Op.NOT:
                return f"(not {self.write(args[0])})"
            case Op.COMPARE:
                left, right = self._alike(args)
                return f"({left} {node.word} {right})"
            case Op.ARITHMETIC:
                left, right = (self._double(arg) for arg in args)
                return f"({left} / nullif({right}, 0e0))" if node.word == "/" else f"({left} {node.word} {right})"
            case Op.NEGATE:
                return f"(- {self._double(args[0])})"
            case Op.IN:
                value, *options = self._alike(args)
                return f"({value} in ({', '.join(options)}))"
            case Op.BETWEEN:
                value, low, high = self._alike(args)
                return f"({value} between {low} and {high})"
            case Op.IS_NULL:
                return f"({self.write(args[0])} is null)"
            case Op.LIKE:
                return f"({self.write(args[0])} like {self.write(args[1])})"
            case Op.CASE:
                return self._case(node)
            case Op.CALL:
                return self._call(node)

    def _name(self, word: str) -> str:
        quote = _QUOTE[self.dialect]
        names = [word] if self.qualify is None else [self.qualify, word]
        return ".".join(quote + name.replace(quote, quote * 2) + quote for name in names)

    def _literal(self, node: Node) -> str:
        if node.type is Type.TEXT:
            return LITERAL[self.dialect](node.word)
        if node.type is Type.DATE:
            return f"date '{node.word}'"
        return node.word if node.type is Type.BOOLEAN or node.plain else f"{node.word}e0"

    def _double(self, node: Node) -> str:
        """Write a number as a double; anything else as it is."""
        if node.type is not Type.NUMBER:
            return self.write(node)
        if node.op is Op.LITERAL:
            return f"{node.word}e0"
        return f"cast({self.write(node)} as double)" if node.op is Op.COLUMN else self.write(node)

    def _alike(self, nodes: tuple[Node, ...]) -> list[str]:
        """Write values that are compared: as they are where no engine would round them, else as doubles."""
        columns = sum(node.op is Op.COLUMN for node in nodes)
        if columns <= 1 and all(node.plain for node in nodes):
            return [self.write(node) for node in nodes]
        return [self._double(node) for node in nodes]

    def _case(self, node: Node) -> str:
        *branches, default = [self._double(arg) for arg in node.args]
        pairs = [pair for place, pair in enumerate(pairwise(branches)) if place % 2 == 0]
        whens = " ".join(f"when {condition} then {result}" for condition, result in pairs)
        return f"(case {whens} else {default} end)"

    def _call(self, node: Node) -> str:
        if node.word == "to_text":
            return self._to_text(node.args[0])
        function = FUNCTIONS[node.word]
        template = function.duckdb if self.dialect == "duckdb" else function.spark
        args = [  # places of constants and date formats are used as they were written
            arg.word
            if place in function.constant and (arg.type is Type.NUMBER or node.word == "to_date")
            else self._double(arg)
            for place, arg in enumerate(node.args)
        ]
        if callable(template):
            return template(*args)
        return template.format(*args, all=", ".join(args))

    def _to_text(self, node: Node) -> str:
        text = _TEXT[self.dialect]
        if node.type is Type.NUMBER:
            return NUMBER_AS_TEXT.format(self._double(node), text=text)
        return f"cast({self.write(node)} as {text})"
