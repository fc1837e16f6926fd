"""How well a model did: figures with intervals, calibration, grades, rivals, and the price of its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from certloan.i18n import Lang
from certloan.report.model_card.blocks import Block, CardFacts, Drawing, Part, Rows, Words, part, say, spanned
from certloan.report.plot import Axis, Chart, Span, forest
from certloan.scoring.grades.grades import Grades
from certloan.scoring.metrics.interval import z_value
from certloan.scoring.metrics.line import calibrator_told

#: The figures of the test in the order of the card, and how each is written.
_FIGURES = (
    ("auc", ".3f"),
    ("gini", ".3f"),
    ("ks", ".3f"),
    ("brier", ".4f"),
    ("log_loss", ".4f"),
    ("ece", ".4f"),
    ("slope", ".2f"),
    ("intercept", ".2f"),
    ("expected", ".2%"),
    ("observed", ".2%"),
)


def numbers(facts: CardFacts, lang: Lang) -> Part:
    """Tell every figure of the test with its interval, n and defaults."""
    metrics = facts.held.get("metrics", {})
    if "n" not in metrics:
        return part("numbers", lang, [Words(say("untested", lang))])
    rows = [
        (say(f"figure.{name}", lang), spanned(metrics, name, form), say(f"meaning.{name}", lang))
        for name, form in _FIGURES
        if name in metrics
    ]
    head = [say(f"head.{name}", lang) for name in ("figure", "interval", "meaning")]
    tested = say("tested", lang, n=f"{metrics['n']:,}", defaults=f"{metrics['defaults']:,}")
    return part("numbers", lang, [Words(tested), Rows(head, rows, 9)])


def calibration(facts: CardFacts, lang: Lang) -> Part:
    """Tell slope and offset of the calibrator, and the grades with their observed rates."""
    fitted, z = facts.bundle.calibrator, z_value()
    blocks: list[Block] = []
    if fitted.fitted:
        errors = {"slope": fitted.slope_error, "offset": fitted.offset_error}
        held: dict[str, Any] = {}
        for name, value in (("slope", fitted.slope), ("offset", fitted.offset)):
            held |= {name: value, f"{name}_low": value - z * errors[name], f"{name}_high": value + z * errors[name]}
        told = {name: spanned(held, name) for name in ("slope", "offset")}
        blocks.append(Words(say("calibrated", lang, **told)))
    else:
        blocks.append(Words(say("calibration_refused", lang)))
        if fitted.refused_slope is not None:
            told = {"slope": spanned(calibrator_told(fitted), "refused_slope")}
            blocks.append(Words(say("refused_slope", lang, **told)))
    grades = facts.bundle.grades
    blocks += [Words(say("no_grades", lang))] if grades is None else _grades(grades, lang)
    return part("calibration", lang, blocks)


def rivals(facts: CardFacts, lang: Lang) -> Part | None:
    """Tell how the rivals did on the same rows; None where there were none."""
    found = {name: held for name, held in facts.held.get("rivals", {}).items() if "difference" in held}
    if not found:
        return None
    rows = [
        (say(f"rival.{name}", lang), spanned(held, "auc"), spanned(held, "difference", "+.3f"))
        for name, held in found.items()
    ]
    spans = [_span(say(f"rival.{name}", lang), held) for name, held in found.items()]
    head = [say(f"head.{name}", lang) for name in ("model", "auc", "difference")]
    caption = say("rivals_drawn", lang)
    return part(
        "rivals", lang, [Words(say("rivals", lang)), Rows(head, rows), Drawing(forest(spans, caption), caption)]
    )


def _span(name: str, held: Mapping[str, Any]) -> Span:
    value, low, high = (float(held[key]) for key in ("difference", "difference_low", "difference_high"))
    return Span(name, value, low, high, spanned(held, "difference", "+.3f"))


def _grades(grades: Grades, lang: Lang) -> list[Block]:
    rows = [
        (
            grade.code,
            f"{grade.pd_from:.2%} – {grade.pd_below:.2%}",
            f"{grade.n:,}",
            f"{grade.defaults:,}",
            f"{grade.expected:.2%}",
            f"{grade.rate:.2%} ({grade.rate_low:.2%} … {grade.rate_high:.2%})",
        )
        for grade in grades.grades
    ]
    head = [say(f"head.{name}", lang) for name in ("grade", "pd", "n", "defaults", "expected", "rate")]
    caption = say("grades_drawn", lang)
    return [Words(say("grades", lang, scale=grades.scale)), Rows(head, rows), Drawing(_drawn(grades, lang), caption)]


def _drawn(grades: Grades, lang: Lang) -> str:
    """Draw observed rates with their intervals over the mean probability, beside the line of perfect agreement."""
    most = max(max(grade.rate_high, grade.expected) for grade in grades.grades) * 1.05
    across, up = (Axis(0.0, most, say(f"axis.{name}", lang), "{:.0%}".format) for name in ("expected", "rate"))
    chart = Chart(across, up)
    dots = [(grade.expected, grade.rate, grade.rate_low, grade.rate_high) for grade in grades.grades]
    told = [f"{grade.code}: {grade.rate:.2%} ({grade.defaults}/{grade.n})" for grade in grades.grades]
    line = chart.line([(0.0, 0.0), (most, most)], 0, dashed=True)
    return chart.draw(say("grades_drawn", lang), line, chart.dots(dots, 1, told))


def brief(held: Mapping[str, Any], lang: Lang) -> str:
    """Say in one sentence how the model did."""
    metrics = held.get("metrics", {})
    if "n" not in metrics:
        return say("untested", lang)
    return say("brief", lang, n=metrics["n"], defaults=metrics.get("defaults"), auc=spanned(metrics, "auc"))
