"""Cleaning and reading a cell, in SQL (DuckDB) compiled from the column's declaration.

A cell goes through two steps: :func:`cleaned` gives its text without the accidents of typing (width, spaces, words
for "nothing"), or null; :func:`typed` gives its value, or null where the text cannot be read. Text that is there
while the value is null is therefore unreadable, whatever the kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from certloan.contracts import Column, Kind
from certloan.ingest import amounts, dates, uscc
from certloan.ingest.sql import among, case, literal

#: What files write where there is nothing to say, after cleaning, in lower case.
MISSING = (
    *("", "-", "--", "---", "—", "——", "–", "/", "\\", "*", "n/a", "#n/a", "na", "null", "none", "nan", "nat"),
    *("－", "－－", "／", "n／a"),  # running text keeps wide punctuation
    *("无", "暂无", "空", "无数据", "未知", "不详", "未填", "不适用"),
)
_LONGEST_MISSING = max(len(word) for word in MISSING)

YES = ("是", "有", "y", "yes", "1", "1.0", "true", "t", "√", "✓", "对")
NO = ("否", "无", "没有", "n", "no", "0", "0.0", "false", "f", "×", "x", "非")

#: What stands between several values in one cell.
_LISTING = "[、,;/+|和及并]+"

_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_NARROW = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F))
_WIDE_WORDS = "".join(c for c in _WIDE if chr(ord(c) - 0xFEE0).isalnum())
_NARROW_WORDS = "".join(c for c in _NARROW if c.isalnum())
_SPACES = "\t\n\v\f\r\x85\xa0\u2002\u2003\u2009\u202f\u3000"
# NUL stands last, where leaving it to be added does not move the others.
_NOTHING = "".join(chr(code) for code in (*range(1, 9), *range(14, 32), 127, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0))
_NEEDS_TRANSLATION = r"[\x{0}-\x{1F}\x{7F}\x{85}\x{A0}\x{2002}\x{2003}\x{2009}\x{200B}-\x{200D}\x{202F}\x{2060}\x{3000}\x{FEFF}\x{FF01}-\x{FF5E}]"


def asked(raw: str, column: Column) -> str:
    """Compile a cell as a file's own words are looked up; spaces mean nothing in a code."""
    text = f"lower({_normalised(raw, whole=column.kind is not Kind.TEXT)})"
    return f"replace({text}, ' ', '')" if column.kind is Kind.CODE else text


def translated(asked: str, raw: str, column: Column, values: Mapping[str, str]) -> str:
    """Compile the stored value for a file's own word; a cell with another stays as it is."""
    own = {_folded(word, column): literal(stored) for word, stored in values.items()}
    return case(asked, own, raw)


def cleaned(raw: str, column: Column) -> str:
    """Compile the cleaning of a cell: ``raw`` is an SQL name of text.

    Full-width characters become half-width (in running text only letters and digits: its punctuation is Chinese on
    purpose), invisible ones go, spaces at both ends too.
    """
    text = _normalised(raw, whole=column.kind is not Kind.TEXT)
    kept = NO if column.kind is Kind.BOOLEAN else tuple(_words(column))
    missing = [word for word in MISSING if word not in kept]
    short = f"case when length({text}) <= {_LONGEST_MISSING} then {among(f'lower({text})', missing)} end"
    if column.future and column.kind is Kind.DATE:
        return dates.without_no_end(f"(case when {short} then null else {text} end)")
    return f"case when {short} then null else {text} end"


