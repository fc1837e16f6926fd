"""The pictures of a scorecard: a table as a staircase of points beside people and defaults, a pair as a map of heat.

All are 360 units wide. Bins lie under each other, so that their names can be read on a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from unicodedata import east_asian_width

from certloan.i18n import Lang, text
from certloan.report.plot import WIDTH, picture
from certloan.report.scorecard.card import Cell, Main, Two
from certloan.report.scorecard.labels import signed

#: The columns of a one-way picture: names, points as a number, points drawn, people, defaults.
_NAME, _NUMBER, _POINTS, _PEOPLE, _RATE = (0, 126), (126, 168), (174, 250), (258, 290), (298, 358)
_HEAD, _LINE, _ROW = 18, 12, 20
#: Half-width signs that fit into a name.
_SIGNS, _ROW_SIGNS = 22, 20
_LONG_SIGNS, _MOST_LINES = 50, 2
_CLOSING = "）」』，。、；：！？"
_MAP_LEFT, _CELL = 116, 21
#: The strongest colour leaves letters on it readable, on light paper as on dark.
_STRONGEST = 0.5


def staircase(main: Main, lang: Lang, widest: float) -> str:
    """Draw one table: a step to each bin with the band of its error, the share of people, and the rate of default.

    Points share one scale from ``-widest`` to ``widest`` within a family.
    """
    names = [wrapped(cell.label(lang), _SIGNS, _MOST_LINES) for cell in main.told_cells]
    heights = [_ROW + _LINE * (len(lines) - 1) for lines in names]
    tops = [_HEAD + sum(heights[:at]) for at in range(len(heights))]
    foot = _HEAD + sum(heights)
    across = _scale(_POINTS, -widest, widest)
    rates = [cell.counted.rate.high for cell in main.told_cells if cell.counted is not None and cell.counted.n]
    rate_at = _scale(_RATE, 0.0, _ceiling(rates))
    people_at = _scale(_PEOPLE, 0.0, max(cell.share for cell in main.told_cells) or 1.0)
    parts = [*_heads(lang, counted=bool(rates)), f'<path d="M{across(0):.1f} {_HEAD - 2}V{foot}" class="axis"/>']
    parts += [_band(cell, across, top, tall) for cell, top, tall in zip(main.told_cells, tops, heights, strict=True)]
    parts.append(_steps(main.told_cells, across, tops, heights))
    for cell, lines, top, tall in zip(main.told_cells, names, tops, heights, strict=True):
        middle = top + tall / 2
        parts.append(_name(lines, top, tall, cell.label(lang)))
        parts.append(
            f'<text x="{_NUMBER[1]}" y="{middle + 4:.1f}" text-anchor="end" class="sc-number">{signed(cell.points)}</text>'
        )
        wide = people_at(cell.share) - _PEOPLE[0]
        parts.append(
            f"<g><title>{cell.share:.1%}</title>"
            f'<rect x="{_PEOPLE[0]}" y="{middle - 5:.1f}" width="{max(wide, 0.6):.1f}" height="10" class="bar t0"/></g>'
        )
        parts.append(_rate(cell, rate_at, middle))
    return picture("".join(parts), foot + 4, text("scorecard.picture.main", lang, feature=main.label(lang)))


def _heads(lang: Lang, *, counted: bool) -> list[str]:
    places = [("points", _POINTS), ("people", _PEOPLE)] + ([("rate", _RATE)] if counted else [])
    return [
        f'<text x="{(low + high) / 2:.1f}" y="10" class="mid small muted">{escape(text(f"scorecard.picture.{name}", lang))}</text>'
        for name, (low, high) in places
    ]


def _band(cell: Cell, across: Callable[[float], float], top: float, tall: float) -> str:
    if not cell.error:
        return ""
    left, right = across(cell.points - cell.error), across(cell.points + cell.error)
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(right - left, 0.4):.1f}" height="{tall}" '
        f'class="band t{_tone(cell.points)}"/>'
    )


def _steps(
    cells: Sequence[Cell], across: Callable[[float], float], tops: Sequence[float], heights: Sequence[float]
) -> str:
    """Draw the staircase down the bins that have an order; what is missing, and levels, stand alone."""
    drawn = []
    for at, cell in enumerate(cells):
        x, top = across(cell.points), tops[at]
        linked = at and cell.kind == "range" and cells[at - 1].kind == "range"
        start = f"M{across(cells[at - 1].points):.1f} {top}H{x:.1f}" if linked else f"M{x:.1f} {top}"
        drawn.append(f'<path d="{start}V{top + heights[at]}" class="line t{_tone(cell.points)}"/>')
    return "".join(drawn)


def _rate(cell: Cell, rate_at: Callable[[float], float], middle: float) -> str:
    if cell.counted is None or not cell.counted.n:
        return ""
    rate = cell.counted.rate
    told = f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}] {cell.counted.defaults:,}/{cell.counted.n:,}"
    return (
        f"<g><title>{told}</title>"
        f'<path d="M{rate_at(rate.low):.1f} {middle:.1f}H{rate_at(rate.high):.1f}" class="line t3"/>'
        f'<circle cx="{rate_at(rate.value):.1f}" cy="{middle:.1f}" r="2.8" class="dot t3"/></g>'
    )


def _name(lines: Sequence[str], top: float, tall: float, whole: str) -> str:
    first = top + tall / 2 + 4 - (len(lines) - 1) * _LINE / 2
    told = "".join(
        f'<text x="0" y="{first + at * _LINE:.1f}" class="small">{escape(line)}</text>' for at, line in enumerate(lines)
    )
    return f"<g><title>{escape(whole)}</title>{told}</g>"


def heat_map(pair: Two, lang: Lang, widest: float) -> str:
    """Draw one pair: blue adds points, vermilion takes them; columns go by their numbers, named under the picture."""
    names = [wrapped(told(lang), _ROW_SIGNS, _MOST_LINES) for told in pair.rows]
    tall = [_CELL if len(lines) == 1 else _CELL + 6 for lines in names]
    wide = (WIDTH - _MAP_LEFT) / len(pair.columns)
    parts = [
        f'<text x="{_MAP_LEFT + (c + 0.5) * wide:.1f}" y="10" class="mid small muted">{c + 1}</text>'
        for c in range(len(pair.columns))
        if wide >= 12 or not c % 5
    ]
    top = float(_HEAD - 4)
    for r, lines in enumerate(names):
        parts.append(_name(lines, top, tall[r], pair.rows[r](lang)))
        parts += [
            _heat(pair, (r, c), (_MAP_LEFT + c * wide, top, wide, tall[r]), widest, lang)
            for c in range(len(pair.columns))
        ]
        top += tall[r]
    told = text("scorecard.picture.pair", lang, first=pair.label_first(lang), second=pair.label_second(lang))
    return picture("".join(parts), top + 2, told)


def _heat(pair: Two, at: tuple[int, int], box: tuple[float, float, float, float], widest: float, lang: Lang) -> str:
    (r, c), (left, top, wide, tall) = at, box
    points = pair.points[r][c]
    # The root lets small effects be seen beside large ones.
    strength = _STRONGEST * min(1.0, abs(points) / widest) ** 0.5 if widest else 0.0
    told = f"{pair.rows[r](lang)} × {pair.columns[c](lang)}: {points:+.2f}"
    told += f" ±{pair.error[r][c]:.2f}" if pair.error else ""
    told += f" ({pair.defaults[r][c]:,}/{pair.n[r][c]:,})" if pair.n else ""
    number = signed(points, 0 if wide < 34 else 1)
    letters = f'<text x="{left + wide / 2:.1f}" y="{top + tall / 2 + 4:.1f}" class="mid small">{number}</text>'
    return (
        f"<g><title>{escape(told)}</title>"
        f'<rect x="{left + 0.5:.1f}" y="{top + 0.5:.1f}" width="{wide - 1:.1f}" height="{tall - 1:.1f}" '
        f'class="heat t{_tone(points)}" fill-opacity="{strength:.3f}"/>{letters if wide >= 22 else ""}</g>'
    )


def weights(mains: Sequence[Main], lang: Lang, longest: float) -> str:
    """Draw how much features move scores; a bar of ``longest`` is as wide as the picture."""
    parts = []
    for at, main in enumerate(mains):
        top = at * 30
        label = main.label(lang)
        told = escape(wrapped(label, _LONG_SIGNS, 1)[0])
        parts.append(f'<g><title>{escape(label)}</title><text x="0" y="{top + 12}">{told}</text></g>')
        parts.append(f'<text x="{WIDTH}" y="{top + 12}" class="end small">{main.weight:.1f}</text>')
        parts.append(
            f'<rect x="0" y="{top + 17}" width="{main.weight / (longest or 1.0) * WIDTH:.1f}" height="6" class="bar t1"/>'
        )
    return picture("".join(parts), len(mains) * 30, text("scorecard.picture.weights", lang))


def wrapped(name: str, signs: int, most: int) -> list[str]:
    """Break a name into lines of so many half-width signs; what does not fit into ``most`` lines ends in an ellipsis.

    >>> wrapped("未知（没有该类记录）", 12, 2), wrapped("unknown (no such record)", 12, 2)
    (['未知（没有该', '类记录）'], ['unknown (no', 'such record)'])
    """
    lines, line = [], ""
    for word in _words(name):
        if line and _wide(line + word.rstrip()) > signs:
            lines.append(line.rstrip())
            line = ""
        line += word
    lines.append(line.rstrip())
    if len(lines) > most:
        last = lines[most - 1]
        while _wide(last) > signs - 2:
            last = last[:-1]
        return [*lines[: most - 1], f"{last}…"]
    return lines


def _words(name: str) -> list[str]:
    """Part where a line may break: behind blanks, and round every Chinese sign; none begins with what closes."""
    words = [""]
    for sign in name:
        if (
            words[-1]
            and sign not in _CLOSING
            and (words[-1][-1] == " " or _wide(sign) == 2 or _wide(words[-1][-1]) == 2)
        ):
            words.append("")
        words[-1] += sign
    return words


def _wide(name: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in name)


def _scale(place: tuple[int, int], low: float, high: float) -> Callable[[float], float]:
    span = high - low or 1.0
    return lambda value: place[0] + (min(max(value, low), high) - low) / span * (place[1] - place[0])


def _ceiling(rates: Sequence[float]) -> float:
    """Give the end of the scale of rates: the widest interval, but never less than a tenth."""
    return max([0.1, *rates])


def _tone(points: float) -> int:
    return 1 if points >= 0 else 2
