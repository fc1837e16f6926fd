"""Reading a TOML table field by field: every problem is noted with its place, and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from certloan.errors import InputError
from certloan.expressions.problems import nearest
from certloan.policy.references import Reference

_CODE = re.compile(r"[\w.+-]{1,60}")


class Fields:
    """One table of a policy file and the problems found in it so far; a field that is not as it must be gives None."""

    def __init__(self, table: Mapping[str, Any], place: str, problems: list[InputError]) -> None:
        self.table, self.place, self.problems = table, place, problems
        self._read: set[str] = set()

    def problem(self, code: str, key: str, **facts: object) -> None:
        """Note a problem with one field."""
        self.problems.append(InputError(code, place=f"{self.place}{key}", **facts))

    def text(self, key: str, *, required: bool = True) -> str | None:
        """Read a text that says something."""
        value = self._value(key, required=required)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.problem("policy-wrong-shape", key, found=value, expected='"…"')
        return None

    def raw(self, key: str) -> Any:  # noqa: ANN401 – whatever the file holds
        """Read a field whose shape its reader judges; None where it is missing."""
        return self._value(key)

    def code(self, key: str) -> str | None:
        """Read a code: one word that may stand in a file name, a report or a query."""
        value = self.text(key)
        if value is None or _CODE.fullmatch(value):
            return value
        self.problem("policy-wrong-shape", key, found=value, expected="a-z, 0-9, -")
        return None

    def references(self, key: str) -> tuple[Reference, ...]:
        """Read a list of at least one reference: a text, or a table that says that it is not verified."""
        value = self._value(key)
        if value is None:
            return ()
        found = [_reference(part) for part in value] if isinstance(value, list) else []
        whole = tuple(each for each in found if each is not None)
        if whole and len(whole) == len(found):
            return whole
        self.problem("policy-wrong-shape", key, found=value, expected='["…", { ref = "…", verified = false }]')
        return ()

    def choice(self, key: str, allowed: Sequence[str]) -> str | None:
        """Read one of the allowed words."""
        value = self.text(key)
        if value is None or value in allowed:
            return value
        self.problem("policy-wrong-shape", key, found=value, expected=", ".join(allowed))
        return None

    def day(self, key: str, *, required: bool = True) -> date | None:
        """Read a date, written without quotes."""
        value = self._value(key, required=required)
        if value is None or type(value) is date:
            return value
        self.problem("policy-wrong-shape", key, found=value, expected="2026-01-31")
        return None

    def number(self, key: str, low: Decimal, high: Decimal, *, required: bool = True) -> Decimal | None:
        """Read a number between two bounds, both included."""
        value = self._value(key, required=required)
        if value is None:
            return None
        number = not isinstance(value, bool) and isinstance(value, int | Decimal) and Decimal(value).is_finite()
        if not number or not low <= value <= high:
            self.problem("policy-wrong-shape", key, found=value, expected=f"{low} … {high}")
            return None
        return Decimal(value)

    def languages(self, key: str, *, required: bool = True) -> tuple[str, str] | None:
        """Read a text in both languages, as (zh, en)."""
        value = self._value(key, required=required)
        if value is None:
            return None
        if isinstance(value, dict) and set(value) == {"zh", "en"} and all(isinstance(v, str) for v in value.values()):
            return value["zh"], value["en"]
        self.problem("policy-wrong-shape", key, found=value, expected='{ zh = "…", en = "…" }')
        return None

    def one(self, key: str, *, required: bool = True) -> Fields | None:
        """Step into a table."""
        value = self._value(key, required=required)
        if isinstance(value, dict):
            return Fields(value, f"{self.place}{key}.", self.problems)
        if value is not None:
            self.problem("policy-wrong-shape", key, found=value, expected=f"[{key}]")
        return None

    def many(self, key: str) -> list[Fields]:
        """Step into every table of a list of tables."""
        value = self._value(key)
        if value is None:
            return []
        if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
            return [
                Fields(entry, f"{self.place}{key}[{entry.get('code', place)}].", self.problems)
                for place, entry in enumerate(value, start=1)
            ]
        self.problem("policy-wrong-shape", key, found=value, expected=f"[[{key}]]")
        return []

    def done(self) -> None:
        """Note every field that nobody asked for: a misspelt rule must not go unnoticed."""
        for key in self.table:
            if key not in self._read:
                self.problem("policy-unknown-key", key, found=key, expected=nearest(key, self._read))

    def _value(self, key: str, *, required: bool = True) -> Any:  # noqa: ANN401 – whatever the file holds
        self._read.add(key)
        if key not in self.table and required:
            self.problem("policy-missing-key", key, expected=key)
        return self.table.get(key)


def _reference(part: object) -> Reference | None:
    """Give one reference; None where it is neither a text nor a table of ``ref`` and ``verified``."""
    ref, verified = part, True
    if isinstance(part, dict) and set(part) == {"ref", "verified"}:
        ref, verified = part["ref"], part["verified"]
    if isinstance(ref, str) and ref.strip() and isinstance(verified, bool):
        return Reference(ref, verified)
    return None
