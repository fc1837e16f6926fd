"""Every figure in a cell of the quality page can be read, on light paper as on dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from certloan.report import quality_pictures


def _colours(block: str) -> list[tuple[str, str]]:
    return re.findall(r"--(\w+):#([0-9a-f]{3,6})", block)


FOLDER = Path(quality_pictures.__file__).parent
SHEETS = [(FOLDER / name).read_text(encoding="utf-8") for name in ("page.css", "quality.css")]
SHEET = SHEETS[1]
LIGHT, DARK = (
    {name: value for sheet in SHEETS for name, value in _colours(re.findall(r":root\{(.*?)\}", sheet)[mode])}
    for mode in (0, 1)
)


def channels(colour: str) -> list[float]:
    whole = colour if len(colour) == 6 else "".join(2 * sign for sign in colour)
    return [int(whole[place : place + 2], 16) / 255 for place in (0, 2, 4)]


def luminance(colour: list[float]) -> float:
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def letters(share: float) -> tuple[str, float]:
    svg = quality_pictures._cell(0, 0, 20, share, ("family", 2025, 1, 2))
    (name,) = re.findall(r"q-(cell|past\d\d)", svg)
    (opacity,) = re.findall(r'fill-opacity="([\d.]+)"', svg)
    return name, float(opacity)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@given(share=some.floats(0, 1))
def test_letters_stand_out_from_every_cell(colours: dict[str, str], share: float) -> None:
    name, opacity = letters(share)
    ground = [
        opacity * heat + (1 - opacity) * card
        for heat, card in zip(channels(colours["heat"]), channels(colours["card"]), strict=True)
    ]
    low, high = sorted((luminance(ground), luminance(channels(colours[name]))))
    assert (high + 0.05) / (low + 0.05) >= 4.5
    assert f".q-{name}{{fill:var(--{name})}}" in SHEET
