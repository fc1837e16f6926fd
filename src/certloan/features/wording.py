"""An expression in words: columns by their labels, levels by theirs, so that a definition reads as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from certloan.contracts import CONTRACTS
from certloan.contracts.contract import Column, Kind
from certloan.errors import InputError
from certloan.expressions.node import Node, Op, Type
from certloan.features.columns import expression
from certloan.features.relations import RELATIONS
from certloan.i18n import Lang, has, text

#: How a Chinese label of a yes or no begins; a condition says the rest of it.
_WHETHER = "是否"
_SCHEMES = ("scheme", "scheme_root", "scheme_parent")


def worded(name: str, source: str, lang: Lang | str = Lang.ZH) -> str:
    """Say an expression over the columns of relation ``name``; as it is written, where it has no words.

    >>> worded("certificate_state", "weighs and strength >= 3", "en")
    'valid and weighing and strength of proof at least 3'
    >>> worded("inspection", "level in ('national', 'province')", "en")
    'level one of national, province'
    """
    try:
        tree = expression(name, source).tree
    except InputError:
        return f"`{source}`"
    told = _Words(name, Lang(lang)).of(tree)
    return f"`{source}`" if told is None else told


def label(name: str, column: str, lang: Lang | str = Lang.ZH) -> str | None:
    """Give a column's label, stored or prepared; None where it has none."""
    for key in (f"feature.column.{name}.{column}", f"feature.column.any.{column}"):
        if has(key):
            return text(key, lang)
    stored = _stored(name, column)
    if stored is None:
        return None
    if Lang(lang) is Lang.EN:
        return stored.en
    return stored.zh.removeprefix(_WHETHER) if stored.kind is Kind.BOOLEAN else stored.zh


def _stored(name: str, column: str) -> Column | None:
    contract = CONTRACTS.get(RELATIONS[name].table if name in RELATIONS else name)
    return contract.column(column) if contract is not None and column in contract.names else None


class _Words:
    """The words of one tree; whatever has none makes the whole tree have none."""

    def __init__(self, name: str, lang: Lang) -> None:
        self.name, self.lang = name, lang

    def of(self, node: Node) -> str | None:
        ways: dict[Op, Callable[[Node], str | None]] = {
            Op.COLUMN: lambda part: label(self.name, part.word, self.lang),
            Op.LITERAL: lambda part: self._literal(part),
            Op.NULL: lambda _: self._text("unknown"),
            Op.AND: self._both,
            Op.OR: self._either,
            Op.NOT: self._not,
            Op.COMPARE: self._compare,
            Op.IN: self._among,
            Op.BETWEEN: lambda part: self._filled("between", part.args),
            Op.IS_NULL: lambda part: self._filled("is_unknown", part.args),
            Op.ARITHMETIC: self._sum,
            Op.NEGATE: lambda part: self._filled("minus", part.args),
            Op.CASE: self._case,
            Op.CALL: self._call,
        }
        way = ways.get(node.op)
        return way(node) if way else None

    def _text(self, key: str, **facts: object) -> str:
        return text(f"feature.words.{key}", self.lang, **facts)

    def _filled(self, key: str, args: Sequence[Node]) -> str | None:
        told = [self._inner(arg) for arg in args]
        if None in told or not has(f"feature.words.{key}"):
            return None
        return self._text(key, **{f"a{place}": words for place, words in enumerate(told)})

    def _inner(self, node: Node) -> str | None:
        """Put brackets round what would run into its surroundings."""
        told = self.of(node)
        return f"({told})" if told and node.op in (Op.AND, Op.OR, Op.ARITHMETIC, Op.CASE) else told

    def _both(self, node: Node) -> str | None:
        told = [self.of(arg) if arg.op is Op.AND else self._inner(arg) for arg in node.args]
        return None if None in told else self._text("and").join(words for words in told if words)

    def _either(self, node: Node) -> str | None:
        told = [self.of(arg) if arg.op is Op.OR else self._inner(arg) for arg in node.args]
        return None if None in told else self._text("or").join(words for words in told if words)

    def _not(self, node: Node) -> str | None:
        inner = node.args[0]
        if inner.op is Op.IS_NULL:
            return self._filled("is_known", inner.args)
        return self._among(inner, "none_of") if inner.op is Op.IN else self._filled("not", node.args)

    def _compare(self, node: Node) -> str | None:
        left, right = node.args
        keys = {"=": "equal", "<>": "differs", ">": "above", "<": "below", ">=": "at_least", "<=": "at_most"}
        return self._paired(keys[node.word], left, [right]) if node.word in keys else None

    def _among(self, node: Node, key: str = "one_of") -> str | None:
        return self._paired("equal" if key == "one_of" and len(node.args) == 2 else key, node.args[0], node.args[1:])

    def _paired(self, key: str, left: Node, rights: Sequence[Node]) -> str | None:
        column = next((part.word for part in left.walk() if part.op is Op.COLUMN), "")
        told = [self._literal(right, column) if right.op is Op.LITERAL else self._inner(right) for right in rights]
        first = self._inner(left)
        if first is None or None in told:
            return None
        return self._text(key, a0=first, a1=self._text("list").join(words for words in told if words))

    def _literal(self, node: Node, column: str = "") -> str:
        """Give a level its label: its own, the scheme's, the contract's, else its code."""
        if node.type is not Type.TEXT:
            key = {"true": "yes", "false": "no"}.get(node.word)
            return self._text(key) if key else node.word
        if not node.word:
            return self._text("empty")
        own = "scheme" if column in _SCHEMES else column
        levels = [f"feature.word.{own}.{node.word}", f"feature.dimension.{node.word}"] if own else []
        for key in (*levels, *([] if own else [f"feature.level.{node.word}"])):
            if has(key):
                return text(key, self.lang)
        stored = _stored(self.name, column)
        if self.lang is Lang.ZH and stored is not None and node.word in stored.levels:
            return stored.levels[node.word][0]
        return node.word.replace("_", " ") if self.lang is Lang.EN else f"“{node.word}”"

    def _sum(self, node: Node) -> str | None:
        left, right = (self._inner(arg) for arg in node.args)
        over, times = (" ÷ ", " × ") if self.lang is Lang.ZH else (" over ", " times ")
        signs = {"+": " + ", "-": " - ", "*": times, "/": over}
        return None if left is None or right is None or node.word not in signs else left + signs[node.word] + right

    def _case(self, node: Node) -> str | None:
        *pairs, default = node.args
        told = [self.of(arg) for arg in node.args]
        if None in told:
            return None
        steps = [self._text("when", a0=told[at], a1=told[at + 1]) for at in range(0, len(pairs), 2)]
        last = [] if default.op is Op.NULL else [self._text("else", a0=told[-1])]
        return self._text("steps").join((*steps, *last))

    def _call(self, node: Node) -> str | None:
        if node.word == "coalesce" and len(node.args) == 2:
            first, second = node.args
            column = next((part.word for part in first.walk() if part.op is Op.COLUMN), "")
            if second.op is Op.LITERAL and second.word == "false":
                return self.of(first)
            told = self._inner(first)
            other = self._literal(second, column) if second.op is Op.LITERAL else self._inner(second)
            return None if told is None or other is None else self._text("coalesce", a0=told, a1=other)
        if node.word == "concat" and node.args[0].op is Op.LITERAL:  # a mark before a code says nothing to a reader
            return self.of(node.args[1]) if len(node.args) == 2 else None
        return self._filled(f"call.{node.word}", node.args)
