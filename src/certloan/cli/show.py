"""How results look in a terminal: tables, and bars that add up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from certloan.cli.console import Console
from certloan.cli.show_quality import worst_findings
from certloan.cli.texts import Texts
from certloan.i18n import Lang, text

if TYPE_CHECKING:
    from certloan.services.audit_fairness import AttributeRates, FairnessReport, GroupRate
    from certloan.services.decide_loan import ScoringRun
    from certloan.services.explain_case import Explanation, GateTold
    from certloan.services.load_report import LoadReport, ProblemCount
    from certloan.services.monitor_drift import DriftReport
    from certloan.services.run_demo import DemoResult

_BAR = 12
_MOST_PROBLEMS = 12
_MOST_PLACES = 3
_MOST_RECORDS = 3
_MOST_MEASURES = 10
_STATE_COLOURS = {"red": "red", "amber": "yellow", "green": "green", "not_enough": "dim"}
_COLOURS = {"approve": "green", "refer": "yellow", "decline": "red"}


def ingest_report(report: LoadReport, texts: Texts, console: Console) -> None:
    """Tell what a delivery brought, table by table, and every kind of problem."""
    names = ("table", "rows", "accepted", "quarantined", "duplicate", "superseding", "unchanged")
    rows = [
        (name, t.rows_read, t.rows_accepted, t.rows_quarantined, t.rows_duplicate, t.rows_superseding, t.rows_unchanged)
        for name, t in sorted(report.tables.items())
    ]
    title = texts("ingest.title", delivery_id=report.delivery_id)
    console.table(title, [texts(f"column.{name}") for name in names], rows, figures=range(1, 7), whole=[0])
    if report.problems:
        _problems(report, texts, console)
    if report.quarantine_file is not None:
        console.say(texts("ingest.quarantine", path=report.quarantine_file))
    elif report.exit_code == 0:
        console.say(texts("ingest.clean"))
    if report.quality_file is not None:
        worst_findings(report.worst, texts, console)
        console.say(texts("quality.files", path=report.quality_file))


def _problems(report: LoadReport, texts: Texts, console: Console) -> None:
    """Tell each kind of problem once, with where it was found and one example of its wording; the commonest first."""
    kinds: dict[str, list[ProblemCount]] = {}
    for problem in report.problems:
        kinds.setdefault(problem.code, []).append(problem)
    counted = sorted(kinds.values(), key=lambda found: -sum(problem.count for problem in found))
    rows = []
    for found in counted[:_MOST_PROBLEMS]:
        places = list(dict.fromkeys(f"{p.table}\n  .{p.column}" if p.column else p.table or p.file for p in found))
        told = "\n".join([*places[:_MOST_PLACES], *(["…"] if len(places) > _MOST_PLACES else [])])
        rows.append((found[0].code, sum(p.count for p in found), told, escape(found[0].message(texts.lang))))
    columns = [texts(f"column.{name}") for name in ("problem", "count", "where", "meaning")]
    console.table(texts("ingest.problems"), columns, rows, figures=[1], whole=[0, 2])
    if len(counted) > _MOST_PROBLEMS:
        console.say(texts("ingest.more", count=len(counted) - _MOST_PROBLEMS))


def scoring_run(run: ScoringRun, files: Sequence[Path], texts: Texts, console: Console) -> None:
    """Tell how many applications got which recommendation, and where the file is."""
    title = texts("score.title", scored=run.scored, fingerprint=run.fingerprint[:12], policy=run.policy_id)
    rows = [(texts(f"score.{name}"), count) for name, count in run.outcomes.items()]
    console.table(title, [texts("column.meaning"), texts("column.count")], rows, figures=[1])
    console.say(texts("score.files", files=", ".join(map(str, files))))


def explanation(told: Explanation, texts: Texts, console: Console) -> None:
    """Account for one decision: the sum, the gates, the reasons."""
    zh = texts.lang is Lang.ZH
    colour = _COLOURS[told.outcome]
    console.say(
        f"[bold]{texts('explain.title', application_id=told.application_id, as_of=told.as_of)}[/]  {escape(told.name or '')}"
    )
    outcome = f"[bold {colour}]{texts('score.' + told.outcome)}[/]"
    console.say(texts("explain.outcome", outcome=outcome, score=told.score, grade=told.grade, pd=f"{told.pd:.2%}"))
    if told.limit is not None:
        console.say(texts("explain.limit", limit=told.limit_told(texts.lang)))
    largest, rest = told.largest()
    rows: list[tuple[str, str, object, str]] = [(texts("explain.base"), "", told.base_points, "")]
    widest = max((abs(p.points) for p in largest), default=1)
    for point in largest:
        label, value = (point.label_zh, point.value_zh) if zh else (point.label_en, point.value_en)
        rows.append((label, value, f"{point.points:+d}", _bar(point.points, widest)))
    if rest:
        rows.append((texts("explain.others", count=len(rest)), "", f"{sum(p.points for p in rest):+d}", ""))
    rows.append((f"[bold]{texts('explain.sum')}[/]", "", f"[bold]{told.score}[/]", ""))
    console.table(
        "", [texts("column.feature"), texts("column.value"), texts("column.points"), ""], rows, figures=[2], whole=[3]
    )
    _listed(
        texts("explain.gates"),
        [_gate(gate, texts) for gate in told.gates],
        console,
    )
    if not told.gates:
        console.say(texts("explain.no_gates"))
    for title, reasons in (("reasons_for", told.reasons_for), ("reasons_against", told.reasons_against)):
        _listed(texts(f"explain.{title}"), [f"{r.points:+d}  {escape(r.zh if zh else r.en)}" for r in reasons], console)


def _gate(gate: GateTold, texts: Texts) -> str:
    """Tell a gate that fired: why, on which paper, and on which records."""
    told = gate.zh if texts.lang is Lang.ZH else gate.en
    records = "".join(f"\n      {escape(record.told(texts.lang))}" for record in gate.records[:_MOST_RECORDS])
    return f"{told} [dim]({', '.join(gate.references(texts.lang))})[/]{records}"


def fairness_report(report: FairnessReport, texts: Texts, console: Console) -> None:
    """Tell approval rates by group with intervals and n."""
    columns = [texts(f"column.{name}") for name in ("group", "people", "rate", "interval", "ratio", "verdict")]
    for attribute in report.attributes:
        rows = [
            (
                group.label(texts.lang),
                group.n,
                "–" if group.rate is None else f"{group.rate:.1%}",
                "–" if group.low is None or group.high is None else f"{group.low:.1%} – {group.high:.1%}",
                "–" if group.ratio is None else f"{group.ratio:.2f} ({group.ratio_low:.2f} – {group.ratio_high:.2f})",
                text(f"fairness.verdict.{group.verdict}", texts.lang),
            )
            for group in attribute.groups
        ]
        console.table(attribute.label(texts.lang), columns, rows, figures=range(1, 5))
        _layers(attribute, texts, console)
        console.say(attribute.inputs(texts.lang))
    for told in (text("fairness.layers_how", texts.lang), report.covers(texts.lang), texts("audit.screening")):
        console.say(told)


def _layers(attribute: AttributeRates, texts: Texts, console: Console) -> None:
    """Tell the rates of each layer on its own: a group may pass the gates and fall behind in the score."""
    rows = [
        (
            group.label(texts.lang),
            "–" if group.rate is None else f"{group.rate:.1%}",
            *(_alone(layer.groups[place]) for layer in attribute.layers),
        )
        for place, group in enumerate(attribute.groups)
    ]
    layers = [layer.label(texts.lang) for layer in attribute.layers]
    title = text("fairness.layers", texts.lang)
    console.table(
        title, [texts("column.group"), texts("column.rate"), *layers], rows, figures=range(1, 2 + len(layers))
    )


def _alone(group: GroupRate) -> str:
    if group.rate is None:
        return "–"
    return f"{group.rate:.1%} ({group.low:.1%} – {group.high:.1%}, {group.n})"


def drift_report(report: DriftReport, texts: Texts, console: Console) -> None:
    """Tell the drift of score and recommendations and the largest ones of features, beside what chance alone would do."""

    def state(name: str) -> str:
        return f"[{_STATE_COLOURS[name]}]{text(f'monitoring.state.{name}', texts.lang)}[/]"

    results = [measure for measure in report.measures if measure.what != "feature"]
    features = [measure for measure in report.measures if measure.what == "feature"]
    first, last, n = report.reference
    console.say(texts("monitor.title", state=state(report.state.value), fingerprint=report.fingerprint[:12]))
    console.say(texts("monitor.windows", first=first, last=last, n=n, since=report.since, n_current=report.n_current))
    rows = [
        (
            escape(measure.label(texts.lang)),
            *(f"{figure:.3f}" for figure in (drift.psi, drift.by_chance, drift.alarm_above)),
            f"{drift.n_reference} / {drift.n_current}",
            state(measure.state.value),
        )
        for measure in (*results, *features[:_MOST_MEASURES])
        for drift in [measure.drift]
    ]
    columns = [texts(f"column.{name}") for name in ("feature", "index", "by_chance", "alarm_above", "numbers", "state")]
    console.table("", columns, rows, figures=range(1, 5))
    if len(features) > _MOST_MEASURES:
        console.say(texts("monitor.more", count=len(features) - _MOST_MEASURES))
    console.say(texts("monitor.how"))


def demo_result(result: DemoResult, texts: Texts, console: Console) -> None:
    """Tell the whole way in a few lines, and what to try next."""
    facts = result.as_json()
    shown = {name: _figure(value) for name, value in facts.items()}
    console.say(f"[bold green]{texts('demo.title', **shown)}[/]")
    shown |= {"fingerprint": str(facts["fingerprint"])[:12]}
    shown |= {"validation": text(f"gate.verdict.{facts['validation']}", texts.lang)}
    for line in ("rows", "model", "validated", "decided"):
        console.say("  " + texts(f"demo.{line}", **shown))
    if result.quarantine_files:
        console.say("  " + texts("demo.quarantine", path=result.quarantine_files[0].parent))
    if result.quality_files:
        console.say("  " + texts("quality.files", path=result.quality_files[-1]))
    if result.example is not None:
        console.say("")
        explanation(result.example, texts, console)
        console.say("")
        console.say(texts("demo.next", application_id=result.example.application_id))


def _listed(title: str, lines: Sequence[str], console: Console) -> None:
    if lines:
        console.say(f"[bold]{title}[/]")
        for line in lines:
            console.say(f"  • {line}")


def _bar(points: int, widest: int) -> str:
    length = round(abs(points) / widest * _BAR)
    return f"[{'green' if points > 0 else 'red'}]{'█' * length}[/]" if length else ""


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
