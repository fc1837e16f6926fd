"""The page needs nothing from elsewhere, and the workbook scores a case by its own formulas."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from tests.report.scorecard.test_card import card, observed
from tests.scoring.ensembles import made, small_bundle
from tests.scoring.test_export_sql import graded

from certloan.i18n import Lang
from certloan.report.scorecard.build import build_card
from certloan.report.scorecard.page import page
from certloan.report.scorecard.pictures import wrapped
from certloan.report.scorecard.workbook import write_workbook
from certloan.scoring.bundle import Bundle


def test_the_page_runs_no_script_and_loads_nothing() -> None:
    told = page(card(full=False))
    assert "<script" not in told
    assert not re.search(r"""(?:src|href)=["'](?!#)""", told)
    assert "default-src 'none'" in told
    assert told.count("<main") == 2


def test_whatever_a_level_or_a_feature_is_called_it_stays_a_text() -> None:
    bundle = small_bundle()
    nasty = tuple(
        replace(f, name=f"<img src=x onerror={at}>", levels=f.levels and ("=1+1", *f.levels[1:]))
        for at, f in enumerate(bundle.features)
    )
    told = page(build_card(replace(bundle, features=nasty), {}))
    assert "<img" not in told


def test_the_headline_is_the_test_and_never_the_loans_that_taught_the_model(tmp_path: Path) -> None:
    figures = {"auc": 0.8123, "auc_low": 0.75, "auc_high": 0.868, "n": 1926, "defaults": 49}
    bundle = replace(small_bundle(), provenance={"metrics": figures, "split": {"kind": "time"}})
    held = build_card(bundle, {}, observed(small_bundle()))
    assert held.loss.auc is not None
    facts = page(held).split("<div class='sc-facts'>")[2].split("</div>")[0]
    assert facts.startswith("<div><b>0.812</b>")
    assert "out of time [0.750, 0.868]: 1,926 later loans, 49 defaults" in facts
    sheet = openpyxl.load_workbook(write_workbook(held, bundle, Lang.EN, tmp_path / "card.xlsx")).worksheets[0]
    assert sheet["B4"].value == pytest.approx(0.8123)
    in_sample = f"{held.loss.auc.value:.3f}"
    assert in_sample not in page(held).split("sc-facts")[2].split("<p")[0]
    assert "in-sample" in page(held)
    untested = page(card(full=False)).split("<div class='sc-facts'>")[2].split("<p")[0]
    assert "AUC" not in untested


def test_every_printed_cell_and_pair_has_its_picture() -> None:
    told, held = page(card(full=False)), card(full=False)
    drawn = [main for main in held.mains if not main.flat]
    assert told.count('class="picture"') == 2 * (len(drawn) + len(held.pairs) + 2)


def test_long_names_are_broken_and_never_lost_silently() -> None:
    assert wrapped("a" * 3, 10, 2) == ["aaa"]
    assert wrapped("一二三四五六七八九十", 8, 2) == ["一二三四", "五六七…"]


