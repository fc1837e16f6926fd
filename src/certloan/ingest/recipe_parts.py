"""The parts of a recipe as plain values: what :mod:`certloan.ingest.recipe_read` reads and the rest works on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import PurePath

from certloan.expressions import Type
from certloan.ingest.headings import normalise


def any_match(name: str, patterns: Sequence[str]) -> bool:
    """Tell whether ``name`` fits one of the patterns (``*`` and ``?``; case does not matter); none means any name.

    >>> any_match("SBA_balanced.CSV", ("sba_*.csv",)), any_match("a.xlsx", ("sba_*.csv",)), any_match("a.xlsx", ())
    (True, False, True)
    """
    return not patterns or any(fnmatch(name.casefold(), pattern.casefold()) for pattern in patterns)


@dataclass(frozen=True)
class SourceColumn:
    """One header of a foreign sheet under a name of ours. ``headers`` are its spellings: any one of them will do.

    ``type`` is what expressions see. ``formats`` (strptime) read a date; with a two-digit year, ``not_after`` is the
    last day that can be meant, so that ``69`` is 1969 in a file that ends in 2014. ``optional`` headers may be absent.
    """

    name: str
    headers: tuple[str, ...]
    type: Type = Type.TEXT
    formats: tuple[str, ...] = ()
    not_after: date | None = None
    optional: bool = False


@dataclass(frozen=True)
class SheetKind:
    """One kind of sheet that the recipe can read.

    ``derived`` names expressions over the columns and over earlier derived ones. ``unused`` gives for each header that
    is left out the reason why. ``hindsight`` are columns that nobody knew on the day of the application: only the
    table ``outcome`` may use them.
    """

    name: str
    files: tuple[str, ...]
    sheets: tuple[str, ...]
    columns: Mapping[str, SourceColumn]
    derived: Mapping[str, str]
    unused: Mapping[str, str]
    hindsight: frozenset[str]

    def fits_name(self, file: str, sheet: str) -> bool:
        """Tell whether a file of this name, and its sheet, may be of this kind; case does not matter."""
        return any_match(PurePath(file).name, self.files) and any_match(sheet, self.sheets)

    def known_headers(self) -> Iterator[str]:
        """Give every header that the recipe speaks of, used or not."""
        for column in self.columns.values():
            yield from column.headers
        yield from self.unused

    def explained(self, header: Sequence[str]) -> int:
        """Count the headers of a sheet that the recipe speaks of: the kind that explains most is the sheet's."""
        known = {normalise(name) for name in self.known_headers()}
        return sum(normalise(name) in known for name in header)

    def lacking(self, header: Sequence[str]) -> list[str]:
        """Give the headers that this kind needs and the sheet does not have."""
        present = {normalise(name) for name in header}
        return [
            column.headers[0]
            for column in self.columns.values()
            if not column.optional and not any(normalise(name) in present for name in column.headers)
        ]


@dataclass(frozen=True)
class ColumnRule:
    """How one column of ours is filled: by a constant, or by expressions (several are joined by ``separator``).

    ``values`` maps the file's words to our codes, ``missing`` are words that mean *unknown*, and ``unit`` is the
    number of yuan that one unit of the file's money is worth.
    """

    column: str
    expressions: tuple[str, ...] = ()
    constant: str | None = None
    values: Mapping[str, str] | None = None
    missing: tuple[str, ...] = ()
    unit: Decimal | None = None
    separator: str = "-"


@dataclass(frozen=True)
class TableRule:
    """How one table of ours is filled from the rows of some kinds of sheet; ``where`` keeps only some of them."""

    table: str
    kinds: tuple[str, ...]
    columns: tuple[ColumnRule, ...]
    where: str | None = None


@dataclass(frozen=True)
class Skip:
    """Files that belong to the delivery but hold nothing for us, and why."""

    files: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Provenance:
    """Where the data comes from, under which licence, and which day it speaks for."""

    source: str
    licence: str
    as_of: str


@dataclass(frozen=True)
class Declaration:
    """All that a recipe file says, read but not yet checked."""

    name: str
    zh: str
    en: str
    provenance: Provenance
    opaque_key: bool
    kinds: tuple[SheetKind, ...]
    tables: tuple[TableRule, ...]
    skips: tuple[Skip, ...]
