"""How an expression is refused: a code, the place, what was found and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from certloan.errors import InputError

_SHOWN = 160
_LISTED = 12


def refuse(code: str, source: str, at: int, *, found: object, expected: object) -> InputError:
    r"""Build the error for offset ``at`` of ``source``; lines and columns are counted from 1.

    >>> refuse("expression-syntax", "a =\n  = b", 6, found="=", expected="a value").facts["line"]
    2
    """
    at = max(0, min(at, len(source)))
    before = source[:at]
    line = before.count("\n") + 1
    column = at - (before.rfind("\n") + 1) + 1
    shown = source if len(source) <= _SHOWN else source[: _SHOWN - 1] + "…"
    return InputError(
        code, expression=shown, line=line, column=column, offset=at, found=str(found), expected=str(expected)
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """Give the known names that look like ``name``, or else the first few known names.

    >>> nearest("valid_form", ["valid_from", "amount"])
    'valid_from'
    >>> nearest("zzz", ["valid_from", "amount"])
    'amount, valid_from'
    """
    names = sorted(known)
    by_lower = {known_name.lower(): known_name for known_name in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.7)
    if close:
        return ", ".join(by_lower[lower] for lower in close)
    return ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "") if names else "—"
