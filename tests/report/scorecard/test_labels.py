"""Bins read as people would say them, in both languages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from certloan.features.catalog import CATALOG
from certloan.features.spec import FeatureSpec, Missing, Unit
from certloan.i18n import Lang
from certloan.report.scorecard.labels import Ruler, last_told, levels_told
from certloan.scoring.matrix import ModelFeature

HALVES = np.array([0.5, 3.5, 9.5])


@pytest.mark.parametrize(
    ("unit", "edges", "low", "high", "zh", "en"),
    [
        (Unit.COUNT, HALVES, None, 0.5, "0", "0"),
        (Unit.COUNT, HALVES, 0.5, 3.5, "1–3", "1–3"),
        (Unit.COUNT, HALVES, 9.5, None, "≥ 10", "≥ 10"),
        (Unit.COUNT, np.array([1.0000000180025095e-35]), None, 1e-35, "0", "0"),
        (Unit.DAYS, HALVES, 3.5, 9.5, "4–9 天", "4–9 days"),
        (Unit.DAYS, HALVES, None, 3.5, "≤ 3 天", "≤ 3 days"),
        (Unit.YES_NO, np.array([0.5]), None, 0.5, "否", "no"),
        (Unit.YES_NO, np.array([0.5]), 0.5, None, "是", "yes"),
        (Unit.YES_NO, np.array([0.5]), None, None, "任何已知值", "any known value"),
        (Unit.SHARE, np.array([0.1, 0.25]), 0.1, 0.25, "(10%, 25%]", "(10%, 25%]"),
        (Unit.YUAN, np.array([1e6, 3e8]), 1e6, 3e8, "(100 万元, 3 亿元]", "(¥1,000,000, ¥300,000,000]"),
        (Unit.LOG_YUAN, np.array([np.log1p(250_000)]), np.log1p(250_000), None, "> 25 万元", "> ¥250,000"),
        (Unit.RATIO, np.array([0.0123456]), None, 0.0123456, "≤ 0.0123", "≤ 0.0123"),
        (Unit.SHARE, np.array([0.4999969]), None, 0.4999969, "< 50%", "< 50%"),
        (Unit.SHARE, np.array([0.4999969]), 0.4999969, None, "≥ 50%", "≥ 50%"),
        (Unit.SHARE, np.array([0.4999969, 0.6]), 0.4999969, 0.6, "[50%, 60%]", "[50%, 60%]"),
        (Unit.RATIO, np.array([-1e-35, 1e-35]), None, -1e-35, "< 0", "< 0"),
        (Unit.RATIO, np.array([-1e-35, 1e-35]), 1e-35, None, "> 0", "> 0"),
        (None, np.array([2.5]), None, 2.5, "≤ 2.5", "≤ 2.5"),
    ],
)
def test_an_interval_is_said_with_its_unit(
    unit: Unit | None, edges: np.ndarray, low: float | None, high: float | None, zh: str, en: str
) -> None:
    told = Ruler.of(edges, unit, [bound for bound in (low, high) if bound is not None]).range_told(low, high)
    assert (told.zh, told.en) == (zh, en)


def test_a_count_that_is_split_between_whole_numbers_is_no_whole_number() -> None:
    edges = np.array([1.26])
    assert Ruler.of(edges, Unit.COUNT, [1.26]).range_told(None, 1.26).en == "≤ 1.26"


@given(edges=some.lists(some.floats(-1e9, 1e9), min_size=2, max_size=12, unique=True))
def test_edges_that_differ_in_twelve_digits_are_written_apart(edges: list[float]) -> None:
    held = sorted({float(f"{edge:.9g}") for edge in edges if abs(edge) > 1e-6})
    told = [Ruler.of(np.array(held), Unit.RATIO, held).value(edge, "en") for edge in held]
    assert len(set(told)) == len(held)


def test_levels_are_said_by_their_names_and_many_are_counted() -> None:
    assert levels_told(["small", "unheard"]).zh == "小型、unheard"
    assert levels_told([f"L{at}" for at in range(9)]).en.endswith("L5 and 3 more")


def test_missing_says_what_it_means() -> None:
    rules, number = {spec.missing: spec for spec in CATALOG if isinstance(spec, FeatureSpec)}, ModelFeature("n")
    assert last_told(rules[Missing.UNKNOWN_IF_NO_COVERAGE], number).zh == "未知（没有该类记录）"
    assert last_told(rules[Missing.ZERO_IF_DELIVERED], number).zh == "未知（来源未交付）"
    assert "平均" in last_told(None, ModelFeature("n", missing_seen=False))(Lang.ZH)
    assert last_told(None, ModelFeature("t", levels=("a",))).en == "unknown, or never seen in training"
    assert last_told(None, ModelFeature("t", levels=("", "a"))).en == "rare, or never seen in training"
    assert (levels_told(("", "a")).zh, levels_told(("", "a")).en) == ("缺失、a", "missing, a")


@given(edge=some.floats(1e-4, 1e6), unit=some.sampled_from([Unit.RATIO, Unit.SHARE, None]))
def test_the_value_that_is_written_falls_on_the_side_that_it_is_written_on(edge: float, unit: Unit | None) -> None:
    told = Ruler.of(np.array([edge]), unit, [edge]).range_told(None, edge).en
    sign, number = told.split(" ")
    written = float(number.rstrip("%").replace(",", "")) / (100 if unit is Unit.SHARE else 1)
    assert (written <= edge * (1 + 1e-12)) == (sign == "≤")
