"""The account of one decision: points that add up, the records behind them, reasons, and the evidence in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal

from certloan.explain.wording import yuan_told
from certloan.i18n import Lang
from certloan.policy.references import Reference

#: Features told one by one, in a terminal as in the picture; the others that move the score are told as one sum.
MOST_POINTS = 10


@dataclass(frozen=True)
class Record:
    """One record behind a feature: its table, and its telling columns with their headers in both languages."""

    table: str
    cells: tuple[tuple[str, str, str, str], ...]  # header zh, header en, value zh, value en

    def told(self, lang: str) -> str:
        """Give the record as a phrase.

        >>> Record("certificate", (("证书编号", "certificate number", "Q1", "Q1"),)).told("zh")
        '证书编号 Q1'
        """
        if lang == "zh":
            return "，".join(f"{header} {value}" for header, _, value, _ in self.cells)
        return ", ".join(f"{header} {value}" for _, header, _, value in self.cells)


@dataclass(frozen=True)
class Point:
    """What one feature adds to the score. ``points`` is what is displayed; ``exact`` is what it was rounded from."""

    feature: str
    label_zh: str
    label_en: str
    family: str
    value: float | str | None
    value_zh: str
    value_en: str
    points: int
    exact: float


@dataclass(frozen=True)
class Reason:
    """One principal reason with its records, worded in both languages; ``points`` says how much it moved the score."""

    feature: str
    points: int
    zh: str
    en: str
    records: tuple[Record, ...]
    fact_zh: str = ""  # the fact alone, where the records are shown beside it
    fact_en: str = ""
    unshown: int = 0  # records beyond those given


@dataclass(frozen=True)
class GateTold:
    """A gate that fired, with the text of why and the papers it rests on; ``unverified`` are those not read again."""

    code: str
    outcome: str
    zh: str
    en: str
    policy_ref: tuple[str, ...]
    unverified: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()

    def references(self, lang: Lang | str) -> tuple[str, ...]:
        """Name the papers, each unverified one marked."""
        return tuple(Reference(ref, ref not in self.unverified).told(lang) for ref in self.policy_ref)


@dataclass(frozen=True)
class TimelineItem:
    """A piece of evidence in time. ``tone`` is ``good``, ``bad`` or ``neutral``; a point in time has no ``ends_on``."""

    lane: str  # certificate | surveillance | inspection | incident | list | credit | honour | application
    zh: str
    en: str
    starts_on: dt.date
    ends_on: dt.date | None
    tone: str


@dataclass(frozen=True)
class Explanation:
    """Everything that one decision rests on. ``base_points`` and the points of all features sum to ``score`` exactly."""

    application_id: str
    uscc: str
    name: str | None
    as_of: dt.date
    amount: Decimal | None
    outcome: str  # approve | refer | decline
    score: int
    grade: str
    pd: float
    limit: Decimal | None
    base_points: int
    points: tuple[Point, ...]  # largest first, by absolute size
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]
    gates: tuple[GateTold, ...]
    gates_without_facts: tuple[str, ...]
    timeline: tuple[TimelineItem, ...]
    fingerprint: str
    policy_id: str
    policy_hash: str
    decided_by: tuple[str, ...] = ()  # the layers that lead to the outcome: gate | score | ladder
    ladder_zh: tuple[str, ...] = ()  # what there is to say about the limit
    ladder_en: tuple[str, ...] = ()

    def amount_told(self, lang: Lang | str) -> str:
        """Say the amount asked for."""
        return yuan_told(self.amount, lang)

    def limit_told(self, lang: Lang | str) -> str:
        """Say how much may be lent."""
        return yuan_told(self.limit, lang)

    def largest(self, most: int = MOST_POINTS) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
        """Give the features told one by one, and the others to be summed; those that move nothing are in neither."""
        moving = tuple(point for point in self.points if point.points)
        return moving[:most], moving[most:]

    def as_json(self) -> dict[str, object]:
        """Give a value that JSON can hold: dates as ISO text, money as text."""
        plain = _plain(asdict(self))
        if not isinstance(plain, dict):  # asdict of a dataclass is a mapping; this narrows the type
            raise TypeError
        return plain


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
