"""The comparison with peers: figures against independent formulas, and the bookkeeping around them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.credit.command import main
from benchmarks.credit.contest import hold
from benchmarks.credit.judging import calibration_error, calibration_slope, judge, truth_of, voices
from benchmarks.credit.page import BEGIN, END, put, tables
from benchmarks.credit.paired import Truth, Voice, auc_difference, auc_interval, holm, loss_difference
from benchmarks.credit.peers.peer import Peer, Predict, Taught
from benchmarks.credit.problem import Floats, Problem, as_text, folds_of
from benchmarks.credit.ranking import ranks
from benchmarks.credit.runs import Run, Shelf, held, run_all
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score


def loans(rows: int = 400, seed: int = 1, seeds: tuple[int, ...] = (1, 2)) -> Problem:
    random = np.random.default_rng(seed)
    x = random.normal(size=rows)
    defaulted = (random.random(rows) < 1 / (1 + np.exp(1 - x))).astype(np.float64)
    weights = random.uniform(0.5, 1.5, rows)
    frame = pd.DataFrame({"x": x, "city": as_text(pd.Series(np.where(x > 0, "杭州", "宁波")))})
    return Problem("made", "made", frame, defaulted, weights / weights.mean(), folds_of(defaulted, seeds))


def voice(problem: Problem, noise: float, seed: int = 5) -> Voice:
    random = np.random.default_rng(seed)
    margin = problem.frame["x"].to_numpy() - 1 + noise * random.normal(size=len(problem.frame))
    return Voice(1 / (1 + np.exp(-margin)), np.zeros(len(margin), dtype=np.int64))


def plain(problem: Problem) -> Truth:
    return Truth(problem.defaulted, problem.weights)


def test_the_area_is_scikit_learns_with_weights_and_ties() -> None:
    problem = loans()
    said = Voice(np.round(voice(problem, 1.0).pd, 1), np.zeros(400, dtype=np.int64))
    expected = roc_auc_score(problem.defaulted, said.pd, sample_weight=problem.weights)
    assert auc_interval(plain(problem), [said]).value == pytest.approx(expected)


def test_rows_of_different_folds_are_not_ranked_against_each_other() -> None:
    truth = Truth(np.array([0.0, 1.0, 0.0, 1.0]), np.ones(4))
    said = Voice(np.array([0.8, 0.9, 0.1, 0.2]), np.array([0, 0, 1, 1]))
    assert auc_interval(truth, [said]).value == 1.0
    assert auc_interval(truth, [Voice(said.pd, np.zeros(4, dtype=np.int64))]).value == 0.75


def test_the_paired_interval_of_areas_is_that_of_the_bootstrap() -> None:
    problem = loans(600)
    ours, other = voice(problem, 0.5), voice(problem, 2.0, seed=6)
    found = auc_difference(plain(problem), [ours], [other])
    random = np.random.default_rng(3)
    bad, good = np.flatnonzero(problem.defaulted > 0), np.flatnonzero(problem.defaulted == 0)
    drawn = []
    for _ in range(200):
        rows = np.concatenate([random.choice(bad, len(bad)), random.choice(good, len(good))])
        both = (
            roc_auc_score(problem.defaulted[rows], one.pd[rows], sample_weight=problem.weights[rows])
            for one in (ours, other)
        )
        drawn.append(next(both) - next(both))
    assert found.high - found.low == pytest.approx(2 * 1.96 * np.std(drawn), rel=0.2)
    assert found.value == pytest.approx(np.mean(drawn), abs=0.01)


def test_the_paired_interval_of_losses_is_that_of_a_plain_mean_when_weights_are_equal() -> None:
    problem = loans()
    truth = Truth(problem.defaulted, np.ones(400))
    ours, other = voice(problem, 0.5), voice(problem, 2.0, seed=6)
    found = loss_difference(truth, [ours], [other])
    parts = [-np.where(problem.defaulted > 0, np.log(one.pd), np.log(1 - one.pd)) for one in (ours, other)]
    assert found.value == pytest.approx(log_loss(problem.defaulted, ours.pd) - log_loss(problem.defaulted, other.pd))
    assert found.high - found.value == pytest.approx(1.959964 * np.std(parts[0] - parts[1], ddof=1) / 20.0)


def test_judging_the_same_rows_with_more_seeds_does_not_count_as_more_rows() -> None:
    problem = loans()
    ours, other = voice(problem, 0.5), voice(problem, 2.0, seed=6)
    once = auc_difference(plain(problem), [ours], [other])
    assert auc_difference(plain(problem), [ours] * 20, [other] * 20) == once


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12))
def test_holms_chances_lie_between_the_plain_ones_and_bonferronis(chances: list[float]) -> None:
    for plain_chance, adjusted in zip(chances, holm(chances), strict=True):
        assert plain_chance <= adjusted <= min(1.0, len(chances) * plain_chance) + 1e-12


def test_holms_chances_of_the_textbook() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_a_level_that_is_off_by_a_tenth_everywhere_is_an_error_of_a_tenth() -> None:
    truth = Truth(np.tile([0.0, 1.0], 500), np.ones(1000))
    assert calibration_error(truth, Voice(np.full(1000, 0.6), np.zeros(1000, dtype=np.int64))) == pytest.approx(0.1)


def test_log_odds_twice_as_bold_as_they_should_be_have_a_slope_of_a_half() -> None:
    random = np.random.default_rng(2)
    margin = random.normal(size=20_000)
    truth = Truth((random.random(20_000) < 1 / (1 + np.exp(-margin))).astype(np.float64), np.ones(20_000))
    bold = Voice(1 / (1 + np.exp(-2 * margin)), np.zeros(20_000, dtype=np.int64))
    assert calibration_slope(truth, bold) == pytest.approx(0.5, abs=0.02)


def test_the_critical_difference_is_nemenyis() -> None:
    figures = {str(number): dict.fromkeys("abcde", 0.5) for number in range(10)}
    # Demsar's table 5: 2.728 for five contenders.
    assert ranks({**figures, "x": {"a": 1.0, "b": 0.9, "c": 0.8, "d": 0.7, "e": 0.6}}, True).critical == pytest.approx(
        2.728 * np.sqrt(5 * 6 / (6 * 11)), abs=1e-3
    )


def guess(taught: Taught) -> Predict:
    def predict(frame: pd.DataFrame) -> Floats:
        return np.asarray(1 / (1 + np.exp(1 - frame["x"].to_numpy())))

    return predict


def refuse(taught: Taught) -> Predict:
    raise AssertionError("fitted although the shelf held the run")


def test_a_run_on_the_shelf_is_not_fitted_again_and_another_contender_is(tmp_path: Path) -> None:
    problem, shelf, told = loans(), Shelf(tmp_path), list[str]()
    peer = Peer("guess", "guess", "", guess, "numpy")
    first = run_all(problem, peer, shelf, False, told.append)
    assert len(told) == len(problem.folds) == 10
    again = run_all(problem, peer, shelf, True, told.append)
    assert len(told) == 10
    assert all(np.array_equal(a.pd, b.pd) for a, b in zip(first, again, strict=True))
    with pytest.raises(AssertionError, match="although"):
        run_all(problem, Peer("guess", "guess", "", refuse, "numpy"), shelf, True, told.append)


def test_only_whole_seeds_are_judged(tmp_path: Path) -> None:
    problem, shelf = loans(), Shelf(tmp_path)
    peer = Peer("guess", "guess", "", guess, "numpy")
    runs = run_all(problem, peer, shelf, False, lambda _: None)
    shelf.place(problem, peer, problem.folds[7]).unlink()
    assert len(voices(problem, held(problem, peer, shelf))) == 1
    told = judge(truth_of(problem), voices(problem, runs), runs)
    assert (told.seeds, told.n) == (2, 400)
    assert told.log_loss == pytest.approx(
        log_loss(
            problem.defaulted,
            guess(Taught(problem.frame, problem.defaulted, problem.weights, 1))(problem.frame),
            sample_weight=problem.weights,
        )
    )


def test_a_contender_that_is_clearly_worse_is_marked_and_not_level_with_the_best() -> None:
    problem = loans(2000, seeds=(1,))
    runs = {
        name: [Run(voice(problem, noise).pd[fold.judge], 1.0, 1.0) for fold in problem.folds]
        for name, noise in (("certloan", 0.0), ("ebm", 3.0))
    }
    contest = hold(problem, runs)
    assert contest.level_with_best["auc"] == ("certloan",)
    assert contest.adjusted["auc"]["ebm"] < 0.05
    text = tables([contest], {name: Peer(name, name, "", guess, "numpy") for name in runs})
    assert f"{contest.figures['ebm'].auc:.3f} ▼" in text


def test_a_contender_with_fewer_seeds_is_compared_on_the_seeds_that_all_have() -> None:
    problem = loans(seeds=(1, 2))
    every = [Run(voice(problem, 1.0).pd[fold.judge], 1.0, 1.0) for fold in problem.folds]
    figures = hold(problem, {"certloan": every, "ebm": every[:7]}).figures
    assert {name: told.seeds for name, told in figures.items()} == {"certloan": 1, "ebm": 1}
    assert figures["certloan"].auc == figures["ebm"].auc


def test_new_tables_replace_the_old_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    put(page, "new")
    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="marks"):
        put(page, "new")


def test_absent_data_is_said_and_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path / "none")]) == 0
    assert "no credit data" in capsys.readouterr().out
