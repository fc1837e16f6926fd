"""How a recalibration looks in a terminal: both models on the same later loans, and the new model's grades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape

from certloan.cli.console import Console
from certloan.cli.texts import Texts

if TYPE_CHECKING:
    from certloan.services.recalibrate_model import RecalibrationReport

_SHORT = 12
#: Figures of the later half with their decimals; the ranking is the same before and after, so it is not among them.
_FIGURES = {"slope": 2, "intercept": 2, "ece": 4, "brier": 4, "log_loss": 4}


def recalibration(report: RecalibrationReport, texts: Texts, console: Console) -> None:
    """Tell what changed, whether it was worth it, and that the new model is not in use yet."""
    account: dict[str, Any] = dict(report.account)
    rows = [(texts(f"recalibrate.{name}"), *_two(account, name, texts)) for name in ("fitted_slope", "fitted_offset")]
    for name, digits in _FIGURES.items():
        both = (report.before.interval(name), report.after.interval(name))
        rows.append(
            (texts(f"recalibrate.{name}"), *(_spread(one.value, one.low, one.high, digits, texts) for one in both))
        )
    rates = [f"{seen.expected:.2%}" for seen in (report.before, report.after)]
    rows.append((texts("recalibrate.expected"), *rates))
    heads = [texts("column.metric"), texts("recalibrate.before"), texts("recalibrate.after")]
    console.table(texts("recalibrate.title", fingerprint=report.fingerprint[:_SHORT]), heads, rows, whole=[1, 2])
    for part in ("fitted", "held_out"):
        facts = {name: value for name, value in account["window"][part].items() if name not in ("from", "to")}
        first, last = account["window"][part]["from"], account["window"][part]["to"]
        console.say(texts(f"recalibrate.window_{part}", first=first, last=last, **facts))
    seen = report.after.interval("observed")
    console.say(texts("recalibrate.observed", rate=f"{seen.value:.2%}", low=f"{seen.low:.2%}", high=f"{seen.high:.2%}"))
    difference = account["held_out"]["log_loss_difference"]
    console.say(texts("recalibrate.difference", **{name: f"{value:+.4f}" for name, value in difference.items()}))
    if account["anchor"] is not None:
        _anchor(account["anchor"], account["held_out"]["unanchored"], texts, console)
    _grades(report, texts, console)
    console.say(texts("recalibrate.not_in_use", fingerprint=report.fingerprint[:_SHORT], parent=report.parent[:_SHORT]))


def _two(account: dict[str, Any], name: str, texts: Texts) -> list[str]:
    """The parameters before and after, as fitted."""
    figure = name.removeprefix("fitted_")
    return [
        _spread(account[when][figure], account[when][f"{figure}_low"], account[when][f"{figure}_high"], 3, texts)
        for when in ("before", "after")
    ]


def _spread(value: float, low: float, high: float, digits: int, texts: Texts) -> str:
    told = {name: f"{figure:.{digits}f}" for name, figure in (("value", value), ("low", low), ("high", high))}
    return texts("recalibrate.interval", **told)


def _anchor(anchor: dict[str, Any], without: dict[str, Any], texts: Texts, console: Console) -> None:
    rates = {name: f"{anchor[name]:.2%}" for name in ("target", "before", "after")}
    shift = anchor["offset_after"] - anchor["offset_before"]
    reason = escape(" ".join(part for part in (anchor["reason"], anchor["period"]) if part))
    console.say(texts("recalibrate.anchored", **rates, shift=f"{shift:+.3f}", reason=reason))
    told = {"expected": f"{without['expected']:.2%}", "log_loss": f"{without['log_loss']:.4f}"}
    console.say(texts("recalibrate.unanchored", **told))


def _grades(report: RecalibrationReport, texts: Texts, console: Console) -> None:
    rows = [
        (
            grade["code"],
            f"{grade['pd_from']:.3%} – {grade['pd_below']:.3%}",
            f"{grade['n']:,} ({grade['defaults']:,})",
            f"{grade['expected']:.2%}",
            f"{grade['rate']:.2%} ({grade['rate_low']:.2%}–{grade['rate_high']:.2%})",
        )
        for grade in report.grades["grades"]
    ]
    heads = [texts(f"recalibrate.{name}") for name in ("grade", "bounds", "loans", "expected_rate", "rate")]
    console.table(texts("recalibrate.grades"), heads, rows, whole=[0, 1, 2])
