"""How models, the gate and their history look in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import text

if TYPE_CHECKING:
    from certloan.services.list_models import ModelLine, ModelList
    from certloan.services.model_history import ModelAct
    from certloan.services.promote_model import Checked, GateResult, Promotion

#: How much of a fingerprint tells models apart.
_SHORT = 12
_COLOURS = {"passes": "green", "fails": "red", "too_little": "yellow", "missing": "dim"}


def model_list(found: ModelList, texts: Texts, console: Console) -> None:
    """Tell of every model in a line, and of a note that no recorded promotion has written."""
    if not found.models:
        console.say(texts("models.empty"))
        return
    names = ("model", "state", "auc", "test", "maker")
    rows = [_model_row(line, texts) for line in found.models]
    console.table(texts("models.title"), _heads(names, texts), rows, figures=[3], whole=[0])
    if found.differs:
        note, ledger = (str(name or texts("promote.none"))[:_SHORT] for name in (found.noted, found.recorded))
        console.say(f"[yellow]{texts('models.note_differs', note=note, ledger=ledger)}[/]")


def _model_row(line: ModelLine, texts: Texts) -> tuple[str, ...]:
    state = texts(f"models.state.{line.state}")
    auc = "–" if line.auc is None else f"{line.auc:.3f} ({line.auc_low:.3f}–{line.auc_high:.3f})"
    test = "–" if line.n is None else f"{line.n:,} ({line.defaults:,})"
    return line.fingerprint[:_SHORT], state, line.broken or auc, test, escape(_people(line.makers))


def gate_result(fingerprint: str, found: GateResult, texts: Texts, console: Console) -> None:
    """Tell every check: what was found, what was needed, and why it is asked."""
    rows = [
        (
            f"{one.check.name}\n[dim]{escape(one.check.told(texts.lang))}[/]",
            one.told,
            one.check.expected,
            _result(one, texts),
        )
        for one in found.checked
    ]
    title = texts("models.gate_title", version=found.version, fingerprint=fingerprint[:_SHORT])
    console.table(title, _heads(("check", "found", "needed", "verdict"), texts), rows, whole=[2, 3])
    stopped = texts("models.gate_stopped", count=len(found.blocking))
    console.say(texts("models.gate_passed") if found.passed else f"[red]{stopped}[/]")


def promotion(done: Promotion, texts: Texts, console: Console) -> None:
    """Tell what became champion, and past which checks."""
    gate_result(done.fingerprint, done.gate, texts, console)
    before = done.before[:_SHORT] if done.before else texts("promote.none")
    people = {"actor": escape(done.actor), "makers": escape(_people(done.makers))}
    console.say(f"[green]{texts('promote.done', fingerprint=done.fingerprint[:_SHORT], before=before, **people)}[/]")


def history(acts: Sequence[ModelAct], texts: Texts, console: Console) -> None:
    """Tell the acts in their order."""
    if not acts:
        console.say(texts("models.history_empty"))
        return
    rows = [
        (
            act.seq,
            act.at[:16].replace("T", " "),
            texts(f"models.act.{act.kind}"),
            escape(act.actor),
            (act.before or "–")[:_SHORT],
            (act.model or "–")[:_SHORT],
            escape(" · ".join(filter(None, (act.code, act.reason)))),
        )
        for act in acts
    ]
    names = ("seq", "at", "act", "actor", "from", "to", "reason")
    console.table(texts("models.history_title"), _heads(names, texts), rows, figures=[0], whole=[1, 2, 4, 5])


def _result(one: Checked, texts: Texts) -> str:
    told = f"[{_COLOURS[one.verdict]}]{text(f'gate.verdict.{one.verdict}', texts.lang)}[/]"
    return f"{told}\n[bold red]{texts('models.stops')}[/]" if one.blocks else told


def _heads(names: Sequence[str], texts: Texts) -> list[str]:
    return [texts(f"models.column.{name}") for name in names]


def _people(names: Sequence[str]) -> str:
    return ", ".join(names) or "–"
