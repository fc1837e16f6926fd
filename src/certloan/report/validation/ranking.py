"""How well the model ranks: figures, curves, rivals, and what a cut-off earns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from certloan.i18n import Lang
from certloan.report.page import table
from certloan.report.plot import Axis, Chart, Span, forest, legend
from certloan.report.validation.told import counted, figures, interval, note, p_value, share, spanned, word

#: Figures of the overview: name, and how each is written.
_FIGURES = (
    ("auc", "{:.3f}"),
    ("gini", "{:.3f}"),
    ("ks", "{:.3f}"),
    ("brier", "{:.4f}"),
    ("reliability", "{:.5f}"),
    ("resolution", "{:.5f}"),
    ("log_loss", "{:.4f}"),
    ("slope", "{:.3f}"),
    ("intercept", "{:.3f}"),
    ("shift", "{:+.3f}"),
    ("ratio", "{:.2f}"),
    ("ece", "{:.4f}"),
)


def performance(area: Mapping[str, Any], lang: Lang) -> str:
    """Tell the figures of the model on loans it had not seen, draw its curves, and set its rivals beside it."""
    rows = [
        (word(f"figure.{name}", lang), spanned(area, name, lang, form), word(f"means.{name}", lang))
        for name, form in _FIGURES
    ]
    rows += [
        (word(f"figure.{name}", lang), value, word(f"means.{name}", lang))
        for name, value in (
            ("observed", spanned(area, "observed", lang, "{:.2%}")),
            ("expected", f"{area['expected']:.2%}"),
            ("spiegelhalter", f"z = {area['spiegelhalter_z']:+.2f}, p = {p_value(area['spiegelhalter_p'])}"),
        )
    ]
    head = [word("column.figure", lang), word("column.value", lang), word("column.means", lang)]
    curves = area["curves"]
    drawn = figures(
        (word("chart.roc", lang), _unit_curve(curves["roc"], "roc", lang)),
        (word("chart.gains", lang), _unit_curve(curves["gains"], "gains", lang)),
        (word("chart.scores", lang), _scores(curves["scores"], lang)),
    )
    told = note(counted(area["n"], area["defaults"], lang)) + note(_clustered(area["clustered"], lang))
    return told + table(head, rows, first_text=3) + drawn + _rivals(area.get("rivals", {}), lang) + _gains(area, lang)


def _clustered(held: Mapping[str, Any], lang: Lang) -> str:
    return word(
        "clustered",
        lang,
        by_loan=interval(held["by_loan"], lang),
        by_enterprise=interval(held["by_enterprise"], lang),
        firms=f"{held['enterprises']:,}",
        repeated=f"{held['repeated']:.0%}",
        draws=held["draws"],
    )


def profit(area: Mapping[str, Any], lang: Lang) -> str:
    """Draw what each cut-off would have earned."""
    cuts = [cut for cut in area["cuts"] if cut["accepted"] > 0]
    low = min(min(cut["profit_low"] for cut in cuts), 0.0)
    high = max(max(cut["profit_high"] for cut in cuts), 0.0)
    pad = 0.08 * (high - low or 1.0)
    accepted = Axis(0.0, 1.0, word("axis.accepted", lang), "{:.0%}".format)
    chart = Chart(accepted, Axis(low - pad, high + pad, word("axis.profit", lang), "{:.1%}".format))
    points = sorted((cut["accepted"], cut["profit"], cut["profit_low"], cut["profit_high"]) for cut in cuts)
    best = min(cuts, key=lambda cut: abs(cut["cut"] - area["break_even"]))
    svg = chart.draw(
        word(f"chart.profit_{area['per']}", lang),
        chart.line([(0.0, 0.0), (1.0, 0.0)], 0),
        chart.band([(x, at_low, at_high) for x, _, at_low, at_high in points]),
        chart.line([(x, y) for x, y, _, _ in points]),
        chart.line(sorted((cut["accepted"], cut["promised"]) for cut in cuts), 2, dashed=True),
        chart.upright(best["accepted"], 3),
    )
    told = word(
        f"profit.told_{area['per']}",
        lang,
        margin=share(area["margin"]),
        loss=share(area["loss_severity"]),
        cut=share(area["break_even"]),
        accepted=share(best["accepted"]),
        profit=spanned(best, "profit", lang, "{:.2%}"),
        promised=f"{best['promised']:.2%}",
        counted=counted(best["n_accepted"], best["defaults_accepted"], lang),
        whole=counted(best["n"], best["defaults"], lang),
        missing=f"{area['amounts_missing']:,}",
    )
    title = word(f"chart.profit_{area['per']}", lang)
    names = legend(
        [
            (1, word("legend.earned", lang), False),
            (2, word("legend.promised", lang), True),
            (3, word("legend.break_even", lang), True),
        ]
    )
    return note(told) + names + figures((title, svg))


def _unit_curve(held: Mapping[str, Sequence[float]], name: str, lang: Lang) -> str:
    across = Axis(0.0, 1.0, word(f"axis.{name}_x", lang), "{:.0%}".format)
    chart = Chart(across, Axis(0.0, 1.0, word(f"axis.{name}_y", lang), "{:.0%}".format))
    points = list(zip(held["x"], held["y"], strict=True))
    return chart.draw(word(f"chart.{name}", lang), chart.line([(0, 0), (1, 1)], 0, dashed=True), chart.line(points))


def _scores(held: Mapping[str, Sequence[float]], lang: Lang) -> str:
    edges = held["edges"]
    most = max(*held["repaid"], *held["defaulted"]) * 1.08
    chart = Chart(
        Axis(edges[0], edges[-1], word("axis.score", lang), "{:.0f}".format),
        Axis(0.0, most, word("axis.share", lang), "{:.0%}".format),
    )
    svg = chart.draw(
        word("chart.scores", lang), chart.bars(edges, held["repaid"], 1), chart.bars(edges, held["defaulted"], 2)
    )
    keys = [(1, word("legend.repaid", lang), False), (2, word("legend.defaulted", lang), False)]
    return svg + legend(keys)


def _rivals(rivals: Mapping[str, Mapping[str, Any]], lang: Lang) -> str:
    if not rivals:
        return ""
    spans = [
        Span(
            word(f"rival.{name}", lang, auc=spanned(held, "auc", lang)),
            held["difference"],
            held["difference_low"],
            held["difference_high"],
            spanned(held, "difference", lang, "{:+.3f}"),
        )
        for name, held in rivals.items()
    ]
    return figures((word("chart.rivals", lang), forest(spans, word("chart.rivals", lang))))


def _gains(area: Mapping[str, Any], lang: Lang) -> str:
    head = [word(f"column.{name}", lang) for name in ("part", "n", "defaults", "rate", "gain", "lift")]
    rows = [
        (
            share(part["share"]),
            f"{part['n']:,}",
            f"{part['defaults']:,}",
            spanned(part, "rate", lang, "{:.1%}"),
            spanned(part, "gain", lang, "{:.0%}"),
            spanned(part, "lift", lang, "{:.2f}"),
        )
        for part in area["gains"]
    ]
    inner = table(head, rows)
    return f"<details><summary>{escape(word('gains', lang))}</summary>{inner}</details>"
