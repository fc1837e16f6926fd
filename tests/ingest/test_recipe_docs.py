"""The worked example of ``docs/recipes.md`` does what the page says."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import duckdb
import pytest

from certloan.errors import InputError
from certloan.i18n.catalog import sentence
from certloan.ingest.recipe import load_recipe

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```\w+ title=(\S+)\n(.*?)```", PAGE, re.S))


def table(title: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(BLOCKS[title])))


def test_the_worked_example_gives_the_rows_that_the_page_shows(tmp_path: Path) -> None:
    (tmp_path / "leasing.toml").write_text(BLOCKS["leasing.toml"], encoding="utf-8")
    header, *rows = table("contracts-2024.csv")
    made = load_recipe(str(tmp_path / "leasing.toml")).projections("contracts-2024.csv", "", header)
    assert isinstance(made, list)
    assert [p.notes for p in made] == [(), ()]
    connection = duckdb.connect()
    connection.execute(f"create table staged ({', '.join(f'c{i} varchar' for i in range(len(header)))})")
    marks = ", ".join("?" for _ in header)
    connection.executemany(f"insert into staged values ({marks})", [[cell or None for cell in row] for row in rows])
    for projection in made:
        names, *wanted = table(projection.contract.table)
        columns = ", ".join(f"{projection.columns[name]} as {name}" for name in names)
        found = connection.sql(f"select {columns} from staged where {projection.where}").fetchall()
        assert [list(row) for row in found] == wanted
        assert set(names) == set(projection.columns)


def test_the_faults_that_the_page_shows_are_worded_as_it_says(tmp_path: Path) -> None:
    wrong = BLOCKS["leasing.toml"].replace('uscc = "client"', 'uscc = "ended"').replace("{ ok = false", '{ ok = "fine"')
    path = tmp_path / "leasing.toml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_recipe(str(path))
    assert sentence(caught.value, "en").replace(str(path), "leasing.toml") in PAGE


def test_the_page_names_every_function_and_no_other() -> None:
    from certloan.expressions.functions import FUNCTIONS

    told = set(
        re.findall(
            r"[a-z_]+",
            " ".join(re.findall(r"`([a-z_ \n]+)`", PAGE.split("**Expressions**")[1].split("**Numbers**")[0])),
        )
    )
    assert set(FUNCTIONS) <= told
