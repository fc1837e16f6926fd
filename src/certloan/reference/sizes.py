"""How large an enterprise is: 统计上大中小微型企业划分办法(2017), by industry, staff, revenue and assets.

A class holds when *every* lower bound that the industry sets is met; failing one is one class down, and the smallest
class needs nothing. Finance, education, health and railways are not covered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from certloan.reference.industries import ancestry, industries
from certloan.reference.loading import cached, day, in_force, rows

METRICS = ("staff", "revenue", "assets")
SIZES = ("large", "medium", "small")
_YUAN_PER_WAN = Decimal(10_000)


@dataclass(frozen=True)
class SizeRule:
    """The lower bounds of one group of industries: ``bounds[metric, size]`` in persons or yuan."""

    industry: str
    codes: tuple[str, ...]
    bounds: Mapping[tuple[str, str], Decimal]
    valid_from: date | None
    valid_to: date | None
    source: str
    verified: bool


@cached
def size_rules() -> tuple[SizeRule, ...]:
    """Give every rule of every version."""
    return tuple(
        SizeRule(
            industry=row["industry"],
            codes=tuple(row["codes"].split(";")),
            bounds={
                (metric, size): Decimal(row[f"{metric}_{size}"]) * (1 if metric == "staff" else _YUAN_PER_WAN)
                for metric in METRICS
                for size in SIZES
                if row[f"{metric}_{size}"]
            },
            valid_from=day(row["valid_from"]),
            valid_to=day(row["valid_to"]),
            source=row["source"],
            verified=row["verified"] == "true",
        )
        for row in rows("size_thresholds")
    )


def rules_by_industry() -> tuple[tuple[str, SizeRule], ...]:
    """Give the rule of every division, group and class that has one: the closest ancestor's."""
    named = [(code, rule) for rule in size_rules() for code in rule.codes]
    found = []
    for code in industries():
        above = ancestry(code)
        nearest = min((above.index(name) for name, _ in named if name in above), default=None)
        if code.isdigit() and nearest is not None:
            found += [(code, rule) for name, rule in named if name == above[nearest]]
    return tuple(found)


def size_class(
    industry_code: str,
    *,
    staff: int | None = None,
    revenue: Decimal | None = None,
    assets: Decimal | None = None,
    on: date,
) -> str | None:
    """Give large, medium, small or micro; None where the industry is not covered or a figure that it needs is unknown.

    ``industry_code`` is a GB/T 4754 code without its section letter; money in yuan.

    >>> size_class("5920", staff=150, revenue=Decimal("15_000_000"), on=date(2026, 1, 1))
    'medium'
    """
    stated = {"staff": staff, "revenue": revenue, "assets": assets}
    for code, rule in rules_by_industry():
        if code == industry_code and in_force(rule.valid_from, rule.valid_to, on):
            needed = {metric: stated[metric] for metric, _ in rule.bounds}
            if any(figure is None for figure in needed.values()):
                return None
            for size in SIZES:
                if all(figure is not None and figure >= rule.bounds[metric, size] for metric, figure in needed.items()):
                    return size
            return "micro"
    return None
