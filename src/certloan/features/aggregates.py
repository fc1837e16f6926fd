"""The ways in which many records become one number. Values are expressions over the relation's columns.

Every aggregate is exact whatever the order of the rows: counts, extremes, and sums of integers and decimals. None
adds floating-point numbers up, because their sum depends on the order.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Count:
    """How many records."""


@dataclass(frozen=True)
class CountDistinct:
    """How many different values."""

    value: str


@dataclass(frozen=True)
class CountMonths:
    """In how many calendar months the records happened; needs a window of at most 60 months."""


@dataclass(frozen=True)
class Exists:
    """1 if there is a record, else 0."""


@dataclass(frozen=True)
class Sum:
    """The sum; zero where the applicant has records but none of these."""

    value: str


@dataclass(frozen=True)
class PerMonth:
    """The sum divided by the number of calendar months in which records happened."""

    value: str


@dataclass(frozen=True)
class Mean:
    """The mean of the known values."""

    value: str


@dataclass(frozen=True)
class Max:
    """The largest value."""

    value: str


@dataclass(frozen=True)
class Min:
    """The smallest value."""

    value: str


@dataclass(frozen=True)
class Latest:
    """The value in the newest record, by the day it happened and then the day it was known."""

    value: str


@dataclass(frozen=True)
class Share:
    """The share of the records for which ``holds`` is true; unknown without records."""

    holds: str


@dataclass(frozen=True)
class Ratio:
    """The sum of one value over the sum of another; unknown where the second is zero."""

    value: str
    over: str


@dataclass(frozen=True)
class TopShare:
    """The largest group's share of the sum: 1 when everything comes from one group. Groups below zero count as zero."""

    value: str
    by: str


@dataclass(frozen=True)
class Variation:
    """The coefficient of variation of the monthly sums over the window, months without records counting as zero."""

    value: str


@dataclass(frozen=True)
class NewestWorst:
    """The largest value among the records of the newest day on which it is known, however many records that day has."""

    value: str


@dataclass(frozen=True)
class Herfindahl:
    """The sum of the groups' squared shares of the sum: 1 when everything comes from one group, 1/n from n alike.

    Groups below zero count as zero; sums are taken in whole units, so that their squares are exact.
    """

    value: str
    by: str


@dataclass(frozen=True)
class FirstSeen:
    """How many groups have their first record, of those that count at any time, inside the window."""

    by: str


@dataclass(frozen=True)
class LastSeen:
    """How many groups have their last record, of those that count at any time, inside the window."""

    by: str


@dataclass(frozen=True)
class BothWays:
    """How many groups have a record that counts and, in the same window, another for which ``other`` holds."""

    by: str
    other: str


Aggregate = (
    Count
    | CountDistinct
    | CountMonths
    | Exists
    | Sum
    | PerMonth
    | Mean
    | Max
    | Min
    | Latest
    | Share
    | Ratio
    | TopShare
    | Variation
    | NewestWorst
    | Herfindahl
    | FirstSeen
    | LastSeen
    | BothWays
)

#: Aggregates that sum up per group or month first.
PerGroup = TopShare | Variation | Herfindahl | FirstSeen | LastSeen | BothWays

#: Aggregates that are zero, not unknown, for an applicant who has records of the relation but none that count.
ZERO_WHEN_NONE = (Count, CountDistinct, CountMonths, Exists, Sum, FirstSeen, LastSeen, BothWays)
