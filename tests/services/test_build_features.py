"""The service: who is asked about, what comes back, what is left behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from certloan.errors import InputError
from certloan.features.catalog import FEATURES
from certloan.i18n import sentence
from certloan.services import build_features
from certloan.services.build_features import build_matrix, write_matrix
from certloan.storage.warehouse import DuckWarehouse

DAY = dt.date(2024, 6, 15)


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    made = DuckWarehouse.open(None)
    for number, applied in ((2, DAY), (1, DAY - dt.timedelta(days=400))):
        made.execute(
            "insert into history.application (application_id, uscc, applied_on, amount, happened_on, known_on)"
            " values (?, ?, ?, 100, ?, ?)",
            [f"A{number}", f"U{number}", applied, applied, applied],
        )
    made.execute(
        "insert into history.incident (uscc, incident_no, kind, occurred_on, happened_on, known_on)"
        " values ('U1', 'N1', 'penalty', '2024-01-01', '2024-01-01', '2024-01-20')"
    )
    yield made
    made.close()


def test_the_default_is_every_application_on_its_own_day_in_order(warehouse: DuckWarehouse) -> None:
    matrix = build_matrix(warehouse)
    assert matrix.column_names == ["application_id", "uscc", "as_of", *(spec.name for spec in FEATURES)]
    assert matrix["application_id"].to_pylist() == ["A1", "A2"]
    assert matrix["as_of"].to_pylist() == [DAY - dt.timedelta(days=400), DAY]
    assert matrix["quality_penalty_36m_n"].to_pylist() == [None, 0]


def test_numbers_are_doubles_and_categories_are_strings(warehouse: DuckWarehouse) -> None:
    matrix = build_matrix(warehouse)
    for spec in FEATURES:
        assert matrix.schema.field(spec.name).type == (pa.string() if spec.categorical else pa.float64()), spec.name


def test_a_corrected_application_is_one_subject_with_what_was_known_on_its_day(warehouse: DuckWarehouse) -> None:
    warehouse.execute("update history.application set superseded_on = date '2024-07-01' where application_id = 'A2'")
    warehouse.execute(
        "insert into history.application (application_id, uscc, applied_on, amount, happened_on, known_on)"
        " values ('A2', 'U2', ?, 900, ?, date '2024-07-01')",
        [DAY, DAY],
    )
    matrix = build_matrix(warehouse)
    assert matrix["application_id"].to_pylist() == ["A1", "A2"]
    assert matrix["app_amount"].to_pylist() == [100, 100]


def test_subjects_keep_their_order_and_may_repeat(warehouse: DuckWarehouse) -> None:
    names = ["b", "a", "b"]
    subjects = pa.table({"as_of": [DAY] * 3, "uscc": ["U2", "U1", "U2"], "application_id": names, "more": [1, 2, 3]})
    matrix = build_matrix(warehouse, subjects)
    assert matrix["application_id"].to_pylist() == names
    assert matrix["quality_penalty_36m_n"].to_pylist() == [0, 1, 0]


def test_subjects_may_be_a_select(warehouse: DuckWarehouse) -> None:
    matrix = build_matrix(warehouse, "select 'x' as application_id, 'U1' as uscc, date '2024-01-19' as as_of")
    assert matrix["quality_penalty_36m_n"].to_pylist() == [None]


def test_nobody_asked_about_gives_an_empty_matrix_with_all_columns(warehouse: DuckWarehouse) -> None:
    matrix = build_matrix(warehouse, "select '' as application_id, '' as uscc, date '2024-01-19' as as_of where false")
    assert matrix.num_rows == 0
    assert matrix.num_columns == 3 + len(FEATURES)


def test_a_choice_of_features_comes_in_its_order(warehouse: DuckWarehouse) -> None:
    chosen = (FEATURES[40], FEATURES[3])
    assert build_matrix(warehouse, specs=chosen).column_names[3:] == [spec.name for spec in chosen]


def test_the_file_holds_what_the_table_holds(warehouse: DuckWarehouse, tmp_path: Path) -> None:
    path = tmp_path / "it's a matrix.parquet"
    write_matrix(warehouse, path)
    assert pq.read_table(path).to_pylist() == build_matrix(warehouse).to_pylist()


def test_a_matrix_that_is_too_large_at_once_is_written_in_blocks(
    warehouse: DuckWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_features, "_CELLS_AT_ONCE", 2)
    names = ["b", "a", "c", "a", "d"]
    subjects = pa.table({"application_id": names, "uscc": ["U2", "U1", "U1", "U2", "U1"], "as_of": [DAY] * 5})
    specs = tuple(spec for spec in FEATURES if spec.name in ("quality_penalty_36m_n", "cert_known"))
    path = tmp_path / "blocks.parquet"
    write_matrix(warehouse, path, subjects, specs)
    assert pq.read_table(path).to_pylist() == build_matrix(warehouse, subjects, specs).to_pylist()
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_in_the_warehouse(warehouse: DuckWarehouse) -> None:
    build_matrix(warehouse)
    left = warehouse.query("select table_name from duckdb_tables() where temporary")["table_name"].to_pylist()
    assert left == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_subjects_without_a_day_are_refused_in_words(warehouse: DuckWarehouse, lang: str) -> None:
    with pytest.raises(InputError, match="feature-subjects-columns") as missing:
        build_matrix(warehouse, pa.table({"application_id": ["a"], "uscc": ["U1"]}))
    assert "as_of" in sentence(missing.value, lang)
    empty = pa.table({"application_id": ["a"], "uscc": ["U1"], "as_of": pa.array([None], pa.date32())})
    with pytest.raises(InputError, match="feature-subjects-null") as null:
        build_matrix(warehouse, empty)
    assert "as_of" in sentence(null.value, lang)
