"""What a training is asked for, and what it reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from certloan.errors import InputError
from certloan.features.spec import Spec, Use
from certloan.scoring.growing.recipe import Recipe
from certloan.scoring.metrics.performance import Performance
from certloan.scoring.splits import FoldSplit, RandomSplit, SplitPlan, TimeSplit

_SPLITS = ("time", "folds", "random")


@dataclass(frozen=True)
class TrainConfig:
    """How to train and judge. Nothing here depends on the clock: the same settings and data give the same model.

    ``split`` is ``time`` (the honest one), ``folds`` or ``random``; days left out come from the data. ``embargo``
    belongs to ``time`` and wants real observation days. ``screen`` keeps out of the champion the features that do not
    beat chance. ``features`` names the only ones that the model is offered, empty for all that a model may read; one
    kept for the policy, the officer or the audit is refused. ``rivals`` trains the models to compare with; ``log``
    writes the run into MLflow.
    """

    split: str = "time"
    train_before: date | None = None
    test_from: date | None = None
    test_before: date | None = None
    embargo: bool = True
    folds: int = 5
    test_share: float = 0.25
    seed: int = 1
    bags: int = 8
    pairs: int = 40
    rounds: int = 2000
    screen: bool = True
    features: tuple[str, ...] = ()
    rivals: bool = True
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

    def as_json(self) -> dict[str, Any]:
        """Give plain values, days as ISO text, without what leaves the model as it is."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
            if name not in ("rivals", "log") and not (name == "features" and not value)
        }

    def offered(self, specs: Sequence[Spec]) -> tuple[Spec, ...]:
        """Choose, among ``specs``, what the model may read.

        Raises ``InputError`` ``feature-not-for-models`` where a name is kept from models, ``unknown-feature`` where
        there is none of that name.
        """
        readable = {spec.name: spec for spec in specs if spec.use is Use.MODEL}
        kept_away = {spec.name for spec in specs} - readable.keys()
        refused = [name for name in self.features if name in kept_away]
        if refused:
            raise InputError("feature-not-for-models", found=", ".join(refused))
        for name in self.features:
            if name not in readable:
                near = get_close_matches(name, list(readable), 3, 0.0)
                raise InputError("unknown-feature", found=name, expected=", ".join(near))
        return tuple(spec for name, spec in readable.items() if not self.features or name in self.features)

    def _check(self) -> None:
        if self.split not in _SPLITS:
            raise InputError("train-setting", name="split", found=self.split, expected=" | ".join(_SPLITS))
        for name, low, high in (("folds", 2, 50), ("bags", 1, 64), ("pairs", 0, 10_000), ("rounds", 1, 20_000)):
            if not low <= getattr(self, name) <= high:
                raise InputError("train-setting", name=name, found=getattr(self, name), expected=f"{low} … {high}")
        if not 0.0 < self.test_share < 1.0:
            raise InputError("train-setting", name="test_share", found=self.test_share, expected="0 … 1")
        if self.seed < 0:
            raise InputError("train-setting", name="seed", found=self.seed, expected="0 …")


@dataclass(frozen=True)
class TrainReport:
    """What was trained, on what, and how good it is on loans that it had not seen.

    ``rivals`` gives, for each, its figures and by how much the champion's AUC exceeds its own, with the paired
    interval. ``dropped`` names every feature that does not enter and why: ``missing``, ``constant`` or ``rare`` could
    not be used, ``noise`` did not beat chance. ``families_missing`` names the families that the data lacks altogether.
    ``price`` tells what few pairs cost, in AUC on training rows set aside: flattered on both sides by the choice of
    features, which saw those rows.
    """

    fingerprint: str
    performance: Performance
    n_train: int
    defaults_train: int
    features: int
    pairs: int
    calibration: Mapping[str, float | bool]
    price: Mapping[str, float | int]
    rivals: Mapping[str, Mapping[str, float | int]]
    dropped: Mapping[str, str]
    families_missing: tuple[str, ...]
    split: Mapping[str, Any]
    seconds: float
    run_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give one object; figures of the test first, with their n and defaults."""
        figures = self.performance.as_json()
        n_test = figures.pop("n")
        return {
            "fingerprint": self.fingerprint,
            **figures,
            "n_test": n_test,
            "n_train": self.n_train,
            "defaults_train": self.defaults_train,
            "features": self.features,
            "pairs": self.pairs,
            "calibration": dict(self.calibration),
            "price": dict(self.price),
            "rivals": {name: dict(rival) for name, rival in self.rivals.items()},
            "dropped": dict(self.dropped),
            "families_missing": list(self.families_missing),
            "split": dict(self.split),
            "run_id": self.run_id,
            "seconds": round(self.seconds, 1),
        }
