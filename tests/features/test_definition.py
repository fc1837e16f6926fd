"""Every feature can be told: in words, as declared, with all that stands behind it; the catalog leaves no field empty."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import get_args

import pytest

from certloan.features.aggregates import Aggregate
from certloan.features.catalog import CATALOG
from certloan.features.columns import types
from certloan.features.definition import declaration, definition, valued
from certloan.features.document import document
from certloan.features.prepared_words import prepared, prepared_for
from certloan.features.relations import RELATIONS
from certloan.features.spec import DerivedSpec, FeatureSpec, Missing, Spec, Use
from certloan.i18n import Lang, has
from certloan.services.describe_features import list_features

EACH = pytest.mark.parametrize("spec", CATALOG, ids=lambda spec: spec.name)


def test_there_are_a_hundred_and_fifty_features_for_models_alone() -> None:
    assert sum(spec.use is Use.MODEL for spec in CATALOG) >= 150


@pytest.mark.parametrize("told", list_features(), ids=lambda told: told.name)
def test_no_field_of_a_listed_feature_is_empty(told: object) -> None:
    plain = told.as_json()  # type: ignore[attr-defined]
    assert len(plain) == 13
    assert [name for name, value in plain.items() if value in ("", None)] == []
    assert isinstance(plain["actionable"], bool)
    for lang in Lang:
        assert all(told.words(lang).values())  # type: ignore[attr-defined]


def test_names_and_labels_are_each_feature_s_own() -> None:
    for own in ([s.name for s in CATALOG], [s.zh for s in CATALOG], [s.en.lower() for s in CATALOG]):
        assert sorted(name for name in set(own) if own.count(name) > 1) == []


@EACH
def test_a_definition_is_a_sentence_in_its_language(spec: Spec) -> None:
    zh, en = definition(spec, Lang.ZH), definition(spec, Lang.EN)
    assert zh.endswith("。")
    assert en.endswith(".")
    assert "  " not in en
    if isinstance(spec, FeatureSpec):
        outside_code = re.sub("`[^`]*`", "", en)
        assert outside_code.isascii()
        assert spec.where in zh
        assert spec.where in en
        assert all(value in en for value in vars(spec.aggregate).values())
        if spec.window is not None:
            assert f"{spec.window.months + spec.window.lag} " in en or f"{spec.window.months} months" in en


def test_every_way_to_aggregate_has_words_of_its_own() -> None:
    for kind in get_args(Aggregate):
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
        assert has(f"feature.aggregate.{name}"), kind.__name__
        example = kind(**{field.name: "x" for field in fields(kind)})
        assert valued(example, Lang.EN).count("`x`") == len(fields(kind))


@EACH
def test_a_declaration_read_back_is_the_feature(spec: Spec) -> None:
    from certloan.domain import evidence
    from certloan.features import aggregates
    from certloan.features import spec as specs

    names = {**vars(aggregates), **vars(evidence), **vars(specs)}
    assert eval(declaration(spec), names) == spec  # noqa: S307 -- our own text, and the point of the test


@EACH
def test_every_prepared_column_behind_a_feature_is_told(spec: Spec) -> None:
    told = prepared_for(spec)
    assert set(told) == set(prepared_for(spec, Lang.EN))
    assert all(told.values())
    if (
        isinstance(spec, FeatureSpec)
        and spec.table == "credit_month"
        and "class_counted" in f"{spec.where}{spec.aggregate}"
    ):
        assert {"credit_month.class_counted", "credit_month.word_class", "credit_month.days_class"} <= told.keys()


def test_every_column_that_a_relation_adds_is_told_in_the_document() -> None:
    text = document()
    for name, about in RELATIONS.items():
        stored = set(types(about.table)) if about.table not in RELATIONS else set()
        for column in prepared(name):
            assert f"`{name}.{column}`" in text
            assert column in types(name)
            assert column not in stored or about.table in RELATIONS


def test_the_document_holds_every_feature_with_both_labels_and_its_missing_rule() -> None:
    lines = {line.split("`")[1]: line for line in document().splitlines() if line.startswith("| `") and "<br>" in line}
    for spec in CATALOG:
        line = lines[spec.name]
        assert spec.zh in line
        assert spec.en in line
        assert spec.source in line
        assert len(re.findall(r"(?<!\\)\|", line)) == 11, spec.name
        missing = (
            "–" if isinstance(spec, DerivedSpec) else {Missing.ZERO_IF_DELIVERED: "zero"}.get(spec.missing, "unknown")
        )
        assert f"| {missing} |" in line
