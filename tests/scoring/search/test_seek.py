"""The search: the same whatever interrupts it, on the rows it is given, and slow to leave the usual settings."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.scoring.search.loans import Loans, loans

from certloan.errors import InputError
from certloan.i18n import sentence
from certloan.scoring.growing.recipe import Recipe, Sample
from certloan.scoring.search import curve as curve_module
from certloan.scoring.search.curve import Judge
from certloan.scoring.search.cuts import inner_cuts
from certloan.scoring.search.seek import Findings, Quest, seek, study_name
from certloan.scoring.search.space import SPACE, space_of, start_of
from certloan.scoring.search.study import SPARED_ROUNDS, SPARED_TRIALS

RECIPE = Recipe(seed=4)
LOANS = loans()
TRIALS = 14
_PATIENCE_SECONDS = 120


def quest(trials: int = TRIALS, url: str | None = None, **others: Any) -> Quest:
    return Quest(trials, by_time=True, url=url, **others)


def sought(given: Quest, of: Loans = LOANS, recipe: Recipe = RECIPE) -> Findings:
    return seek(of.sample, of.features, of.labels, given, recipe)


@pytest.fixture(scope="module")
def whole() -> Findings:
    return sought(quest())


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'search.db'}"


@pytest.mark.parametrize("stopped", [1, 3, 9, 13])
def test_a_search_that_goes_on_ends_where_it_would_have_ended_without_the_interruption(
    stopped: int, whole: Findings, tmp_path: Path
) -> None:
    def stop(trials: int, _best: float) -> None:
        if trials == stopped:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seek(LOANS.sample, LOANS.features, LOANS.labels, quest(url=sqlite(tmp_path)), RECIPE, stop)
    resumed = sought(quest(url=sqlite(tmp_path)))
    assert resumed.found_before == stopped
    assert resumed.as_json() == whole.as_json()


def test_a_search_that_was_killed_in_the_middle_of_a_trial_goes_on_and_ends_the_same(
    whole: Findings, tmp_path: Path
) -> None:
    code = (
        "import sys, time\n"
        "from tests.scoring.search.test_seek import LOANS, RECIPE, quest\n"
        "from certloan.scoring.search import curve\n"
        "from certloan.scoring.search.seek import seek\n"
        "real = curve._grow\n"
        "done = [0]\n"
        "def slow(booster):\n"
        "    if done[0] >= 4: print('growing', flush=True); time.sleep(60)\n"
        "    return real(booster)\n"
        "curve._grow = slow\n"
        "def heard(n, best): done[0] = n\n"
        "seek(LOANS.sample, LOANS.features, LOANS.labels, quest(url=sys.argv[1]), RECIPE, heard)\n"
    )
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", code, sqlite(tmp_path)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "growing\n" in iter(process.stdout.readline, "")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=_PATIENCE_SECONDS)
    resumed = sought(quest(url=sqlite(tmp_path)))
    assert resumed.found_before == 4
    assert resumed.as_json() == whole.as_json()


def test_a_finished_search_is_read_again_and_not_repeated(tmp_path: Path) -> None:
    once = sought(quest(6, sqlite(tmp_path)))
    again = sought(quest(6, sqlite(tmp_path)))
    assert again.found_before == 6
    # The seconds too: nothing was timed a second time.
    assert again.attempts == once.attempts
    assert again.as_json() == once.as_json()


def test_a_longer_search_goes_on_from_a_shorter_one_and_a_shorter_one_sees_its_own_trials_only(
    whole: Findings, tmp_path: Path
) -> None:
    short = sought(quest(5, sqlite(tmp_path)))
    longer = sought(quest(url=sqlite(tmp_path)))
    assert longer.found_before == 5
    assert longer.as_json() == whole.as_json()
    assert sought(quest(5, sqlite(tmp_path))).as_json() == short.as_json()


def test_no_trial_is_begun_when_the_time_is_up_but_the_usual_settings_are_judged() -> None:
    found = sought(quest(minutes=0.0))
    assert [attempt.settings for attempt in found.attempts] == [{}]
    assert found.usual_kept


def test_two_threads_find_what_one_finds(whole: Findings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve_module, "WORKERS", 1)
    assert sought(quest()).as_json() == whole.as_json()


def test_another_search_is_never_gone_on_with(tmp_path: Path) -> None:
    cuts = inner_cuts(LOANS.labels, by_time=True, embargo=True, seed=RECIPE.seed)
    sample, features = LOANS.sample, LOANS.features
    named = study_name(sample, features, cuts, RECIPE)
    changed, other = sample.values.copy(), sample.defaulted.copy()
    changed[0, 1] += 1e-9
    other[0] = 1 - other[0]
    folds = inner_cuts(LOANS.labels, by_time=False, embargo=True, seed=RECIPE.seed)
    names = {
        named,
        study_name(replace(sample, values=changed), features, cuts, RECIPE),
        study_name(replace(sample, defaulted=other), features, cuts, RECIPE),
        study_name(sample, (replace(features[0], direction=0), *features[1:]), cuts, RECIPE),
        study_name(sample, features, folds, RECIPE),
        study_name(sample, features, cuts, replace(RECIPE, seed=5)),
        study_name(sample, features, cuts, replace(RECIPE, learning_rate=0.07)),
    }
    assert len(names) == 7
    assert (
        study_name(
            Sample(*(getattr(sample, n).copy() for n in ("values", "defaulted", "weights"))), features, cuts, RECIPE
        )
        == named
    )
    sought(quest(2, sqlite(tmp_path)))
    assert sought(quest(2, sqlite(tmp_path)), recipe=replace(RECIPE, seed=5)).found_before == 0


def test_the_usual_settings_come_first_and_stay_unless_beaten_by_more_than_one_standard_error(whole: Findings) -> None:
    assert whole.attempts[0].settings == {}
    assert whole.attempts[0].state == "complete"
    assert whole.usual_kept == (whole.gain <= whole.gain_error)
    complete = [attempt for attempt in whole.attempts if attempt.state == "complete"]
    assert min(complete, key=lambda attempt: attempt.value).number == whole.best


def test_the_gain_is_the_paired_difference_of_the_losses_of_the_same_rows(whole: Findings) -> None:
    judge = Judge(LOANS.sample, LOANS.features, inner_cuts(LOANS.labels, by_time=True, embargo=True, seed=4), RECIPE)
    first, best = whole.attempts[0], whole.attempts[whole.best]
    assert best.number > 0
    before, weights = judge.losses(first.settings, first.rounds)
    after, _ = judge.losses(best.settings, best.rounds)
    # LightGBM's own metric, read while growing, is the other way to the same mean.
    assert np.average(before, weights=weights) == pytest.approx(first.value, abs=1e-9)
    assert np.average(after, weights=weights) == pytest.approx(best.value, abs=1e-9)
    assert whole.gain == pytest.approx(first.value - best.value, abs=1e-9)
    # The standard error of a weighted mean of paired differences, by resampling rows.
    random, gained = np.random.default_rng(1), before - after
    drawn = [random.integers(0, len(gained), len(gained)) for _ in range(2000)]
    resampled = np.std([np.average(gained[rows], weights=weights[rows]) for rows in drawn])
    assert whole.gain_error == pytest.approx(resampled, rel=0.1)


def test_a_hopeless_trial_is_given_up_but_no_early_one_and_not_too_soon() -> None:
    found = sought(quest(40), recipe=replace(RECIPE, seed=8))
    pruned = [attempt for attempt in found.attempts if attempt.state == "pruned"]
    assert pruned
    for attempt in pruned:
        assert attempt.number >= SPARED_TRIALS
        assert attempt.pruned_at is not None
        assert attempt.pruned_at >= SPARED_ROUNDS
        assert attempt.value > found.attempts[found.best].value


def test_what_is_drawn_lies_in_the_space_and_texts_are_asked_about_only_where_there_are_some(whole: Findings) -> None:
    ranges = {setting.name: setting for setting in SPACE}
    for attempt in whole.attempts[1:]:
        assert attempt.settings.pop("bagging_freq") == 1
        assert set(attempt.settings) == set(ranges)
        for name, value in attempt.settings.items():
            assert ranges[name].low <= value <= ranges[name].high
    assert {s.name for s in space_of(LOANS.features)} - {s.name for s in space_of(LOANS.features[:5])} == {
        "cat_smooth",
        "cat_l2",
    }


def test_the_search_begins_at_the_point_of_the_space_nearest_to_the_usual_settings() -> None:
    start = start_of(SPACE, {"min_data_in_leaf": 3, "feature_fraction": 0.3, "max_bin": 100, "cat_smooth": 20.0})
    assert start["min_data_in_leaf"] == 5
    assert start["feature_fraction"] == 0.3
    assert next(setting for setting in SPACE if setting.name == "max_bin").told(start["max_bin"]) == 127
    assert start["lambda_l2"] == 0.001


def test_trials_of_another_version_of_the_store_are_named_and_left_alone(tmp_path: Path) -> None:
    sought(quest(1, sqlite(tmp_path)))
    with sqlite3.connect(tmp_path / "search.db") as held:
        held.execute("update alembic_version set version_num = 'v0.9.0.a'")
    held.close()
    before = (tmp_path / "search.db").read_bytes()
    with pytest.raises(InputError) as refused:
        sought(quest(1, sqlite(tmp_path)))
    assert refused.value.code == "search-store-unreadable"
    assert "search.db" in sentence(refused.value, "zh")
    assert (tmp_path / "search.db").read_bytes() == before


def test_a_trial_that_another_process_kept_meanwhile_is_not_kept_twice(tmp_path: Path) -> None:
    def meanwhile(trials: int, _best: float) -> None:
        if trials == 2:
            sought(quest(4, sqlite(tmp_path)))

    found = seek(LOANS.sample, LOANS.features, LOANS.labels, quest(5, sqlite(tmp_path)), RECIPE, meanwhile)
    assert sought(quest(5, sqlite(tmp_path))).as_json() == found.as_json()
    assert sought(quest(5, sqlite(tmp_path))).found_before == 5
