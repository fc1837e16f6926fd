"""The scorecard as a workbook: an overview, a calculator, every one-way table, every pair."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.formatting.rule import DataBarRule
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from certloan.i18n import Lang, text
from certloan.report.scorecard.calculator import add_calculator
from certloan.report.scorecard.card import Card, Cell, Two
from certloan.report.scorecard.page import notes_of, tested_told
from certloan.report.scorecard.sheets import POINTS, SHARE, WHOLE, Value, header, put, rows
from certloan.scoring.bundle import Bundle

_BAR = "9CC3E6"


def write_workbook(card: Card, bundle: Bundle, lang: Lang, path: Path) -> Path:
    """Write the workbook in one language; ``card`` must be that of ``bundle``."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _overview(book.create_sheet(text("scorecard.sheet.overview", lang)), card, lang)
    add_calculator(book, card, bundle, lang)
    _mains(book.create_sheet(text("scorecard.sheet.mains", lang), 2), card, lang)
    if card.pairs:
        _pairs(book.create_sheet(text("scorecard.sheet.pairs", lang), 3), card, lang)
    part = path.with_name(f".{path.name}.part")
    try:
        book.save(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _overview(sheet: Worksheet, card: Card, lang: Lang) -> None:
    scale = card.scale
    facts = {"points": f"{scale.points:g}", "odds": f"{scale.odds:g}", "doubles": f"{scale.doubles:g}"}
    put(sheet, 1, 1, text("scorecard.title", lang)).font = Font(bold=True, size=16)
    lines: list[tuple[Value, ...]] = [
        (text("scorecard.sheet.fingerprint", lang), card.fingerprint),
        (text("scorecard.sheet.base", lang), round(card.base_points, 3)),
    ]
    if card.tested is not None:
        lines.append((tested_told(card.tested, lang), round(card.tested.auc.value, 4)))
    rows(sheet, 2, lines, ["", ""])
    row = 2 + len(lines)
    notes = [text(f"scorecard.kind.{card.kind}", lang), text("scorecard.scale", lang, **facts), *notes_of(card, lang)]
    for note in [*notes, text("scorecard.foot", lang)]:
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=8)
        put(sheet, row, 1, note).alignment = Alignment(wrap_text=True, vertical="top")
        # A merged cell does not grow with its text: two lines are enough at this width.
        sheet.row_dimensions[row].height = 32
        row += 1
    row += 1
    names = ("feature", "name", "family", "direction", "weight", "bins", "printed", "lost")
    header(sheet, row, [_column(name, lang) for name in names], [46, 34, 14, 14, 10, 10, 10, 12])
    words = {1: "good", -1: "bad", 0: "none"}
    families = dict(card.families)
    told: list[tuple[Value, ...]] = [
        (
            main.label(lang),
            main.name,
            families[main.family](lang),
            text(f"scorecard.direction.{words[main.direction]}", lang),
            main.weight,
            main.bins,
            len(main.cells),
            main.lost_most,
        )
        for main in sorted(card.mains, key=lambda main: -main.weight)
    ]
    rows(sheet, row + 1, told, ["", "", "", "", "0.0", "0", "0", "0.00"])
    _bars(sheet, "E", row + 1, row + len(told))


def _mains(sheet: Worksheet, card: Card, lang: Lang) -> None:
    names = ["family", "feature", "name", "value", "low", "high", "points", "error", "share"]
    shapes = ["", "", "", "", "General", "General", POINTS, "0.0", SHARE]
    widths = [12, 40, 30, 34, 12, 12, 10, 8, 9]
    if card.loans is not None:
        names += ["n", "defaults", "rate_value", "rate_low", "rate_high"]
        shapes, widths = [*shapes, WHOLE, WHOLE, SHARE, SHARE, SHARE], [*widths, 10, 8, 10, 10, 10]
    header(sheet, 1, [_column(name, lang) for name in names], widths)
    families = dict(card.families)
    lines = [
        (
            families[main.family](lang),
            main.label(lang),
            main.name,
            *_line(cell, lang, counted=card.loans is not None),
        )
        for main in card.mains
        for cell in main.cells
    ]
    rows(sheet, 2, lines, shapes)
    _finish(sheet, "G", len(lines))


def _line(cell: Cell, lang: Lang, *, counted: bool) -> tuple[Value, ...]:
    told: tuple[Value, ...] = (cell.label(lang), cell.low, cell.high, cell.points, cell.error, cell.share)
    if not counted or cell.counted is None:
        return told
    held = cell.counted
    if not held.n:
        return (*told, 0, 0, None, None, None)
    return (*told, held.n, held.defaults, held.rate.value, held.rate.low, held.rate.high)


def _pairs(sheet: Worksheet, card: Card, lang: Lang) -> None:
    names = ["first", "second", "value_first", "value_second", "points", "error", "n", "defaults"]
    header(sheet, 1, [_column(name, lang) for name in names], [40, 40, 30, 30, 10, 8, 10, 8])
    lines = [line for pair in card.pairs for line in _pair(pair, lang)]
    rows(sheet, 2, lines, ["", "", "", "", POINTS, "0.0", WHOLE, WHOLE])
    _finish(sheet, "E", len(lines))


def _pair(pair: Two, lang: Lang) -> list[tuple[Value, ...]]:
    return [
        (
            pair.label_first(lang),
            pair.label_second(lang),
            pair.rows[r](lang),
            pair.columns[c](lang),
            points,
            pair.error[r][c] if pair.error else None,
            pair.n[r][c] if pair.n else None,
            pair.defaults[r][c] if pair.defaults else None,
        )
        for r, row in enumerate(pair.points)
        for c, points in enumerate(row)
    ]


def _finish(sheet: Worksheet, points: str, lines: int) -> None:
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    _bars(sheet, points, 2, lines + 1)


def _bars(sheet: Worksheet, column: str, first: int, last: int) -> None:
    if last >= first:
        rule = DataBarRule(start_type="min", end_type="max", color=_BAR)
        sheet.conditional_formatting.add(f"{column}{first}:{column}{last}", rule)


def _column(name: str, lang: Lang) -> str:
    return text(f"scorecard.column.{name}", lang)
