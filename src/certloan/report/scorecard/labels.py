"""Bins in words: intervals with their unit, levels by their names, and what it means that nothing is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from certloan.features.spec import FeatureSpec, Spec, Unit
from certloan.i18n import Lang, both, has, text
from certloan.report.scorecard.card import Told
from certloan.scoring.export.groups import Groups
from certloan.scoring.matrix import MISSING_LEVEL, Floats, ModelFeature

#: Units whose values are whole numbers, as long as the edges of the bins lie on halves.
_WHOLE = {Unit.COUNT, Unit.YES_NO, Unit.DAYS, Unit.MONTHS, Unit.PERSONS, Unit.LEVEL}
#: Of these, the ones that cannot be negative.
_FROM_ZERO = {Unit.COUNT, Unit.YES_NO, Unit.PERSONS, Unit.LEVEL, Unit.MONTHS}
_YI, _WAN = 1e8, 1e4
#: LightGBM parts zero from what is above it by this edge.
_NEARLY_ZERO = 1e-30
_MOST_LEVELS = 6


@dataclass(frozen=True)
class Ruler:
    """How the values of one feature are written: its unit, and so many digits that no edge is taken for another.

    ``edges`` are those that are printed, in the unit that they are printed in.
    """

    unit: Unit | None
    whole: bool
    edges: tuple[float, ...]

    @staticmethod
    def of(edges: Floats, unit: Unit | None, printed: Sequence[float]) -> Ruler:
        """Choose for a feature with these edges, of which some are ``printed``."""
        near = np.where(np.abs(edges) < _NEARLY_ZERO, 0.5, edges)
        whole = unit in _WHOLE and bool(np.all(np.abs(2 * near - np.round(2 * near)) < 1e-6))
        told = {math.expm1(edge) if unit is Unit.LOG_YUAN else float(edge) for edge in printed}
        return Ruler(unit, whole, tuple(sorted(told)))

    def _above(self, edge: float) -> bool:
        """Tell whether an edge is written as more than it is: then the written value itself lies above the edge.

        An edge of 0.4999969 lies between 0.499 and 0.5; written 50%, a share of 50% must not read as below it.
        """
        shown = math.expm1(edge) if self.unit is Unit.LOG_YUAN else edge
        if abs(shown) < _NEARLY_ZERO:
            return shown < 0
        # A logarithm and back is off by a last bit or two.
        return _rounded(shown, self._digits(shown)) > shown + 1e-12 * abs(shown)

    def _digits(self, value: float) -> int:
        """Three, or as many as keep the rounded value nearer to its edge than to any other."""
        gap = min((abs(edge - value) for edge in self.edges if edge != value), default=math.inf)
        return next((d for d in range(3, 15) if abs(_rounded(value, d) - value) <= gap / 4), 15)

    def range_told(self, low: float | None, high: float | None) -> Told:
        """Say an interval above ``low`` up to and with ``high``; round and square brackets as usual."""
        return Told(*(self._range(low, high, lang) for lang in Lang))

    def _range(self, low: float | None, high: float | None, lang: Lang) -> str:
        if self.whole:
            return self._whole_range(low, high, lang)
        if low is None and high is None:
            return text("scorecard.bin.any", lang)
        if low is None and high is not None:
            return f"{'<' if self._above(high) else '≤'} {self.value(high, lang)}"
        if low is not None and high is None:
            return f"{'≥' if self._above(low) else '>'} {self.value(low, lang)}"
        first, last = self.value(low or 0.0, lang), self.value(high or 0.0, lang)
        return f"{'[' if self._above(low or 0.0) else '('}{first}, {last}{')' if self._above(high or 0.0) else ']'}"

    def _whole_range(self, low: float | None, high: float | None, lang: Lang) -> str:
        first = None if low is None else math.floor(low) + 1
        last = None if high is None else math.floor(high)
        if self.unit in _FROM_ZERO:
            first = first or 0
        if self.unit is Unit.YES_NO and last is None:
            last = 1
        if (last is None and not first) or (self.unit is Unit.YES_NO and first != last):
            return text("scorecard.bin.any", lang)
        if first is None:
            return f"≤ {self.value(last or 0, lang)}"
        if last is None:
            return f"≥ {self.value(first, lang)}"
        if first >= last:
            return self.value(last, lang)
        return self._united(text("scorecard.bin.from_to", lang, low=f"{first:,}", high=f"{last:,}"), lang)

    def _united(self, number: str, lang: Lang | str) -> str:
        key = f"explain.unit.{self.unit}"
        return text(key, lang, number=number) if has(key) else number

    def value(self, value: float, lang: Lang | str) -> str:
        """Say one value.

        >>> Ruler(Unit.SHARE, False, ()).value(0.12345, "zh"), Ruler(Unit.LOG_YUAN, False, ()).value(15.0, "zh")
        ('12.3%', '327 万元')
        """
        if self.unit is Unit.YES_NO:
            return text("common.yes" if value else "common.no", lang)
        if self.unit is Unit.LOG_YUAN:
            value = math.expm1(value)
        if self.unit in {Unit.YUAN, Unit.LOG_YUAN}:
            return _yuan(value, self._digits(value), Lang(lang))
        if self.unit is Unit.SHARE:
            return f"{_short(100 * value, self._digits(value))}%"
        return self._united(f"{value:,.0f}" if self.whole else _short(value, self._digits(value)), lang)


def levels_told(levels: Sequence[str]) -> Told:
    """Name one or several levels of a text; of many the first and how many others there are."""
    return Told(*(_levels(levels, lang) for lang in Lang))


def _levels(levels: Sequence[str], lang: Lang) -> str:
    named = [level_told(level, lang) for level in levels]
    told = text("scorecard.bin.comma", lang).join(named[:_MOST_LEVELS])
    rest = len(named) - _MOST_LEVELS
    return text("scorecard.bin.levels_more", lang, levels=told, count=rest) if rest > 0 else told


def level_told(level: str, lang: Lang | str) -> str:
    """Name a level as people do, or as the data writes it."""
    if level == MISSING_LEVEL:
        return text("scorecard.bin.missing_level", lang)
    key = f"feature.level.{level}"
    return text(key, lang) if has(key) else level


def last_told(spec: Spec | None, feature: ModelFeature) -> Told:
    """Say who is in the last bin: those of whom nothing is known, and of a text the rare and unheard-of levels."""
    if feature.levels is not None:
        return Told(*both(f"scorecard.bin.{'rare_level' if MISSING_LEVEL in feature.levels else 'other_level'}"))
    if not feature.missing_seen:
        return Told(*both("scorecard.bin.never_missing"))
    rule = spec.missing.value if isinstance(spec, FeatureSpec) else "derived" if spec is not None else "any"
    return Told(*both(f"scorecard.missing.{rule}"))


def _yuan(amount: float, digits: int, lang: Lang) -> str:
    if lang is Lang.ZH and abs(amount) >= _YI:
        return text("explain.money.yi", lang, number=_short(amount / _YI, digits))
    if lang is Lang.ZH and abs(amount) >= _WAN:
        return text("explain.money.wan", lang, number=_short(amount / _WAN, digits))
    return text("explain.money.yuan", lang, number=_short(amount, digits))


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _short(value: float, digits: int) -> str:
    """Write a number with so many digits that count, without an exponent where people would not write one.

    >>> _short(1234.5678, 3), _short(0.00123456, 3), _short(1e-35, 3), _short(-0.5, 3)
    ('1,230', '0.00123', '0', '-0.5')
    """
    if abs(value) < _NEARLY_ZERO:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    told = f"{_rounded(value, digits):,.{places}f}"
    return told.rstrip("0").rstrip(".") if "." in told else told


def axis_told(spec: Spec | None, feature: ModelFeature, thresholds: Floats | None, groups: Groups) -> tuple[Told, ...]:
    """Name each group of bins of a feature; the last bin is the missing one, and stands alone."""
    missing = len(feature.levels) if feature.levels is not None else len(np.asarray(thresholds)) + 1
    bounds = [bounds_of(thresholds, members) for members in groups.members]
    printed = [bound for pair in bounds for bound in pair if bound is not None]
    ruler = None if thresholds is None else Ruler.of(thresholds, None if spec is None else spec.unit, printed)
    told = []
    for members, (low, high) in zip(groups.members, bounds, strict=True):
        if missing in members:
            told.append(last_told(spec, feature))
        elif ruler is not None:
            told.append(ruler.range_told(low, high))
        else:
            told.append(levels_told([(feature.levels or ())[bin_] for bin_ in sorted(members)]))
    return tuple(told)


def bounds_of(thresholds: Floats | None, members: Sequence[int]) -> tuple[float | None, float | None]:
    """Give what the values in neighbouring bins are above and at most; None where there is no bound.

    >>> bounds_of(np.array([1.0, 2.0]), (1,)), bounds_of(np.array([1.0, 2.0]), (0, 1, 2)), bounds_of(None, (3,))
    ((1.0, 2.0), (None, None), (None, None))
    """
    if thresholds is None or len(thresholds) + 1 in members:
        return None, None
    first, last = members[0], members[-1]
    return float(thresholds[first - 1]) if first else None, float(thresholds[last]) if last < len(thresholds) else None


def signed(points: float, places: int = 1) -> str:
    """Write points with their sign; what rounds to nothing has none.

    >>> signed(3.26), signed(-0.04), signed(-12.0), signed(-12.0, 0)
    ('+3.3', '0.0', '-12.0', '-12')
    """
    told = f"{points:+.{places}f}"
    return told if told.strip("+-0.") else told[1:]
