"""The principal reasons for and against, chosen from exact contributions and worded with the facts behind them.

A reason names the fact, never the score. Audit-only attributes cannot be reasons because they are never scored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from certloan.explain.account import Reason, Record
from certloan.explain.wording import value_told
from certloan.features.spec import Spec
from certloan.i18n import text

#: Regulation B's practice of at most four principal reasons, for both sides.
MOST_REASONS = 4
#: Neighbouring features tell much the same story: two of one family leave room for the others.
MOST_OF_ONE_FAMILY = 2
#: A contribution that rounds to no point is no reason.
LEAST_POINTS = 0.5
_MOST_RECORDS = 2


@dataclass(frozen=True)
class Chosen:
    """The features chosen for one applicant, as positions, the strongest first."""

    positive: tuple[int, ...]
    negative: tuple[int, ...]


def choose(
    contributions: np.ndarray,
    families: Sequence[str],
    positive: np.ndarray,
    negative: np.ndarray,
    most: int = MOST_REASONS,
) -> Chosen:
    """Choose the strongest reasons of both signs from one row of contributions in points.

    ``positive`` and ``negative`` say which values may speak on which side
    (:func:`certloan.explain.speaking.speaking`).

    >>> every = np.ones(4, dtype=bool)
    >>> choose(np.array([5.0, 3.0, 2.0, -4.0]), ["credit", "credit", "credit", "quality"], every, every)
    Chosen(positive=(0, 1), negative=(3,))
    """
    order = [int(i) for i in np.argsort(-np.abs(contributions), kind="stable")]
    return Chosen(
        positive=_first(order, np.where(positive, contributions, 0.0), families, most),
        negative=_first(order, np.where(negative, -contributions, 0.0), families, most),
    )


def _first(order: Iterable[int], sided: np.ndarray, families: Sequence[str], most: int) -> tuple[int, ...]:
    taken: list[int] = []
    told: Counter[str] = Counter()
    for position in order:
        if sided[position] < LEAST_POINTS or len(taken) == most:
            continue
        if told[families[position]] < MOST_OF_ONE_FAMILY:
            told[families[position]] += 1
            taken.append(position)
    return tuple(taken)


def word(spec: Spec, value: float | str | None, points: int, records: Sequence[Record] = ()) -> Reason:
    """Word one reason in both languages: the fact, its value, and the records it rests on.

    What is unknown rests on no record: whatever was found beside it is not its evidence.
    """
    key = "explain.reason.unknown" if value is None else "explain.reason.known"
    facts = {
        lang: text(key, lang, label=label, value=value_told(value, spec.unit, lang))
        for lang, label in (("zh", spec.zh), ("en", spec.en))
    }
    return told_with(spec.name, points, facts, () if value is None else records)


def told_with(feature: str, points: int, facts: Mapping[str, str], records: Sequence[Record]) -> Reason:
    """Give a reason whose fact is worded, with the first of the records that it rests on."""
    shown = tuple(records[:_MOST_RECORDS])
    told = {}
    for lang, fact in facts.items():
        sentence = fact
        if shown:
            joined = text("explain.reason.join", lang).join(record.told(lang) for record in shown)
            more = len(records) - len(shown)
            rest = text("explain.reason.more", lang, count=more) if more > 0 else ""
            sentence = text("explain.reason.evidence", lang, sentence=sentence, records=joined + rest)
        told[lang] = sentence
    return Reason(
        feature, points, told["zh"], told["en"], shown, facts["zh"], facts["en"], unshown=len(records) - len(shown)
    )
