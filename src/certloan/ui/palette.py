"""Colours that people of any colour vision tell apart, after Okabe and Ito, on light and on dark ground.

Colour never stands alone: every coloured mark also has a word, a sign or a shape.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """What pictures are drawn with: blue speaks for, vermilion against, grey neither."""

    ink: str
    faint: str
    line: str
    ground: str
    good: str
    bad: str
    neutral: str
    accent: str

    def tone(self, tone: str) -> str:
        """Give the colour of ``good``, ``bad`` or ``neutral`` evidence."""
        return {"good": self.good, "bad": self.bad}.get(tone, self.neutral)


LIGHT = Palette(
    ink="#1b2733",
    faint="#5b6875",
    line="#c9d1d9",
    ground="#ffffff",
    good="#0072b2",
    bad="#d55e00",
    neutral="#8a96a3",
    accent="#009e73",
)
DARK = Palette(
    ink="#e6ebf0",
    faint="#a3b0bd",
    line="#3a4754",
    ground="#10161d",
    good="#56b4e9",
    bad="#f0803c",
    neutral="#8a96a3",
    accent="#2bc49a",
)
