"""Charts are well-formed, stay inside their frame, and say what they are."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as some

from certloan.i18n import Lang
from certloan.report.page import document, table
from certloan.report.plot import WIDTH, Axis, Chart, Span, forest, legend

CHART = Chart(Axis(0, 1, "预测 PD"), Axis(0, 1, "实际 <违约率>"))


@given(low=some.floats(-1e6, 1e6), span=some.floats(1e-6, 1e6))
def test_ticks_are_inside_the_axis_rising_and_few(low: float, span: float) -> None:
    axis = Axis(low, low + span, "x")
    ticks = axis.ticks()
    slack = 1e-6 * span + 1e-9 * abs(low)
    assert all(axis.low - slack <= tick <= axis.high + slack for tick in ticks)
    assert all(a < b for a, b in pairwise(ticks))
    assert 1 <= len(ticks) <= 11


@given(x=some.floats(-1e9, 1e9), y=some.floats(-1e9, 1e9))
def test_no_point_leaves_the_picture(x: float, y: float) -> None:
    across, down = CHART.at(x, y)
    assert 0 <= across <= WIDTH
    assert 0 <= down <= CHART.height


def test_a_higher_value_is_drawn_higher() -> None:
    assert CHART.at(0.5, 0.9)[1] < CHART.at(0.5, 0.1)[1]
    assert CHART.at(0.9, 0.5)[0] > CHART.at(0.1, 0.5)[0]


def test_a_chart_is_well_formed_and_names_itself_and_its_axes() -> None:
    svg = CHART.draw(
        "标题 & <title>",
        CHART.band([(0, 0.1, 0.2), (1, 0.8, 0.9)]),
        CHART.line([(0, 0), (1, 1)], 0, dashed=True),
        CHART.dots([(0.5, 0.5, 0.4, 0.6)], told=["n < 5"]),
        CHART.bars([0, 0.5, 1], [0.2, 0.4], 2),
        CHART.steps([0, 0.5, 1], [0.2, 0.4], 3),
        CHART.label(0.5, 0.5, "a & b"),
    )
    root = ElementTree.fromstring(svg)  # noqa: S314
    assert root.attrib["aria-label"] == "标题 & <title>"
    words = "".join(root.itertext())
    assert "预测 PD" in words
    assert "实际 <违约率>" in words
    assert "n < 5" in words


def test_a_forest_shows_every_interval_and_where_nothing_changes() -> None:
    spans = [Span("证书", 0.02, -0.01, 0.05, "+0.020"), Span("信贷", 0.1, 0.05, 0.15, "+0.100", 2)]
    root = ElementTree.fromstring(forest(spans, "去掉一类证据"))  # noqa: S314
    assert sum(1 for node in root.iter("circle")) == 2
    zero = re.search(r'd="M([\d.]+) [\d.]+v', forest(spans, ""))
    first = re.search(r"M([\d.]+) 24H([\d.]+)", forest(spans, ""))
    assert zero
    assert first
    assert float(first[1]) < float(zero[1]) < float(first[2])


def test_a_legend_names_each_line() -> None:
    assert legend([(1, "冠军 & co", False), (2, "上限", True)]).count('class="key"') == 2


def test_a_page_loads_nothing_and_escapes_what_it_shows() -> None:
    page = document("标题<", {Lang.ZH: table(["列"], [["<script>"]]), Lang.EN: "e"}, "plot.css")
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert page.count("<main") == 2
    assert page.index("zh-CN") < page.index('lang="en"')
