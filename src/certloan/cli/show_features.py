"""How features look in a terminal: the catalog as a table, one feature as an account with a small histogram."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from certloan.cli.console import Console
from certloan.cli.texts import Texts
from certloan.i18n import has, text

if TYPE_CHECKING:
    from certloan.services.describe_features import FeatureTold, Shown, Spread
    from certloan.services.feature_spread import Missing

_ARROWS = {"more_is_better": "↑", "less_is_better": "↓", "none_claimed": "·"}
_BAR = 16


def listed(found: Sequence[FeatureTold], texts: Texts, console: Console) -> None:
    """Tell the catalog, one table to a family and one feature to a line."""
    columns = [texts(f"column.{name}") for name in ("feature", "meaning", "direction", "unit", "use")]
    of: dict[str, list[tuple[str, ...]]] = {}
    for told in found:
        words = told.words(texts.lang)
        gear = " ⚙" if told.actionable else ""
        line = (told.name, told.label(texts.lang) + gear, _ARROWS[told.direction], words["unit"], words["use"])
        of.setdefault(words["family"], []).append(line)
    for family, rows in of.items():
        console.table(f"{family} ({len(rows)})", columns, rows, whole=[0, 2])
    console.say(f"[bold]{texts('features-list.title', count=len(found))}[/]  [dim]{texts('features-list.legend')}[/]")


def shown(found: Shown, texts: Texts, console: Console) -> None:
    """Account for one feature: words, declaration, statement, values."""
    told = found.told
    console.say(f"[bold]{told.label(texts.lang)}[/]  [dim]{told.name}[/]")
    console.say(escape(told.definition(texts.lang)))
    facts = told.words(texts.lang) | {"source": told.sourced(texts.lang)}
    facts["actionable"] = text("common.yes" if told.actionable else "common.no", texts.lang)
    if found.parts:
        facts["parts"] = ", ".join(found.parts)
    facts["reads"] = ", ".join(found.reads)
    console.table(
        "",
        [texts("column.meaning"), texts("column.value")],
        [(texts(f"features-show.{name}"), escape(value)) for name, value in facts.items()],
    )
    if found.prepared(texts.lang):
        console.say(f"[bold]{texts('features-show.prepared')}[/]")
        for column, made in found.prepared(texts.lang).items():
            console.say(f"  {column}: {escape(made)}")
    for title, body in (("declaration", [found.declaration]), ("sql", found.sql)):
        console.say(f"[bold]{texts(f'features-show.{title}')}[/]")
        for part in body:
            console.say(escape(part))
    if found.spread is None:
        console.say(texts("features-show.no_warehouse"))
    else:
        _spread(found.spread, texts, console)


def _spread(spread: Spread, texts: Texts, console: Console) -> None:
    share = "–" if spread.known_share is None else f"{spread.known_share:.1%}"
    console.say(
        f"[bold]{texts('features-show.spread')}[/]  "
        + texts("features-show.sampled", n=f"{spread.n:,}", there=f"{spread.there:,}", known=share)
    )
    if spread.quantiles:
        columns = ["min", "1%", "5%", "25%", "50%", "75%", "95%", "99%", "max"]
        values = [_figure(value) for value in spread.quantiles.values()]
        console.table("", columns, [values], figures=range(len(columns)))
        console.say(texts("features-show.zeros", zeros=f"{spread.zeros:,}"))
    bins = [
        (_figure(low) if low == high else f"{_figure(low)} … {_figure(high)}", n) for low, high, n in spread.histogram
    ]
    bins += [(_level(level, texts), n) for level, n in spread.levels.items()]
    if bins:
        widest = max(n for _, n in bins) or 1
        rows = [(label, f"{n:,}", "█" * round(n / widest * _BAR)) for label, n in bins]
        console.table("", [texts("column.value"), texts("column.count"), ""], rows, figures=[1], whole=[2])
    for title, groups in (("by_size", spread.missing_by_size), ("by_year", spread.missing_by_year)):
        _missing(texts(f"features-show.{title}"), groups, texts, console)


def _missing(title: str, groups: Sequence[Missing], texts: Texts, console: Console) -> None:
    if groups:
        columns = [texts("column.group"), texts("column.people"), texts("column.missing")]
        rows = [(_level(group.group, texts), f"{group.n:,}", f"{group.share:.1%}") for group in groups]
        console.table(title, columns, rows, figures=[1, 2])


def _level(level: str, texts: Texts) -> str:
    if level == "unknown":
        return texts("features-show.unknown")
    key = f"feature.level.{level}"
    return text(key, texts.lang) if has(key) else escape(level)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) and abs(value) >= 1000 else f"{value:.4g}"
