"""The second gate: the parsed tree, node by node, against the allow-list, the known columns and the types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlglot import exp

from certloan.expressions.functions import FUNCTIONS, Function, date_format_problem
from certloan.expressions.node import Node, Op, Type
from certloan.expressions.problems import nearest, refuse
from certloan.expressions.screen import Mark

#: How far a checked tree may reach down; a chain of ``and``, ``or``, ``+`` or ``*`` counts every link.
MAX_DEPTH = 120

_COMPARE: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_LOGIC: Mapping[type[exp.Expr], Op] = {exp.And: Op.AND, exp.Or: Op.OR}


class Checker:
    """Turns one parsed tree into checked nodes, or refuses it."""

    def __init__(self, source: str, marks: Mapping[str, Mark], columns: Mapping[str, Type]) -> None:
        self.source, self.marks, self.columns = source, marks, columns
        self._depth = 0
        self._kinds: dict[type[exp.Expr], Callable[[exp.Expr], Node]] = {
            exp.Paren: lambda tree: self.node(tree.this),
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.Boolean: lambda tree: Node(Op.LITERAL, Type.BOOLEAN, "true" if tree.this else "false"),
            exp.Null: lambda tree: Node(Op.NULL, None, "null"),
            exp.Not: lambda tree: self._same(Op.NOT, "not", [self._typed(tree.this, Type.BOOLEAN)]),
            exp.Neg: self._negate,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Is: self._is_null,
            exp.Like: self._like,
            exp.Case: self._case,
            exp.Anonymous: self._call,
            **dict.fromkeys(_COMPARE, self._compare),
            **dict.fromkeys(_ARITHMETIC, self._arithmetic),
            **dict.fromkeys(_LOGIC, self._logic),
        }

    def node(self, tree: exp.Expr) -> Node:
        """Check ``tree`` and everything below it."""
        check = self._kinds.get(type(tree))
        if check is None:
            raise self._refuse("expression-not-allowed", self._at(tree), type(tree).__name__.lower(), "—")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refuse("expression-too-deep", self._at(tree), self._depth, MAX_DEPTH)
        checked = check(tree)
        self._depth -= 1
        return checked

    def as_type(self, node: Node, wanted: Type) -> Node:
        """Give ``node`` if it is of the wanted type; a text literal where a date is wanted is read as one."""
        if node.type in (wanted, None):
            return node
        if wanted is Type.DATE and node.op is Op.LITERAL and node.type is Type.TEXT:
            if not _is_date(node.word):
                raise self._refuse("expression-bad-date", node.at, f"'{node.word}'", "'2024-01-31'")
            return Node(Op.LITERAL, Type.DATE, node.word, at=node.at)
        raise self._refuse("expression-wrong-type", node.at, node.type, wanted)

    def _refuse(self, code: str, at: int, found: object, expected: object) -> Exception:
        return refuse(code, self.source, at, found=found, expected=expected)

    def _at(self, tree: exp.Expr) -> int:
        starts = [self.marks[leaf.name].at for leaf in tree.find_all(*_LEAVES) if leaf.name in self.marks]
        return min(starts, default=0)

    def _typed(self, tree: exp.Expr, wanted: Type) -> Node:
        return self.as_type(self.node(tree), wanted)

    def _same(self, op: Op, word: str, args: Sequence[Node], type_: Type | None = Type.BOOLEAN) -> Node:
        return Node(op, type_, word, tuple(args), min(arg.at for arg in args))

    def _alike(self, nodes: Sequence[Node], *, nulls: bool = False) -> list[Node]:
        """Bring nodes to one type: the first that is not just a literal text decides."""
        if not nulls:
            for node in nodes:
                if node.op is Op.NULL:
                    raise self._refuse("expression-null-compared", node.at, "null", "is null")
        types = [node.type for node in nodes if node.type is not None]
        if not types:
            return list(nodes)
        wanted = Type.DATE if Type.DATE in types else types[0]
        return [self.as_type(node, wanted) for node in nodes]

    def _column(self, tree: exp.Expr) -> Node:
        mark = self.marks.get(tree.name)
        if mark is None or mark.kind != "column":
            raise self._refuse("expression-not-allowed", self._at(tree), tree.name, "—")
        if mark.word not in self.columns:
            raise self._refuse("expression-unknown-column", mark.at, mark.word, nearest(mark.word, self.columns))
        return Node(Op.COLUMN, Type(self.columns[mark.word]), mark.word, at=mark.at)

    def _literal(self, tree: exp.Expr) -> Node:
        mark = self.marks[tree.name]
        return Node(Op.LITERAL, Type.TEXT if mark.kind == "text" else Type.NUMBER, mark.word, at=mark.at)

    def _negate(self, tree: exp.Expr) -> Node:
        node = self._typed(tree.this, Type.NUMBER)
        if node.op is Op.LITERAL and not node.word.startswith("-"):
            return Node(Op.LITERAL, Type.NUMBER, f"-{node.word}", at=node.at)
        return self._same(Op.NEGATE, "-", [node], Type.NUMBER)

    def _logic(self, tree: exp.Expr) -> Node:
        op = _LOGIC[type(tree)]
        return self._same(op, op.value, [self._typed(side, Type.BOOLEAN) for side in (tree.this, tree.expression)])

    def _compare(self, tree: exp.Expr) -> Node:
        word = _COMPARE[type(tree)]
        sides = self._alike([self.node(tree.this), self.node(tree.expression)])
        if sides[0].type is Type.BOOLEAN and word not in ("=", "<>"):
            raise self._refuse("expression-wrong-type", sides[0].at, Type.BOOLEAN, f"{Type.NUMBER}, {Type.DATE}")
        return self._same(Op.COMPARE, word, sides)

    def _arithmetic(self, tree: exp.Expr) -> Node:
        sides = [self._typed(side, Type.NUMBER) for side in (tree.this, tree.expression)]
        return self._same(Op.ARITHMETIC, _ARITHMETIC[type(tree)], sides, Type.NUMBER)

    def _in(self, tree: exp.Expr) -> Node:
        options = tree.args.get("expressions") or []
        if not options or any(tree.args.get(other) for other in ("query", "field", "unnest")):
            raise self._refuse("expression-not-allowed", self._at(tree), "in", "in (…, …)")
        return self._same(Op.IN, "in", self._alike([self.node(side) for side in (tree.this, *options)]))

    def _between(self, tree: exp.Expr) -> Node:
        if tree.args.get("symmetric"):
            raise self._refuse("expression-not-allowed", self._at(tree), "symmetric", "between … and …")
        sides = self._alike([self.node(tree.args[name]) for name in ("this", "low", "high")])
        if sides[0].type is Type.BOOLEAN:
            raise self._refuse("expression-wrong-type", sides[0].at, Type.BOOLEAN, f"{Type.NUMBER}, {Type.DATE}")
        return self._same(Op.BETWEEN, "between", sides)

    def _is_null(self, tree: exp.Expr) -> Node:
        if not isinstance(tree.expression, exp.Null):
            raise self._refuse("expression-not-allowed", self._at(tree), "is …", "is null, is not null")
        return self._same(Op.IS_NULL, "is null", [self.node(tree.this)])

    def _like(self, tree: exp.Expr) -> Node:
        text, pattern = (self._typed(side, Type.TEXT) for side in (tree.this, tree.expression))
        if pattern.op is not Op.LITERAL or "\\" in pattern.word or tree.args.get("escape"):
            raise self._refuse("expression-not-constant", pattern.at, pattern.word or pattern.op, "'浙%'")
        return self._same(Op.LIKE, "like", [text, pattern])

    def _case(self, tree: exp.Expr) -> Node:
        branches = tree.args.get("ifs") or []
        if not branches:
            raise self._refuse("expression-syntax", self._at(tree), "case", "case when … then … end")
        subject = tree.args.get("this")
        when = [self.node(branch.this) for branch in branches]
        if subject is None:
            when = [self.as_type(condition, Type.BOOLEAN) for condition in when]
        else:
            first, *when = self._alike([self.node(subject), *when])
            when = [self._same(Op.COMPARE, "=", [first, value]) for value in when]
        default = tree.args.get("default")
        results = [self.node(branch.args["true"]) for branch in branches]
        results.append(Node(Op.NULL, None, "null") if default is None else self.node(default))
        results = self._alike(results, nulls=True)
        args = [arg for pair in zip(when, results[:-1], strict=True) for arg in pair] + results[-1:]
        return self._same(Op.CASE, "case", args, next((node.type for node in results if node.type), None))

    def _call(self, tree: exp.Expr) -> Node:
        mark = self.marks.get(str(tree.this))
        if mark is None:
            raise self._refuse("expression-not-allowed", self._at(tree), str(tree.this), "—")
        name = mark.word.lower()
        function = FUNCTIONS.get(name)
        if function is None:
            raise self._refuse("expression-unknown-function", mark.at, mark.word, nearest(mark.word, FUNCTIONS))
        args = [self.node(arg) for arg in tree.expressions]
        least, most = len(function.takes) - function.optional, len(function.takes)
        if len(args) < least or (len(args) > most and not function.more):
            wanted = f"{least}+" if function.more else str(least) if least == most else f"{least}–{most}"
            raise self._refuse("expression-argument-count", mark.at, f"{name}: {len(args)}", wanted)
        args = self._arguments(name, function, args)
        gives = function.gives or next((arg.type for arg in args if arg.type), None)
        return Node(Op.CALL, gives, name, tuple(args), mark.at)

    def _arguments(self, name: str, function: Function, args: list[Node]) -> list[Node]:
        if None in function.takes:
            args = self._alike(args, nulls=True)
        checked = [
            arg if wanted is None else self.as_type(arg, wanted)
            for arg, wanted in zip(args, [*function.takes, *[None] * len(args)], strict=False)
        ]
        for place, arg in enumerate(checked):
            if function.ordered and arg.type is Type.BOOLEAN:
                raise self._refuse("expression-wrong-type", arg.at, arg.type, f"{Type.NUMBER}, {Type.DATE}")
            if place in function.constant:
                self._constant(name, place, arg)
        return checked

    def _constant(self, name: str, place: int, arg: Node) -> None:
        """Require a literal that both engines read alike: a whole number from 1 (round: 0–6), a text that says something."""
        allowed = {"round": "0…6", "to_date": "'%Y-%m-%d'", "replace": "'…'"}.get(name, "1, 2, 3 …")
        if arg.op is not Op.LITERAL:
            sound = False
        elif arg.type is Type.NUMBER:
            low, high = (0, 6) if name == "round" else (1, 100_000)
            sound = arg.word.isdigit() and low <= int(arg.word) <= high
        elif name == "to_date":
            sound = date_format_problem(arg.word) is None
        else:
            sound, allowed = bool(arg.word) or (name, place) == ("replace", 2), "'…'"
        if not sound:
            raise self._refuse("expression-not-constant", arg.at, arg.word or arg.op, allowed)


_LEAVES = (exp.Identifier, exp.Literal, exp.Anonymous)


def _is_date(word: str) -> bool:
    try:
        return len(word) == 10 and date.fromisoformat(word).isoformat() == word
    except ValueError:
        return False
