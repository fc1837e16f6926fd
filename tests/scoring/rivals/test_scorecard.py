from __future__ import annotations

import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from sklearn.linear_model import LogisticRegression
from tests.scoring.ensembles import FEATURES, made

from certloan.scoring.bundle import Bundle
from certloan.scoring.calibration import probability
from certloan.scoring.growing.recipe import Sample
from certloan.scoring.matrix import Floats, ModelFeature, encode
from certloan.scoring.metrics.ranking import auc_interval
from certloan.scoring.rivals.bins import LEAST_SHARE, MOST_PREBINS, Binned, bin_features
from certloan.scoring.rivals.deploy import as_bundle
from certloan.scoring.rivals.evidence import PRIOR_ROWS, look_up, place, weights_of_evidence
from certloan.scoring.rivals.scorecard import Scorecard, fit_scorecard
from certloan.scoring.rivals.signed import fit_signed
from certloan.scoring.rivals.telling import tell_something
from certloan.scoring.tables import Axis

NUMBERS = FEATURES[:5]


def _sample(rows: int = 2500, seed: int = 1, *, weighted: bool = True) -> Sample:
    data = made(rows, seed)
    weights = data.weights / data.weights.mean() if weighted else np.ones(rows)
    return Sample(encode(data.matrix, FEATURES), data.defaulted, weights)


@cache
def _card() -> Scorecard:
    return fit_scorecard(_sample(), FEATURES, seed=1)


def _by_hand(card: Scorecard, values: Floats) -> Floats:
    """The regression said as a regression: intercept + coefficient x weight of evidence."""
    some = values[:, list(card.positions)]
    design = look_up(card.binned, card.evidence, place(card.binned, some))
    return np.asarray(card.intercept + design @ card.coefficients)


def _theirs(**settings_of: object) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from optbinning import OptimalBinning

    return OptimalBinning(max_n_prebins=MOST_PREBINS, min_prebin_size=LEAST_SHARE, random_state=0, **settings_of)


def test_bins_and_weights_of_evidence_are_those_of_optbinning() -> None:
    sample = _sample(weighted=False)
    binned = bin_features(sample, FEATURES, seed=1)
    for at, (feature, one) in enumerate(zip(FEATURES, binned, strict=True)):
        trend = {1: "descending", -1: "ascending"}.get(feature.direction, "auto")
        values = sample.values[:, at]
        known = ~np.isnan(values) if feature.levels is None else values < len(feature.levels)
        kind = "numerical" if feature.levels is None else "categorical"
        given_ = values if feature.levels is None else np.where(known, values.astype(int).astype("U"), None)  # type: ignore[call-overload]
        fitted = _theirs(dtype=kind, monotonic_trend=trend).fit(given_, sample.defaulted.astype(int))  # type: ignore[attr-defined]
        theirs = fitted.transform(given_, metric="woe")[known]
        ours = weights_of_evidence(one.place(values), one, 0, sample)[one.place(values)][known]
        # Theirs is the log-odds of *good*: the sign is the other way round.
        np.testing.assert_allclose(-theirs.astype(float), ours, atol=1e-9)


def test_coefficients_are_those_of_scikit_learn_where_none_is_held_back() -> None:
    sample = _sample()
    binned = bin_features(sample, FEATURES, seed=1)
    placed = place(binned, sample.values)
    evidence = [weights_of_evidence(where, one, 0, sample) for where, one in zip(placed, binned, strict=True)]
    design = look_up(binned, evidence, placed)
    scale = np.sqrt(np.average(design**2, axis=0, weights=sample.weights))
    theirs = LogisticRegression(C=1.0 / 10.0, tol=1e-12, max_iter=5000, solver="newton-cholesky")
    theirs.fit(design / scale, sample.defaulted, sample_weight=sample.weights)
    assert (theirs.coef_[0] > 0).all()
    ours = fit_signed(design, sample, ridge=10.0)
    np.testing.assert_allclose(ours[1:] * scale, theirs.coef_[0], atol=1e-6)
    assert ours[0] == pytest.approx(theirs.intercept_[0], abs=1e-6)


