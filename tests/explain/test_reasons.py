"""Principal reasons: chosen by exact contribution, worded by fact."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from certloan.explain.account import Record
from certloan.explain.reasons import LEAST_POINTS, MOST_OF_ONE_FAMILY, MOST_REASONS, choose, word
from certloan.features.catalog import CATALOG, by_name
from certloan.features.spec import Use

CERTIFICATE = Record(
    "certificate",
    (
        ("证书编号", "certificate number", "00124Q31234R1M", "00124Q31234R1M"),
        ("到期日期", "expires on", "2027-03-01", "2027-03-01"),
    ),
)
FAMILIES = st.sampled_from(["credit", "quality", "certification"])


@given(st.lists(st.tuples(st.floats(-80, 80), FAMILIES), max_size=40))
def test_reasons_are_few_signed_ordered_and_from_several_families(rows: list[tuple[float, str]]) -> None:
    values = np.array([value for value, _ in rows])
    families = [family for _, family in rows]
    every = np.ones(len(values), dtype=bool)
    chosen = choose(values, families, every, every)
    for side, sign in ((chosen.positive, 1), (chosen.negative, -1)):
        assert len(side) <= MOST_REASONS
        sizes = [sign * values[position] for position in side]
        assert all(size >= LEAST_POINTS for size in sizes)
        assert sizes == sorted(sizes, reverse=True)
        named = [families[position] for position in side]
        assert all(named.count(family) <= MOST_OF_ONE_FAMILY for family in named)
    assert not set(chosen.positive) & set(chosen.negative)


@given(st.lists(st.floats(-80, 80), min_size=1, max_size=40))
def test_the_strongest_contribution_is_always_a_reason(values: list[float]) -> None:
    contributions = np.array(values)
    strongest = int(np.argmax(np.abs(contributions)))
    every = np.ones(len(values), dtype=bool)
    chosen = choose(contributions, ["credit"] * len(values), every, every)
    if abs(contributions[strongest]) >= LEAST_POINTS:
        assert strongest in (*chosen.positive, *chosen.negative)


@given(st.lists(st.tuples(st.floats(-80, 80), st.booleans(), st.booleans()), max_size=40))
def test_a_value_speaks_only_on_a_side_that_it_may_speak_on(rows: list[tuple[float, bool, bool]]) -> None:
    values, positive, negative = (np.array([row[i] for row in rows]) for i in range(3))
    chosen = choose(values, ["credit"] * len(rows), positive.astype(bool), negative.astype(bool))
    assert all(positive[position] for position in chosen.positive)
    assert all(negative[position] for position in chosen.negative)


def test_a_reason_names_the_fact_and_the_certificate_in_both_languages() -> None:
    reason = word(by_name("cert_valid_n"), 1.0, 12, [CERTIFICATE])
    assert reason.zh == "有效证书数：1（证书编号 00124Q31234R1M，到期日期 2027-03-01）"
    assert reason.en == "valid certificates: 1 (certificate number 00124Q31234R1M, expires on 2027-03-01)"


def test_an_unknown_value_is_told_as_unknown_and_not_as_bad() -> None:
    reason = word(by_name("cert_valid_n"), None, -3)
    assert "未知" in reason.zh
    assert "unknown" in reason.en


def test_more_records_than_fit_are_counted() -> None:
    reason = word(by_name("cert_valid_n"), 5.0, 9, [CERTIFICATE] * 5)
    assert len(reason.records) == 2
    assert "另有 3 条" in reason.zh
    assert "3 more" in reason.en


def test_no_reason_can_come_from_an_attribute_kept_for_the_audit() -> None:
    audit_only = {spec.name for spec in CATALOG if spec.use is Use.AUDIT}
    assert audit_only >= {"ownership", "county_group", "size_class"}
    assert not audit_only & {spec.name for spec in CATALOG if spec.use is Use.MODEL}
