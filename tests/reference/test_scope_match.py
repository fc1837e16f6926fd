"""What a scope speaks for, read by the words of the industry standard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certloan.reference.industries import industries
from certloan.reference.scope_match import read_scope

DIVISIONS = {code for code, industry in industries().items() if industry.level == 2}


@pytest.mark.parametrize(
    ("scope", "fits", "does_not"),
    [
        ("锂离子电池的设计、生产及服务", "38", "62"),
        ("聚氯乙烯绝缘电线电缆的生产", "38", "01"),
        ("房屋建筑工程施工总承包", "47", "26"),
        ("餐饮管理服务", "62", "38"),
        ("应用软件的设计、开发和服务", "65", "20"),
        ("蔬菜种植", "01", "38"),
        ("物业管理", "70", "38"),
        ("道路货物运输", "54", "38"),
    ],
)
def test_a_scope_fits_its_own_trade_and_not_a_far_one(scope: str, fits: str, does_not: str) -> None:
    reading = read_scope(scope)
    assert reading is not None
    assert fits in reading.fitting
    assert does_not not in reading.fitting


@pytest.mark.parametrize("scope", ["", "详见附件", "认证范围见证书附页", "相关产品的生产及服务", "ABC-123", "★"])
def test_a_scope_that_names_no_trade_is_not_read(scope: str) -> None:
    assert read_scope(scope) is None


def test_a_trader_may_hold_certificates_for_any_goods() -> None:
    reading = read_scope("锂离子电池的销售")
    assert reading is not None
    assert {"38", "51", "52"} <= set(reading.fitting)


def test_who_tests_a_product_is_no_maker_of_it() -> None:
    reading = read_scope("建筑材料检测")
    assert reading is not None
    assert "74" in reading.fitting


def test_the_name_of_a_class_is_read_as_its_own_section_wherever_it_is_read() -> None:
    wrong = []
    for code, industry in industries().items():
        reading = read_scope(industry.name) if industry.level == 4 else None
        if reading is not None and code[:2] not in reading.fitting:
            wrong.append(industry.name)
    assert len(wrong) <= 3, wrong


@given(st.text(max_size=60))
def test_any_text_gets_divisions_of_the_standard_or_no_answer_and_always_the_same(scope: str) -> None:
    reading = read_scope(scope)
    assert read_scope(scope) == reading
    assert reading is None or (reading.division in reading.fitting and set(reading.fitting) <= DIVISIONS)
