"""The worked example of ``docs/scorecard.md`` adds up, and its code runs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from certloan.domain.people import Actor, Role
from certloan.report.scorecard.build import build_card
from certloan.scoring.bundle import Bundle
from certloan.scoring.matrix import ModelFeature
from certloan.scoring.points import Scale
from certloan.scoring.tables import Axis, Pair, Tables
from certloan.services.show_scorecard import Wanted, export_scorecard

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "scorecard.md").read_text(encoding="utf-8")
#: The rows of the table in the document, as the features say them.
CASES = ((84.0, 1.0), (10.0, 5.0), (None, 0.0))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, flags=re.M | re.S)


def bundle() -> Bundle:
    """The model of the example: its points turned back into log-odds."""
    (held,) = (json.loads(block) for block in blocks("json"))
    scale = Scale()
    axes = tuple(Axis.of_number(np.array(feature["edges"])) for feature in held["features"])
    mains = tuple(np.array(feature["points"]) / -scale.factor for feature in held["features"])
    flat = tuple(np.zeros(axis.bins) for axis in axes)
    shares = tuple(np.full(axis.bins, 1 / axis.bins) for axis in axes)
    pair = Pair(0, 1, np.arange(4), np.arange(4), np.array(held["pair"]) / -scale.factor)
    base = (scale.offset - held["base"]) / scale.factor
    features = tuple(ModelFeature(feature["name"]) for feature in held["features"])
    return Bundle(features, Tables(axes, base, mains, flat, shares, (pair,)), scale=scale)


def matrix() -> pa.Table:
    columns = {name: pa.array([case[at] for case in CASES], pa.float64()) for at, name in enumerate(bundle().names)}
    return pa.table({"application_id": ["A1", "A2", "A3"], **columns})


def written_rows() -> list[list[str]]:
    lines = [line for line in DOCUMENT.splitlines() if re.match(r"\| (84|10|no cert)", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_example_adds_up_to_what_the_model_says() -> None:
    scored, parts = bundle().score(matrix()), bundle().contributions(matrix())
    rows = written_rows()
    assert len(rows) == len(CASES)
    for at, (_, base, first, second, pair, points, score, pd) in enumerate(rows):
        said = [float(base), *(float(cell.split(":")[1]) for cell in (first, second)), float(pair)]
        assert sum(said) == pytest.approx(float(points))
        assert scored.points[at] == pytest.approx(float(points), abs=1e-9)
        assert scored.score[at] == int(score)
        assert f"{scored.pd[at]:.2%}" == pd
    assert parts[0] == pytest.approx([12.0, 0.0], abs=1e-9)


def test_the_probability_is_that_of_the_formula_in_the_document() -> None:
    (formula,) = re.findall(r"`pd = (.+?)`", DOCUMENT)
    points = re.escape("points")
    for held, pd in zip(*(bundle().score(matrix()).points, bundle().score(matrix()).pd), strict=True):
        numbers = re.sub(points, repr(float(held)), formula)
        assert eval(numbers, {"__builtins__": {}}) == pytest.approx(float(pd), abs=1e-12)  # noqa: S307


def test_the_labels_of_the_example_are_those_of_the_card() -> None:
    from certloan.features.catalog import CATALOG

    card = build_card(bundle(), {spec.name: spec for spec in CATALOG}, full=True)
    labels = {cell.label.en.replace(" months", "") for main in card.mains for cell in main.cells}
    told = {cell.split(":")[0] for row in written_rows() for cell in (row[2], row[3])}
    assert told - {"unknown"} <= labels


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    pq.write_table(matrix(), "matrix.parquet")
    wanted = Wanted((), ("duckdb", "spark"), keys=("application_id",))
    export_scorecard(replace(bundle(), provenance={"example": True}), Actor("risk", Role.RISK), Path("card"), wanted)
    return tmp_path


def test_the_code_for_duckdb_runs_and_scores_the_example(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held: dict[str, Any] = {}
    exec(blocks("python")[0], held)  # noqa: S102
    assert held["scored"].order("application_id").select("score").fetchall() == [(624,), (592,), (610,)]
    assert "592" in capsys.readouterr().out
    assert isinstance(held["engine"], duckdb.DuckDBPyConnection)


@pytest.mark.spark
@pytest.mark.slow
def test_the_code_for_spark_runs_and_scores_the_example(
    workplace: Path, spark: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    source = blocks("python")[1].replace("matrix.parquet", (workplace / "matrix.parquet").as_uri())
    held: dict[str, Any] = {"spark": spark}
    exec(source, held)  # noqa: S102
    assert [row["score"] for row in held["scored"].orderBy("application_id").collect()] == [624, 592, 610]
    assert "592" in capsys.readouterr().out
