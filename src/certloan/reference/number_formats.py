"""How certificate numbers look: one format for each scheme, or class of schemes, for which a form is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from certloan.reference.loading import cached, day, rows


@dataclass(frozen=True)
class NumberFormat:
    """The form of the numbers of ``scheme``, or else of every scheme of ``scheme_class`` without a form of its own.

    ``pattern`` (RE2) must match the whole number, ``refused`` must not. What is not ``verified`` is kept loose: a
    number is only malformed where no body could have given it.
    """

    code: str
    scheme_class: str
    scheme: str
    pattern: str
    refused: str
    valid_from: date | None
    valid_to: date | None
    verified: bool


@cached
def number_formats() -> tuple[NumberFormat, ...]:
    """Give every format.

    >>> import re
    >>> ccc = next(each for each in number_formats() if each.code == "CCC")
    >>> bool(re.fullmatch(ccc.pattern, "2019010901234567")), bool(re.fullmatch(ccc.pattern, "CQC19001234567"))
    (True, False)
    """
    return tuple(
        NumberFormat(
            row["code"],
            row["scheme_class"],
            row["scheme"],
            row["pattern"],
            row["refused"],
            day(row["valid_from"]),
            day(row["valid_to"]),
            row["verified"] == "true",
        )
        for row in rows("number_formats")
    )
