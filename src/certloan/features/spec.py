"""A feature is a row of data: what is counted, in which table, over which time, and what its absence means.

A :class:`FeatureSpec` aggregates the records of one relation that were known on the day; a :class:`DerivedSpec` is an
expression over other features. Neither holds SQL: ``where`` and every value are the small language of
:mod:`certloan.expressions`, and :mod:`certloan.features.compile` adds the only time cut there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from certloan.domain.evidence import Dimension, Family
from certloan.features.aggregates import Aggregate


class Missing(StrEnum):
    """What it means that nothing was found. A source's absence is never a zero."""

    #: Unknown unless the applicant has a record of the relation that was known on the day.
    UNKNOWN_IF_NO_COVERAGE = "unknown_if_no_coverage"
    #: Zero once the source had been delivered by the day: for registers that are complete, such as public lists.
    ZERO_IF_DELIVERED = "zero_if_delivered"


class Use(StrEnum):
    """Who may read a feature."""

    MODEL = "model"  # the model and the policy
    FACT = "fact"  # the policy only
    AUDIT = "audit"  # the fairness audit only: never a reason to lend or not
    FLAG = "flag"  # the officer only: a reason to look closer, never one to lend or not


class Unit(StrEnum):
    """What a value counts; the words are ``feature.unit.<unit>`` in both languages."""

    COUNT = "count"
    YES_NO = "yes_no"
    SHARE = "share"
    RATIO = "ratio"
    DAYS = "days"
    MONTHS = "months"
    YUAN = "yuan"
    LOG_YUAN = "log_yuan"
    PERSONS = "persons"
    LEVEL = "level"
    CATEGORY = "category"


@dataclass(frozen=True)
class Window:
    """The months before the day in which a record must have happened: ``as_of - (lag + months) < t <= as_of - lag``."""

    months: int
    lag: int = 0


@dataclass(frozen=True)
class Withheld:
    """The ``value`` that a feature takes where the newest annual report withholds one of ``figures``, features themselves.

    It is the worst value that the feature tells apart, so a figure may also be stated as badly: only the absence of a
    figure says which of the two it is.
    """

    figures: tuple[str, ...]
    value: float


@dataclass(frozen=True, kw_only=True)
class FeatureSpec:
    """One aggregate over one relation.

    ``direction`` is +1 where more of it makes an applicant more eligible (a lower probability of default), -1 where
    less, 0 where neither is claimed. ``source`` names the paper it comes from, see :mod:`certloan.features.sources`.
    ``actionable`` features can be changed by the enterprise itself. ``levels`` are the known values of a categorical
    feature in order; a categorical feature without levels takes them from the data it is trained on. ``order`` is an
    expression by which the records behind the feature are shown, the smallest first, where its aggregate does not say.
    """

    name: str
    zh: str
    en: str
    family: Family
    dimension: Dimension
    table: str
    aggregate: Aggregate
    unit: Unit
    source: str
    where: str = ""
    order: str = ""
    window: Window | None = None
    missing: Missing = Missing.UNKNOWN_IF_NO_COVERAGE
    direction: Literal[-1, 0, 1] = 0
    actionable: bool = False
    use: Use = Use.MODEL
    levels: tuple[str, ...] = ()
    withheld_as: Withheld | None = None

    @property
    def categorical(self) -> bool:
        """Tell whether the value is a word rather than a number."""
        return self.unit is Unit.CATEGORY


@dataclass(frozen=True)
class Lookup:
    """A dated reference relation joined by a key: ``code = key``, in the version that is in force on ``day``.

    ``key`` is an expression, ``day`` a column. The columns that come with it, each with ``prefix`` before its name,
    stand in :data:`certloan.features.relations.REFERENCES`.
    """

    relation: str
    key: str
    day: str = "as_of"
    prefix: str = ""


@dataclass(frozen=True, kw_only=True)
class DerivedSpec:
    """An expression over features that come straight from records: a ratio, a trend, a class by thresholds.

    Unknown as soon as a part that the expression needs is unknown.
    """

    name: str
    zh: str
    en: str
    family: Family
    dimension: Dimension
    expression: str
    unit: Unit
    source: str
    lookup: Lookup | None = None
    direction: Literal[-1, 0, 1] = 0
    actionable: bool = False
    use: Use = Use.MODEL
    levels: tuple[str, ...] = ()
    withheld_as: Withheld | None = None

    @property
    def categorical(self) -> bool:
        """Tell whether the value is a word rather than a number."""
        return self.unit is Unit.CATEGORY


Spec = FeatureSpec | DerivedSpec
