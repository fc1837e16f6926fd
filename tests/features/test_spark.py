"""The same specs give the same matrix on Spark: for those who outgrow one machine."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.features.histories import SUBJECTS, History, dense_history

from certloan.contracts import CONTRACTS
from certloan.features.asof import SOURCES, sources
from certloan.features.catalog import CATALOG
from certloan.features.evidence import evidence_sql
from certloan.features.matrix import matrix_sql, sources_read, stages
from certloan.features.relations.references import DERIVED
from certloan.features.spec import FeatureSpec
from certloan.reference.relations import reference_relations
from certloan.services.build_features import build_matrix, evidence
from certloan.services.refresh_derived import refresh_derived
from certloan.storage.tables import SQL_TYPES, visible_columns

pytestmark = [pytest.mark.spark, pytest.mark.slow]

_SPARK_TYPES = {"varchar": "string", "decimal(18,2)": "decimal(18,2)"}


def _carry_over(spark: Any, history: History) -> None:
    """Give Spark the same tables, types included."""
    for table, contract in CONTRACTS.items():
        kinds = {column.name: SQL_TYPES[column.kind] for column in contract.columns}
        names = visible_columns(contract)
        schema = ", ".join(
            f"`{name}` {_SPARK_TYPES.get(kinds.get(name, 'date'), kinds.get(name, 'date'))}" for name in names
        )
        rows = history.warehouse.query(f"select * from {table}").to_pylist()
        spark.createDataFrame([tuple(row[name] for name in names) for row in rows], schema).createOrReplaceTempView(
            table
        )
    derived = {name: history.warehouse.query(f"select * from {name}") for name in DERIVED}
    for name, table in {**reference_relations(), **derived}.items():
        schema = ", ".join(f"{f.name} {_spark_type(str(f.type))}" for f in table.schema)
        cells = [tuple(row.values()) for row in table.to_pylist()]
        spark.createDataFrame(cells, schema).createOrReplaceTempView(name)
    spark.sql(sources(sources_read(CATALOG))).createOrReplaceTempView(SOURCES)
    subjects = [(place, *row.values()) for place, row in enumerate(SUBJECTS.to_pylist(), start=1)]
    spark.createDataFrame(
        subjects, "subject bigint, application_id string, uscc string, as_of date"
    ).createOrReplaceTempView("feature_subjects")


def _spark_type(arrow: str) -> str:
    return {"string": "string", "date32[day]": "date", "double": "double", "bool": "boolean"}[arrow]


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-12)
    return bool(left == right)


def test_every_feature_is_the_same_on_spark_and_on_duckdb(spark: Any) -> None:
    history = History()
    history.matrix(dense_history(), CATALOG[:1])
    refresh_derived(history.warehouse)
    here = build_matrix(history.warehouse, SUBJECTS, CATALOG)
    _carry_over(spark, history)
    for name, statement in stages(CATALOG, "spark").items():
        # A stage is computed before the next is planned: all of them at once do not fit a session of this size.
        stage = spark.sql(statement)
        spark.createDataFrame(stage.collect(), stage.schema).createOrReplaceTempView(name)
    there = [row.asDict() for row in spark.sql(matrix_sql(CATALOG, "spark")).collect()]
    rows = here.to_pylist()
    different = [
        (name, left[name], right[name])
        for left, right in zip(rows, there, strict=True)
        for name in here.column_names
        if not _same(left[name], right[name])
    ]
    assert different == []
    filled = [name for name in here.column_names if here[name].null_count < here.num_rows]
    assert len(filled) > 0.9 * len(here.column_names), "the history should reach nearly every feature"


def test_evidence_is_the_same_on_spark_and_on_duckdb(spark: Any) -> None:
    history = History()
    history.matrix(dense_history(), CATALOG[:1])
    _carry_over(spark, history)
    for spec in [spec for spec in CATALOG if isinstance(spec, FeatureSpec)][::9]:
        ((_, here),) = evidence(history.warehouse, spec, SUBJECTS)
        there = spark.sql(evidence_sql(spec, "spark")).collect()
        assert [tuple(row.values()) for row in here.to_pylist()] == [tuple(row) for row in there], spec.name
