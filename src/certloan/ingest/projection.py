"""How a staged sheet becomes the columns of a contract, before anything is checked.

A projection is found by matching headers or written in a recipe; from here on both are treated alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from certloan.contracts import Contract
from certloan.ingest.native import Staged

#: A fact that names the text to use where a code has several.
WORDED_AS: Final = "worded_as"
#: The fact that names another code, where what was expected is said as of that one.
EXPECTED_AS: Final = "expected_as"


class Severity(StrEnum):
    """What a problem does to what it was found in."""

    QUARANTINE = "quarantine"  # the row, sheet or file is put aside
    WARNING = "warning"  # it is kept, and the problem is reported


@dataclass(frozen=True)
class RowProblem:
    """One thing wrong with one row; a row may have several. ``row`` counts as a spreadsheet shows it, from 1."""

    file: str
    sheet: str
    row: int
    table: str
    column: str
    code: str
    found: str
    facts: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = Severity.QUARANTINE


@dataclass(frozen=True)
class FileProblem:
    """Something wrong with a whole file or sheet, so that none of its rows (or columns) could be used."""

    file: str
    sheet: str
    code: str
    found: str
    facts: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = Severity.QUARANTINE


@dataclass(frozen=True)
class Projection:
    """One contract filled from one staged sheet.

    ``columns`` gives for each contract column (``known_on`` and ``void_on`` too) an SQL expression over the staged
    VARCHAR columns ``c0``, ``c1``, … that yields text; a column that is absent here is missing in the file. ``units``
    multiplies money into yuan. ``date_formats`` (strptime) and ``values`` (file's word → stored code) come on top of
    what every file may use. ``codes`` lists what a column of codes may hold; others are kept and told. ``opaque_key`` says that the key column is not a USCC and is taken as it stands.
    ``types`` tells which staged columns are no text, by the contract column that takes them as they stand.
    ``where`` keeps only some staged rows. ``notes`` are problems of the sheet as a whole that do not stop it.
    """

    contract: Contract
    columns: Mapping[str, str]
    units: Mapping[str, Decimal] = field(default_factory=dict)
    date_formats: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    opaque_key: bool = False
    types: Mapping[str, Staged] = field(default_factory=dict)
    where: str | None = None
    notes: tuple[FileProblem, ...] = ()
