"""The sheet on which an officer scores a case by hand: values in, points out, by the very tables of the model.

Two sheets behind it hold every bin and every cell to the last digit. A number's bin is one more than the number of edges
below it, so that an edge belongs to the bin under it, as everywhere; a text's bin is its place in the list of levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from openpyxl.styles import Font
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from certloan.i18n import Lang, has, text
from certloan.report.scorecard.card import Card, Main
from certloan.report.scorecard.labels import level_told
from certloan.report.scorecard.sheets import INPUT, POINTS, RESULT, Formula, header, put, span
from certloan.scoring.bundle import Bundle
from certloan.scoring.grades.grades import Grades
from certloan.scoring.matrix import MISSING_LEVEL, ModelFeature
from certloan.scoring.tables import Pair

#: Rows of the results above the features; the base points and the sums stand there.
_SCORE, _EXACT, _PD, _GRADE, _BASE = 3, 4, 5, 6, 7
_FIRST = 10


@dataclass(frozen=True)
class _Held:
    """Where a feature's edges (or levels) and points stand on the sheet of bins."""

    edges: str
    points: str
    bins: int


def add_calculator(book: Workbook, card: Card, bundle: Bundle, lang: Lang) -> None:
    """Add the calculator, and behind it the sheets of bins and of pair cells."""
    sheet = book.create_sheet(_word("calculator", lang), 1)
    bins, cells = (book.create_sheet(_word(name, lang)) for name in ("bins", "cells"))
    held = _write_bins(bins, bundle, lang)
    bin_at = _features(sheet, card, bundle, held, lang)
    last = _pairs(sheet, cells, card, bundle, bin_at, lang)
    _results(sheet, bundle, last, lang)
    sheet.freeze_panes = f"A{_FIRST}"


def _write_bins(sheet: Worksheet, bundle: Bundle, lang: Lang) -> list[_Held]:
    header(sheet, 1, [_column(name, lang) for name in ("name", "bins", "high", "points")], [34, 8, 26, 24])
    row, held = 2, []
    per_margin = bundle.points_per_margin
    for feature, axis, cells in zip(bundle.features, bundle.tables.axes, bundle.tables.mains, strict=True):
        edges = _levels(feature, lang) if axis.thresholds is None else [float(edge) for edge in axis.thresholds]
        for at, cell in enumerate(cells):
            put(sheet, row + at, 1, feature.name)
            put(sheet, row + at, 2, at + 1)
            put(sheet, row + at, 3, edges[at] if at < len(edges) else None)
            put(sheet, row + at, 4, float(cell) * per_margin, POINTS)
        last = row + len(cells) - 1
        held.append(_Held(span(sheet, "C", row, row + max(len(edges), 1) - 1), span(sheet, "D", row, last), axis.bins))
        row = last + 1
    sheet.freeze_panes = "A2"
    return held


def _levels(feature: ModelFeature, lang: Lang) -> list[str | float]:
    """Name levels as people do, as long as that leaves them apart."""
    raw = list(feature.levels or ())
    told = [level_told(level, lang) for level in raw]
    if len(set(told)) == len(told):
        return [*told]
    return [level or name for level, name in zip(raw, told, strict=True)]


def _features(sheet: Worksheet, card: Card, bundle: Bundle, held: list[_Held], lang: Lang) -> list[str]:
    """Write a line a feature; give for each feature of the bundle where its bin stands."""
    heads = [_column("family", lang), _column("feature", lang), _column("name", lang)]
    heads += [_word(name, lang) for name in ("input", "bin", "main_points")]
    header(sheet, _FIRST - 1, [*heads, ""], [12, 44, 32, 18, 8, 12, 16])
    families = dict(card.families)
    bin_at = [""] * len(bundle.features)
    for number, main in enumerate(card.mains):
        row, at = _FIRST + number, bundle.names.index(main.name)
        put(sheet, row, 1, families[main.family](lang))
        put(sheet, row, 2, main.label(lang))
        put(sheet, row, 3, main.name)
        sheet.cell(row, 4).fill = INPUT
        put(sheet, row, 5, Formula(_bin_formula(f"D{row}", bundle, at, held[at], main)), "0")
        put(sheet, row, 6, Formula(f"=INDEX({held[at].points},E{row})"), POINTS)
        hint = f"scorecard.sheet.{main.unit}"
        put(sheet, row, 7, text(hint, lang) if has(hint) else None)
        if main.unit == "category":
            allowed = DataValidation("list", formula1=f"={held[at].edges}", allow_blank=True, showErrorMessage=False)
            sheet.add_data_validation(allowed)
            allowed.add(f"D{row}")
        bin_at[at] = f"$E${row}"
    return bin_at


