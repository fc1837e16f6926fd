"""What the search may choose, and from what: the one place where it is written.

Only what a limit of the champion does not settle is searched. Depth, monotone directions, the choice of pairs and the
number of trees are not: the first two make the score a table that keeps its word, the others are chosen while growing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from certloan.scoring.matrix import ModelFeature

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

#: Raised with every change below, so that no search goes on in another one's space.
SPACE_VERSION = 1

Settings = dict[str, float | int]
_DIGITS = 4


@dataclass(frozen=True)
class Setting:
    """One of LightGBM's settings, with the range it may be drawn from.

    ``default`` is what holds without a search where the champion does not say it itself. ``log`` draws by order of
    magnitude, ``whole`` whole numbers, ``steps`` one of these values, by its place among them. ``texts_only`` settings
    matter only where some feature is a text. What each means, and why it is searched, stands in ``docs/training.md``.
    """

    name: str
    low: float
    high: float
    default: float = 0.0
    log: bool = False
    whole: bool = False
    texts_only: bool = False
    steps: tuple[int, ...] = ()

    def distribution(self) -> BaseDistribution:
        """Give the range as Optuna reads it."""
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.steps:
            return IntDistribution(0, len(self.steps) - 1)
        if self.whole:
            return IntDistribution(int(self.low), int(self.high), log=self.log)
        return FloatDistribution(self.low, self.high, log=self.log)

    def nearest(self, value: float) -> float | int:
        """Give the point of the range that is nearest to ``value``; of ``steps``, its place.

        >>> Setting("lambda_l2", 0.001, 100.0, log=True).nearest(0.0)
        0.001
        """
        if self.steps:
            return min(range(len(self.steps)), key=lambda place: abs(self.steps[place] - value))
        inside = min(max(value, self.low), self.high)
        return round(inside) if self.whole else inside

    def told(self, drawn: float | int) -> float | int:
        """Give a drawn value as LightGBM is told it: a short figure that a person can read and repeat.

        >>> Setting("lambda_l2", 0.001, 100.0, log=True).told(0.123456)
        0.1235
        """
        if self.steps:
            return self.steps[int(drawn)]
        if self.whole or not drawn:
            return drawn
        return round(drawn, _DIGITS - 1 - math.floor(math.log10(abs(drawn))))


SPACE: tuple[Setting, ...] = (
    Setting("min_data_in_leaf", 5, 500, log=True, whole=True),
    Setting("lambda_l2", 0.001, 100.0, log=True),
    Setting("feature_fraction", 0.1, 1.0),
    Setting("bagging_fraction", 0.5, 1.0, default=1.0),
    Setting("path_smooth", 0.01, 100.0, log=True),
    Setting("max_bin", 15, 255, steps=(15, 31, 63, 127, 255)),
    Setting("cat_smooth", 1.0, 200.0, log=True, texts_only=True),
    Setting("cat_l2", 1.0, 200.0, log=True, texts_only=True),
)


def space_of(features: Sequence[ModelFeature]) -> tuple[Setting, ...]:
    """Give the settings that matter for these features."""
    texts = any(feature.categorical for feature in features)
    return tuple(setting for setting in SPACE if texts or not setting.texts_only)


def start_of(space: Sequence[Setting], used: Mapping[str, float]) -> dict[str, float | int]:
    """Give the point of the space that is nearest to the settings in use without a search."""
    return {setting.name: setting.nearest(used.get(setting.name, setting.default)) for setting in space}


def settings_of(space: Sequence[Setting], drawn: Mapping[str, float | int]) -> Settings:
    """Give drawn values as LightGBM is told them."""
    chosen: Settings = {setting.name: setting.told(drawn[setting.name]) for setting in space}
    if "bagging_fraction" in chosen:
        chosen["bagging_freq"] = 1
    return chosen