def typed(
    text: str,
    column: Column,
    *,
    unit: Decimal = Decimal(1),
    strptime: str | None = None,
    opaque: bool = False,
) -> str:
    """Compile the reading of cleaned text as the column's kind; null where it cannot be read."""
    match column.kind:
        case Kind.TEXT:
            return text
        case Kind.CODE:
            return _of_digits(f"nullif(upper(replace({text}, ' ', '')), '')", column.digits)
        case Kind.USCC:
            return text if opaque else uscc.compact(text)
        case Kind.DATE:
            return dates.day(text, strptime)
        case Kind.MONTH:
            return dates.month(text, strptime)
        case Kind.MONEY:
            return amounts.money(text, unit)
        case Kind.NUMBER:
            return amounts.number(text)
        case Kind.INTEGER:
            return amounts.integer(text)
        case Kind.BOOLEAN:
            return case(f"lower({text})", dict.fromkeys(YES, "true") | dict.fromkeys(NO, "false"))
        case Kind.CATEGORY:
            stored = {word: literal(level) for word, level in _words(column).items()}
            one = case(f"lower(replace({text}, ' ', ''))", stored)
            return f"coalesce({one}, {_gravest(text, column)})" if column.graver else one


def partly_unread(text: str, column: Column) -> str:
    """Say that a cell lists several values, some of which cannot be read."""
    return f"coalesce(list_min({_gravities(text, column)}) = 0 and list_max({_gravities(text, column)}) > 0, false)"


def _gravest(text: str, column: Column) -> str:
    levels = ", ".join(literal(level) for level in column.graver)
    return f"[{levels}][nullif(list_max({_gravities(text, column)}), 0)]"


def _gravities(text: str, column: Column) -> str:
    """Compile how grave each of the values in a cell is, from 1; 0 is one that cannot be read."""
    ranks = {word: str(column.graver.index(level) + 1) for word, level in _words(column).items()}
    listed = f"list_filter(string_split_regex(lower(replace({text}, ' ', '')), {literal(_LISTING)}), lambda p: p <> '')"
    return f"list_transform({listed}, lambda p: {case('p', ranks, '0')})"


def _of_digits(code: str, digits: int | None) -> str:
    """Write a code of digits in full: without what parts its groups, and with the zero that a spreadsheet dropped."""
    if digits is None:
        return code
    bare = rf"regexp_replace(regexp_replace({code}, '\.0+$', ''), '[-‐‑–—−_.·/]', '', 'g')"
    whole = f"regexp_full_match({bare}, '[0-9]{{{digits - 1},{digits}}}')"
    return f"case when {whole} then lpad({bare}, {digits}, '0') else {code} end"


def normalised(text: str) -> str:
    r"""Do in Python what :func:`cleaned` does to the characters of a cell that is not running text.

    >>> normalised("　Ａ１\u200b（无）  ")
    'A1(无)'
    """
    table = str.maketrans(_WIDE + _SPACES, _NARROW + " " * len(_SPACES), _NOTHING)
    return text.translate(table).strip(" ")


def _folded(word: str, column: Column) -> str:
    """Write a word as the file's cells are compared with it; spaces mean nothing in a code."""
    plain = normalised(word).lower()
    return plain.replace(" ", "") if column.kind is Kind.CODE else plain


def _normalised(raw: str, *, whole: bool) -> str:
    wide, narrow = (_WIDE, _NARROW) if whole else (_WIDE_WORDS, _NARROW_WORDS)
    # Characters of the first list without a partner in the second are dropped.
    swap = f"translate({raw}, {_characters(wide + _SPACES + _NOTHING)}, {_characters(narrow + ' ' * len(_SPACES))})"
    # Translating costs ten times as much as asking whether there is anything to translate.
    return f"case when regexp_matches({raw}, {literal(_NEEDS_TRANSLATION)}) then trim({swap}) else trim({raw}) end"


def _characters(text: str) -> str:
    # The engine's parser ends at a NUL.
    return f"{literal(text.replace(chr(0), ''))} || chr(0)" if "\0" in text else literal(text)


def _words(column: Column) -> dict[str, str]:
    """Every way to write each level, in lower case: its code, and the words that files use."""
    words = {level.lower(): level for level in column.levels}
    for level, told in column.levels.items():
        for word in told:
            words.setdefault(normalised(word).replace(" ", "").lower(), level)
    return words
