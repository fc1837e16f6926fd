"""What the estimator is told: parameters, settings and directions that mean nothing are refused by name."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from certloan import EligibilityScorer
from certloan.i18n import Lang, sentence
from certloan.scoring.arguments import checked_settings
from certloan.scoring.points import Scale
from certloan.scoring.rows import RowsError, as_matrix
from certloan.scoring.search.space import SPACE

QUICK: dict[str, Any] = {"bags": 3, "pairs": 0, "rounds": 20, "screen": False}


@cache
def _rows() -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(2)
    grade = random.integers(1, 4, 500)
    X = pd.DataFrame({"years": random.gamma(2.0, 3.0, 500), "grade": pd.Categorical(grade)})
    return X, (random.random(500) < np.array([0.0, 0.2, 0.6, 0.2])[grade]).astype(int)


def _refused(code: str, X: Any, y: Any, **told: Any) -> RowsError:
    with pytest.raises(RowsError) as refused:
        EligibilityScorer(**{**QUICK, **told}).fit(X, y)
    error = refused.value
    assert (error.code, isinstance(error, ValueError)) == (code, True)
    assert sentence(error, Lang.ZH) != sentence(error, Lang.EN)
    assert "--" not in str(error)
    return error


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bags", 0),
        ("bags", 2.5),
        ("pairs", -1),
        ("rounds", 0),
        ("rounds", None),
        ("learning_rate", 0),
        ("learning_rate", -0.1),
        ("learning_rate", float("nan")),
        ("learning_rate", "0.1"),
        ("random_state", None),
        ("random_state", -1),
        ("random_state", 2**31),
        ("random_state", np.random.RandomState(1)),
        ("random_state", np.random.default_rng(1)),
        ("random_state", True),
        ("monotone", [1, 0]),
        ("settings", [("max_bin", 63)]),
        ("min_defaults", "30"),
        ("screen", "no"),
        ("scale", 600),
        ("scale", Scale(doubles=0.0)),
    ],
)
def test_a_parameter_that_means_nothing_is_refused_by_name(name: str, value: object) -> None:
    error = _refused("parameter-value", *_rows(), **{name: value})
    assert error.facts["name"] == name
    assert repr(value) in str(error)


def test_a_whole_number_of_any_kind_is_a_seed() -> None:
    X, y = _rows()
    seeds: tuple[Any, ...] = (4, np.int64(4))
    told = {EligibilityScorer(random_state=seed, **QUICK).fit(X, y).to_bundle().fingerprint for seed in seeds}
    assert len(told) == 1


@pytest.mark.parametrize(
    "name",
    [
        "monotone_constraints",
        "monotone_constraints_method",
        "objective",
        "max_depth",
        "num_leaves",
        "interaction_constraints",
        "categorical_feature",
        "boosting",
        "num_threads",
        "deterministic",
        "seed",
        "learning_rate",
        "linear_tree",
        "min_data_in_leaves",
    ],
)
def test_settings_that_the_promises_rest_on_and_unknown_ones_are_refused_with_those_that_may_be_set(name: str) -> None:
    error = _refused("setting-unknown", *_rows(), settings={name: 1, "max_bin": 63})
    assert error.facts["found"] == name
    assert all(setting.name in str(error) for setting in SPACE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("feature_fraction", 0),
        ("feature_fraction", 2),
        ("max_bin", 63.5),
        ("lambda_l2", -1),
        ("lambda_l2", "1"),
        ("path_smooth", None),
    ],
)
def test_a_setting_out_of_range_is_refused(name: str, value: object) -> None:
    assert name in str(_refused("parameter-value", *_rows(), settings={name: value}).facts["name"])


def test_every_setting_of_the_search_may_be_set_and_acts() -> None:
    X, y = _rows()
    plain = EligibilityScorer(**QUICK).fit(X, y).to_bundle().fingerprint
    chosen = {setting.name: setting.told(setting.nearest(setting.low)) for setting in SPACE}
    assert EligibilityScorer(settings=chosen, **QUICK).fit(X, y).to_bundle().fingerprint != plain
    assert checked_settings({"lambda_l2": 0}) == {"lambda_l2": 0}
    assert checked_settings({"bagging_fraction": 0.5})["bagging_freq"] == 1
    assert checked_settings(None) == {}


def test_a_name_for_two_columns_is_refused_in_frames_and_in_arrow_tables() -> None:
    X, y = _rows()
    twice = pd.concat([X, X[["years"]]], axis=1)
    assert "years" in str(_refused("column-twice", twice, y))
    column = pa.array(X["years"])
    assert "years" in str(_refused("column-twice", pa.Table.from_arrays([column, column], ["years", "years"]), y))
    scorer = EligibilityScorer(**QUICK).fit(X, y)
    with pytest.raises(RowsError) as refused:
        scorer.points(twice)
    assert refused.value.code == "column-twice"


def test_categories_written_as_numbers_are_categories_and_not_an_order() -> None:
    X, y = _rows()
    scorer = EligibilityScorer(**QUICK).fit(X, y)
    assert scorer.bundle_.features[1].levels == ("1", "2", "3")
    one, two, three = scorer.points(pd.DataFrame({"years": 5.0, "grade": pd.Categorical([1, 2, 3])}))
    assert two < min(one, three) - 10
    # A gap makes floats of the categories, Arrow keeps them in a dictionary: the same categories all the same.
    holed = pd.DataFrame({"years": 5.0, "grade": pd.Series([1, 2, None], dtype="float").astype("category")})
    assert scorer.points(holed)[:2].tolist() == [one, two]
    assert scorer.points(pa.table({"years": [5.0] * 3, "grade": pa.array([1, 2, 3]).dictionary_encode()}))[2] == three
    with pytest.raises(RowsError) as refused:
        scorer.points(pd.DataFrame({"years": [5.0], "grade": [1]}))
    assert refused.value.code == "feature-mismatch"


def test_categories_read_alike_from_frames_and_arrow() -> None:
    frame = pd.DataFrame({"truth": pd.Categorical([True, None, False]), "text": pd.Categorical(["b", "a", None])})
    expected = {"truth": ["True", None, "False"], "text": ["b", "a", None]}
    assert as_matrix(frame).to_pydict() == expected
    assert as_matrix(pa.Table.from_pandas(frame)).to_pydict() == expected
    for strange in (pd.Categorical([pd.Timestamp("2026-01-01")]), pd.Categorical([1, "1"])):
        with pytest.raises(RowsError) as refused:
            as_matrix(pd.DataFrame({"c": pd.Series(strange)}))
        assert refused.value.code == "column-type"


def test_a_direction_for_a_text_is_refused() -> None:
    X, y = _rows()
    words = X.assign(city=np.where(X["years"] > 3, "宁波", "温州"))
    assert _refused("monotone-text", words, y, monotone={"city": 1}).facts["found"] == "city"
    assert _refused("monotone-text", X, y, monotone={"years": 1, "grade": -1}).facts["found"] == "grade"
    assert EligibilityScorer(monotone={"grade": 0}, **QUICK).fit(X, y).features_ == ("years", "grade")


@pytest.mark.parametrize("kind", ["frame", "arrow", "array"])
def test_infinity_is_refused_when_learning_and_when_scoring(kind: str) -> None:
    X, y = _rows()
    plain = X[["years"]].to_numpy()
    made = {"frame": lambda a: pd.DataFrame({"x0": a[:, 0]}), "arrow": lambda a: pa.table({"x0": a[:, 0]})}.get(
        kind, np.asarray
    )
    endless = plain.copy()
    endless[[3, 7], 0] = np.inf, -np.inf
    assert _refused("values-infinite", made(endless), y).facts["found"] == 2
    scorer = EligibilityScorer(**QUICK).fit(made(plain), y)
    with pytest.raises(RowsError) as refused:
        scorer.points(made(endless))
    assert refused.value.code == "values-infinite"
