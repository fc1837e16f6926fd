"""The functions of the language: what each takes and gives, and how each engine says it.

Every argument stands in its template exactly once, so compiled text grows no faster than what was written; where an
engine would raise (a logarithm of nothing, an impossible date), the answer is unknown (null) on both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from certloan.expressions.node import Type

N, D, T = Type.NUMBER, Type.DATE, Type.TEXT


@dataclass(frozen=True)
class Function:
    """One function.

    ``takes`` lists the types of the arguments; None is any type, the same for all such arguments and, where ``gives``
    is None, for the result. The last ``optional`` arguments may be left out; ``more`` lets the last one repeat.
    ``constant`` are the positions that must be literals, because the engines disagree about computed ones.
    """

    takes: tuple[Type | None, ...]
    gives: Type | None
    duckdb: str | Callable[..., str]
    spark: str | Callable[..., str]
    optional: int = 0
    more: bool = False
    constant: frozenset[int] = frozenset()
    ordered: bool = False


#: A number as people and files write it; anything else that an engine might accept ("inf", "1_000", "1d") is unknown.
_NUMERAL = "^ *([+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?) *$"
_MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_DIRECTIVES: Mapping[str, str] = {
    "%Y": "([0-9]{4})",
    "%y": "([0-9]{2})",
    "%m": "(0?[1-9]|1[0-2])",
    "%d": "(0?[1-9]|[12][0-9]|3[01])",
    "%b": "([A-Za-z]{3})",
}


def date_format_problem(pattern: str) -> str | None:
    """Tell what is wrong with a date format: it names year, month and day once each, or None if it is sound.

    >>> date_format_problem("%d-%b-%y"), date_format_problem("%Y年%m月")
    (None, '%Y年%m月')
    """
    directives = [pattern[at : at + 2] for at, sign in enumerate(pattern) if sign == "%"]
    wanted = sorted(directive.lower().replace("b", "m") for directive in directives)
    rest = pattern
    for directive in directives:
        rest = rest.replace(directive, "", 1)
    sound = wanted == ["%d", "%m", "%y"] and all(directive in _DIRECTIVES for directive in directives)
    return None if sound and not any(sign.isalnum() and sign.isascii() for sign in rest) else pattern


def _date_regex(pattern: str) -> str:
    packed = "".join(pattern[at : at + 2] for at in range(0, len(pattern), 2)) == pattern and "%" in pattern[2:3]
    found, at = "", 0
    while at < len(pattern):
        if pattern[at] == "%":
            directive = pattern[at : at + 2]
            group = _DIRECTIVES[directive]
            found += group.replace("0?[", "0[") if packed else group
            at += 2
        else:
            found += f"[{pattern[at]}]"
            at += 1
    return f"^{found}$"


def _groups(pattern: str) -> dict[str, int]:
    directives = [pattern[at + 1] for at, sign in enumerate(pattern) if sign == "%"]
    return {directive: place for place, directive in enumerate(directives, start=1)}


def _duckdb_to_date(value: str, pattern: str) -> str:
    regex, format_ = _duckdb_literal(_date_regex(pattern)), _duckdb_literal(pattern)
    return f"cast(try_strptime(nullif(regexp_extract({value}, {regex}), ''), {format_}) as date)"


def _spark_to_date(value: str, pattern: str) -> str:
    """Read a date piece by piece, because Java's date patterns are not those of strptime."""
    regex, groups = _spark_literal(_date_regex(pattern)), _groups(pattern)

    def piece(directive: str) -> str:
        return f"regexp_extract(t, {regex}, {groups[directive]})"

    # two digits: 69–99 are 1969–1999, as POSIX reads them
    century = f"case when {piece('y')} >= '69' then '19' else '20' end" if "y" in groups else ""
    year = f"concat({century}, {piece('y')})" if century else piece("Y")
    month = piece("m") if "m" in groups else f"cast((instr('{_MONTHS}', upper({piece('b')})) + 2) div 3 as string)"
    date = f"try_cast(concat({year}, '-', {month}, '-', {piece('d')}) as date)"
    return f"element_at(transform(array({value}), t -> {date}), 1)"


def _duckdb_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _spark_literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


LITERAL: Mapping[str, Callable[[str], str]] = {"duckdb": _duckdb_literal, "spark": _spark_literal}


def _round(value: str, digits: str = "0") -> str:
    """Round half away from zero, by the same scaling on both engines."""
    return f"(round({value} * 1e{digits}) / 1e{digits})"


def _to_number(literal: Callable[[str], str]) -> Callable[..., str]:
    return lambda value: f"try_cast(nullif(regexp_extract({value}, {literal(_NUMERAL)}, 1), '') as double)"


