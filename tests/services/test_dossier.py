"""One dossier without an engine says, bit for bit, what the engine says of it among a million."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.features.histories import SUBJECTS, Area, History, areas

from certloan.contracts import CONTRACTS, Kind
from certloan.errors import InputError
from certloan.features.catalog import CATALOG, FEATURES, by_name
from certloan.services.build_features import build_matrix, evidence
from certloan.services.dossier import Dossier, dossier
from certloan.services.refresh_derived import refresh_derived
from certloan.storage.warehouse import DuckWarehouse

#: Without shrinking, which takes minutes here: a failing example is small enough to read.
LAW = settings(
    max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate]
)


@pytest.fixture(scope="module")
def history() -> Iterator[History]:
    made = History()
    yield made
    made.warehouse.close()


def differing(left: pa.Table, right: pa.Table) -> list[tuple[str, list[Any], list[Any]]]:
    assert left.schema == right.schema
    return [
        (name, left[name].to_pylist(), right[name].to_pylist())
        for name in left.column_names
        if not left[name].equals(right[name])
    ]


@LAW
@given(data=st.data(), area=areas)
def test_a_dossier_is_what_the_engine_says_whatever_the_records(history: History, data: Any, area: Area) -> None:
    engine = history.matrix(data.draw(area.records()), area.specs)
    assert differing(engine, Dossier(history.warehouse).matrix(SUBJECTS, area.specs)) == []


def test_every_feature_of_a_dense_history_is_the_same_flags_included(dense: DuckWarehouse) -> None:
    engine = build_matrix(dense, SUBJECTS, CATALOG)
    assert differing(engine, dossier(dense).matrix(SUBJECTS, CATALOG)) == []
    filled = [name for name in engine.column_names if engine[name].null_count < engine.num_rows]
    assert len(filled) > 0.9 * len(engine.column_names), "the history should reach nearly every feature"


def test_every_feature_is_the_same_where_days_are_shared_and_amounts_end_in_half_a_yuan(history: History) -> None:
    from tests.features.histories import dense_history

    told = []
    for place, (table, row) in enumerate(dense_history()):
        days = {"happened_on": dt.date(2022, 6 + place % 3, 1), "known_on": dt.date(2022, 9, 1), "void_on": None}
        halves = {column.name: place % 9 + 0.5 for column in CONTRACTS[table].columns if column.kind is Kind.MONEY}
        told.append((table, row | halves | days))
    engine = history.matrix(told, CATALOG)
    assert differing(engine, Dossier(history.warehouse).matrix(SUBJECTS, CATALOG)) == []


def test_the_records_behind_every_feature_are_those_that_the_engine_shows(dense: DuckWarehouse) -> None:
    subject = SUBJECTS.slice(2, 1)
    shown = 0
    for spec in CATALOG[::3]:
        engine = evidence(dense, spec, subject, most=5)
        here = dossier(dense).evidence(spec, subject, most=5)
        for (relation, rows), (same, told) in zip(engine, here, strict=True):
            assert relation == same
            assert rows.drop_columns(["subject", "place"]).to_pylist() == told, spec.name
            shown += len(told)
    assert shown > 100


def test_a_variant_is_the_case_with_other_records(dense: DuckWarehouse) -> None:
    subject = SUBJECTS.slice(0, 1)
    held = dense.query("select * from certificate where uscc = 'U1'").to_pylist()
    variants = [{"certificate": held}, {"certificate": held[:-1]}, {"certificate": []}, {"tax_grade": []}, {}]
    told = dossier(dense).variants(subject, variants)
    as_it_is = dossier(dense).matrix(subject)
    assert told.slice(0, 1).equals(as_it_is) == told.slice(4, 1).equals(as_it_is) == True  # noqa: E712
    without = told.slice(2, 1).to_pylist()[0]
    assert without["cert_known"] == 0
    assert without["credit_known"] == as_it_is["credit_known"][0].as_py()
    assert told["tax_grade_now"].to_pylist()[3] is None
    _write(dense, held[-1])
    assert differing(build_matrix(dense, subject), told.slice(1, 1)) == []


def _write(warehouse: DuckWarehouse, record: dict[str, Any]) -> None:
    """Take a record out of the warehouse."""
    same = " and ".join(
        f'"{name}" is not distinct from ?' for name in ("certificate_no", "issued_on", "known_on", "scope")
    )
    cells = [record[name] for name in ("certificate_no", "issued_on", "known_on", "scope")]
    warehouse.execute(f"delete from history.certificate where uscc = 'U1' and {same}", cells)
    refresh_derived(warehouse)


def test_a_load_between_two_questions_is_noticed() -> None:
    warehouse = DuckWarehouse.open(None)
    day = dt.date(2024, 6, 15)
    subject = pa.table({"application_id": ["A1"], "uscc": ["U1"], "as_of": [day]})
    specs = (by_name("cert_known"),)
    assert dossier(warehouse).matrix(subject, specs)["cert_known"].to_pylist() == [None]
    warehouse.execute(
        "insert into history.certificate (uscc, certificate_no, scheme, issued_on, happened_on, known_on)"
        " values ('U1', 'C1', 'A01', '2024-01-01', '2024-01-01', '2024-01-10')"
    )
    warehouse.execute(
        "insert into history.delivery by name select 'd' as delivery_id, date '2024-02-01' as delivered_on,"
        " timestamp '2024-02-01' as loaded_at, 'x' as actor, 'x' as source, 1 as rows_accepted, 0 as rows_quarantined"
    )
    assert dossier(warehouse).matrix(subject, specs)["cert_known"].to_pylist() == [1]
    warehouse.close()


def test_subjects_are_refused_as_the_engine_refuses_them(history: History) -> None:
    with pytest.raises(InputError, match="feature-subjects-columns"):
        dossier(history.warehouse).matrix(pa.table({"uscc": ["U1"]}))


@pytest.fixture
def dense() -> Iterator[DuckWarehouse]:
    from tests.features.histories import dense_history

    made = History()
    made.matrix(dense_history(), FEATURES[:1])
    refresh_derived(made.warehouse)
    assert set(CONTRACTS)
    yield made.warehouse
    made.warehouse.close()
