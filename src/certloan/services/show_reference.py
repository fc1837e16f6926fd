"""The reference tables, shown and checked. They are public knowledge: no role is needed to read them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from certloan.errors import EXIT_OK, EXIT_PARTIAL, CertLoanError, InputError
from certloan.i18n import Lang, sentence, text
from certloan.policy.references import Reference
from certloan.reference.contract import ReferenceTable
from certloan.reference.examine import problems
from certloan.reference.loading import Row, day, in_force, listed, overridden, reference_digest, rows
from certloan.reference.tables import TABLES


@dataclass(frozen=True)
class TableSummary:
    """One table: how many rows it has, how many of them are verified, and how many the workspace gives itself."""

    name: str
    zh: str
    en: str
    rows: int
    verified: int
    own_rows: int
    source: str

    def titled(self, lang: Lang | str) -> str:
        """Give the table's title."""
        return self.zh if Lang(lang) is Lang.ZH else self.en

    def as_json(self) -> dict[str, object]:
        """Give plain values."""
        return {
            "name": self.name,
            "zh": self.zh,
            "en": self.en,
            "rows": self.rows,
            "verified": self.verified,
            "own_rows": self.own_rows,
            "source": self.source or None,
        }


@dataclass(frozen=True)
class TableRows:
    """The rows of one table that are in force on a day, cells as they stand in the file, and every version of them."""

    table: ReferenceTable
    on: dt.date
    shown: Sequence[Row]
    versions: Sequence[Row]
    total: int
    own_rows: int

    def as_csv(self) -> str:
        """Give every version as a file that a workspace may change and use as its own."""
        written = io.StringIO()
        out = csv.DictWriter(written, [field.name for field in self.table.fields], lineterminator="\n")
        out.writeheader()
        out.writerows(self.versions)
        return written.getvalue()

    def write_csv(self, path: Path) -> Path:
        """Write every version into a file, which holds the whole of it or is left as it was; give its path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        try:
            part.write_text(self.as_csv(), encoding="utf-8", newline="")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    def titled(self, lang: Lang | str) -> str:
        """Say which table it is, on which day, and how much of it is shown."""
        title = self.table.zh if Lang(lang) is Lang.ZH else self.table.en
        facts = {"name": self.table.name, "title": title, "on": self.on, "shown": len(self.shown), "rows": self.total}
        return text("reference.heading", lang, **facts)

    def standing(self, row: Row, lang: Lang | str) -> str:
        """Say from when until when a row holds, whether it is verified, and where it comes from."""
        verified = text("common.yes" if row["verified"] == "true" else "common.no", lang)
        parts = [
            f"{row['valid_from'] or '…'} – {row['valid_to'] or '…'}",
            text("reference.told-verified", lang, verified=verified),
            *(
                [text("reference.unconfirmed", lang, columns=", ".join(listed(row["unconfirmed"])))]
                * bool(row["unconfirmed"])
            ),
            Reference(row["source"]).told(lang),
        ]
        return " · ".join(parts)

    def as_json(self) -> dict[str, object]:
        """Give plain values."""
        return {
            "table": self.table.name,
            "on": self.on,
            "source": self.table.source or None,
            "verified": self.table.verified if self.table.source else None,
            "columns": [field.name for field in self.table.fields],
            "total": self.total,
            "own_rows": self.own_rows,
            "rows": [dict(row) for row in self.shown],
        }


@dataclass(frozen=True)
class ReferenceReport:
    """What is wrong with the tables as they hold in this workspace; nothing, where all is well."""

    problems: tuple[CertLoanError, ...]
    tables: tuple[TableSummary, ...]

    @property
    def exit_code(self) -> int:
        """0: sound; 4: something needs looking at."""
        return EXIT_PARTIAL if self.problems else EXIT_OK

    def told(self, lang: Lang | str) -> str:
        """Say it in a sentence, with a line for each problem."""
        if self.problems:
            lines = (f"  · {sentence(problem, lang)}" for problem in self.problems)
            return "\n".join((text("reference.unsound", lang, count=len(self.problems)), *lines))
        held = sum(table.rows for table in self.tables)
        unverified = held - sum(table.verified for table in self.tables)
        return text("reference.sound", lang, tables=len(self.tables), rows=held, unverified=unverified)

    def as_json(self) -> Mapping[str, object]:
        """Give plain values."""
        return {
            "sound": not self.problems,
            "problems": [
                {
                    "code": problem.code,
                    "message_zh": sentence(problem, Lang.ZH),
                    "message_en": sentence(problem, Lang.EN),
                    **problem.facts,
                }
                for problem in self.problems
            ],
            "tables": [table.as_json() for table in self.tables],
            "digest": reference_digest(),
        }


def reference_tables() -> tuple[TableSummary, ...]:
    """Give every table with its counts."""
    own = overridden()
    return tuple(_summary(table, own.get(name, 0)) for name, table in TABLES.items())


def reference_rows(name: str, on: dt.date, code: str | None = None) -> TableRows:
    """Give the rows of one table in force on a day, all or those of one code, whichever column of the key holds it.

    ``InputError`` where there is no such table, or no row of that code on any day.
    """
    if name not in TABLES:
        raise InputError("unknown-reference-table", found=name, expected=", ".join(sorted(TABLES)))
    table, held = TABLES[name], rows(name)
    wanted = [row for row in held if code is None or code in {row[column] for column in table.key}]
    if code is not None and not wanted:
        raise InputError("unknown-reference-code", table=name, found=code)
    shown = [row for row in wanted if not table.dated or in_force(day(row["valid_from"]), day(row["valid_to"]), on)]
    return TableRows(table, on, shown, wanted, len(held), overridden().get(name, 0))


def check_reference() -> ReferenceReport:
    """Examine every table and what they say of each other."""
    return ReferenceReport(problems(), reference_tables())


def _summary(table: ReferenceTable, own: int) -> TableSummary:
    held = rows(table.name)
    verified = len(held) * table.verified if table.source else sum(row["verified"] == "true" for row in held)
    return TableSummary(table.name, table.zh, table.en, len(held), verified, own, table.source)