class Sheet:
    """The few formulas of the calculator, worked out as a spreadsheet would."""

    def __init__(self, book: Any) -> None:
        self.book, self.sheet = book, book.worksheets[1]

    def value(self, place: str) -> Any:
        held = self.sheet[place.replace("$", "")].value
        return self.formula(held[1:]) if isinstance(held, str) and held.startswith("=") else held

    def number(self, place: str) -> Any:
        held = self.value(place)
        return math.nan if held is None else held

    def cells(self, sheet: str, first: str, last: str) -> list[Any]:
        rows = self.book[sheet][f"{first.replace('$', '')}:{last.replace('$', '')}"]
        return [row[0].value for row in rows]

    def formula(self, source: str) -> Any:
        names: dict[str, Any] = {
            "IF": lambda asked, yes, no: yes if asked else no,
            "ISNUMBER": lambda held: isinstance(held, int | float) and not math.isnan(held),
            "IFERROR": lambda held, other: other if held is None else held,
            "MATCH": lambda held, among, _: among.index(held) + 1 if held in among else None,
            "SUMPRODUCT": np.sum,
            "INDEX": lambda among, place: among[int(place) - 1],
            "LN": math.log,
            "EXP": math.exp,
            "SUM": lambda held: sum(value for value in held if value is not None),
            "FLOOR": lambda held, _: math.floor(held),
            "BELOW": lambda among, held: np.array([edge is not None and edge < held for edge in among]),
            "SHEET": self.cells,
            "CELL": self.number,
            "OWN": lambda a, b: [
                self.number(f"F{row}") for row in range(int(a[1:]), int(b[1:]) + 1) if self.value(f"F{row}") is not None
            ],
        }
        kept: list[str] = []
        source = source.replace("\\", "\\\\")

        def keep(written: str) -> str:
            kept.append(written)
            return f"\0{len(kept) - 1}\0"

        told = re.sub(
            r"'([^']+)'!(\$[A-Z]\$\d+):(\$[A-Z]\$\d+)", lambda m: keep(f"SHEET('{m[1]}','{m[2]}','{m[3]}')"), source
        )
        told = re.sub(r"SUM\((F\d+):(F\d+)\)", lambda m: keep(f"SUM(OWN('{m[1]}','{m[2]}'))"), told)
        told = re.sub(r"\$?[A-Z]\$?\d+", lambda m: keep(f"CELL('{m[0]}')"), told)
        told = re.sub(r"--\((\0\d+\0)<(.+?)\)\)\+1", r"BELOW(\1,\2))+1", told)
        while "\0" in told:
            told = re.sub(r"\0(\d+)\0", lambda m: kept[int(m[1])], told)
        return eval(told, {"__builtins__": {}}, names)  # noqa: S307


def filled(path: Path, bundle: Bundle, row: dict[str, Any]) -> Sheet:
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    for line in range(10, 10 + len(bundle.features)):
        sheet[f"D{line}"].value = row[sheet[f"C{line}"].value]
    return Sheet(book)


@pytest.mark.parametrize("lang", list(Lang))
def test_the_calculator_gives_the_models_score_probability_and_grade(lang: Lang, tmp_path: Path) -> None:
    bundle = graded(small_bundle())
    path = write_workbook(build_card(bundle, {}), bundle, lang, tmp_path / "card.xlsx")
    matrix = made(25, seed=8).matrix
    edge = float(np.asarray(bundle.tables.axes[0].thresholds)[3])
    rows = [*matrix.to_pylist()[:5], dict.fromkeys(matrix.column_names)]
    rows.append({**rows[0], "n0": edge, "trade": "unheard of"})
    scored = bundle.score(pa.Table.from_pylist(rows, matrix.schema))
    assert bundle.grades is not None
    for at, row in enumerate(rows):
        sheet = filled(path, bundle, row)
        assert sheet.value("D4") == pytest.approx(scored.points[at], abs=1e-9)
        assert sheet.value("D3") == scored.score[at]
        assert sheet.value("D5") == pytest.approx(scored.pd[at], abs=1e-12)
        assert sheet.value("D6") == bundle.grades.of(scored.pd)[at]


def test_the_workbook_lists_every_cell_and_runs_no_text_as_a_formula(tmp_path: Path) -> None:
    bundle = small_bundle()
    nasty = tuple(replace(f, levels=f.levels and ("=1+1", *f.levels[1:])) for f in bundle.features)
    told = build_card(replace(bundle, features=nasty), {})
    book = openpyxl.load_workbook(
        write_workbook(told, replace(bundle, features=nasty), Lang.ZH, tmp_path / "card.xlsx")
    )
    mains, pairs = book["单特征表"], book["成对表"]
    assert mains.max_row == 1 + sum(len(main.cells) for main in told.mains)
    assert pairs.max_row == 1 + sum(len(pair.rows) * len(pair.columns) for pair in told.pairs)
    levels = [row[2] for row in book["分箱"].iter_rows() if row[0].value == "trade"]
    assert [cell.data_type for cell in levels if cell.value == "=1+1"] == ["s"]
