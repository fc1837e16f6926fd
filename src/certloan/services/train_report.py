"""What a training reports: how good the model is on loans that it had not seen, and how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from certloan.scoring.metrics.performance import Performance


@dataclass(frozen=True)
class TrainReport:
    """What was trained, on what, and how good it is on loans that it had not seen.

    ``kept`` names the features that the model reads. ``dropped`` names every feature that does not enter and why:
    ``missing``, ``constant`` or ``rare`` could not be used, ``noise`` did not beat chance; where no feature was
    ``screened``, for want of defaults or because there are so many, nothing is noise. ``families_missing`` names
    the families that the data lacks altogether. ``left_out`` counts loans whose outcome is not stated (``unstated``)
    or that shall not count (``weightless``). ``rivals`` gives, for each, its figures and by how much the champion's AUC
    exceeds its own, with the paired interval. ``price`` tells what few pairs cost, in AUC on training rows set aside:
    flattered on both sides by the choice of features, which saw those rows; ``prices`` what each limit costs on the
    test, empty unless it was asked for. ``search`` is the search's account, ``None`` without one; under folds the last
    of ``searches`` chose the settings of the model that is kept. ``leakage`` is what the gate found. ``scorecard`` is the fingerprint
    of the rival that is kept beside the model, ready to be used in its place.
    """

    fingerprint: str
    performance: Performance
    n_train: int
    defaults_train: int
    features: int
    pairs: int
    bags: int
    calibration: Mapping[str, float | bool | None]
    price: Mapping[str, float | int]
    rivals: Mapping[str, Mapping[str, Any]]
    kept: tuple[str, ...]
    dropped: Mapping[str, str]
    families_missing: tuple[str, ...]
    split: Mapping[str, Any]
    seconds: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    made_of: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    prices: Mapping[str, Mapping[str, float | int]] = field(default_factory=dict)
    leakage: Mapping[str, Any] = field(default_factory=dict)
    searches: tuple[Mapping[str, Any], ...] = ()
    scorecard: str | None = None
    run_id: str | None = None
    screened: bool = True

    @property
    def search(self) -> Mapping[str, Any] | None:
        """The search behind the settings of the model that is kept."""
        return self.searches[-1] if self.searches else None

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
            "bags": self.bags,
            "seed": self.settings.get("seed"),
            "settings": dict(self.settings),
            "made_of": dict(self.made_of),
            "calibration": dict(self.calibration),
            "rivals": {name: dict(rival) for name, rival in self.rivals.items()},
            "scorecard": self.scorecard,
            "price": dict(self.price),
            "prices": {name: dict(price) for name, price in self.prices.items()},
            "search": self.search,
            "leakage": dict(self.leakage),
            "kept": list(self.kept),
            "dropped": dict(self.dropped),
            "screened": self.screened,
            "families_missing": list(self.families_missing),
            "left_out": dict(self.left_out),
            "split": dict(self.split),
            "run_id": self.run_id,
            "seconds": round(self.seconds, 1),
        }
