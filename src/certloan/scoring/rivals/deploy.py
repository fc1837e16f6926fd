"""The scorecard as a model of its own: kept, scored with, explained, exported and promoted like any other."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from certloan.scoring.bundle import Bundle
from certloan.scoring.rivals.scorecard import Scorecard


def as_bundle(scorecard: Scorecard, provenance: Mapping[str, Any]) -> Bundle:
    """Give the bundle; ``provenance`` is the training's own, to which the scorecard adds what is particular to it."""
    return Bundle(
        scorecard.features,
        scorecard.tables,
        scorecard.calibrator,
        provenance={
            **provenance,
            "dropped": dict(scorecard.dropped),
            "ridge": scorecard.ridge,
            "coefficients": dict(
                zip(
                    (feature.name for feature in scorecard.features),
                    (round(float(one), 6) for one in scorecard.coefficients),
                    strict=True,
                )
            ),
            "libraries": {name: version(name) for name in ("optbinning", "scipy", "numpy")},
        },
        kind="scorecard",
        grades=scorecard.grades,
    )
