"""Charts as inline SVG that takes its colours from the page around it.

Every chart is 360 units wide, so that its smallest letters can still be read on a phone. Colour never stands alone:
lines differ in their dashes too, and carry their names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 10, 34


@dataclass(frozen=True)
class Axis:
    """One direction of a chart: from ``low`` to ``high``, with a name and a way to write a value."""

    low: float
    high: float
    name: str
    told: Callable[[float], str] = "{:g}".format

    def ticks(self, wanted: int = 5) -> list[float]:
        """Give round values inside the axis, about as many as wanted.

        >>> Axis(0.0, 1.0, "x").ticks()
        [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
        """
        span = self.high - self.low
        rough = span / max(wanted, 1)
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= rough * (1.0 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(number * step, 12) for number in range(first, last + 1)]


@dataclass(frozen=True)
class Chart:
    """A frame with two axes; its methods give marks, :meth:`draw` puts them together."""

    x: Axis
    y: Axis
    height: int = 230

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Give the place of a point; what lies outside is drawn at the edge."""
        across = (_within(x, self.x) - self.x.low) / (self.x.high - self.x.low)
        up = (_within(y, self.y) - self.y.low) / (self.y.high - self.y.low)
        tall = self.height - _TOP - _BOTTOM
        return _LEFT + across * (WIDTH - _LEFT - _RIGHT), _TOP + (1.0 - up) * tall

    def line(self, points: Sequence[tuple[float, float]], tone: int = 1, *, dashed: bool = False) -> str:
        """Draw a line through the points."""
        path = " ".join(f"{'M' if not n else 'L'}{a:.1f} {b:.1f}" for n, (a, b) in enumerate(self._places(points)))
        return f'<path d="{path}" class="line t{tone}{" dashed" if dashed else ""}"/>'

    def steps(self, edges: Sequence[float], heights: Sequence[float], tone: int = 1) -> str:
        """Draw a staircase: ``heights[i]`` from ``edges[i]`` to ``edges[i + 1]``."""
        points = [(edge, height) for n, height in enumerate(heights) for edge in (edges[n], edges[n + 1])]
        return self.line(points, tone)

    def band(self, points: Sequence[tuple[float, float, float]], tone: int = 1) -> str:
        """Fill between the lower and the upper bound along x."""
        there = [self.at(x, high) for x, _, high in points]
        back = [self.at(x, low) for x, low, _ in reversed(points)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in (*there, *back))
        return f'<polygon points="{path}" class="band t{tone}"/>'

    def dots(self, points: Sequence[tuple[float, float, float, float]], tone: int = 1, told: Sequence[str] = ()) -> str:
        """Draw dots with their interval upright: x, y, low, high; ``told`` is what each says when it is pointed at."""
        marks = []
        for number, (x, y, low, high) in enumerate(points):
            (a, b), (_, top), (_, foot) = self.at(x, y), self.at(x, high), self.at(x, low)
            hint = f"<title>{escape(told[number])}</title>" if told else ""
            marks.append(
                f'<g>{hint}<path d="M{a:.1f} {top:.1f}V{foot:.1f}" class="line t{tone}"/>'
                f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.2" class="dot t{tone}"/></g>'
            )
        return "".join(marks)

    def bars(self, edges: Sequence[float], heights: Sequence[float], tone: int = 1) -> str:
        """Draw bars from the lower edge of the chart."""
        marks = []
        for number, height in enumerate(heights):
            (left, top), (right, foot) = self.at(edges[number], height), self.at(edges[number + 1], self.y.low)
            wide = max(right - left - 0.6, 0.4)
            marks.append(
                f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{foot - top:.1f}" class="bar t{tone}"/>'
            )
        return "".join(marks)

    def upright(self, x: float, tone: int = 0) -> str:
        """Draw a line from top to bottom at ``x``."""
        return self.line([(x, self.y.low), (x, self.y.high)], tone, dashed=True)

    def label(self, x: float, y: float, word: str, tone: int = 0, *, anchor: str = "start") -> str:
        """Write a word beside a point."""
        a, b = self.at(x, y)
        return f'<text x="{a:.1f}" y="{b:.1f}" text-anchor="{anchor}" class="small t{tone}">{escape(word)}</text>'

    def draw(self, title: str, *marks: str) -> str:
        """Give the picture; ``title`` is what it says to those who cannot see it."""
        return picture("".join((*self._frame(), *marks)), self.height, title)

    def _places(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [self.at(x, y) for x, y in points]

    def _frame(self) -> list[str]:
        foot = self.height - _BOTTOM
        marks = []
        # An axis without a name has nothing to read off.
        for value in self.y.ticks(4) if self.y.name else ():
            _, y = self.at(self.x.low, value)
            marks.append(f'<path d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}" class="grid"/>')
            marks.append(
                f'<text x="{_LEFT - 5}" y="{y + 3.5:.1f}" class="end small">{escape(self.y.told(value))}</text>'
            )
        for value in self.x.ticks(5):
            x, _ = self.at(value, self.y.low)
            marks.append(f'<text x="{x:.1f}" y="{foot + 14}" class="mid small">{escape(self.x.told(value))}</text>')
        marks.append(f'<path d="M{_LEFT} {foot}H{WIDTH - _RIGHT}" class="axis"/>')
        marks.append(f'<text x="{WIDTH - _RIGHT}" y="{self.height - 4}" class="end small">{escape(self.x.name)}</text>')
        if self.y.name:
            marks.append(f'<text x="0" y="{self.height - 4}" class="small muted">{escape(self.y.name)} ↑</text>')
        return marks


@dataclass(frozen=True)
class Span:
    """One line of a forest: a figure with its interval, a name, and the figure in words."""

    name: str
    value: float
    low: float
    high: float
    told: str
    tone: int = 1


def forest(spans: Sequence[Span], title: str, *, zero: float | None = 0.0) -> str:
    """Draw intervals under each other on one scale, with an upright at ``zero``."""
    reach = [end for span in spans for end in (span.low, span.high)] + ([] if zero is None else [zero])
    low, high = min(reach), max(reach)
    pad = (high - low or 1.0) * 0.04
    low, high = low - pad, high + pad

    def across(value: float) -> float:
        return (value - low) / (high - low) * WIDTH

    parts, top = [], 0
    for span in spans:
        beside = _letters(span.name) + _letters(span.told, small=True) < WIDTH - 14
        second = top if beside else top + 14
        middle = second + 24
        place = (WIDTH, top + 12, "end small") if beside else (0, second + 12, "small muted")
        if zero is not None:
            parts.append(f'<path d="M{across(zero):.1f} {middle - 7}v14" class="axis"/>')
        parts.append(f'<text x="0" y="{top + 12}">{escape(span.name)}</text>')
        parts.append(f'<text x="{place[0]}" y="{place[1]}" class="{place[2]}">{escape(span.told)}</text>')
        parts.append(f'<path d="M{across(span.low):.1f} {middle}H{across(span.high):.1f}" class="line t{span.tone}"/>')
        parts.append(f'<circle cx="{across(span.value):.1f}" cy="{middle}" r="3.4" class="dot t{span.tone}"/>')
        top = middle + 14
    return picture("".join(parts), top + 2, title)


def legend(entries: Sequence[tuple[int, str, bool]]) -> str:
    """Name lines: tone, name, whether dashed."""
    keys = "".join(
        f'<span class="key"><svg viewBox="0 0 22 8" width="22" height="8" aria-hidden="true">'
        f'<path d="M0 4H22" class="line t{tone}{" dashed" if dashed else ""}"/></svg>{escape(name)}</span>'
        for tone, name, dashed in entries
    )
    return f'<p class="note">{keys}</p>'


def picture(inner: str, height: float, title: str) -> str:
    """Wrap marks into one accessible picture of the house's width."""
    return (
        f'<svg class="picture" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(title, quote=True)}">'
        f"<title>{escape(title)}</title>{inner}</svg>"
    )


def _within(value: float, axis: Axis) -> float:
    return min(max(value, axis.low), axis.high)


def _letters(words: str, *, small: bool = False) -> float:
    """Give about how wide a text is drawn: a Chinese sign is as wide as its letters are high."""
    high = 10.5 if small else 11.5
    return sum(high if ord(sign) > 0x2E7F else 0.56 * high for sign in words)
