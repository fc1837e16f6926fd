"""What more loans, another draw or the declined would change: how far the figures could move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from certloan.i18n import Lang, has, text
from certloan.report.page import table
from certloan.report.plot import Axis, Chart, Span, forest, legend
from certloan.report.validation.told import counted, figures, interval, note, share, word


def learning(area: Mapping[str, Any], lang: Lang) -> str:
    """Draw how the model grows with the loans, and tell how many more would tell."""
    points = area["points"]
    narrower, training = area["narrower"], area["training"]
    wide = word(
        "learning.width",
        lang,
        now=f"{narrower['width_now']:.3f}",
        width=f"{narrower['width']:.3f}",
        more=f"{narrower['more_defaults']:,}",
        loans=f"{narrower['loans']:,}",
        defaults=f"{narrower['defaults_now']:,}",
    )
    loans = training["loans"]
    more = word(
        f"learning.{training['answer']}",
        lang,
        within=training["within"],
        loans=interval(loans, lang, "{:,.0f}") if loans else "–",
    )
    told = note(wide) + note(more) + note(word("quicker", lang))
    return told + (figures((word("chart.learning", lang), _curve(points, lang))) if points else "")


def refits(area: Mapping[str, Any], lang: Lang) -> str:
    """Tell how much scores, sides and reasons depend on the seed and on the draw of the enterprises."""
    kinds = [(kind, area[kind]) for kind in ("seeds", "bootstrap", "wholly") if area[kind]]
    head = [
        word(f"column.{name}", lang) for name in ("compared", "sd", "rank", "sides", "reasons", "first", "families")
    ]
    rows = [
        (
            word(f"refits.{kind}", lang, n=one["refits"]),
            interval(one["points_sd_drawn"], lang, "{:.1f}"),
            interval(one["rank_correlation"], lang),
            interval(one["side_changes"][0]["share"], lang, "{:.1%}"),
            interval(one["reasons_kept"], lang, "{:.0%}"),
            interval(one["first_kept"], lang, "{:.0%}"),
            interval(one["families_kept"], lang, "{:.0%}"),
        )
        for kind, one in kinds
    ]
    cut = area["bootstrap"]["side_changes"][0]["cut_off"]
    told = word("refits.told", lang, cut=f"{cut:.0f}", n=f"{area['bootstrap']['n']:,}")
    key = "refits.by_whole" if area["wholly"] else "refits.by_quick"
    return note(told) + table(head, rows) + note(word(key, lang))


def selective(area: Mapping[str, Any], lang: Lang) -> str:
    """Draw how far AUC and default rates could move with what is assumed of the declined."""
    if not area["bounds"]:
        return note(word("selective.nobody", lang))
    told = word(
        "selective.told",
        lang,
        granted=f"{area['granted']:,}",
        declined=f"{area['declined']:,}",
        defaults=f"{area['defaults']:,}",
        most=f"{area['most_times']:g}",
        lone=share(area["no_counterpart"]),
    )
    bounds = {(one["figure"], one["group"]): one for one in area["bounds"]}
    auc, level = bounds["auc", None], bounds["observed_to_expected", None]
    drawn = figures(
        (word("chart.selective", lang), _against_k(auc, "AUC", "selective", lang)),
        (
            word("chart.selective_level", lang),
            _against_k(level, word("axis.observed_to_expected", lang), "selective_level", lang),
        ),
        (word("chart.selective_groups", lang), _by_group(bounds, area["groups"], lang)),
    )
    keys = [(1, word("legend.times", lang), False), (2, word("legend.reweighted", lang), False)]
    worst = word("selective.worst", lang, low=f"{auc['worst_low']:.3f}", high=f"{auc['worst_high']:.3f}")
    return note(told) + legend(keys) + drawn + note(worst)


def _against_k(bound: Mapping[str, Any], name: str, title: str, lang: Lang) -> str:
    """Draw a figure over k with its interval; the reweighted one stands at the left edge."""
    lines = [line for line in bound["lines"] if line["times"] is not None]
    others = [line for line in bound["lines"] if line["assumption"] == "reweighted"]
    every = [*lines, *others, bound["granted_only"]]
    low, high = min(line["low"] for line in every), max(line["high"] for line in every)
    pad = 0.08 * (high - low or 0.1)
    most = max(line["times"] for line in lines)
    chart = Chart(
        Axis(0.8, most * 1.03, word("axis.k", lang), "{:g}".format),
        Axis(low - pad, high + pad, name, "{:.2f}".format),
    )
    points = sorted((line["times"], line["value"], line["low"], line["high"]) for line in lines)
    marks = [
        chart.band([(x, a, b) for x, _, a, b in points]),
        chart.line([(x, y) for x, y, _, _ in points]),
        chart.line([(0.8, bound["granted_only"]["value"]), (most, bound["granted_only"]["value"])], 0, dashed=True),
    ]
    marks += [chart.dots([(0.9, one["value"], one["low"], one["high"])], 2) for one in others]
    return chart.draw(word(f"chart.{title}", lang), *marks)


def _by_group(
    bounds: Mapping[tuple[str, str | None], Mapping[str, Any]], groups: Mapping[str, Mapping[str, int]], lang: Lang
) -> str:
    """Draw the range of each group's default rate over all assumptions, sampling error included."""
    spans = [
        Span(
            _group(group, lang),
            one["granted_only"]["value"],
            one["widest_low"],
            one["widest_high"],
            word(
                "range",
                lang,
                low=share(one["widest_low"]),
                high=share(one["widest_high"]),
                granted=f"{groups[group]['granted']:,}",
                defaults=f"{groups[group]['defaults']:,}",
                declined=f"{groups[group]['declined']:,}",
            ),
        )
        for (figure, group), one in bounds.items()
        if figure == "rate" and group is not None and one["widest_low"] is not None
    ]
    return forest(spans, word("chart.selective_groups", lang), zero=None)


def _group(name: str, lang: Lang) -> str:
    key = f"feature.level.{name}"
    return text(key, lang) if has(key) else word("unknown", lang)


def _curve(points: Sequence[Mapping[str, Any]], lang: Lang) -> str:
    low = min(point["auc"]["low"] for point in points)
    high = max(point["auc"]["high"] for point in points)
    most = max(point["n"] for point in points) * 1.06
    chart = Chart(
        Axis(0.0, most, word("axis.loans", lang), "{:,.0f}".format),
        Axis(max(0.0, low - 0.02), min(1.0, high + 0.02), "AUC", "{:.2f}".format),
    )
    dots = [(point["n"], point["auc"]["value"], point["auc"]["low"], point["auc"]["high"]) for point in points]
    hints = [f"{interval(one['auc'], lang)} · {counted(one['n'], one['defaults'], lang)}" for one in points]
    line = chart.line([(x, y) for x, y, _, _ in dots])
    return chart.draw(word("chart.learning", lang), line, chart.dots(dots, 1, hints))
