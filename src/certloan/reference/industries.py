"""GB/T 4754-2017, the national classification of economic activities: 20 sections, 97 divisions, 473 groups, 1,381 classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from certloan.reference.loading import cached, rows


@dataclass(frozen=True)
class Industry:
    """One code: ``level`` 1 is a section (a letter), 2 a division, 3 a group, 4 a class."""

    code: str
    name: str
    level: int
    parent: str
    section: str


@cached
def industries() -> Mapping[str, Industry]:
    """Give every industry by its code.

    >>> industries()["6130"].name, industries()["6130"].section
    ('民宿服务', 'H')
    """
    return {
        row["code"]: Industry(
            row["code"], row["name"], int(row["level"]), row["parent"], row["section"] or row["code"][:1]
        )
        for row in rows("gbt4754_2017")
    }


def ancestry(code: str) -> tuple[str, ...]:
    """Give a code and what it belongs to, up to its section; empty if the code is none.

    >>> ancestry("6130")
    ('6130', '613', '61', 'H')
    """
    found: list[str] = []
    while code in industries():
        found.append(code)
        code = industries()[code].parent
    return tuple(found)
