"""A word of a file is read as what the field means by it, and as nothing that merely sounds alike."""

from __future__ import annotations

import pytest

from certloan.contracts import CONTRACTS
from certloan.world.layout import FIRST


def _headers(table: str, column: str) -> set[str]:
    found = CONTRACTS[table].column(column)
    return {found.zh, *found.aliases}


def _level(table: str, column: str, word: str) -> str | None:
    levels = CONTRACTS[table].column(column).levels
    return next((code for code, words in levels.items() if word in words), None)


def test_a_second_test_of_the_sample_is_no_re_check_after_correction() -> None:
    assert "复检结论" not in _headers("inspection", "recheck")
    assert "复查结论" in _headers("inspection", "recheck")


def test_the_legal_form_says_nothing_about_the_owner() -> None:
    every = {word for column in CONTRACTS["enterprise"].columns for word in (column.zh, *column.aliases)}
    assert "企业类型" not in every
    assert {"经济类型", "所有制", "控股类型"} <= _headers("enterprise", "ownership")
    assert _level("enterprise", "ownership", "有限责任公司") is None


@pytest.mark.parametrize(
    ("word", "kind"),
    [("政策性担保", "guarantee_fund"), ("风险补偿基金", "guarantee_fund"), ("担保", "commercial_guarantee")],
)
def test_only_a_public_guarantee_is_one_of_a_guarantee_fund(word: str, kind: str) -> None:
    assert _level("mitigant", "kind", word) == kind


def test_no_word_means_two_levels_of_one_column() -> None:
    for contract in CONTRACTS.values():
        for column in contract.columns:
            words = [word for told in column.levels.values() for word in told]
            assert len(words) == len(set(words)), f"{contract.table}.{column.name}"


def test_every_header_of_the_invented_delivery_is_known_to_its_contract() -> None:
    for sheet in FIRST:
        contract = CONTRACTS[sheet.table]
        for field in sheet.fields:
            if field.column in contract.names:
                header = field.header.split("（")[0]
                assert header in _headers(sheet.table, field.column), (sheet.file, header)
