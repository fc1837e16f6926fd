"""An enterprise with several loans is never asked of a bag that learnt from its other loans."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from certloan import EligibilityScorer
from certloan.errors import InputError
from certloan.i18n import Lang, sentence
from certloan.scoring.calibration import fitted_line, probability
from certloan.scoring.growing.deals import aside_of, how_many_parts
from certloan.scoring.growing.fit import fit, prepare
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.matrix import Floats, encode
from certloan.scoring.metrics.interval import z_value
from certloan.scoring.splits import FoldSplit, Labels, RandomSplit, fold_of, split, strata

Integers = NDArray[np.int64]
LOANS = 4
FAST = Recipe(bags=5, pairs=3, rounds=300, screen=False)


def _table(firms: int, seed: int) -> tuple[pa.Table, Floats, Integers]:
    """Columns that stay the same for a firm, two of which tell, and an effect of each firm that none of them holds."""
    random = np.random.default_rng(seed)
    values = np.repeat(random.normal(size=(firms, 8)), LOANS, axis=0)
    effect = np.repeat(random.normal(scale=2.0, size=firms), LOANS)
    defaulted = random.random(len(effect)) < probability(-1.2 + 0.5 * (values[:, 0] - values[:, 1]) + effect)
    table = pa.table({f"x{at}": values[:, at] for at in range(8)})
    return table, defaulted.astype(float), np.repeat(np.arange(firms), LOANS)


@pytest.mark.parametrize("told", [True, False])
def test_the_calibrator_is_right_about_new_firms_only_where_it_knows_whose_the_loans_are(told: bool) -> None:
    matrix, defaulted, firms = _table(400, 1)
    fitted = fit(
        matrix,
        defaulted,
        np.ones(len(defaulted)),
        dict.fromkeys(matrix.column_names, 0),
        FAST,
        groups=firms if told else None,
    )
    others, outcomes, _ = _table(4000, 2)
    margin = fitted.grown.tables.margin(encode(others, fitted.features))
    true = fitted_line(margin, outcomes, np.ones(len(outcomes))).slope
    claimed = fitted.grown.calibrator
    assert (abs(claimed.slope - true) < z_value() * claimed.slope_error) == told


firms_of_rows = st.lists(st.integers(0, 30), min_size=1, max_size=120)


@given(firms_of_rows, st.integers(2, 8), st.integers(0, 99), st.integers(0, 2**32 - 1))
def test_a_firm_stands_in_one_fold_and_its_number_means_nothing(
    firms: list[int], folds: int, seed: int, draw: int
) -> None:
    groups, random = np.array(firms), np.random.default_rng(draw)
    defaulted = (random.random(len(groups)) < 0.3).astype(float)
    fold = fold_of(defaulted, folds, seed, groups)
    assert fold.min() >= 0
    assert fold.max() < folds
    assert all(len(set(fold[groups == firm])) == 1 for firm in set(firms))
    renamed = random.permutation(31)[groups]
    assert fold_of(defaulted, folds, seed, renamed).tolist() == fold.tolist()


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 99))
def test_firms_of_one_loan_each_are_dealt_as_loans_are(outcomes: list[bool], seed: int) -> None:
    defaulted = np.array(outcomes, dtype=float)
    alone = np.random.default_rng(seed).permutation(len(defaulted))
    assert strata(defaulted, seed, alone).tolist() == strata(defaulted, seed).tolist()


def test_every_bag_sets_whole_firms_aside() -> None:
    _, defaulted, firms = _table(60, 3)
    sample = Sample(np.zeros((len(firms), 1)), defaulted, np.ones(len(firms)), firms)
    parts = how_many_parts(sample, Recipe())
    for bag in range(2 * parts):
        aside = aside_of(sample, Recipe(), bag)
        assert not set(firms[aside]) & set(firms[~aside])
        assert 0 < defaulted[aside].sum() < aside.sum()


@pytest.mark.parametrize("plan", [FoldSplit(4, 2), RandomSplit(0.3, 2)])
def test_no_firm_both_teaches_and_judges(plan: FoldSplit | RandomSplit) -> None:
    _, defaulted, firms = _table(150, 4)
    days = np.full(len(firms), np.datetime64("2024-01-01"))
    parts = split(plan, Labels(defaulted, np.ones(len(firms)), days, days, firms))
    assert all(not set(firms[one.train]) & set(firms[one.test]) for one in parts)


def test_the_same_loans_of_other_firms_are_other_evidence() -> None:
    matrix, defaulted, firms = _table(60, 5)
    weights, directions = np.ones(len(firms)), dict.fromkeys(matrix.column_names, 0)
    known = prepare(matrix, defaulted, weights, directions, firms)
    assert known.digest == prepare(matrix, defaulted, weights, directions, firms + 7).digest
    assert known.digest != prepare(matrix, defaulted, weights, directions, firms // 2).digest
    assert known.digest != prepare(matrix, defaulted, weights, directions).digest


def test_firms_too_few_to_deal_are_refused_in_both_languages() -> None:
    matrix, defaulted, firms = _table(60, 6)
    with pytest.raises(InputError, match="too-few-enterprises") as refused:
        prepare(matrix, defaulted, np.ones(len(firms)), dict.fromkeys(matrix.column_names, 0), firms % 4)
    for lang in Lang:
        assert "5" in sentence(refused.value, lang)


def test_the_estimator_takes_the_names_of_firms() -> None:
    matrix, defaulted, firms = _table(80, 7)
    values = np.column_stack([matrix[name].to_numpy() for name in matrix.column_names])

    def slope(groups: object) -> float:
        scorer = EligibilityScorer(bags=5, pairs=0, rounds=40, screen=False).fit(values, defaulted, groups=groups)
        return float(scorer.bundle_.calibrator.slope)

    named = np.array([f"企业{firm}" for firm in firms])
    assert slope(named) == slope(firms) != slope(None)
