"""What a training is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from certloan.errors import InputError
from certloan.features.spec import Spec, Use
from certloan.scoring.growing.recipe import Recipe
from certloan.scoring.search.seek import Quest
from certloan.scoring.splits import MIN_TRAIN_OF_EACH, FoldSplit, RandomSplit, SplitPlan, TimeSplit

_SPLITS = ("time", "folds", "random")
_LEAVES_THE_MODEL = ("rivals", "prices", "log", "search_minutes")
_ONLY_WHERE_STATED = ("features", "without", "features_as_of", "trials", "vouched", "vouch_reason")
#: What each number may be. With fewer defaults than five there is nothing to deal into parts, whatever was asked for.
_RANGES = (
    ("folds", 2, 50),
    ("bags", 1, 64),
    ("pairs", 0, 10_000),
    ("rounds", 1, 20_000),
    ("min_defaults", 5, 1_000_000),
    ("trials", 0, 10_000),
    ("search_minutes", 0.0, 100_000.0),
)


@dataclass(frozen=True)
class TrainConfig:
    """How to train and judge. Nothing here but ``search_minutes`` depends on the clock: the same settings and data give
    the same model.

    ``split`` is ``time`` (the honest one), ``folds`` or ``random``; days left out come from the data. ``embargo``
    belongs to ``time`` and wants real observation days. ``min_defaults`` is how many defaults, and others, must teach.
    ``bags`` and ``pairs`` are chosen by validation where they are ``None``. ``screen`` keeps out of the champion the
    features that do not beat chance. ``features`` names the only ones that the model is offered, empty for all that a
    model may read, and ``without`` those that it is not; one kept for the policy, the officer or the audit is refused.
    ``vouched`` names features that the leakage gate shall not refuse, because the operator knows, and says in
    ``vouch_reason``, that they were known on the day. ``features_as_of`` builds every loan's features as of that day instead of the day of its application, for evidence
    without dates; training then stops where that day knows more than chance allows. ``trials`` is how many choices of
    settings the search ends with, 0 for none; after ``search_minutes`` it begins no further one. ``rivals`` trains the
    models to compare with, ``prices`` grows the champion again without each of its limits; ``log`` writes the run into
    MLflow.
    """

    split: str = "time"
    train_before: date | None = None
    test_from: date | None = None
    test_before: date | None = None
    embargo: bool = True
    folds: int = 5
    test_share: float = 0.25
    min_defaults: int = MIN_TRAIN_OF_EACH
    seed: int = 1
    bags: int | None = None
    pairs: int | None = None
    rounds: int = 2000
    screen: bool = True
    features: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    vouched: tuple[str, ...] = ()
    vouch_reason: str = ""
    features_as_of: date | None = None
    trials: int = 0
    search_minutes: float | None = None
    rivals: bool = True
    prices: bool = False
    log: bool = True

    def plan(self) -> SplitPlan:
        """Give the split; ``train-setting`` when a value makes no sense."""
        self._check()
        if self.split == "time":
            return TimeSplit(self.train_before, self.test_from, self.test_before, self.embargo)
        if self.split == "folds":
            return FoldSplit(self.folds, self.seed)
        return RandomSplit(self.test_share, self.seed)

    def recipe(self) -> Recipe:
        """Give the way to grow the champion."""
        return Recipe(seed=self.seed, bags=self.bags, pairs=self.pairs, rounds=self.rounds, screen=self.screen)

    def quest(self, url: str | None) -> Quest | None:
        """Give what to search for, trials kept at ``url``; ``None`` where no search was asked for."""
        if not self.trials:
            return None
        by_time = self.split == "time"
        return Quest(self.trials, by_time, self.embargo and by_time, self.search_minutes, url)

    def as_json(self) -> dict[str, Any]:
        """Give plain values, days as ISO text, without what leaves the model as it is."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
            if name not in _LEAVES_THE_MODEL and not (name in _ONLY_WHERE_STATED and not value)
        }

    def offered(self, specs: Sequence[Spec]) -> tuple[Spec, ...]:
        """Choose, among ``specs``, what the model may read.

        Raises ``InputError`` ``feature-not-for-models`` where a name is kept from models, ``unknown-feature`` where
        there is none of that name.
        """
        readable = {spec.name: spec for spec in specs if spec.use is Use.MODEL}
        kept_away = {spec.name for spec in specs} - readable.keys()
        named = (*self.features, *self.without, *self.vouched)
        refused = [name for name in self.features if name in kept_away]
        if refused:
            raise InputError("feature-not-for-models", found=", ".join(refused))
        for name in named:
            if name not in readable and name not in kept_away:
                near = get_close_matches(name, list(readable), 3, 0.0)
                raise InputError("unknown-feature", found=name, expected=", ".join(near))
        wanted = set(self.features or readable) - set(self.without)
        return tuple(spec for name, spec in readable.items() if name in wanted)

    def _check(self) -> None:
        if self.split not in _SPLITS:
            raise InputError("train-setting", name="split", found=self.split, expected=" | ".join(_SPLITS))
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InputError("train-setting", name=name, found=value, expected=f"{low} … {high}")
        if not 0.0 < self.test_share < 1.0:
            raise InputError("train-setting", name="test_share", found=self.test_share, expected="0 … 1")
        if self.vouched and not self.vouch_reason.strip():
            raise InputError("train-setting", name="vouch_reason", found="", expected="1 …")
        if self.seed < 0:
            raise InputError("train-setting", name="seed", found=self.seed, expected="0 …")
