"""The data-quality report as one page that needs nothing from elsewhere: Chinese, with English one click away."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from certloan.contracts import CONTRACTS
from certloan.i18n import Lang, text
from certloan.report.evidence_quality import Finding, QualityReport, Trouble
from certloan.report.page import document, section, table, write_whole
from certloan.report.quality_pictures import ages, bar, coverage, percent

#: Of this share on, a contradiction is drawn as a grave one.
_GRAVE = 0.05
#: Tables that one kind of problem names.
_MOST_PLACES = 3


def write_quality(report: QualityReport, folder: Path, name: str = "quality") -> tuple[Path, Path]:
    """Write ``<name>.html`` and ``<name>.json`` into ``folder`` and give their paths; older ones are replaced whole."""
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
    return (
        write_whole(folder / f"{name}.html", page(report)),
        write_whole(folder / f"{name}.json", told + "\n"),
    )


def page(report: QualityReport) -> str:
    """Give the page; every value in it is escaped."""
    title = f"{_word('title', Lang.ZH)} · {report.as_of}"
    return document(title, {lang: _body(report, lang) for lang in Lang}, "quality.css")


def _body(report: QualityReport, lang: Lang) -> str:
    bad = {group: sum(1 for finding in report.group(group) if finding.found) for group in ("contradiction", "mismatch")}
    return "".join(
        (
            f"<header><h1>{escape(_word('title', lang))}</h1>",
            f"<p class='when'>{escape(_word('as_of', lang, day=report.as_of, deliveries=report.deliveries))} · "
            f"<b>{escape(_word('found', lang, n=bad['contradiction'], m=bad['mismatch']))}</b></p>",
            f"<p class='lead'>{escape(_word('lead', lang))}</p></header>",
            _section("contradictions", _findings(report.group("contradiction"), lang), lang),
            _section("coverage", _coverage(report, lang), lang),
            _section("staleness", _ages(report, lang), lang),
            _section("mismatches", _findings(report.group("mismatch"), lang), lang),
            _section("arrivals", _arrivals(report, lang), lang),
            _section("troubles", _troubles(report, lang), lang),
            f"<footer>{escape(_word('foot', lang))}</footer>",
        )
    )


def _section(name: str, inner: str, lang: Lang) -> str:
    return section(_word(name, lang), inner)


def _findings(found: Sequence[Finding], lang: Lang) -> str:
    bad = [finding for finding in found if finding.found]
    rest = [finding for finding in found if not finding.found]
    shown = "".join(_finding(finding, lang) for finding in bad)
    quiet = "".join(_quiet(finding, lang) for finding in rest)
    others = escape(_word("rest", lang, n=len(rest)))
    return f"{shown}<details class='q-rest'><summary>{others}</summary><ul>{quiet}</ul></details>" if rest else shown


def _finding(finding: Finding, lang: Lang) -> str:
    title = finding.told("title", lang)
    tone = "bad" if (finding.share or 0) >= _GRAVE else "warn"
    counted = f"{finding.found:,} / {finding.of:,}"
    rows = [
        (_word("meaning", lang), finding.told("meaning", lang)),
        (_word("treatment", lang), finding.told("treatment", lang)),
    ]
    told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in rows)
    keys = "".join(f"<li>{escape(key)}</li>" for key in finding.examples)
    return (
        f"<details class='q-finding'><summary><span class='q-title'>{escape(title)}</span>"
        f"<span class='q-figure'>{percent(finding.share)}<small>{counted}</small></span>"
        f"{bar(finding.share, tone, f'{title}: {percent(finding.share)}')}</summary>"
        f"<dl>{told}<dt>{escape(_word('examples', lang))}</dt><dd><ul class='q-keys'>{keys}</ul></dd>"
        f"<dt>{escape(_word('rule', lang))} <code>{escape(finding.code)}</code></dt>"
        f"<dd><code class='q-rule'>{escape(finding.rule)}</code></dd></dl></details>"
    )


def _quiet(finding: Finding, lang: Lang) -> str:
    """Tell what was asked without result, and what could not be asked."""
    if finding.found is None:
        named = _join((_table_told(table, lang) for table in finding.tables), lang)
        result = _word("unasked", lang, tables=named)
    else:
        result = f"{_word('clean', lang)} (0 / {finding.of:,})"
    return f"<li>{escape(finding.told('title', lang))} <span>{escape(result)}</span></li>"


def _coverage(report: QualityReport, lang: Lang) -> str:
    charts = "".join(
        f"<figure><figcaption><b>{escape(_word(who, lang))}</b> {escape(_word(note, lang))}</figcaption>"
        f"{coverage(report.coverage, lang, applicants=applicants)}</figure>"
        for who, note, applicants in (
            ("enterprises", "coverage_note", False),
            ("applicants", "applicants_note", True),
        )
    )
    return f"<div class='pair'>{charts}</div>"


def _ages(report: QualityReport, lang: Lang) -> str:
    known = [source for source in report.sources if source.records]
    empty = [_table_told(source.table, lang) for source in report.sources if not source.records]
    classes = "".join(
        f"<span class='q-key'><i class='q-age-{place}'></i>{escape(_word(f'age_{place}', lang))}</span>"
        for place in range(4)
    )
    half = (len(known) + 1) // 2
    charts = "".join(f"<figure>{ages(part, lang)}</figure>" for part in (known[:half], known[half:]) if part)
    without = f"<p class='note'>{escape(_word('none', lang))}: {escape(_join(empty, lang))}</p>" if empty else ""
    note = escape(_word("staleness_note", lang))
    return f"<p class='note'>{note}</p><p class='note'>{classes}</p><div class='pair'>{charts}</div>{without}"


def _arrivals(report: QualityReport, lang: Lang) -> str:
    names = ("read", "accepted", "quarantined", "duplicate", "superseding", "unchanged")
    rows = [
        (
            _table_told(arrival.table, lang),
            *(
                f"{count:,}"
                for count in (
                    arrival.rows_read,
                    arrival.rows_accepted,
                    arrival.rows_quarantined,
                    arrival.rows_duplicate,
                    arrival.rows_superseding,
                    arrival.rows_unchanged,
                )
            ),
        )
        for arrival in report.arrivals
    ]
    return table([_word("table", lang), *(_word(name, lang) for name in names)], rows, first_text=1)


def _troubles(report: QualityReport, lang: Lang) -> str:
    """Tell each kind of problem once, with the tables it was found in."""
    kinds: dict[str, list[Trouble]] = {}
    for trouble in report.troubles:
        kinds.setdefault(trouble.code, []).append(trouble)
    rows = [
        (
            found[0].told(lang),
            _places([trouble.table for trouble in found], lang),
            _word(found[0].severity, lang),
            f"{sum(trouble.rows for trouble in found):,}",
        )
        for found in sorted(kinds.values(), key=lambda found: -sum(trouble.rows for trouble in found))
    ]
    return table([_word(name, lang) for name in ("kind", "table", "effect", "rows")], rows, first_text=3)


def _places(tables: Sequence[str], lang: Lang) -> str:
    """Name the tables that hold most, and say how many others there are."""
    named = list(dict.fromkeys(tables))
    told = _join((_table_told(table, lang) for table in named[:_MOST_PLACES]), lang)
    return _word("others", lang, told=told, n=len(named) - _MOST_PLACES) if len(named) > _MOST_PLACES else told


def _table_told(table: str, lang: Lang) -> str:
    contract = CONTRACTS.get(table)
    return table if contract is None else contract.zh if lang is Lang.ZH else contract.en


def _join(words: Iterable[str], lang: Lang) -> str:
    return ("、" if lang is Lang.ZH else ", ").join(filter(None, words))


def _word(name: str, lang: Lang, **facts: object) -> str:
    return text(f"quality.page.{name}", lang, **facts)
