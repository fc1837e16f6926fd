"""A definition reads as a sentence: labels in it, the expression apart."""

from __future__ import annotations

import re

import pytest

from certloan.features.catalog import CATALOG, by_name
from certloan.features.columns import expression
from certloan.features.definition import counted, definition, expressed
from certloan.features.document import document
from certloan.features.spec import FeatureSpec
from certloan.features.wording import label, worded
from certloan.i18n import Lang

COUNTED = [spec for spec in CATALOG if isinstance(spec, FeatureSpec)]


def expressions(spec: FeatureSpec) -> list[str]:
    return [spec.where] * bool(spec.where) + [told for told in vars(spec.aggregate).values() if isinstance(told, str)]


@pytest.mark.parametrize("lang", Lang)
@pytest.mark.parametrize("spec", COUNTED, ids=lambda spec: spec.name)
def test_a_definition_is_a_sentence_without_code(spec: FeatureSpec, lang: Lang) -> None:
    told = counted(spec, lang)
    assert not set("`_") & set(told)
    if lang is Lang.EN:
        assert told.isascii()
    else:
        assert not re.search("[a-z]{2}", told)


@pytest.mark.parametrize("spec", COUNTED, ids=lambda spec: spec.name)
def test_the_expressions_stand_apart_and_whole(spec: FeatureSpec) -> None:
    apart = expressed(spec)
    assert all(f"`{written}`" in apart for written in expressions(spec))
    assert bool(apart) == bool(expressions(spec))
    assert apart in definition(spec)


@pytest.mark.parametrize("spec", COUNTED, ids=lambda spec: spec.name)
def test_every_column_that_a_definition_reads_has_a_label_in_both_languages(spec: FeatureSpec) -> None:
    for column in {column for written in expressions(spec) for column in expression(spec.table, written).columns}:
        zh, en = label(spec.table, column, Lang.ZH), label(spec.table, column, Lang.EN)
        assert zh is not None
        assert re.search("[\u4e00-\u9fff]", zh)
        assert en is not None
        assert en.isascii()


def test_labels_make_a_sentence() -> None:
    audits = by_name("cert_valid_audits")
    assert isinstance(audits, FeatureSpec)
    assert "限于证书有效、可采信且未被后续证书接替，且证明强度不低于 3：所出自的审核的不同取值个数。" in counted(audits)
    assert worded("inspection", "level not in ('national', 'province')", "en") == ("level none of national, province")
    assert worded("credit_account", "not (unmatured or coalesce(extended, false))") == "并非“(尚未到期，或展期)”"


def test_what_has_no_words_stands_as_it_is_written() -> None:
    assert worded("inspection", "round(batch_size, 2) > 1", "en") == "`round(batch_size, 2) > 1`"
    assert label("inspection", "nothing") is None


def test_the_document_shows_words_and_code_apart() -> None:
    line = next(line for line in document().splitlines() if line.startswith("| `cert_valid_audits`"))
    assert "限于证书有效、可采信" in line
    assert "`counts and strength >= 3`" in line
