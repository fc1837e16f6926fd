"""How a scorecard looks in a terminal: one table to a family, a bar to a bin."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import text

if TYPE_CHECKING:
    from certloan.services.show_scorecard import Card, Cell, Main, Two

_ARROWS = {1: "↑", -1: "↓", 0: "·"}
#: Half the length of a bar: to the left what speaks against, to the right what speaks for.
_BAR = 4
#: Signs of each column: value, points, bar, people, rate of default, loans; with the blanks between them 79.
_WIDTHS = (22, 12, 9, 6, 15, 10)
#: Columns of a pair that stand side by side in 80 characters.
_SIDE_BY_SIDE = 4


def scorecard(card: Card, texts: Texts, console: Console, *, pairs: bool, features: Collection[str] = ()) -> None:
    """Tell the whole card, or the features named and the pairs they are in."""
    _head(card, texts, console)
    mains = [main for main in card.mains if not features or main.name in features]
    longest = max((abs(cell.points) for main in card.mains for cell in main.told_cells), default=1.0) or 1.0
    for family, told in card.families:
        chosen = [main for main in mains if main.family == family]
        drawn = [main for main in chosen if features or not main.flat]
        if drawn:
            _family(told(texts.lang), drawn, longest, card, texts, console)
    named = [pair for pair in card.pairs if not features or {pair.first, pair.second} & set(features)]
    flat = [escape(main.label(texts.lang)) for main in mains if main.flat and not features]
    if flat:
        console.say(_word("flat", texts, count=len(flat), names=text("scorecard.bin.comma", texts.lang).join(flat)))
    if pairs or features:
        for pair in named:
            _pair(pair, texts, console)
    elif card.pairs:
        console.say(_word("more_pairs", texts, count=len(card.pairs)))
    _foot(card, texts, console, whole=not features)


def _head(card: Card, texts: Texts, console: Console) -> None:
    from certloan.services.show_scorecard import tested_told

    scale = card.scale
    console.say(
        f"[bold]{_word('title', texts)}[/]  {card.fingerprint[:12]}  [dim]{_word(f'kind.{card.kind}', texts)}[/]"
    )
    console.say(_word("scale", texts, points=f"{scale.points:g}", odds=f"{scale.odds:g}", doubles=f"{scale.doubles:g}"))
    console.say(f"[bold]{_word('base', texts, base=f'{card.base_points:.1f}')}[/]")
    if card.tested is not None:
        told = escape(tested_told(card.tested, texts.lang))
        console.say(f"[bold]{card.tested.auc.value:.3f}[/]  {told}")


def _family(title: str, mains: Sequence[Main], longest: float, card: Card, texts: Texts, console: Console) -> None:
    counted = card.loans is not None
    console.say()
    console.say(f"[bold reverse] {title} ({len(mains)}) [/]")
    names = ("value", "points", "bar", "share", *(("rate", "loans") if counted else ()))
    console.say(f"[dim]{_aligned([_word(f'column.{name}', texts) for name in names])}[/]")
    for main in mains:
        console.say()
        heading = f"[bold]{escape(main.label(texts.lang))}[/] {_ARROWS[main.direction]} [dim]{escape(main.name)}"
        console.say(f"{heading} · {_word('weight', texts, weight=f'{main.weight:.1f}')}[/]")
        for cell in main.told_cells:
            _line(cell, longest, texts, console, counted=counted)


def _line(cell: Cell, longest: float, texts: Texts, console: Console, *, counted: bool) -> None:
    from rich.cells import cell_len

    from certloan.services.show_scorecard import signed

    label = cell.label(texts.lang)
    error = f" ±{cell.error:.1f}" if cell.error else ""
    told = [f"{signed(cell.points)}{error}", bar(cell.points, longest), f"{cell.share:.1%}"]
    if counted and cell.counted is not None and cell.counted.n:
        rate = cell.counted.rate
        told += [f"{rate.value:.1%} {100 * rate.low:.1f}–{100 * rate.high:.1f}"]
        told += [f"{cell.counted.defaults:,}/{cell.counted.n:,}"]
    elif counted:
        told += ["–", "0/0"]
    if cell_len(label) > _WIDTHS[0] - 2:
        console.say(f"  {escape(label)}")
        label = ""
    console.say(escape(_aligned([f"  {label}", *told])))


def _aligned(cells: Sequence[str]) -> str:
    """Put cells into columns: names and bars from the left, figures from the right."""
    from rich.cells import cell_len

    parts = []
    for at, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=False)):
        blanks = " " * max(0, width - cell_len(cell))
        parts.append(cell + blanks if at in {0, 2} else blanks + cell)
    return " ".join(parts).rstrip()


def bar(points: float, longest: float) -> str:
    """Draw points as a bar from the middle: to the right what is added, to the left what is taken away.

    >>> bar(10.0, 10.0), bar(-5.0, 10.0), bar(0.0, 10.0)
    ('    │▇▇▇▇', '  ▇▇│    ', '    │    ')
    """
    length = round(abs(points) / longest * _BAR)
    drawn = "▇" * length
    return f"{drawn if points < 0 else '':>{_BAR}}│{drawn if points > 0 else '':<{_BAR}}"


def _pair(pair: Two, texts: Texts, console: Console) -> None:
    from certloan.services.show_scorecard import signed

    names = pair.label_first(texts.lang), pair.label_second(texts.lang)
    rows, columns, points, error = pair.rows, pair.columns, pair.points, pair.error
    if len(columns) > len(rows):
        names, rows, columns = (names[1], names[0]), columns, rows
        points, error = tuple(zip(*points, strict=True)), tuple(zip(*error, strict=True))
    title = f"{escape(names[0])} × {escape(names[1])}  [dim]σ {pair.weight:.1f}[/]"
    for start in range(0, len(columns), _SIDE_BY_SIDE):
        part = range(start, min(start + _SIDE_BY_SIDE, len(columns)))
        heads = [escape(names[0]), *(escape(columns[at](texts.lang)) for at in part)]
        lines = [
            (
                escape(told(texts.lang)),
                *(f"{signed(points[r][c])}" + (f" [dim]±{error[r][c]:.1f}[/]" if error else "") for c in part),
            )
            for r, told in enumerate(rows)
        ]
        console.table(title if not start else "", heads, lines, figures=range(1, len(heads)))


def _foot(card: Card, texts: Texts, console: Console, *, whole: bool) -> None:
    """Say what the figures rest on; what printing costs is a figure of the whole card."""
    loss = card.loss
    facts = {"printed": loss.printed, "bins": loss.bins, "most": f"{loss.most:.2f}", "mean": f"{loss.mean:.2f}"}
    if whole:
        cost = "full" if loss.nothing else "loss" if card.loans else "loss_tables"
        console.say(_word(cost, texts, **facts))
    if card.loans is None:
        console.say(f"[yellow]{_word(f'absent.{card.absent}', texts)}[/]")
        return
    held = card.loans
    console.say(_word("loans", texts, n=f"{held.n:,}", defaults=f"{held.defaults:,}", first=held.first, last=held.last))
    if whole and loss.auc and loss.auc_difference and loss.log_loss_difference:
        gap, truth = loss.auc_difference, loss.log_loss_difference
        told = {
            "auc": f"{loss.auc.value:.4f} [{loss.auc.low:.4f}, {loss.auc.high:.4f}]",
            "auc_gap": f"{gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]",
            "loss_gap": f"{truth.value:+.5f} [{truth.low:+.5f}, {truth.high:+.5f}]",
        }
        console.say(escape(_word("loss_measured", texts, **told)))


def _word(name: str, texts: Texts, **facts: object) -> str:
    return text(f"scorecard.{name}", texts.lang, **facts)
