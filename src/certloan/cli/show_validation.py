"""How a validation looks in a terminal: one line an area, and where the whole report lies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import text

if TYPE_CHECKING:
    from certloan.services.validate_model import ValidationReport

_TONES = {"passes": "green", "fails": "red", "too_little": "yellow"}


def validation_report(report: ValidationReport, path: Path, texts: Texts, console: Console) -> None:
    """Tell the verdict, what each area found, and where the page is."""
    from certloan.services.validate_model import summaries

    console.say(
        f"[bold]{texts('validate.title', fingerprint=report.fingerprint[:12])}[/] {_verdict(report.verdict, texts)}"
    )
    if not report.evidence_unchanged:
        console.say(text("validation.changed", texts.lang))
    rows = [
        (escape(text(f"validation.area.{name}", texts.lang)), _verdict(report.verdicts.get(name), texts), escape(told))
        for name, told in summaries(report, texts.lang).items()
    ]
    columns = [text(f"validation.column.{name}", texts.lang) for name in ("area", "verdict", "found")]
    console.table(text("validation.overview", texts.lang), columns, rows)
    console.say(texts("validate.files", path=path))


def _verdict(verdict: str | None, texts: Texts) -> str:
    if verdict is None:
        return ""
    return f"[{_TONES[verdict]}]{text(f'validation.verdict.{verdict}', texts.lang)}[/]"
