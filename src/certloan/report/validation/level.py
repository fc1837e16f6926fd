"""Whether as many default as was said, and whether the applicants are still the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from certloan.i18n import Lang
from certloan.report.page import table
from certloan.report.plot import Axis, Chart, Span, forest, legend
from certloan.report.validation.told import (
    bounded,
    counted,
    feature,
    figures,
    interval,
    note,
    p_value,
    share,
    spanned,
    tested,
    word,
)


def calibration(area: Mapping[str, Any], lang: Lang) -> str:
    """Draw what was said against what became of it, over all, by probability, by quarter, and by grade."""
    held = area["hosmer_lemeshow"]
    told = word(
        "calibration.told",
        lang,
        chi=f"{held['statistic']:.1f}",
        freedom=held["freedom"],
        p=p_value(held["p"]),
        adjusted=p_value(held["p_adjusted"]),
        counted=counted(held["n"], held["defaults"], lang),
    )
    told = note(_level(area["level"], lang)) + note(told) + note(_named(area["tests"], lang))
    drawn = figures(
        (word("chart.reliability", lang), _reliability(area, lang)),
        (word("chart.cohorts", lang), _cohorts(area["cohorts"], lang)),
    )
    return told + drawn + (_grades(area["grades"], lang) if area["grades"] else "")


def failed(tests: Sequence[Mapping[str, Any]], lang: Lang) -> str:
    """Name the tests that failed, each with its adjusted p; nothing where none did."""
    names = [
        word("calibration.failed_one", lang, name=tested(one, lang), p=p_value(one["p_adjusted"]))
        for one in tests
        if one["verdict"] == "fails"
    ]
    return word("between", lang).join(names)


def _named(tests: Sequence[Mapping[str, Any]], lang: Lang) -> str:
    names = failed(tests, lang)
    return word("calibration.failed" if names else "calibration.none_failed", lang, n=len(tests), names=names)


def _level(level: Mapping[str, Any], lang: Lang) -> str:
    return word(
        "calibration.level",
        lang,
        expected=f"{level['expected']:.2%}",
        observed=spanned(level, "observed", lang, "{:.2%}"),
        ratio=spanned(level, "ratio", lang, "{:.2f}"),
        shift=spanned(level, "shift", lang, "{:+.2f}"),
        p=p_value(level["test"]["p"]),
        adjusted=p_value(level["test"]["p_adjusted"]),
    )


def stability(area: Mapping[str, Any], lang: Lang) -> str:
    """Tell how far the score and the features have moved between training and test, beside what chance moves."""
    told = word(
        "stability.told",
        lang,
        psi=f"{area['psi']:.4f}",
        beyond=_beyond(area, lang),
        chance=f"{area['by_chance']:.4f}",
        alarm=f"{area['alarm_above']:.4f}",
        before=f"{area['n_reference']:,.0f}",
        after=f"{area['n_current']:,.0f}",
        tested=area["tested"],
        shifted=area["shifted"],
    )
    head = [word(f"column.{name}", lang) for name in ("feature", "psi", "chance", "beyond", "moved", "points")]
    rows = [
        (
            feature(one["feature"], lang),
            f"{one['psi']:.4f}",
            f"{one['by_chance']:.4f}",
            _beyond(one, lang),
            word(f"moved.{one['verdict']}", lang),
            interval(one["points"], lang, "{:+.1f}"),
        )
        for one in area["features"]
    ]
    return note(told) + table(head, rows)


def _beyond(held: Mapping[str, Any], lang: Lang) -> str:
    """The index beyond what chance gives, with its interval; no upper bound where too few rows give none."""
    if held["psi_high"] is None:
        return "–"
    return bounded(held["psi_beyond_chance"], held["psi_low"], held["psi_high"], lang, "{:.4f}")


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
                p=p_value(one["test"]["p"]),
                adjusted=p_value(one["test"]["p_adjusted"]),
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
