"""What a model reads of a table: numbers, levels, and what it means that nothing is there."""

from __future__ import annotations

from functools import cache

import duckdb
import lightgbm
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as some

from certloan import EligibilityScorer
from certloan.scoring.calibration import probability
from certloan.scoring.export.booster import as_booster
from certloan.scoring.export.sql import statement
from certloan.scoring.matrix import MAX_LEVELS, MIN_LEVEL_ROWS, MISSING_LEVEL, ModelFeature, encode, learn_features


def learnt(*texts: str | None) -> tuple[ModelFeature | None, dict[str, str]]:
    kept, dropped = learn_features(pa.table({"t": pa.array(texts, pa.string())}), {"t": 0})
    return (kept[0] if kept else None), dropped


@given(absent=some.integers(0, 30), empty=some.integers(0, 30), rare=some.integers(0, MIN_LEVEL_ROWS - 1))
def test_missing_is_a_level_where_training_saw_it_often_enough_and_rare_levels_never_share_it(
    absent: int, empty: int, rare: int
) -> None:
    texts = ["a"] * 20 + ["b"] * 20 + [None] * absent + [""] * empty + ["rare"] * rare
    feature, dropped = learnt(*texts)
    assert feature is not None
    assert not dropped
    assert (MISSING_LEVEL in (feature.levels or ())) == (absent + empty >= MIN_LEVEL_ROWS)
    codes = encode(pa.table({"t": pa.array(texts, pa.string())}), [feature])[:, 0]
    at = {text: set(codes[[at for at, one in enumerate(texts) if one == text]]) for text in {*texts}}
    told = [where for text, where in at.items() if text]
    assert all(len(where) == 1 for where in told)
    if absent + empty >= MIN_LEVEL_ROWS:
        nothing = at.get(None, set()) | at.get("", set())
        assert len(nothing) == 1
        assert all(nothing.isdisjoint(where) for where in told)
    # The last bin is neutral where training saw nobody in it.
    assert feature.missing_seen == bool(rare or 0 < absent + empty < MIN_LEVEL_ROWS)


def test_a_text_that_says_nothing_but_that_it_is_missing_is_no_feature() -> None:
    assert learnt(*[None] * 40) == (None, {"t": "missing"})
    assert learnt(*[""] * 40) == (None, {"t": "missing"})
    assert learnt(*[None] * 40, *(f"firm {at}" for at in range(40))) == (None, {"t": "rare"})
    assert learnt(*["a"] * 40) == (None, {"t": "constant"})
    feature, _ = learnt(*["a"] * 40, *[None] * 40)
    assert feature == ModelFeature("t", 0, (MISSING_LEVEL, "a"), missing_seen=False)


def test_missing_keeps_its_level_when_there_are_too_many_levels() -> None:
    feature, _ = learnt(*(f"{at % (MAX_LEVELS + 50):04}" for at in range((MAX_LEVELS + 50) * 20)), *[None] * 10)
    assert feature is not None
    assert len(feature.levels or ()) == MAX_LEVELS + 1
    assert MISSING_LEVEL in (feature.levels or ())


@cache
def _scorer() -> EligibilityScorer:
    """Loans whose missing trade is a bad sign, while each of many rare trades is a good one."""
    random = np.random.default_rng(5)
    rows = 1500
    kind = random.choice(["known", "missing", "rare"], rows, p=[0.5, 0.25, 0.25])
    trade = [
        None if one == "missing" else f"rare {at % 60}" if one == "rare" else "制造" for at, one in enumerate(kind)
    ]
    years = random.gamma(2.0, 3.0, rows)
    margin = -1.5 - 0.1 * years + 1.5 * (kind == "missing") - 1.5 * (kind == "rare")
    X = pa.table({"years": years, "trade": pa.array(trade, pa.string())})
    y = (random.random(rows) < probability(margin)).astype(int)
    return EligibilityScorer(monotone={"years": 1}, bags=4, pairs=3, rounds=60, screen=False).fit(X, y)


def test_a_missing_text_and_a_rare_one_are_scored_apart_by_the_tables_the_statement_and_the_booster() -> None:
    scorer = _scorer()
    trades = [None, "", "rare 1", "never heard of", "制造"]
    table = pa.table({"years": [5.0] * 5, "trade": pa.array(trades, pa.string())})
    points = scorer.points(table)
    assert points[0] == points[1]
    assert points[2] == points[3]
    assert points[0] + 40 < points[4] < points[2] - 20
    with duckdb.connect() as engine:
        engine.register("feature_matrix", table)
        told = engine.sql(statement(scorer.bundle_, "duckdb")).to_arrow_table()
    np.testing.assert_allclose(told["points"].to_numpy(), points, rtol=0, atol=1e-9)
    booster = lightgbm.Booster(model_str=as_booster(scorer.bundle_))
    raw = booster.predict(scorer.bundle_.encode(table), raw_score=True, num_threads=1)
    np.testing.assert_allclose(raw, scorer.decision_function(table), rtol=0, atol=1e-9)


def test_the_printed_card_names_missing_as_a_line_of_its_own() -> None:
    from certloan.report.scorecard.labels import level_told

    levels = _scorer().bundle_.features[1].levels or ()
    assert [level_told(level, "zh") for level in levels][:1] == ["缺失"]
    assert [level_told(level, "en") for level in levels][:1] == ["missing"]


@pytest.mark.parametrize("text", ["", None])
def test_a_text_that_training_never_saw_missing_is_read_as_before(text: str | None) -> None:
    feature = ModelFeature("t", levels=("a", "b"))
    assert encode(pa.table({"t": pa.array([text, "b"], pa.string())}), [feature])[:, 0].tolist() == [2.0, 1.0]