def test_a_column_told_twice_against_itself_is_held_at_nothing() -> None:
    random = np.random.default_rng(4)
    first = random.normal(size=2000)
    design = np.column_stack([first, first + 0.3 * random.normal(size=2000)])
    defaulted = (random.random(2000) < probability(2.0 * design[:, 0] - 1.0 * design[:, 1] - 1.0)).astype(float)
    sample = Sample(design, defaulted, np.ones(2000))
    free = LogisticRegression(C=1e6).fit(design, defaulted).coef_[0]
    assert free[1] < -0.5
    held = fit_signed(design, sample, ridge=1e-6)
    assert held[2] == 0.0
    alone = LogisticRegression(C=1e6, tol=1e-10).fit(design[:, :1], defaulted)
    assert held[1] == pytest.approx(alone.coef_[0, 0], abs=1e-4)


def test_the_tables_say_what_the_regression_says() -> None:
    values = _sample(1200, seed=3).values
    np.testing.assert_allclose(
        _card().tables.margin(values[:, list(_card().positions)]), _by_hand(_card(), values), atol=1e-12
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2499), st.floats(-4, 4), st.floats(-4, 4))
def test_better_evidence_never_costs_points(row: int, one: float, other: float) -> None:
    worse, better = sorted((one, other))
    for feature, direction in ((0, +1), (1, -1)):
        rows = np.repeat(_rows()[row : row + 1], 2, axis=0)
        rows[:, feature] = (worse, better)
        margin = _card().margin(rows)
        assert direction * (margin[1] - margin[0]) <= 1e-12


@cache
def _rows() -> Floats:
    return _sample().values


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([-1, 1]), st.integers(3, 9))
def test_evidence_moves_one_way_whatever_the_counts(seed: int, direction: int, bins: int) -> None:
    random = np.random.default_rng(seed)
    placed = random.integers(0, bins + 1, 400)
    sample = Sample(np.empty((400, 0)), (random.random(400) < 0.3).astype(float), random.uniform(0.1, 3.0, 400))
    axis = Axis.of_number(np.arange(bins - 1.0))
    found = weights_of_evidence(placed, Binned(axis, np.arange(bins + 1)), direction, sample)[:-1]
    assert (direction * np.diff(found) <= 1e-12).all()


def test_against_its_direction_a_feature_says_nothing() -> None:
    sample = _sample()
    against = (ModelFeature("n0", -1), *FEATURES[1:])
    card = fit_scorecard(sample, against, seed=1)
    if 0 in card.positions:
        cells = card.evidence[card.positions.index(0)][:-1]
        assert np.ptp(cells) < 1e-9


def test_a_missing_value_has_a_bin_of_its_own_and_an_empty_one_says_nothing() -> None:
    sample = _sample()
    one = bin_features(sample, FEATURES, seed=1)[0]
    placed = one.place(sample.values[:, 0])
    found = weights_of_evidence(placed, one, 1, sample)
    gone = np.isnan(sample.values[:, 0])
    rate = float(np.average(sample.defaulted, weights=sample.weights))
    bad = float(sample.weights[gone] @ sample.defaulted[gone]) + PRIOR_ROWS * rate
    good = float(sample.weights[gone] @ (1 - sample.defaulted[gone])) + PRIOR_ROWS * (1 - rate)
    assert found[-1] == pytest.approx(np.log(bad / good) - np.log(rate / (1 - rate)), abs=1e-12)
    never = weights_of_evidence(np.zeros(len(placed), dtype=np.int64), one, 0, sample)
    assert never[-1] == pytest.approx(0.0, abs=1e-12)


