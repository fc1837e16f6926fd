"""A printed card is the model: its cells and the base points add up to the score, its counts to the loans."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import beta
from tests.scoring.ensembles import made, small_bundle

from certloan.i18n import Lang
from certloan.report.scorecard.build import MOST_LOST, build_card
from certloan.report.scorecard.card import Card, Cell, Main, Told
from certloan.report.scorecard.observed import Observed
from certloan.report.scorecard.page import notes_of
from certloan.scoring.bundle import Bundle

ROWS = 700


@cache
def observed(bundle: Bundle) -> Observed:
    data = made(ROWS, seed=5)
    return Observed(bundle.encode(data.matrix), data.defaulted, data.weights, "2024-01-01", "2024-12-31")


@cache
def card(*, full: bool) -> Card:
    bundle = small_bundle()
    return build_card(bundle, {}, observed(bundle), full=full)


def test_base_points_and_the_cells_of_a_full_card_add_up_to_the_score_of_every_loan() -> None:
    bundle, told = small_bundle(), card(full=True)
    bins = bundle.tables.bins(observed(bundle).values)
    points = np.full(ROWS, told.base_points)
    for main in told.mains:
        by_bin = {bin_: cell.points for cell in main.cells for bin_ in cell.bins}
        points += [by_bin[int(bin_)] for bin_ in bins[bundle.names.index(main.name)]]
    for pair in bundle.tables.pairs:
        points += pair.at(bins[pair.first], bins[pair.second]) * told.points_per_margin
    np.testing.assert_allclose(points, bundle.score(made(ROWS, seed=5).matrix).points, rtol=0, atol=1e-9)


def test_every_pair_of_a_full_card_holds_the_models_own_cells() -> None:
    bundle, told = small_bundle(), card(full=True)
    for two in told.pairs:
        pair = next(
            p for p in bundle.tables.pairs if (bundle.names[p.first], bundle.names[p.second]) == (two.first, two.second)
        )
        mine = {round(points, 6) for row in two.points for points in row}
        assert mine == {round(float(cell) * told.points_per_margin, 6) for cell in pair.cells.ravel()}


@pytest.mark.parametrize("full", [True, False])
def test_every_loan_is_counted_once_in_every_table(full: bool) -> None:
    data, told = made(ROWS, seed=5), card(full=full)
    for main in told.mains:
        counted = [cell.counted for cell in main.cells if cell.counted is not None]
        assert sum(entry.n for entry in counted) == ROWS
        assert sum(entry.defaults for entry in counted) == int(data.defaulted.sum())
        assert sum(cell.share for cell in main.cells) == pytest.approx(1.0)
    for pair in told.pairs:
        assert sum(map(sum, pair.n)) == ROWS
        assert sum(map(sum, pair.defaults)) == int(data.defaulted.sum())


def test_the_rate_of_a_cell_carries_jeffreys_interval() -> None:
    counted = next(cell.counted for cell in card(full=False).mains[0].cells if cell.counted and cell.counted.defaults)
    low, high = beta(counted.defaults + 0.5, counted.n - counted.defaults + 0.5).ppf([0.025, 0.975])
    assert (counted.rate.low, counted.rate.high) == pytest.approx((low, high))


def test_a_printed_cell_stands_within_the_error_bar_and_the_limit_of_every_bin_it_stands_for() -> None:
    bundle, told = small_bundle(), card(full=False)
    assert sum(len(main.cells) for main in told.mains) < sum(main.bins for main in told.mains)
    for main in told.mains:
        at = bundle.names.index(main.name)
        for cell in main.cells:
            held = list(cell.bins)
            away = np.abs(bundle.tables.mains[at][held] * told.points_per_margin - cell.points)
            assert np.all(
                away <= np.minimum(bundle.tables.spread[at][held] * -told.points_per_margin, MOST_LOST) + 1e-6
            )
        assert main.lost_most <= MOST_LOST + 1e-6


def test_the_loss_of_printing_fewer_bins_is_measured_on_the_loans_and_is_nothing_for_a_full_card() -> None:
    full, short = card(full=True).loss, card(full=False).loss
    assert full.most == pytest.approx(0.0, abs=1e-6)
    assert full.auc_difference is not None
    assert full.auc_difference.value == pytest.approx(0.0, abs=1e-9)
    assert short.most > 0
    assert short.auc_difference is not None
    assert short.auc_difference.low <= short.auc_difference.value <= short.auc_difference.high


def test_pairs_carry_the_error_bars_of_their_bags_and_a_model_without_bags_has_none() -> None:
    assert all(pair.error for pair in card(full=False).pairs)
    bundle = small_bundle()
    pairs = tuple(replace(pair, spread=None) for pair in bundle.tables.pairs)
    told = build_card(replace(bundle, tables=replace(bundle.tables, pairs=pairs)), {})
    assert not any(pair.error for pair in told.pairs)


def test_without_loans_the_card_says_why_and_leaves_the_counts_out() -> None:
    told = build_card(small_bundle(), {}, absent="no-warehouse")
    assert told.absent == "no-warehouse"
    assert told.loans is None
    assert all(cell.counted is None for main in told.mains for cell in main.cells)
    assert told.loss.auc is None


def test_features_stand_by_weight_within_their_family_and_the_card_is_json() -> None:
    told = card(full=False)
    weights = [main.weight for main in told.of_family("other")]
    assert weights == sorted(weights, reverse=True)
    assert json.loads(json.dumps(told.as_json()))["fingerprint"] == small_bundle().fingerprint


def test_a_range_that_can_hold_nobody_is_not_printed_and_one_that_held_somebody_is() -> None:
    label = Told("取值", "value")
    cells = (
        Cell(label, "range", 4.0, 0.0, 0.0, (0,), None, -0.5),
        Cell(label, "range", 3.0, 0.0, 0.0, (1,), -0.5, 0.5),
        Cell(label, "range", 2.0, 0.0, 1.0, (2,), 0.5, None),
        Cell(label, "missing", 0.0, 0.0, 0.0, (3,)),
    )
    main = Main("n", label, "other", "count", 1, 1.0, 4, 0.0, 0.0, cells)
    assert main.told_cells == cells[1:3]
    assert replace(main, unit="ratio").told_cells == cells[:3]
    held = replace(cells[0], share=0.1)
    assert replace(main, cells=(held, *cells[1:])).told_cells == (held, *cells[1:3])


def test_a_full_card_does_not_say_that_bins_were_joined() -> None:
    assert any("exactly the same" in note for note in notes_of(card(full=True), Lang.EN))
    assert not any("exactly the same" in note for note in notes_of(card(full=False), Lang.EN))
