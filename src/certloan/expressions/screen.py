"""The first gate: which tokens may stand in an expression at all.

sqlglot reads far more than one scalar expression. Its tokens are therefore screened before its parser sees them, and
every name and value is replaced by a mark made of its offset: no word of the source can reach a special case of the
parser, any word may name a column, and every leaf of the parsed tree knows where it stood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from certloan.expressions.problems import refuse

MAX_LENGTH = 8000
#: Open parentheses and cases at one place, and the length of a run of signs: what makes a parser recurse.
MAX_NESTING = 24

_KEYWORDS = {
    TokenType.AND, TokenType.OR, TokenType.NOT, TokenType.IN, TokenType.BETWEEN, TokenType.IS, TokenType.NULL,
    TokenType.LIKE, TokenType.CASE, TokenType.WHEN, TokenType.THEN, TokenType.ELSE, TokenType.END, TokenType.TRUE,
    TokenType.FALSE,
}  # fmt: skip
_SIGNS = {
    TokenType.L_PAREN, TokenType.R_PAREN, TokenType.COMMA, TokenType.PLUS, TokenType.DASH, TokenType.STAR,
    TokenType.SLASH, TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.LTE, TokenType.GT, TokenType.GTE,
}  # fmt: skip
_SPELLED = {"(", ")", ",", "+", "-", "*", "/", "=", "<>", "!=", "<", "<=", ">", ">="}
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{1,9})?")
_TOKENS = "a column, a value, a function or an operator"


@dataclass(frozen=True)
class Mark:
    """What stood at an offset: ``kind`` is column, function, text or number."""

    kind: str
    word: str
    at: int


@dataclass(frozen=True)
class Screened:
    """The tokens a parser may see, and what their marks stand for."""

    tokens: tuple[Token, ...]
    marks: Mapping[str, Mark]


def screen(source: str) -> Screened:
    """Tokenise ``source`` and refuse whatever has no place in a scalar expression."""
    if not source.strip():
        raise refuse("expression-empty", source, 0, found="", expected=_TOKENS)
    if len(source) > MAX_LENGTH:
        raise refuse("expression-too-long", source, MAX_LENGTH, found=len(source), expected=MAX_LENGTH)
    for at, character in enumerate(source):
        if not character.isprintable() and character not in "\n\r\t":
            raise refuse("expression-not-allowed", source, at, found=f"U+{ord(character):04X}", expected=_TOKENS)
    try:
        tokens = DuckDB().tokenize(source)
    except SqlglotError:
        at, closing = _unfinished(source)
        raise refuse("expression-unfinished-text", source, at, found=source[at : at + 20], expected=closing) from None
    _refuse_comments(source, tokens)
    _refuse_deep(source, tokens)
    marks: dict[str, Mark] = {}
    return Screened(tuple(_screened(source, tokens, marks)), marks)


def _screened(source: str, tokens: list[Token], marks: dict[str, Mark]) -> list[Token]:
    screened = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        written = source[token.start : token.end + 1]
        if (token.token_type in _KEYWORDS and _WORD.fullmatch(written)) or (
            token.token_type in _SIGNS and written in _SPELLED
        ):
            screened.append(token)
        else:
            called = following is not None and following.token_type is TokenType.L_PAREN
            mark, kind = _mark(source, token, written, called)
            text = str(token.start) if mark.kind == "number" else f"m{token.start}"
            marks[text] = mark
            screened.append(
                Token(kind, text, line=token.line, col=token.col, start=token.start, end=token.end, comments=[])
            )
    return screened


def _mark(source: str, token: Token, written: str, called: bool) -> tuple[Mark, TokenType]:
    at = token.start
    if token.token_type is TokenType.STRING and written.startswith("'"):
        return Mark("text", token.text, at), TokenType.STRING
    if token.token_type is TokenType.NUMBER:
        if not _NUMBER.fullmatch(written):
            raise refuse("expression-bad-number", source, at, found=written, expected="123, 0.25")
        return Mark("number", written, at), TokenType.NUMBER
    if token.token_type is TokenType.IDENTIFIER and written.startswith('"') and not called:
        return Mark("column", token.text, at), TokenType.IDENTIFIER
    if _WORD.fullmatch(written):
        if called:
            return Mark("function", written, at), TokenType.VAR
        return Mark("column", written, at), TokenType.IDENTIFIER
    raise refuse("expression-not-allowed", source, at, found=written, expected=_TOKENS)


def _refuse_comments(source: str, tokens: list[Token]) -> None:
    """Refuse a comment wherever it hides: only blanks may stand between two tokens."""
    end = 0
    for start, following in [(token.start, token.end + 1) for token in tokens] + [(len(source), 0)]:
        gap = source[end:start]
        if gap.strip():
            at = end + len(gap) - len(gap.lstrip())
            raise refuse("expression-not-allowed", source, at, found=gap.strip()[:20], expected=_TOKENS)
        end = following


def _refuse_deep(source: str, tokens: list[Token]) -> None:
    depth = run = 0
    for token in tokens:
        kind = token.token_type
        depth += (kind in {TokenType.L_PAREN, TokenType.CASE}) - (kind in {TokenType.R_PAREN, TokenType.END})
        run = run + 1 if kind in {TokenType.NOT, TokenType.DASH} else 0
        if depth > MAX_NESTING or run > MAX_NESTING:
            raise refuse("expression-too-deep", source, token.start, found=MAX_NESTING + 1, expected=MAX_NESTING)


def _unfinished(source: str) -> tuple[int, str]:
    """Give the offset of the quote or comment that nothing closes, and what closes it."""
    for quote in ("'", '"'):
        if source.count(quote) % 2:
            return source.rfind(quote), quote
    return max(source.find("/*"), 0), "*/"
