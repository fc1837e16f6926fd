"""How far a few batches may move an enterprise's rate away from its industry's: a beta prior, estimated from all.

Batches of one enterprise resemble each other, so the rates of enterprises differ by more than the chance of sampling
alone. By how much says how far to trust a single one: the prior counts as ``strength`` batches that failed at ``mean``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: Where too little is known of anybody: 1,827 of 19,440 batches failed the national checks of 2022; of failing
#: textiles in 2023, 56.2 % failed a safety item.
NATIONAL_MEAN, NATIONAL_SAFETY, USUAL_STRENGTH = 0.094, 0.055, 5.0
#: An industry's rate speaks for itself from so many failing batches on; how alike the batches of one enterprise are
#: shows only where many have several, and is as in all industries until then.
LEAST_FAILED, LEAST_SEVERAL = 20, 300
#: A prior weaker than one batch, or stronger than a hundred, would be an accident of the sample.
_WEAKEST, _STRONGEST = 1.0, 100.0


@dataclass(frozen=True)
class Firms:
    """``number`` enterprises alike: of ``batches`` sampled, ``failed`` failed, ``safety`` of them by a safety item."""

    batches: int
    failed: int
    safety: int
    number: int


@dataclass(frozen=True)
class Prior:
    """What is expected of an enterprise before its own batches: a rate, and how many batches it is worth.

    ``safety`` is the rate of failures by a safety item among the batches that failed by it or not at all.
    """

    mean: float
    safety: float
    strength: float


NATIONAL = Prior(NATIONAL_MEAN, NATIONAL_SAFETY, USUAL_STRENGTH)


def prior(firms: Iterable[Firms], fallback: Prior = NATIONAL) -> Prior:
    """Estimate the prior by the method of moments (Kleinman, JASA 68, 1973, weights by batches); else as ``fallback``.

    With p the rate of all batches and n_i, f_i those of enterprise i: the weighted spread of f_i / n_i around p exceeds
    what independent batches would give by the correlation of batches of one enterprise, and strength = 1/correlation - 1.

    >>> alike = [Firms(2, 0, 0, 820), Firms(2, 1, 0, 160), Firms(2, 2, 1, 20)]
    >>> prior(alike)
    Prior(mean=0.1, safety=0.011, strength=7.9)
    >>> prior([Firms(2, 1, 0, 3)]) is NATIONAL
    True
    """
    told = [group for group in firms if group.batches > 0]
    failed = sum(group.number * group.failed for group in told)
    if failed < LEAST_FAILED:
        return fallback
    batches = sum(group.number * group.batches for group in told)
    safety = sum(group.number * group.safety for group in told)
    strength = _strength(told, batches, failed)
    # Rounded, so that the order in which an engine adds up can never show.
    return Prior(
        round(failed / batches, 4),
        round(safety / (batches - failed + safety), 4),
        fallback.strength if strength is None else round(strength, 1),
    )


def _strength(told: list[Firms], batches: int, failed: int) -> float | None:
    if sum(group.number for group in told if group.batches > 1) < LEAST_SEVERAL:
        return None
    rate = failed / batches
    firms = sum(group.number for group in told)
    spread = sum(group.number * group.failed**2 / group.batches for group in told) - failed**2 / batches
    by_chance = rate * (1 - rate) * (firms - 1)
    room = (
        rate * (1 - rate) * (batches - sum(group.number * group.batches**2 for group in told) / batches - (firms - 1))
    )
    if room <= 0:
        return None
    correlation = (spread - by_chance) / room
    return min(max(1 / correlation - 1, _WEAKEST), _STRONGEST) if correlation > 0 else _STRONGEST
