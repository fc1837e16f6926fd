"""How the quality of the evidence looks in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import Lang, text

if TYPE_CHECKING:
    from certloan.services.assess_evidence import Finding, QualityReport

_TENTH_OF_PERCENT = 0.001


def worst_findings(worst: Sequence[Finding], texts: Texts, console: Console) -> None:
    """Tell what is worst in the evidence, or that nothing is."""
    if not worst:
        console.say(texts("quality.clean"))
        return
    rows = [
        (
            escape(finding.told("title", texts.lang)),
            _share(finding.share),
            f"{finding.found:,} / {finding.of:,}",
            escape(finding.told("treatment", texts.lang)),
        )
        for finding in worst
    ]
    columns = [texts(f"quality.{name}") for name in ("question", "share", "records", "treatment")]
    console.table(texts("quality.worst"), columns, rows, figures=[1, 2])


def quality_report(report: QualityReport, path: object, texts: Texts, console: Console) -> None:
    """Tell everything that was found, the coverage of the last full year, and how old the sources are."""
    zh = texts.lang is Lang.ZH
    console.say(f"[bold]{texts('quality.title', day=report.as_of)}[/]")
    worst_findings(report.worst(), texts, console)
    unasked = sum(1 for finding in report.findings if finding.found is None)
    if unasked:
        console.say(texts("quality.unasked", count=unasked))
    rows = [
        (text(f"quality.family.{cover.family}", texts.lang), _share(cover.share), _share(cover.applicant_share))
        for cover in report.coverage
        if cover.year == report.as_of.year - 1
    ]
    columns = [texts(f"quality.{name}") for name in ("family", "enterprises", "applicants")]
    console.table(texts("quality.coverage"), columns, rows, figures=[1, 2])
    aged = [
        (source.zh if zh else source.en, f"{source.records:,}", source.newest_known_on or "–", source.days_since or 0)
        for source in report.sources
        if source.records
    ]
    columns = [texts(f"quality.{name}") for name in ("source", "records", "newest", "days")]
    console.table(texts("quality.staleness"), columns, aged, figures=[1, 3])
    console.say(texts("quality.files", path=path))


def _share(share: float | None) -> str:
    if share is None:
        return "–"
    return "<0.1%" if 0 < share < _TENTH_OF_PERCENT else f"{share:.1%}"
