"""Whether as many default as was said, and whether the applicants are still the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from certloan.i18n import Lang
from certloan.report.page import table
from certloan.report.plot import Axis, Chart, Span, forest, legend
from certloan.report.validation.told import counted, feature, figures, interval, note, p_value, share, spanned, word


def calibration(area: Mapping[str, Any], lang: Lang) -> str:
    """Draw what was said against what became of it, by probability, by quarter, and by grade."""
    tested = area["hosmer_lemeshow"]
    told = word(
        "calibration.told",
        lang,
        chi=f"{tested['statistic']:.1f}",
        freedom=tested["freedom"],
        p=p_value(tested["p"]),
        counted=counted(tested["n"], tested["defaults"], lang),
    )
    drawn = figures(
        (word("chart.reliability", lang), _reliability(area, lang)),
        (word("chart.cohorts", lang), _cohorts(area["cohorts"], lang)),
    )
    return note(told) + drawn + (_grades(area["grades"], lang) if area["grades"] else "")


def stability(area: Mapping[str, Any], lang: Lang) -> str:
    """Tell how far the score and the features have moved between training and test, beside what chance moves."""
    told = word(
        "stability.told",
        lang,
        psi=f"{area['psi']:.4f}",
        chance=f"{area['by_chance']:.4f}",
        alarm=f"{area['alarm_above']:.4f}",
        before=f"{area['n_reference']:,.0f}",
        after=f"{area['n_current']:,.0f}",
        tested=area["tested"],
        shifted=area["shifted"],
    )
    head = [word(f"column.{name}", lang) for name in ("feature", "psi", "chance", "moved", "points")]
    rows = [
        (
            feature(one["feature"], lang),
            f"{one['psi']:.4f}",
            f"{one['by_chance']:.4f}",
            word(f"moved.{one['verdict']}", lang),
            interval(one["points"], lang, "{:+.1f}"),
        )
        for one in area["features"]
    ]
    return note(told) + table(head, rows)


def _reliability(area: Mapping[str, Any], lang: Lang) -> str:
    bins, smooth = area["reliability"], area["smooth"]
    most = min(1.0, max(max(found["observed_high"] for found in bins), max(smooth["x"])) * 1.05)
    said = Axis(0.0, most, word("axis.expected", lang), "{:.0%}".format)
    chart = Chart(said, Axis(0.0, most, word("axis.observed", lang), "{:.0%}".format))
    dots = [(one["expected"], one["observed"], one["observed_low"], one["observed_high"]) for one in bins]
    hints = [
        f"{share(one['expected'])} → {spanned(one, 'observed', lang, '{:.1%}')} · "
        f"{counted(one['n'], one['defaults'], lang)}"
        for one in bins
    ]
    band = list(zip(smooth["x"], smooth["low"], smooth["high"], strict=True))
    svg = chart.draw(
        word("chart.reliability", lang),
        chart.band(band, 3),
        chart.line([(0.0, 0.0), (most, most)], 0, dashed=True),
        chart.line(list(zip(smooth["x"], smooth["y"], strict=True)), 3),
        chart.dots(dots, 1, hints),
    )
    keys = [(1, word("legend.bins", lang), False), (3, word("legend.smooth", lang), False)]
    return svg + legend([*keys, (0, word("legend.true", lang), True)])


def _cohorts(cohorts: Sequence[Mapping[str, Any]], lang: Lang) -> str:
    spans = [
        Span(
            str(one["subject"]),
            one["observed"] - one["expected"],
            one["observed_low"] - one["expected"],
            one["observed_high"] - one["expected"],
            word(
                "cohort",
                lang,
                expected=share(one["expected"]),
                observed=share(one["observed"]),
                counted=counted(one["n"], one["defaults"], lang),
            ),
            2 if one["test"]["verdict"] == "fails" else 1,
        )
        for one in cohorts
    ]
    return forest(spans, word("chart.cohorts", lang))


def _grades(held: Mapping[str, Any], lang: Lang) -> str:
    head = [word(f"column.{name}", lang) for name in ("grade", "n", "defaults", "expected", "observed", "p", "verdict")]
    tests = {one["subject"]: one for one in held["jeffreys"]}
    rows = [
        (
            str(one["subject"]),
            f"{one['n']:,}",
            f"{one['defaults']:,}",
            f"{one['expected']:.2%}",
            spanned(one, "observed", lang, "{:.2%}"),
            p_value(tests[one["subject"]]["p_adjusted"]),
            word(f"verdict.{tests[one['subject']]['verdict']}", lang),
        )
        for one in held["grades"]
    ]
    key = "grades_rise" if held["rises"] else "grades_cross" if not held["falls"] else "grades_fall"
    return note(word("grades", lang)) + table(head, rows) + note(word(key, lang))
