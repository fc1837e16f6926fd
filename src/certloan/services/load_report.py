"""What became of a delivery: counts, problems, files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from certloan.errors import EXIT_OK, EXIT_PARTIAL, EXIT_REFUSED
from certloan.i18n import Lang
from certloan.ingest.projection import Severity
from certloan.report.evidence_quality import Finding


@dataclass(frozen=True)
class TableCount:
    """What became of the rows of one table: read = accepted + quarantined + duplicate + unchanged.

    ``rows_superseding`` are those accepted rows that take the place of an older statement about the same record.
    """

    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    rows_superseding: int = 0
    rows_unchanged: int = 0

    def __add__(self, other: TableCount) -> TableCount:
        return TableCount(**{name: value + getattr(other, name) for name, value in asdict(self).items()})


@dataclass(frozen=True)
class ProblemCount:
    """How often something was wrong in one place of a table, or once with a file."""

    code: str
    severity: Severity
    count: int
    table: str
    column: str
    file: str
    message_zh: str
    message_en: str

    def message(self, lang: Lang | str) -> str:
        """Say what was wrong."""
        return self.message_zh if Lang(lang) is Lang.ZH else self.message_en


@dataclass(frozen=True)
class SheetCount:
    """One sheet of the delivery and the tables that it filled: none if it could not be used."""

    file: str
    sheet: str
    tables: tuple[str, ...]
    rows_read: int


@dataclass(frozen=True)
class LoadReport:
    """The account of one load."""

    delivery_id: str
    delivered_on: date
    tables: Mapping[str, TableCount]
    problems: tuple[ProblemCount, ...]
    files: tuple[SheetCount, ...]
    #: None where nothing was put aside.
    quarantine_file: Path | None
    #: The problems of rows that were accepted nevertheless; None where there are none.
    warnings_file: Path | None
    #: How good all evidence is now that it was loaded, as a page; None where nobody assessed it.
    quality_file: Path | None = None
    #: The worst of that report.
    worst: tuple[Finding, ...] = ()

    @property
    def total(self) -> TableCount:
        """The counts of all tables together."""
        return sum(self.tables.values(), TableCount())

    @property
    def rows_read(self) -> int:
        """Rows that were offered to a table."""
        return self.total.rows_read

    @property
    def rows_accepted(self) -> int:
        """Rows that are in the warehouse now and were not before."""
        return self.total.rows_accepted

    @property
    def rows_quarantined(self) -> int:
        """Rows that were put aside."""
        return self.total.rows_quarantined

    @property
    def rows_duplicate(self) -> int:
        """Rows that repeat another row of the delivery."""
        return self.total.rows_duplicate

    @property
    def rows_superseding(self) -> int:
        """Accepted rows that take the place of an older statement."""
        return self.total.rows_superseding

    @property
    def rows_unchanged(self) -> int:
        """Rows that say what the warehouse knew already."""
        return self.total.rows_unchanged

    @property
    def exit_code(self) -> int:
        """0: all is loaded; 4: rows or files were put aside; 3: nothing could be loaded."""
        total = self.total
        if total.rows_accepted + total.rows_unchanged + total.rows_duplicate == 0:
            return EXIT_REFUSED
        aside = any(problem.severity is Severity.QUARANTINE for problem in self.problems)
        return EXIT_PARTIAL if aside else EXIT_OK

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of the report without the paths of its files (docs/ledger.md).

        What was assessed afterwards is no part of it either: it speaks of the whole warehouse.
        """
        whole = self.as_json()
        left_out = ("quarantine_file", "warnings_file", "quality_file", "worst")
        stated = {name: held for name, held in whole.items() if name not in left_out}
        text = json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", errors="surrogateescape")).hexdigest()

    def as_json(self) -> dict[str, object]:
        """Give the report as values that JSON can hold."""
        return {
            "delivery_id": self.delivery_id,
            "delivered_on": self.delivered_on.isoformat(),
            # Rows of the files; a recipe may offer one of them to several tables, which is what the other counts count.
            "rows_in_files": sum(sheet.rows_read for sheet in self.files),
            **asdict(self.total),
            "tables": {table: asdict(count) for table, count in self.tables.items()},
            "problems": [{**asdict(problem), "severity": str(problem.severity)} for problem in self.problems],
            "files": [{**asdict(sheet), "tables": list(sheet.tables)} for sheet in self.files],
            "quarantine_file": _text(self.quarantine_file),
            "warnings_file": _text(self.warnings_file),
            "quality_file": _text(self.quality_file),
            "worst": [finding.as_json() for finding in self.worst],
        }


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
