"""The master scale: dated bounds of the probability of default, kept as data and the same for every model."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

_FOLDER = "scales"


@dataclass(frozen=True)
class MasterScale:
    """Grades from best to worst; a grade holds the probabilities from the bound before it to below its own.

    ``verified`` tells whether a rule prescribes the bounds; where it is false they are the house's choice.
    """

    id: str
    name: tuple[str, str]
    effective_from: date
    verified: bool
    codes: tuple[str, ...]
    bounds: tuple[float, ...]


@cache
def scales() -> tuple[MasterScale, ...]:
    """Give the shipped scales, oldest first."""
    folder = resources.files(__package__).joinpath(_FOLDER)
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    found = []
    for entry in files:
        held = tomllib.loads(entry.read_text(encoding="utf-8"))
        grades = held["grade"]
        found.append(
            MasterScale(
                str(held["id"]),
                (str(held["name"]["zh"]), str(held["name"]["en"])),
                held["effective_from"],
                bool(held["verified"]),
                tuple(str(grade["code"]) for grade in grades),
                tuple(float(grade["pd_below"]) for grade in grades),
            )
        )
    return tuple(found)


def newest_scale() -> MasterScale:
    """Give the scale that new models are graded with.

    >>> scale = newest_scale()
    >>> scale.codes[0], scale.bounds[0], scale.codes[-1], scale.bounds[-1]
    ('R1', 0.00125, 'R10', 1.0)
    """
    return scales()[-1]
