from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score

from certloan import EligibilityScorer
from certloan.errors import InputError
from certloan.i18n import Lang, sentence
from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import probability
from certloan.scoring.points import displayed, rounded
from certloan.scoring.rows import RowsError

QUICK: dict[str, Any] = {"bags": 5, "pairs": 3, "rounds": 60, "screen": False}


@cache
def _loans(rows: int = 1200, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Numbers with gaps, a truth value, a category and a text, as anybody's table has them."""
    random = np.random.default_rng(seed)
    years = random.gamma(2.0, 3.0, rows)
    failed = random.poisson(0.6, rows)
    exporter = random.random(rows) < 0.3
    city = random.choice(["宁波", "温州", "台州"], rows)
    margin = -1.2 - 0.25 * years + 0.8 * failed - 0.7 * exporter + 0.5 * (city == "台州")
    frame = pd.DataFrame(
        {
            "years": np.where(random.random(rows) < 0.1, np.nan, years),
            "failed": failed,
            "exporter": exporter,
            "city": pd.Categorical(city),
            "trade": [None if one < 0.1 else ("制造" if one < 0.6 else "零售") for one in random.random(rows)],
            "same": 1.0,
            "never": np.nan,
        }
    )
    return frame, (random.random(rows) < probability(margin)).astype(int)


@cache
def _fitted() -> EligibilityScorer:
    X, y = _loans()
    return EligibilityScorer(monotone={"years": 1, "failed": -1}, **QUICK).fit(X, y)


def test_points_are_the_base_and_what_each_feature_adds() -> None:
    X, _ = _loans()
    scorer = _fitted()
    points = scorer.points(X)
    np.testing.assert_allclose(scorer.base_points_ + scorer.contributions(X).sum(axis=1), points, atol=1e-8)
    for row in range(0, 1200, 111):
        score = int(rounded(points[row : row + 1])[0])
        base, parts = displayed(scorer.base_points_, scorer.contributions(X.iloc[row : row + 1])[0], score)
        assert base + sum(parts) == score


def test_better_evidence_is_plus_one_and_never_costs_points() -> None:
    X, _ = _loans()
    scorer, row = _fitted(), X.iloc[:60]
    for name, direction, values in (("years", 1, np.linspace(0, 30, 40)), ("failed", -1, np.arange(8.0))):
        told = np.array([scorer.points(row.assign(**{name: value})) for value in values])
        assert (np.diff(told, axis=0) * direction >= -1e-9).all()
        assert np.ptp(told, axis=0).max() > 5


def test_probability_points_and_log_odds_say_the_same() -> None:
    X, y = _loans()
    scorer = _fitted()
    pd_, margin = scorer.predict_proba(X)[:, 1], scorer.decision_function(X)
    np.testing.assert_allclose(pd_, probability(margin))
    np.testing.assert_allclose(scorer.points(X), 600 - 40 / np.log(2) * (margin + np.log(20)), atol=1e-9)
    assert np.mean(pd_) == pytest.approx(np.mean(y), abs=0.01)
    np.testing.assert_array_equal(scorer.predict(X), (pd_ > 0.5).astype(int))


def test_what_cannot_teach_is_listed_and_the_rest_is_named_in_order() -> None:
    scorer = _fitted()
    assert scorer.dropped_ == {"same": "constant", "never": "missing"}
    assert scorer.features_ == ("years", "failed", "exporter", "city", "trade")
    assert list(scorer.feature_names_in_) == list(_loans()[0].columns)
    assert scorer.n_features_in_ == 7


def test_frames_and_arrow_tables_and_other_orders_of_columns_score_alike() -> None:
    X, _ = _loans()
    scorer = _fitted()
    expected = scorer.points(X)
    table = pa.table(
        {
            **{name: pa.array(X[name].to_numpy(dtype=float)) for name in ("years", "failed", "same", "never")},
            "exporter": pa.array(X["exporter"]),
            "city": pa.array(X["city"].astype(str)).dictionary_encode(),
            "trade": pa.array(X["trade"]),
            "further": pa.array(["unread"] * len(X)),
        }
    )
    np.testing.assert_array_equal(scorer.points(table), expected)
    np.testing.assert_array_equal(scorer.points(X[list(X.columns)[::-1]]), expected)


def test_a_level_or_a_gap_that_training_never_saw_is_scored_all_the_same() -> None:
    X, _ = _loans()
    strange = X.iloc[:3].assign(city=pd.Series(["火星", None, "宁波"], dtype=object), failed=[np.nan, 2, 99])
    assert np.isfinite(_fitted().points(strange)).all()


def test_a_model_is_a_bundle_that_can_be_saved_and_read(tmp_path: Path) -> None:
    X, _ = _loans()
    scorer = _fitted()
    folder = scorer.to_bundle({"purpose": "test"}).save(tmp_path)
    read = Bundle.load(folder)
    assert read.provenance["purpose"] == "test"
    assert read.provenance["dropped"] == scorer.dropped_
    matrix = pa.table({"years": [3.0], "failed": [1.0], "exporter": [1.0], "city": ["宁波"], "trade": ["制造"]})
    frame = pd.DataFrame({"years": [3.0], "failed": [1], "exporter": [True], "city": ["宁波"], "trade": ["制造"]})
    assert read.score(matrix).points[0] == scorer.points(frame)[0]
    assert X.shape[1] == 7


def test_the_same_rows_and_number_give_the_same_model_and_weight_nought_is_no_row() -> None:
    X, y = _loans(500)
    fingerprints = set()
    for rows, weights in ((slice(None), (np.arange(500) < 400).astype(float)), (slice(400), None)):
        scorer = EligibilityScorer(monotone={"years": 1}, **QUICK).fit(X.iloc[rows], y[rows], weights)
        fingerprints.add(scorer.to_bundle().fingerprint)
    assert len(fingerprints) == 1
    other = EligibilityScorer(monotone={"years": 1}, random_state=2, **QUICK).fit(X.iloc[:400], y[:400])
    assert other.to_bundle().fingerprint not in fingerprints


def test_it_works_inside_scikit_learn() -> None:
    X, y = _loans()
    told = cross_val_score(EligibilityScorer(monotone={"years": 1}, **QUICK), X, y, cv=3, scoring="roc_auc")
    assert told.min() > 0.65


def test_another_value_may_mean_default() -> None:
    X, y = _loans(500)
    words = np.where(y == 1, "bad", "good")
    scorer = EligibilityScorer(defaulted="bad", **QUICK).fit(X, words)
    plain = EligibilityScorer(**QUICK).fit(X, y)
    assert list(scorer.classes_) == ["bad", "good"]
    np.testing.assert_array_equal(scorer.predict_proba(X)[:, 0], plain.predict_proba(X)[:, 1])
    np.testing.assert_array_equal(scorer.decision_function(X), -plain.decision_function(X))
    np.testing.assert_array_equal(scorer.points(X), plain.points(X))


def _refused(code: str, scorer: EligibilityScorer, *given: object, **further: object) -> InputError:
    with pytest.raises(RowsError) as refused:
        scorer.fit(*given, **further)
    assert isinstance(refused.value, ValueError)
    assert refused.value.code == code
    _told_to_callers(refused.value)
    return refused.value


def _told_to_callers(error: InputError) -> None:
    """Both languages word it, the error itself does so too, and nobody is sent to the options of a command."""
    assert sentence(error, Lang.ZH) != sentence(error, Lang.EN)
    english, *_, chinese = str(error).splitlines()
    assert english.startswith(f"{error.code}: ")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert not re.search(r"--[a-z]|certloan [a-z]|\{", str(error))


def test_outcomes_that_teach_nothing_are_refused_by_name() -> None:
    X, y = _loans(500)
    scorer = EligibilityScorer(**QUICK)
    _refused("one-class", scorer, X, np.zeros(500))
    _refused("target-values", scorer, X, y + 1)
    _refused("target-values", scorer, X, np.arange(500) % 3)
    _refused("defaulted-unknown", EligibilityScorer(defaulted="坏", **QUICK), X, np.where(y == 1, "bad", "good"))
    few = np.zeros(500)
    few[:29] = 1
    assert _refused("too-few-defaults", scorer, X, few).facts["expected"] == 30
    assert EligibilityScorer(min_defaults=20, **QUICK).fit(X, few).base_points_ > 0


def test_weights_that_count_nothing_are_refused_by_name() -> None:
    X, y = _loans(500)
    scorer = EligibilityScorer(**QUICK)
    _refused("weights-negative", scorer, X, y, sample_weight=np.where(np.arange(500) == 3, -1.0, 1.0))
    _refused("weights-not-numbers", scorer, X, y, sample_weight=np.where(np.arange(500) == 3, np.nan, 1.0))
    _refused("weights-zero", scorer, X, y, sample_weight=np.zeros(500))


def test_columns_that_nothing_can_be_learnt_from_are_refused_by_name() -> None:
    X, y = _loans(500)
    scorer = EligibilityScorer(**QUICK)
    _refused("no-features", scorer, X[["same", "never"]], y)
    _refused("column-type", scorer, X.assign(day=date(2026, 1, 1)), y)
    _refused("column-type", scorer, X.assign(day=pd.Timestamp("2026-01-01")), y)
    _refused("column-type", scorer, X.assign(mixed=["1", 2] * 250), y)
    _refused("monotone-unknown", EligibilityScorer(monotone={"year": 1}, **QUICK), X, y)
    _refused("monotone-unknown", EligibilityScorer(monotone={"years": 2}, **QUICK), X, y)
    _refused("table-empty", scorer, X.iloc[:0], y[:0])
    _refused("column-name", scorer, X.rename(columns={"same": 7}), y)


def test_noise_alone_is_no_model() -> None:
    random = np.random.default_rng(1)
    X = pd.DataFrame(random.normal(size=(600, 5)), columns=list("abcde"))
    _refused("no-signal", EligibilityScorer(bags=5, pairs=3, rounds=60), X, (random.random(600) < 0.3).astype(int))


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_no_model_with_few_defaults_either_unless_the_caller_asked_for_fewer(seed: int) -> None:
    random = np.random.default_rng(seed)
    X = pd.DataFrame(random.normal(size=(600, 30))).add_prefix("x")
    y = np.zeros(600, dtype=int)
    y[random.choice(600, 45, replace=False)] = 1
    told: dict[str, Any] = {"bags": 3, "pairs": 0, "rounds": 20}
    _refused("no-signal", EligibilityScorer(**told), X, y)
    y[np.flatnonzero(y)[20:]] = 0
    scorer = EligibilityScorer(min_defaults=10, **told).fit(X, y)
    assert scorer.bundle_.provenance["warning"] == "no-signal"


def test_other_columns_than_those_learnt_are_shown_as_a_difference() -> None:
    X, _ = _loans()
    with pytest.raises(InputError) as refused:
        _fitted().points(X.rename(columns={"years": "year"}).assign(city=1.0))
    assert refused.value.code == "feature-mismatch"
    assert isinstance(refused.value, ValueError)
    _told_to_callers(refused.value)
    assert "- years: number  (+ year ?)" in str(refused.value.facts["diff"])
    assert "~ city: text" in str(refused.value.facts["diff"])


def test_nothing_is_told_before_it_is_fitted() -> None:
    X, _ = _loans()
    for ask in ("points", "contributions", "predict_proba", "to_bundle"):
        with pytest.raises(NotFittedError):
            getattr(EligibilityScorer(), ask)(*([] if ask == "to_bundle" else [X]))


def test_asking_for_a_name_that_is_not_there_is_an_attribute_error() -> None:
    import certloan

    with pytest.raises(AttributeError, match="NoSuchScorer"):
        certloan.NoSuchScorer  # noqa: B018
