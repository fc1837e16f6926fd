"""How models, the gate and their history look in a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import text
from certloan.services.shadow_report import feature_told

if TYPE_CHECKING:
    from certloan.services.list_models import ModelLine, ModelList
    from certloan.services.model_history import ModelAct
    from certloan.services.promote_model import Checked, GateResult, Promotion
    from certloan.services.shadow_report import ShadowReport

#: How much of a fingerprint tells models apart.
_SHORT = 12
#: Applications and features that a terminal shows of the largest moves; ``--json`` has more.
_MOVERS, _FEATURES = 5, 3
#: Signs of the column of results.
_RESULT = 10
_COLOURS = {"passes": "green", "fails": "red", "too_little": "yellow", "missing": "dim"}


def model_list(found: ModelList, texts: Texts, console: Console) -> None:
    """Tell of every model in a line, and of a note that no recorded promotion has written."""
    if not found.models:
        console.say(texts("models.empty"))
        return
    names = ("model", "kind", "state", "auc", "test", "maker", "made")
    rows = [_model_row(line, texts) for line in found.models]
    console.table(texts("models.title"), _heads(names, texts), rows, whole=[0, 1, 2, 3, 4, 6])
    if found.differs:
        note, ledger = (str(name or texts("promote.none"))[:_SHORT] for name in (found.noted, found.recorded))
        console.say(f"[yellow]{texts('models.note_differs', note=note, ledger=ledger)}[/]")


def _model_row(line: ModelLine, texts: Texts) -> tuple[str, ...]:
    state = texts(f"models.state.{line.state}")
    kind = "–" if line.kind is None else texts(f"models.kind.{line.kind}")
    auc = "–" if line.auc is None else f"{line.auc:.3f}\n{line.auc_low:.3f}–{line.auc_high:.3f}"
    test = "–" if line.n is None else f"{line.n:,}\n({line.defaults:,})"
    made = "–" if line.made_at is None else line.made_at[:16].replace("T", "\n")
    return (
        line.fingerprint[:_SHORT],
        kind,
        state,
        (line.broken or auc).replace("-", "-\n"),
        test,
        escape(_people(line.makers)),
        made,
    )


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
    console.table(title, _heads(("check", "found", "needed", "verdict"), texts), rows, whole=[1, 2, 3])
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
            act.at[:16].replace("T", "\n"),
            texts(f"models.act.{act.kind}"),
            escape(act.actor),
            (act.before or "–")[:_SHORT],
            (act.model or "–")[:_SHORT],
            escape(" · ".join(filter(None, (act.code, act.reason)))),
        )
        for act in acts
    ]
    names = ("seq", "at", "act", "actor", "from", "to", "reason")
    console.table(texts("models.history_title"), _heads(names, texts), rows, figures=[0], whole=[1, 4, 5])


def shadow_report(found: ShadowReport, texts: Texts, console: Console) -> None:
    """Tell how far challenger and champion lie apart, who would fare otherwise, and why."""
    facts = found.as_json()
    names = {side: facts[side][:_SHORT] for side in ("champion", "challenger")}
    console.say(texts("shadow.title", **names, n=f"{facts['n']:,}", runs=facts["runs"]))
    shift = facts["shift"]
    cells = [f"{shift['mean']:+.1f}", *(f"{value:+.1f}" for value in shift["quantiles"].values())]
    rank = "–" if shift["rank_correlation"] is None else f"{shift['rank_correlation']:.3f}"
    heads = [texts("shadow.mean"), *(f"{float(share):.0%}" for share in shift["quantiles"]), texts("shadow.rank")]
    console.table(texts("shadow.shift"), heads, [[*cells, rank]], figures=range(len(heads)))
    console.say(texts("shadow.psi", **{name: _figure(facts["psi"], name) for name in ("psi", "by_chance")}))
    for what in ("outcomes", "grades"):
        shares = {way: _share(facts[what], way) for way in ("easier", "harder")}
        console.say(texts(f"shadow.{what}", **shares))
    _ranked(facts["ranking"], texts, console)
    rows = [
        (
            mover.application_id,
            f"{mover.champion} → {mover.challenger}",
            f"{texts('score.' + mover.outcome)} → {texts('score.' + mover.would)}",
            ", ".join(
                f"{escape(feature_told(name, texts.lang))} {points:+.0f}" for name, points in mover.features[:_FEATURES]
            ),
        )
        for mover in found.movers[:_MOVERS]
    ]
    columns = [texts(f"shadow.column.{name}") for name in ("application", "score", "outcome", "moved")]
    console.table(texts("shadow.movers"), columns, rows, whole=[1])


def _ranked(ranking: dict[str, float] | None, texts: Texts, console: Console) -> None:
    if ranking is None:
        console.say(texts("shadow.unranked"))
        return
    told = {name: _span(ranking, name, ".3f") for name in ("auc", "auc_champion")}
    told["difference"] = _span(ranking, "auc_difference", "+.3f")
    console.say(texts("shadow.ranked", n=ranking["n"], defaults=ranking["defaults"], **told))


def _span(held: dict[str, float], name: str, form: str) -> str:
    return f"{held[name]:{form}} ({held[f'{name}_low']:{form}} – {held[f'{name}_high']:{form}})"


def _share(held: dict[str, float], way: str) -> str:
    return f"{held[way]:.1%} ({held[f'{way}_low']:.1%} – {held[f'{way}_high']:.1%})"


def _figure(held: dict[str, float], name: str) -> str:
    return f"{held[name]:.3f}" if name in held else "–"


def _result(one: Checked, texts: Texts) -> str:
    # What stops nothing when it is missing is an area that a validator need not ask for.
    name = "not_asked" if one.verdict == "missing" and not one.blocks else one.verdict
    told = _narrow(text(f"gate.verdict.{name}", texts.lang), _COLOURS[one.verdict])
    return f"{told}\n{_narrow(texts('models.stops'), 'bold red')}" if one.blocks else told


def _narrow(told: str, style: str) -> str:
    """Break a few words into short lines, each marked by itself: the columns beside them need the room."""
    return "\n".join(f"[{style}]{line}[/]" for line in textwrap.wrap(told, _RESULT, break_long_words=False))


def _heads(names: Sequence[str], texts: Texts) -> list[str]:
    return [texts(f"models.column.{name}") for name in names]


def _people(names: Sequence[str]) -> str:
    return ", ".join(names) or "–"