def test_what_was_never_missing_in_training_is_scored_as_the_average() -> None:
    card = _card()
    at = [feature.name for feature in card.features].index("n3") if "n3" in {f.name for f in card.features} else None
    kept = fit_scorecard(_sample(), (FEATURES[0], ModelFeature("n1", -1, None, False)), seed=1)
    assert kept.tables.mains[1][-1] == 0.0
    if at is not None:
        assert card.tables.mains[at][-1] == 0.0


def test_case_weights_count_as_rows() -> None:
    """A row of weight 2 is two rows: bins, evidence and coefficients are the same."""
    sample = _sample(1500, weighted=False)
    twice = np.random.default_rng(0).integers(1, 3, 1500)
    heavy = Sample(sample.values, sample.defaulted, twice.astype(float))
    doubled = sample.take(np.repeat(np.arange(1500), twice))
    for feature in range(5):
        one = bin_features(heavy, FEATURES, 1)[feature]
        by_weight = weights_of_evidence(one.place(heavy.values[:, feature]), one, 0, heavy)
        by_rows = weights_of_evidence(one.place(doubled.values[:, feature]), one, 0, doubled)
        np.testing.assert_allclose(by_weight[:-1], by_rows[:-1], atol=1e-12)


def test_noise_is_left_out_and_what_tells_is_kept() -> None:
    random = np.random.default_rng(8)
    values = np.asfortranarray(random.normal(size=(3000, 12)))
    defaulted = (random.random(3000) < probability(values[:, 0] - 2.0)).astype(float)
    card = fit_scorecard(Sample(values, defaulted, np.ones(3000)), tuple(ModelFeature(f"x{at}") for at in range(12)), 1)
    assert 0 in card.positions
    assert len(card.positions) <= 4
    assert set(card.dropped.values()) <= {"noise", "redundant"}
    assert set(card.dropped) | {feature.name for feature in card.features} == {f"x{at}" for at in range(12)}


def test_the_same_seed_gives_the_same_card() -> None:
    again = fit_scorecard(_sample(), FEATURES, seed=1)
    assert again.tables.as_json() == _card().tables.as_json()
    assert again.calibrator == _card().calibrator


def test_rows_it_has_not_seen_are_ranked_and_the_level_is_right() -> None:
    later = _sample(1500, seed=2)
    margin = _card().margin(later.values)
    assert auc_interval(later.defaulted, margin).low > 0.6
    told = np.average(probability(margin), weights=later.weights)
    assert told == pytest.approx(np.average(later.defaulted, weights=later.weights), rel=0.15)


def test_error_bars_are_the_standard_deviation_over_samples() -> None:
    """Cards of fresh samples of the same population differ by what the error bars say, within a factor of two."""
    features = FEATURES[:1]
    cards = [fit_scorecard(_sample(1500, seed, weighted=False), features, 1) for seed in range(1, 7)]
    at = np.array([[-1.5], [1.5]])
    told = np.array([card.tables.contributions(at)[:, 0] for card in cards]).std(axis=0, ddof=1)
    bars = np.mean([[card.tables.spread[0][b] for b in card.tables.axes[0].place(at[:, 0])] for card in cards], axis=0)
    assert (bars / told > 0.5).all()
    assert (bars / told < 2.0).all()


def test_it_deploys_like_any_model(tmp_path: Path) -> None:
    bundle = as_bundle(_card(), {"seed": 1})
    assert (bundle.kind, bundle.boosters) == ("scorecard", ())
    later = made(300, 5)
    scored = bundle.score(later.matrix)
    np.testing.assert_allclose(scored.margin, _card().margin(encode(later.matrix, FEATURES)), atol=1e-12)
    points = bundle.base_points + bundle.contributions(later.matrix).sum(axis=1)
    np.testing.assert_allclose(points, scored.points, atol=1e-9)
    loaded = Bundle.load(bundle.save(tmp_path), expected=bundle.fingerprint)
    assert (loaded.score(later.matrix).score == scored.score).all()
    assert loaded.kind == "scorecard"
    assert loaded.provenance["coefficients"].keys() == {feature.name for feature in _card().features}


