"""The reference tables are whole, dated and sourced."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter

import pytest

from certloan.reference.certificates import certificate_codes, replacement_reasons, schemes
from certloan.reference.divisions import division_names, mountain_counties
from certloan.reference.industries import ancestry, industries
from certloan.reference.loading import in_force
from certloan.reference.relations import reference_relations
from certloan.reference.sizes import METRICS, SIZES, rules_by_industry, size_rules


def test_the_industry_tree_is_the_2017_edition_without_orphans() -> None:
    assert Counter(industry.level for industry in industries().values()) == {1: 20, 2: 97, 3: 473, 4: 1381}
    assert {"6130", "6432", "3491", "7441"} <= industries().keys()
    for code, industry in industries().items():
        assert industry.level == 1 or industry.parent in industries()
        assert ancestry(code)[-1] == industry.section


@pytest.mark.parametrize(
    ("day", "number"), [(dt.date(2022, 1, 1), 26), (dt.date(2024, 8, 21), 25), (dt.date(2025, 5, 28), 22)]
)
def test_the_mountain_counties_are_as_many_as_announced(day: dt.date, number: int) -> None:
    assert sum(in_force(c.valid_from, c.valid_to, day) for c in mountain_counties()) == number


def test_every_mountain_county_is_a_county_of_zhejiang() -> None:
    for county in mountain_counties():
        assert county.name in division_names()[county.code]
    assert "330921" not in {county.code for county in mountain_counties()}, "岱山 never belonged"


def test_zhejiang_has_ninety_counties() -> None:
    assert sum(code.startswith("33") and len(code) == 6 for code in division_names()) == 90


def test_schemes_are_unique_labelled_and_say_whether_they_are_verified() -> None:
    for scheme in schemes():
        assert scheme.zh
        assert scheme.en.isascii()
        assert 1 <= scheme.strength <= 4
        assert scheme.source
        assert scheme.third_party or scheme.strength <= 2
    assert len({(scheme.code, scheme.valid_from) for scheme in schemes()}) == len(schemes())
    assert any(scheme.verified for scheme in schemes())


def test_certificate_states_are_those_of_the_register() -> None:
    assert list(certificate_codes("certificate_state").values()) == ["有效", "暂停", "撤销", "注销", "过期失效"]
    assert certificate_codes("no_such_table") == {}


def test_a_reason_of_replacement_never_names_anything_else() -> None:
    """Withdrawals and cancellations are told by one column: a code must mean the same in both lists."""
    for table in (
        "system_withdrawal_reason",
        "system_cancellation_reason",
        "ccc_withdrawal_reason",
        "ccc_cancellation_reason",
    ):
        for code, name in certificate_codes(table).items():
            assert (code in replacement_reasons()) == ("换" in name and "换证的" not in name), (table, code, name)


def test_size_bounds_fall_from_large_to_small() -> None:
    for rule in size_rules():
        for metric in METRICS:
            bounds = [rule.bounds[metric, size] for size in SIZES if (metric, size) in rule.bounds]
            assert len(bounds) in (0, 3)
            assert bounds == sorted(bounds, reverse=True)
        assert rule.verified
        assert rule.source


def test_finance_education_health_and_railways_have_no_size() -> None:
    covered = {code for code, _ in rules_by_industry()}
    assert not [code for code in covered if industries()[code].section in ("J", "P", "S", "T")]
    assert not [code for code in covered if code.startswith(("53", "83", "84", "704"))]
    assert {"7451", "2422", "6130", "8511"} <= covered


@pytest.mark.parametrize("name", sorted(reference_relations()))
def test_versions_of_a_reference_row_never_overlap(name: str) -> None:
    """Two versions on one day would count a record twice."""
    rows = sorted(
        reference_relations()[name].to_pylist(), key=lambda row: (row["code"], row["valid_from"] or dt.date.min)
    )
    for left, right in itertools.pairwise(rows):
        if left["code"] == right["code"]:
            assert left["valid_to"] is not None
            assert right["valid_from"] is not None
            assert left["valid_to"] <= right["valid_from"]
