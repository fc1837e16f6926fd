"""A generated statement for people's eyes: the same text with other blanks, one clause and one column to a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"[^\"]*\"|\s+|[(),]"
    r"|\b(?:select|from|where|group by|order by|left join|cross join|join|with)\b|\w+|[^\s\w(),'\"]+"
)
_CLAUSES = frozenset(("select", "from", "where", "group by", "order by", "left join", "cross join", "join", "with"))
_STEP = "  "


def laid_out(sql: str) -> str:
    """Break a query's clauses and columns onto lines of their own; nothing but blanks and line ends changes.

    >>> print(laid_out("select a, max(b) filter (where b > 0) as c from (select a, b from t) as p group by a"))
    select a,
      max(b) filter (where b > 0) as c
    from (
      select a,
        b
      from t
    ) as p
    group by a
    """
    written = "".join(_pieces(_TOKEN.findall(sql)))
    return "\n".join(line.rstrip() for line in written.split("\n")).strip()


def _pieces(words: list[str]) -> Iterator[str]:
    """Give the words with the breaks between them; blanks after a break are dropped."""
    queries, fresh = [True], True  # for each open parenthesis, whether it holds a query; whether a line has just begun
    for place, word in enumerate(words):
        if word.isspace():
            if not fresh:
                yield " "
            continue
        before, after = "", ""
        if word == "(":
            queries.append(_opens_query(words, place))
            after = _line(queries) if queries[-1] else ""
        elif word == ")":
            before = _line(queries) if len(queries) > 1 and queries.pop() else ""
        elif word in _CLAUSES and queries[-1]:
            before = "" if fresh else _line(queries)
        elif word == "," and queries[-1]:
            after = _line(queries) + _STEP
        yield before + word + after
        fresh = bool(after)


def _opens_query(words: list[str], place: int) -> bool:
    following = next((word for word in words[place + 1 :] if not word.isspace()), "")
    return following in ("select", "with")


def _line(queries: list[bool]) -> str:
    return "\n" + _STEP * (sum(queries) - 1)