def test_texts_that_training_never_saw_are_placed_with_the_missing() -> None:
    data = made(1500)
    trade = ModelFeature("trade", 0, ("制造", "农业"))
    defaulted = (
        np.random.default_rng(2).random(1500) < np.where(encode(data.matrix, [trade])[:, 0] == 0, 0.5, 0.2)
    ).astype(np.float64)
    card = fit_scorecard(Sample(encode(data.matrix, [trade]), defaulted, np.ones(1500)), [trade], 1)
    told = as_bundle(card, {}).contributions(pa.table({"trade": ["火星", None, "零售", "制造"]}))[:, 0]
    assert told[0] == told[1] == told[2] > told[3]


def test_the_tests_of_telling_are_those_of_the_textbook() -> None:
    """A column of ten values: Pearson's chi-squared by scipy lets it pass or not as ours does."""
    random = np.random.default_rng(3)
    verdicts = []
    for strength in (0.0, 0.15, 0.3, 0.6) * 8:
        values = random.integers(0, 3, 500).astype(float)
        defaulted = (random.random(500) < probability(strength * (values == 1) - 1.0)).astype(float)
        sample = Sample(np.column_stack([values, random.normal(size=500)]), defaulted, np.ones(500))
        table = np.array([np.bincount(values.astype(int), defaulted), np.bincount(values.astype(int), 1 - defaulted)])
        theirs = chi2_contingency(table, correction=False).pvalue < 0.025
        ours = 0 in tell_something(sample.of_columns([0, 0]), [ModelFeature("x"), ModelFeature("y")])
        # Nothing passing means that everything stays, so only a pass of theirs must be a pass of ours.
        assert ours or not theirs
        verdicts.append(theirs)
    assert 0 < sum(verdicts) < len(verdicts)


def test_chance_passes_about_as_rarely_as_it_should() -> None:
    random = np.random.default_rng(11)
    values = np.asfortranarray(random.normal(size=(800, 400)))
    values[:, :200] = np.where(random.random((800, 200)) < 0.4, np.nan, values[:, :200])
    sample = Sample(values, (random.random(800) < 0.1).astype(float), np.ones(800))
    features = [ModelFeature(f"x{at}", at % 2) for at in range(400)]
    passed = tell_something(sample, features)
    assert 0.01 < len(passed) / 400 < 0.08


def test_the_solver_is_imported_without_a_word() -> None:
    code = (
        "import numpy as np\n"
        "from certloan.scoring.rivals.bins import bin_features\n"
        "from certloan.scoring.growing.recipe import Sample\n"
        "from certloan.scoring.matrix import ModelFeature\n"
        "x = np.arange(200.0)[:, None]\n"
        "bin_features(Sample(x, (x[:, 0] % 3 == 0).astype(float), np.ones(200)), [ModelFeature('x')], 1)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")


@pytest.mark.parametrize("rows", [40, 80])
def test_very_few_rows_with_holes_and_infinities_still_give_a_card(rows: int) -> None:
    random = np.random.default_rng(rows)
    values = np.asfortranarray(random.normal(size=(rows, 5)))
    values[:, 1] = np.nan
    values[: rows // 2, 2] = np.nan
    values[0, 3], values[1, 3] = np.inf, -np.inf
    values[:, 4] = random.integers(0, 3, rows)
    defaulted = (np.arange(rows) % 5 == 0).astype(float)
    features = (
        ModelFeature("a", 1),
        ModelFeature("b"),
        ModelFeature("c", -1),
        ModelFeature("d"),
        ModelFeature("e", 0, ("x", "y")),
    )
    card = fit_scorecard(Sample(values, defaulted, np.ones(rows)), features, 1)
    assert np.isfinite(card.margin(values)).all()
    assert all(np.isfinite(cells).all() for cells in (*card.tables.mains, *card.tables.spread))