def _bin_formula(value: str, bundle: Bundle, at: int, held: _Held, main: Main) -> str:
    """Give the number of the value's bin, from 1; blank is the last one unless missing is a level of its own."""
    levels = bundle.features[at].levels
    if levels is not None:
        found = f"IFERROR(MATCH({value},{held.edges},0),{held.bins})"
        return f'=IF({value}="",{levels.index(MISSING_LEVEL) + 1},{found})' if MISSING_LEVEL in levels else f"={found}"
    if not len(np.asarray(bundle.tables.axes[at].thresholds)):
        return f"=IF(ISNUMBER({value}),1,{held.bins})"
    read = f"LN(1+{value})" if main.unit == "log_yuan" else value
    return f"=IF(ISNUMBER({value}),SUMPRODUCT(--({held.edges}<{read}))+1,{held.bins})"


def _pairs(sheet: Worksheet, cells: Worksheet, card: Card, bundle: Bundle, bin_at: list[str], lang: Lang) -> int:
    """Write a line a pair under the features; give the last line of all."""
    header(
        cells, 1, [_word("pairs", lang), *(f"{name}" for name in ("r", "c")), _column("points", lang)], [12, 10, 10, 24]
    )
    row, start = _FIRST + len(card.mains) + 1, 2
    labels = {main.name: main.label(lang) for main in card.mains}
    for number, pair in enumerate(bundle.tables.pairs, 1):
        first, second = (bundle.names[at] for at in (pair.first, pair.second))
        put(sheet, row, 1, _word("pairs", lang))
        put(sheet, row, 2, f"{labels[first]} × {labels[second]}")
        put(sheet, row, 3, f"{first} × {second}")
        place = _write_cells(cells, start, number, pair, bundle.points_per_margin)
        looked_up = f"INDEX({place[0]},{bin_at[pair.first]})+INDEX({place[1]},{bin_at[pair.second]})+1"
        put(sheet, row, 6, Formula(f"=INDEX({place[2]},{looked_up})"), POINTS)
        start, row = start + max(len(pair.rows), len(pair.columns), pair.cells.size), row + 1
    return row - 1


def _write_cells(sheet: Worksheet, start: int, number: int, pair: Pair, per_margin: float) -> tuple[str, str, str]:
    """Write where each bin's row begins, which column it has, and the cells row by row."""
    wide = pair.cells.shape[1]
    columns = (
        [int(row) * wide for row in pair.rows],
        [int(column) for column in pair.columns],
        [float(cell) * per_margin for cell in pair.cells.ravel()],
    )
    put(sheet, start, 1, number)
    for letter, values in enumerate(columns, 2):
        for at, value in enumerate(values):
            put(sheet, start + at, letter, value)
    return (
        span(sheet, "B", start, start + len(columns[0]) - 1),
        span(sheet, "C", start, start + len(columns[1]) - 1),
        span(sheet, "D", start, start + len(columns[2]) - 1),
    )


def _results(sheet: Worksheet, bundle: Bundle, last: int, lang: Lang) -> None:
    scale = bundle.scale
    put(sheet, 1, 1, _word("how", lang))
    lines: list[tuple[int, str, float | str, str]] = [
        (_SCORE, "total", f"=FLOOR(D{_EXACT}+0.5,1)", "0"),
        (_EXACT, "exact", f"=D{_BASE}+SUM(F{_FIRST}:F{last})", "0.000"),
        (_PD, "pd", f"=1/(1+EXP((D{_EXACT}-({scale.offset!r}))/{scale.factor!r}))", "0.00%"),
        (_BASE, "base", bundle.base_points, "0.000"),
    ]
    if bundle.grades is not None:
        lines.append((_GRADE, "grade", _grade_formula(bundle.grades), ""))
    for row, name, value, shape in lines:
        key = "scorecard.grade.code" if name == "grade" else f"scorecard.sheet.{name}"
        put(sheet, row, 2, text(key, lang)).font = Font(bold=True)
        cell = put(sheet, row, 4, Formula(value) if isinstance(value, str) else value, shape)
        cell.font, cell.fill = Font(bold=True, size=14 if name == "total" else 11), RESULT


def _grade_formula(grades: Grades) -> str:
    """Ask for one bound after another, the best grade first."""
    *better, worst = grades.grades
    asked = "".join(f'IF(D{_PD}<{grade.pd_below!r},"{_quoted(grade.code)}",' for grade in better)
    return f'={asked}"{_quoted(worst.code)}"{")" * len(better)}'


def _quoted(word: str) -> str:
    return word.replace('"', '""')


def _word(name: str, lang: Lang) -> str:
    return text(f"scorecard.sheet.{name}", lang)


def _column(name: str, lang: Lang) -> str:
    return text(f"scorecard.column.{name}", lang)
