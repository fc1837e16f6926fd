"""What is at hand about one enterprise: its records in every table, the shared registers, references, deliveries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from certloan.features import asof

#: A record by column, ``known_on`` and ``void_on`` among them; or a row prepared from one.
Row = dict[str, Any]
#: The versions of a reference row: valid_from, valid_to, the columns it tells.
Versions = Sequence[tuple[date | None, date | None, Mapping[str, Any]]]


@dataclass(frozen=True)
class Known:
    """Everything ever said of one enterprise, whenever it became known. ``since`` tells when a source was delivered."""

    records: Mapping[str, Sequence[Row]]
    versions: Callable[[str, str], Versions]
    since: Mapping[str, date | None]


@dataclass(frozen=True)
class Asked:
    """One enterprise on one day: the application is told because its own table is read by it."""

    known: Known
    application_id: str | None
    day: date
    prepared: dict[object, list[Row]] = field(default_factory=dict)

    def counting(self, table: str, keys: Sequence[str]) -> list[Row]:
        """Give copies of the records that count on the day."""
        found = [row for row in self.known.records.get(table, ()) if asof.counts_here(row, self.day)]
        if "application_id" in keys:
            found = [row for row in found if row["application_id"] == self.application_id is not None]
        return [{**row, "as_of": self.day} for row in found]

    def delivered(self, table: str) -> bool:
        """Tell whether a source had been delivered by the day."""
        since = self.known.since.get(table)
        return since is not None and since <= self.day

    def reference(self, relation: str, code: str | None, day: date | None) -> Mapping[str, Any]:
        """Give what the version in force on ``day`` tells; nothing if there is none."""
        for valid_from, valid_to, told in self.known.versions(relation, code) if code is not None else ():
            if asof.valid_here(valid_from, valid_to, day):
                return told
        return {}
