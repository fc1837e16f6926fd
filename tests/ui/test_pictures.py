"""Pictures are pure functions; they add up, they show what was known, and they really draw."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from typing import Any

import altair as alt
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as some
from tests.ui.samples import explanation

from certloan.i18n import Lang
from certloan.services.explain_case import Point, TimelineItem
from certloan.services.portray import SideTold
from certloan.ui.components import intervals, radar, timeline, waterfall
from certloan.ui.palette import DARK, LIGHT
from certloan.ui.style import dressed
from certloan.ui.words import word

BOTH = pytest.mark.parametrize("lang", list(Lang))


DAY = dt.date(2026, 3, 18)


def drawn(chart: alt.LayerChart) -> str:
    """Draw for real; a picture that the library cannot draw fails here."""
    return str(vl_convert.vegalite_to_svg(dressed(chart, LIGHT).properties(width=420).to_dict()))


def moves(points: list[int]) -> tuple[Point, ...]:
    told = [
        Point(f"f{n}", f"项目{n}", f"feature {n}", "credit", 1.0, "1", "1", each, float(each))
        for n, each in enumerate(points)
    ]
    return tuple(sorted(told, key=lambda point: -abs(point.points)))


@given(base=some.integers(300, 800), points=some.lists(some.integers(-60, 60), max_size=70), most=some.integers(1, 15))
def test_base_and_steps_always_end_at_the_score(base: int, points: list[int], most: int) -> None:
    told = explanation(base_points=base, points=moves(points), score=base + sum(points))
    rows = waterfall.steps(told, Lang.ZH, most)
    assert rows[0].end == base
    assert rows[-1].end == told.score
    assert base + sum(row.moved for row in rows) == told.score
    assert all(later.start == earlier.end for earlier, later in itertools.pairwise(rows))
    assert len(rows) <= most + 3


def test_no_row_is_spent_on_features_that_move_nothing() -> None:
    told = explanation(base_points=600, points=moves([5, 0, 0]), score=605)
    assert [row.moved for row in waterfall.steps(told, Lang.EN)] == [0, 5, 0]


@BOTH
def test_the_waterfall_draws_every_figure_in_the_language(lang: Lang) -> None:
    told = explanation()
    svg = drawn(waterfall.picture(waterfall.steps(told, lang), lang, LIGHT))
    assert str(told.base_points) in svg
    assert f">{told.score}<" in svg
    assert "\N{MINUS SIGN}31" in svg
    assert ("基础分" if lang is Lang.ZH else "Base points") in svg
    assert ("Base points" if lang is Lang.ZH else "基础分") not in svg


def test_a_waterfall_of_a_base_alone_still_draws() -> None:
    told = explanation(base_points=600, points=(), score=600)
    assert "600" in drawn(waterfall.picture(waterfall.steps(told, Lang.ZH), Lang.ZH, DARK))


def test_certificates_have_a_row_each_and_events_a_row_a_lane() -> None:
    told = explanation()
    lanes = [row.lane for row in timeline.rows(told.timeline, told.as_of, Lang.ZH)]
    assert lanes == ["certificate"] * 3 + ["honour", "surveillance", "inspection", "incident", "list", "credit"]


def test_the_certificate_that_lasts_longest_comes_first_and_the_rest_are_counted() -> None:
    held = [
        TimelineItem("certificate", f"证书{n}", f"certificate {n}", DAY, DAY.replace(year=2026 + n), "good")
        for n in range(1, 6)
    ]
    shown = timeline.rows(held, DAY, Lang.EN, most=2)
    assert [row.label for row in shown] == ["certificate 5", "certificate 4"]
    assert timeline.left_out(held, DAY, most=2) == 3


def test_validity_after_the_day_of_the_application_is_drawn_faint() -> None:
    item = TimelineItem("certificate", "证书", "certificate", dt.date(2025, 1, 1), dt.date(2026, 9, 1), "good")
    records = _records(timeline.picture(timeline.rows([item], DAY, Lang.ZH), DAY, Lang.ZH, LIGHT))
    parts = [(record["from"], record["to"], record["strength"]) for record in records if "strength" in record]
    assert parts == [("2025-01-01", "2026-03-18", 1.0), ("2026-03-18", "2026-09-01", 0.35)]


def test_what_ended_before_the_window_has_no_row_and_is_counted() -> None:
    old = dt.date(2001, 1, 1)
    gone = [
        TimelineItem("certificate", "旧证书", "old certificate", old, old.replace(year=2004), "neutral"),
        TimelineItem("inspection", "旧抽查", "old inspection", old, None, "good"),
    ]
    held = TimelineItem("certificate", "证书", "certificate", old, DAY, "good")
    assert [row.label for row in timeline.rows([*gone, held], DAY, Lang.EN)] == ["certificate"]
    assert timeline.left_out([*gone, held], DAY) == 2


def test_the_first_mark_stands_clear_of_the_edge() -> None:
    item = TimelineItem("incident", "召回", "recall", dt.date(2022, 5, 2), None, "bad")
    content = json.dumps(timeline.picture(timeline.rows([item], DAY, Lang.ZH), DAY, Lang.ZH, LIGHT).to_dict())
    (first,) = set(re.findall(r'"domain": \["(\d{4}-\d\d-\d\d)"', content))
    assert dt.date.fromisoformat(first) < item.starts_on


def test_the_terminal_and_the_picture_tell_the_same_features_one_by_one() -> None:
    told = explanation(base_points=600, points=moves([9, 8, 7, 6, 5, 4, 3, 2, 2, 2, 1, 1, 0, 0]), score=650)
    largest, rest = told.largest()
    rows = waterfall.steps(told, Lang.EN)
    assert len(rows) == len(largest) + 3
    assert [point.points for point in rest] == [1, 1]
    assert rows[-2].label == word("waterfall.others", Lang.EN, count=2)


def test_no_name_of_the_portrait_covers_a_point() -> None:
    """On a phone 410 units are about 330 px wide; a letter of a name takes up to 8 px, a line 14 px of 340."""
    for n in (4, 5):
        sides = [
            SideTold(f"s{place}", "体系管理", "System management", "", "", 100.0, 100.0, 50.0, 60.0, 50.0, ())
            for place in range(n)
        ]
        names = [record for record in _records(radar.picture(sides, Lang.EN, LIGHT)) if "told" in record]
        points = [record for record in _records(radar.picture(sides, Lang.EN, LIGHT)) if "low" in record]
        for name in names:
            half_x = max(map(len, name["told"])) * 8 / 2 * 410 / 330
            half_y = len(name["told"]) * 14 / 2 * 296 / 340
            for point in points:
                assert abs(point["x"] - name["x"]) > half_x or abs(point["y"] - name["y"]) > half_y


@BOTH
def test_the_timeline_draws_rows_and_the_day_of_the_application(lang: Lang) -> None:
    told = explanation()
    svg = drawn(timeline.picture(timeline.rows(told.timeline, told.as_of, lang), told.as_of, lang, DARK))
    assert ("申请日 2026年3月18日" if lang is Lang.ZH else "Applied 18 Mar 2026") in svg
    assert ("监督检查" if lang is Lang.ZH else "Inspections") in svg
    assert ("2025年" in svg) is (lang is Lang.ZH)


def test_a_lane_that_nobody_foresaw_is_still_drawn() -> None:
    item = TimelineItem("weather", "台风", "typhoon", dt.date(2026, 1, 1), None, "bad")
    assert [row.label for row in timeline.rows([item], DAY, Lang.ZH)] == ["weather"]


@BOTH
def test_rates_draw_their_interval_and_a_group_of_nobody_keeps_its_row(lang: Lang) -> None:
    rates = [
        intervals.Rate("micro", 420, 0.41, 0.36, 0.46, "within"),
        intervals.Rate("large", 0, None, None, None, "not enough", "weak"),
    ]
    chart = intervals.picture(rates, intervals.Reference(0.41, 0.8), lang, LIGHT)
    assert [record.get("rate") for record in _records(chart) if "label" in record] == [0.41, None]
    svg = drawn(chart)
    assert "large" in svg
    assert ("参照组 41.0%" if lang is Lang.ZH else "Reference 41.0%") in svg


def test_the_band_around_a_reference_never_leaves_the_scale() -> None:
    assert intervals.Reference(0.9, 0.8).band == pytest.approx((0.72, 1.0))


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_tone_has_a_colour_of_its_own(palette: Any) -> None:
    assert len({palette.tone(tone) for tone in ("good", "bad", "neutral")}) == 3


def _records(chart: alt.LayerChart) -> list[dict[str, Any]]:
    content = json.loads(chart.to_json())
    return [record for records in content.get("datasets", {}).values() for record in records] or _inline(content)


def _inline(node: Any) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            for record in part.get("data", {}).get("values", []) if isinstance(part.get("data"), dict) else []:
                found[json.dumps(record, sort_keys=True)] = record
            for child in part.values():
                walk(child)
        elif isinstance(part, list):
            for child in part:
                walk(child)

    walk(node)
    return list(found.values())
