"""Administrative divisions (GB/T 2260, as of 2023-06-30) and the mountain and island counties of Zhejiang by date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from certloan.reference.loading import cached, day, rows


@dataclass(frozen=True)
class Membership:
    """A county's time in a dated group; None is an open end."""

    code: str
    name: str
    valid_from: date | None
    valid_to: date | None


@cached
def division_names() -> Mapping[str, str]:
    """Give the name of every province (2 digits), city (4) and county (6) by its code.

    >>> division_names()["33"], division_names()["330521"]
    ('浙江省', '德清县')
    """
    tables = ("division_provinces_2023", "division_cities_2023", "division_areas_2023")
    return {row["code"]: row["name"] for table in tables for row in rows(table)}


@cached
def mountain_counties() -> tuple[Membership, ...]:
    """Give the counties of 山区26县 (山区海岛县 since 2024), each with the time in which it belonged."""
    return tuple(
        Membership(row["code"], row["name"], day(row["valid_from"]), day(row["valid_to"]))
        for row in rows("zhejiang_mountain_counties")
    )
