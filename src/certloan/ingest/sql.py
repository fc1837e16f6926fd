"""Writing names and values into SQL text so that nothing in them can end the literal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def identifier(name: str) -> str:
    """Quote a column or table name.

    >>> identifier('a "list" of')
    '"a ""list"" of"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Quote several texts, for ``in (…)``.

    >>> literals(["a", "b"])
    "'a', 'b'"
    """
    return ", ".join(literal(text) for text in texts)


def among(text: str, words: Iterable[str]) -> str:
    r"""Ask whether a text without control characters is one of some words; null asks nothing.

    The engine answers ``in (…)`` by a join for each such list, even where nobody needs the answer; this costs a search.

    >>> among("t", ["-", "无"])
    "contains('\x1f-\x1f无\x1f', chr(31) || t || chr(31))"
    """
    return f"contains({literal(chr(31).join(('', *words, '')))}, chr(31) || {text} || chr(31))"


def case(of: str, cases: Mapping[str, str], otherwise: str = "null") -> str:
    """Translate a text by a table of words.

    >>> case("t", {"是": "true"})
    "case t when '是' then true else null end"
    """
    if not cases:
        return otherwise
    whens = " ".join(f"when {literal(word)} then {value}" for word, value in cases.items())
    return f"case {of} {whens} else {otherwise} end"
