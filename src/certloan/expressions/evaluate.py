"""An expression over one row, without an engine: where starting one would take longer than the answer.

The meaning is that of the compiled SQL, bit for bit: numbers are doubles wherever something is computed from them, a
bare column keeps the value that it has (whole number, decimal or double), and unknown is ``None``. A test holds the two
to each other.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from certloan.expressions.expression import Expression
from certloan.expressions.functions_here import FUNCTIONS_HERE
from certloan.expressions.node import Node, Op, Type

#: What a column or an expression may hold: None, bool, int, Decimal, float, str or date.
Value = Any
Row = Mapping[str, Value]
Evaluator = Callable[[Row], Value]

_COMPARE: Mapping[str, Callable[[Value, Value], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS = 1 << 64


def evaluator(expression: Expression) -> Evaluator:
    """Give the function that computes the expression of a row.

    >>> from certloan.expressions import parse
    >>> evaluator(parse("n / 2 > 1", {"n": Type.NUMBER}))({"n": 3})
    True
    """
    return _of(expression.tree)


def double(value: Value) -> float | None:
    """Turn a number into a double as the engine does.

    >>> double(Decimal("0.10")), double(None)
    (0.1, None)
    """
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, Decimal):
        sign, digits, exponent = value.as_tuple()
        whole = int("".join(map(str, digits)) or "0") * (-1 if sign else 1)
        return _whole(whole) / 10.0 ** -int(exponent)
    return _whole(value)


def _whole(value: int) -> float:
    if -_WORDS < value < _WORDS:
        return float(value)
    # Wider numbers are converted in two words, each rounded by itself.
    high, low = divmod(abs(value), _WORDS)
    found = float(high) * float(_WORDS) + float(low)
    return found if value >= 0 else -found


def _of(node: Node) -> Evaluator:
    match node.op:
        case Op.COLUMN:
            return operator.itemgetter(node.word)
        case Op.LITERAL:
            return _constant(_literal(node))
        case Op.NULL:
            return _constant(None)
        case Op.AND | Op.OR:
            return _logic(node)
        case Op.NOT:
            return _not(_of(node.args[0]))
        case Op.COMPARE:
            left, right = _alike(node.args)
            return _compare(_COMPARE[node.word], left, right)
        case Op.ARITHMETIC:
            return _arithmetic(node)
        case Op.NEGATE:
            return _strict(operator.neg, [_double(node.args[0])])
        case Op.IN:
            return _in(node)
        case Op.BETWEEN:
            return _between(node)
        case Op.IS_NULL:
            inner = _of(node.args[0])
            return lambda row: inner(row) is None
        case Op.LIKE:
            return _like(node)
        case Op.CASE:
            return _case(node)
        case Op.CALL:
            return _call(node)


def _constant(value: Value) -> Evaluator:
    return lambda row: value


def _literal(node: Node) -> Value:
    if node.type is Type.NUMBER:
        return Decimal(node.word) if not node.word.lstrip("-").isdigit() else int(node.word)
    if node.type is Type.BOOLEAN:
        return node.word.lower() == "true"
    if node.type is Type.DATE:
        from datetime import date

        return date.fromisoformat(node.word)
    return node.word


def _double(node: Node) -> Evaluator:
    """Give a number as a double, anything else as it is."""
    inner = _of(node)
    if node.type is not Type.NUMBER:
        return inner
    if node.op is Op.LITERAL:
        return _constant(float(node.word))
    return (lambda row: double(inner(row))) if node.op is Op.COLUMN else inner


def _alike(nodes: tuple[Node, ...]) -> list[Evaluator]:
    """Give values that are compared: as they are where the engine compares them so, else as doubles."""
    columns = sum(node.op is Op.COLUMN for node in nodes)
    if columns <= 1 and all(node.plain for node in nodes):
        return [_of(node) for node in nodes]
    return [_double(node) for node in nodes]


def _strict(function: Callable[..., Value], args: list[Evaluator]) -> Evaluator:
    """Unknown spreads: the function is called only where every argument is known."""
    if len(args) == 1:
        (only,) = args

        def of_one(row: Row) -> Value:
            value = only(row)
            return None if value is None else function(value)

        return of_one

    def of_many(row: Row) -> Value:
        values = [arg(row) for arg in args]
        return None if None in values else function(*values)

    return of_many


def _compare(holds: Callable[[Value, Value], bool], left: Evaluator, right: Evaluator) -> Evaluator:
    def compared(row: Row) -> Value:
        one = left(row)
        if one is None:
            return None
        other = right(row)
        return None if other is None else holds(one, other)

    return compared


def _logic(node: Node) -> Evaluator:
    args, settles = [_of(arg) for arg in node.args], node.op is Op.OR

    def decided(row: Row) -> Value:
        known = True
        for arg in args:
            value = arg(row)
            if value is settles:
                return settles
            known = known and value is not None
        return (not settles) if known else None

    return decided


def _not(inner: Evaluator) -> Evaluator:
    return _strict(operator.not_, [inner])


def _arithmetic(node: Node) -> Evaluator:
    sides = [_double(arg) for arg in node.args]
    if node.word == "/":
        return _strict(lambda left, right: left / right if right else None, sides)
    return _strict({"+": operator.add, "-": operator.sub, "*": operator.mul}[node.word], sides)


def _in(node: Node) -> Evaluator:
    value, *options = _alike(node.args)
    if all(arg.op is Op.LITERAL and arg.type is Type.TEXT for arg in node.args[1:]):
        words = frozenset(arg.word for arg in node.args[1:])
        return _strict(words.__contains__, [value])

    def among(row: Row) -> Value:
        sought = value(row)
        if sought is None:
            return None
        found = [option(row) for option in options]
        return True if any(one is not None and one == sought for one in found) else None if None in found else False

    return among


def _between(node: Node) -> Evaluator:
    value, low, high = _alike(node.args)

    def lies(row: Row) -> Value:
        sought, least, most = value(row), low(row), high(row)
        if sought is None:
            return None
        above = None if least is None else sought >= least
        below = None if most is None else sought <= most
        return False if above is False or below is False else None if above is None or below is None else True

    return lies


def _like(node: Node) -> Evaluator:
    signs = {"%": ".*", "_": "."}
    pattern = re.compile("".join(signs.get(sign, re.escape(sign)) for sign in node.args[1].word), re.DOTALL)
    return _strict(lambda text: pattern.fullmatch(text) is not None, [_of(node.args[0])])


def _case(node: Node) -> Evaluator:
    *branches, default = [_double(arg) for arg in node.args]
    pairs = list(zip(branches[::2], branches[1::2], strict=True))

    def chosen(row: Row) -> Value:
        for holds, result in pairs:
            if holds(row) is True:
                return result(row)
        return default(row)

    return chosen


def _call(node: Node) -> Evaluator:
    name, args = node.word, [_double(arg) for arg in node.args]
    function = FUNCTIONS_HERE[name]
    if name in ("coalesce", "greatest", "least", "nullif"):
        return lambda row: function(*(arg(row) for arg in args))
    return _strict(function, args)