FUNCTIONS: Mapping[str, Function] = {
    # any type
    "coalesce": Function((None, None), None, "coalesce({all})", "coalesce({all})", more=True),
    "nullif": Function((None, None), None, "nullif({0}, {1})", "nullif({0}, {1})"),
    "greatest": Function((None, None), None, "greatest({all})", "greatest({all})", more=True, ordered=True),
    "least": Function((None, None), None, "least({all})", "least({all})", more=True, ordered=True),
    # numbers
    "abs": Function((N,), N, "abs({0})", "abs({0})"),
    "floor": Function(
        (N,),
        N,
        "floor({0})",
        "element_at(transform(array({0}), v -> case when abs(v) < 9e15 then cast(floor(v) as double) else v end), 1)",
    ),
    "round": Function((N, N), N, _round, _round, optional=1, constant=frozenset({1})),
    "ln": Function((N,), N, "ln(nullif(greatest({0}, 0e0), 0e0))", "ln(nullif(greatest({0}, 0e0), 0e0))"),
    "sqrt": Function((N,), N, "nullif(sqrt({0}), cast('nan' as double))", "nullif(sqrt({0}), double('NaN'))"),
    "ratio": Function((N, N), N, "({0} / nullif({1}, 0e0))", "({0} / nullif({1}, 0e0))"),
    # text
    "lower": Function((T,), T, "lower({0})", "lower({0})"),
    "upper": Function((T,), T, "upper({0})", "upper({0})"),
    "trim": Function((T,), T, "trim({0})", "trim({0})"),
    "length": Function((T,), N, "cast(length({0}) as double)", "cast(length({0}) as double)"),
    "substring": Function(
        (T, N, N),
        T,
        lambda text, *where: f"substring({', '.join((text, *where))})",
        lambda text, *where: f"substring({', '.join((text, *where))})",
        optional=1,
        constant=frozenset({1, 2}),
    ),
    "split_part": Function(
        (T, T, N), T, "split_part({0}, {1}, {2})", "split_part({0}, {1}, {2})", constant=frozenset({1, 2})
    ),
    "replace": Function((T, T, T), T, "replace({0}, {1}, {2})", "replace({0}, {1}, {2})", constant=frozenset({1, 2})),
    "concat": Function(
        (T, T, T, T),
        T,
        lambda *parts: f"({' || '.join(parts)})",
        lambda *parts: f"({' || '.join(parts)})",
        optional=2,
    ),
    "contains": Function((T, T), Type.BOOLEAN, "contains({0}, {1})", "contains({0}, {1})"),
    "starts_with": Function((T, T), Type.BOOLEAN, "starts_with({0}, {1})", "startswith({0}, {1})"),
    # dates
    "year": Function((D,), N, "cast(year({0}) as double)", "cast(year({0}) as double)"),
    "month": Function((D,), N, "cast(month({0}) as double)", "cast(month({0}) as double)"),
    "month_end": Function((D,), D, "last_day({0})", "last_day({0})"),
    "make_date": Function(
        (N, N, N),
        D,
        "try(make_date(cast(floor({0}) as bigint), cast(floor({1}) as bigint), cast(floor({2}) as bigint)))",
        "try_cast(format_string('%04d-%02d-%02d', floor({0}), floor({1}), floor({2})) as date)",
    ),
    "add_days": Function(
        (D, N),
        D,
        "({0} + cast(try_cast(floor({1}) as smallint) as integer))",
        "date_add({0}, cast(try_cast(floor({1}) as smallint) as int))",
    ),
    "add_months": Function(
        (D, N),
        D,
        "cast({0} + to_months(cast(try_cast(floor({1}) as smallint) as integer)) as date)",
        "add_months({0}, cast(try_cast(floor({1}) as smallint) as int))",
    ),
    "days_between": Function((D, D), N, "cast(({1} - {0}) as double)", "cast(datediff({1}, {0}) as double)"),
    "months_between": Function(
        (D, D),
        N,
        "cast(date_diff('month', {0}, {1}) as double)",
        "months_between(trunc({1}, 'MM'), trunc({0}, 'MM'))",
    ),
    # conversions
    "to_number": Function((T,), N, _to_number(_duckdb_literal), _to_number(_spark_literal)),
    "to_date": Function((T, T), D, _duckdb_to_date, _spark_to_date, constant=frozenset({1})),
    "to_text": Function((None,), T, "{0}", "{0}"),
}

#: A number as text: whole numbers without a point, others with up to six decimals; both engines alike.
NUMBER_AS_TEXT = "regexp_replace(cast(try_cast(cast({0} as {text}) as decimal(38, 6)) as {text}), '[.]?0+$', '')"
