"""How integrity flags look in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import text

if TYPE_CHECKING:
    from certloan.services.check_integrity import Integrity

_MOST_RECORDS = 3


def integrity_flags(found: Sequence[Integrity], texts: Texts, console: Console) -> None:
    """Tell what was noticed, the records behind it, and what to ask; the serious first within each application."""
    flagged = [each for each in found if each.flags]
    console.say(f"[bold]{texts('integrity.title', flagged=len(flagged), asked=len(found))}[/]")
    if not flagged:
        console.say(texts("integrity.none"))
        return
    rows = []
    for each in flagged:
        label = f"{each.application_id}\n{escape(each.name or each.uscc)}\n{each.as_of}"
        for flag in each.flags:
            records = "".join(f"\n• {escape(record.told(texts.lang))}" for record in flag.records[:_MOST_RECORDS])
            weight = text(f"integrity.severity.{flag.severity}", texts.lang)
            rows.append((label, weight, escape(flag.told(texts.lang)) + records, escape(flag.ask(texts.lang))))
            label = ""
    columns = [texts(f"integrity.{name}") for name in ("application", "severity", "noticed", "ask")]
    console.table("", columns, rows)
    console.say(texts("integrity.note"))
