"""The groups of the audit: size, county, ownership, province, industry; by dated reference tables."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from certloan.reference.sizes import size_class

D = dt.date
DAY = D(2024, 6, 15)
WAN = 10_000

#: 统计上大中小微型企业划分办法(2017): industry, staff, revenue in 万元, assets in 万元, class.
VECTORS = [
    ("3491", 1000, 40000, None, "large"),
    ("3491", 1000, 39999, None, "medium"),
    ("3491", 299, 100000, None, "small"),
    ("3491", 19, 50000, None, "micro"),
    ("5920", 150, 1500, None, "medium"),
    ("6311", 150, 50000, None, "medium"),
    ("0111", None, 500, None, "medium"),
    ("4710", None, 80000, 79999, "medium"),
    ("7010", None, 200000, 10000, "large"),
    ("7020", 999, 5000, None, "medium"),
    ("7211", 300, None, 8000, "medium"),
    ("7030", 100, None, None, "medium"),
    ("8411", 1000, 40000, 1000, None),
    ("3491", None, 40000, None, None),
    ("6620", 1000, 40000, 1000, None),
    ("8310", 1000, 40000, 1000, None),
    ("5310", 1000, 40000, 1000, None),
    ("8511", 9, None, None, "micro"),
]


def _money(wan: int | None) -> Decimal | None:
    return None if wan is None else Decimal(wan * WAN)


@pytest.mark.parametrize(("industry", "staff", "revenue", "assets", "expected"), VECTORS)
def test_size_follows_the_2017_rule_in_the_engine_and_in_python(
    records: Any, industry: str, staff: int | None, revenue: int | None, assets: int | None, expected: str | None
) -> None:
    records.put("enterprise", name="x", industry_code=industry, registered_on=D(2010, 1, 1))
    records.put(
        "annual_report", year=2022, employees=staff, revenue=_money(revenue), assets=_money(assets),
        happened_on=D(2022, 12, 31), known_on=D(2023, 6, 1),
    )  # fmt: skip
    assert records.ask("size_class", day=DAY) == expected
    assert size_class(industry, staff=staff, revenue=_money(revenue), assets=_money(assets), on=DAY) == expected


def test_the_section_letter_in_front_of_an_industry_changes_nothing(records: Any) -> None:
    records.put("enterprise", name="x", industry_code="C3491", registered_on=D(2010, 1, 1))
    records.put("annual_report", year=2022, employees=19, revenue=Decimal(10**9), known_on=D(2023, 6, 1))
    found = records.ask("size_class", "ent_industry")
    assert (found["size_class"], found["ent_industry"]) == ("micro", "34")


def test_before_the_rule_was_in_force_no_size_is_claimed(records: Any) -> None:
    records.put("enterprise", name="x", industry_code="3491", registered_on=D(2010, 1, 1))
    records.put("annual_report", year=2016, employees=19, revenue=Decimal(1), happened_on=D(2016, 12, 31))
    assert records.ask("size_class", day=D(2018, 1, 2)) is None
    assert records.ask("size_class", day=D(2018, 1, 3)) == "micro"


@pytest.mark.parametrize(
    ("region", "day", "group"),
    [
        ("330127", D(2020, 1, 1), "mountain"),
        ("330326", D(2024, 8, 20), "mountain"),
        ("330326", D(2024, 8, 21), "other"),
        ("330305", D(2024, 8, 20), "other"),
        ("330305", D(2024, 8, 21), "mountain"),
        ("330881", D(2025, 5, 27), "mountain"),
        ("330881", D(2025, 5, 28), "other"),
        ("330921", D(2025, 1, 1), "other"),
        ("440106", D(2025, 1, 1), "other"),
        (None, D(2025, 1, 1), None),
    ],
)
def test_a_county_belongs_to_the_mountain_counties_by_date(
    records: Any, region: str | None, day: dt.date, group: str | None
) -> None:
    records.put("enterprise", name="x", region_code=region, registered_on=D(2010, 1, 1))
    assert records.ask("county_group", day=day) == group


def test_an_enterprise_is_operating_only_if_the_register_says_so(records: Any) -> None:
    records.put("enterprise", uscc="a", name="a", status="operating", registered_on=D(2010, 1, 1))
    records.put("enterprise", uscc="b", name="b", status="revoked", registered_on=D(2010, 1, 1))
    records.put("enterprise", uscc="c", name="c", registered_on=D(2010, 1, 1))
    assert [records.ask("ent_operating", uscc=uscc) for uscc in "abcd"] == [1, 0, None, None]
