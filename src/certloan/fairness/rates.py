"""Approval rates by group, each with its n and interval, compared with the largest group.

A statistical screening, never a legal finding: a ratio outside the practical threshold says where to look, not why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from certloan.fairness.intervals import ratio_intervals, wilson
from certloan.i18n import Lang, has, text

#: A ratio of four fifths, the usual screening figure; read both ways, because no group is the norm.
PRACTICAL_RATIO = 0.8
#: A group of fewer people gets a rate and an interval, but no verdict.
FEWEST_PEOPLE = 30
#: People of whom the attribute is not known are shown as a group of their own.
UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What the whole interval of a ratio says against the practical threshold."""

    WITHIN = "within"
    OUTSIDE = "outside"
    NOT_ENOUGH = "not_enough"
    REFERENCE = "reference"


@dataclass(frozen=True)
class GroupRate:
    """One group: ``rate`` is the share approved of ``n``, between ``low`` and ``high``; None where there is nobody.

    ``ratio`` is the rate over that of the reference group; 1 means that both are approved equally often.
    """

    code: str
    n: int
    approved: int
    rate: float | None
    low: float | None
    high: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    verdict: Verdict

    def label(self, lang: Lang | str = Lang.ZH) -> str:
        """Give the group's name.

        >>> GroupRate("micro", 0, 0, *[None] * 6, Verdict.NOT_ENOUGH).label("en")
        'micro'
        """
        if self.code == UNKNOWN:
            return text("common.unknown", lang)
        key = f"feature.level.{self.code}"
        return text(key, lang) if has(key) else self.code


@dataclass(frozen=True)
class LayerRates:
    """One layer of the policy on its own: the rates of the groups among those whom it judged."""

    layer: str
    groups: tuple[GroupRate, ...]

    def label(self, lang: Lang | str = Lang.ZH) -> str:
        """Give the layer's name.

        >>> LayerRates("gate", ()).label()
        '仅准入规则'
        """
        return text(f"fairness.layer.{self.layer}", lang)


@dataclass(frozen=True)
class Carrier:
    """An input of the model that tells of an attribute, although the attribute itself is no input."""

    feature: str
    zh: str
    en: str

    def label(self, lang: Lang | str = Lang.ZH) -> str:
        """Give the input's name."""
        return self.zh if Lang(lang) is Lang.ZH else self.en


@dataclass(frozen=True)
class AttributeRates:
    """One attribute and its groups, in the attribute's own order; ``reference`` is the code of the largest group.

    ``layers`` holds the same groups under each layer alone, beside the same reference; ``carriers`` are the inputs of
    the model that tell of the attribute.
    """

    attribute: str
    zh: str
    en: str
    reference: str | None
    groups: tuple[GroupRate, ...]
    layers: tuple[LayerRates, ...] = ()
    carriers: tuple[Carrier, ...] = ()

    def label(self, lang: Lang | str = Lang.ZH) -> str:
        """Give the attribute's name."""
        return self.zh if Lang(lang) is Lang.ZH else self.en

    def inputs(self, lang: Lang | str = Lang.ZH) -> str:
        """Say that the attribute is no input, and which inputs tell of it all the same."""
        named = text("fairness.join", lang).join(carrier.label(lang) for carrier in self.carriers)
        return text(f"fairness.{'carried' if named else 'not_carried'}", lang, attribute=self.label(lang), inputs=named)


def approval_rates(
    attribute: str,
    labels: tuple[str, str],
    groups: Sequence[str | None],
    approved: np.ndarray,
    levels: Sequence[str] = (),
    *,
    confidence: float = 0.95,
    compared_with: str | None = None,
) -> AttributeRates:
    """Count people and approvals by group; every one of ``levels`` is shown, with nobody in it if need be.

    The reference is the largest group whose attribute is known, or ``compared_with`` where that is given.
    """
    named = np.array([UNKNOWN if group is None else group for group in groups], dtype=object)
    others = sorted(set(named.tolist()) - set(levels) - {UNKNOWN})
    codes = list(dict.fromkeys([*levels, *others, *([UNKNOWN] if UNKNOWN in named else [])]))
    people = np.array([int((named == code).sum()) for code in codes], dtype=np.int64)
    yes = np.array([int(approved[named == code].sum()) for code in codes], dtype=np.int64)
    known = [place for place, code in enumerate(codes) if code != UNKNOWN and people[place]]
    if compared_with is not None:
        reference = next((place for place in known if codes[place] == compared_with), None)
    else:
        reference = max(known, key=lambda place: people[place], default=None)
    low, high = wilson(yes, people, confidence)
    empty = np.full(len(codes), np.nan)
    ratio_low, ratio_high = (
        (empty, empty) if reference is None else ratio_intervals(yes, people, reference, confidence=confidence)
    )
    rows = []
    for place in range(len(codes)):
        ratio = _ratio(yes, people, place, reference)
        verdict = _verdict(people, place, reference, float(ratio_low[place]), float(ratio_high[place]))
        inside = ratio is not None
        rows.append(
            GroupRate(
                code=codes[place],
                n=int(people[place]),
                approved=int(yes[place]),
                rate=float(yes[place] / people[place]) if people[place] else None,
                low=float(low[place]) if people[place] else None,
                high=float(high[place]) if people[place] else None,
                ratio=ratio,
                ratio_low=float(ratio_low[place]) if inside else None,
                ratio_high=float(ratio_high[place]) if inside else None,
                verdict=verdict,
            )
        )
    return AttributeRates(attribute, *labels, None if reference is None else codes[reference], tuple(rows))


def _ratio(yes: np.ndarray, people: np.ndarray, place: int, reference: int | None) -> float | None:
    """Give the ratio of the two rates as observed; None where it is not defined."""
    if reference is None or not people[place] or not yes[reference]:
        return None
    return float(yes[place] / people[place] / (yes[reference] / people[reference]))


def _verdict(people: np.ndarray, place: int, reference: int | None, low: float, high: float) -> Verdict:
    if place == reference:
        return Verdict.REFERENCE
    if reference is None or min(people[place], people[reference]) < FEWEST_PEOPLE:
        return Verdict.NOT_ENOUGH
    if low >= PRACTICAL_RATIO and high <= 1 / PRACTICAL_RATIO:
        return Verdict.WITHIN
    if high < PRACTICAL_RATIO or low > 1 / PRACTICAL_RATIO:
        return Verdict.OUTSIDE
    return Verdict.NOT_ENOUGH
