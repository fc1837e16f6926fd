"""The search inside a training: kept, told, recorded, resumed, and blind to the loans that judge."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.services.dated_loans import fill

from certloan.cli.main import run
from certloan.domain.people import Actor, Role
from certloan.services.train_model import SearchInterrupted, TrainConfig, train
from certloan.storage.registry import ModelRegistry
from certloan.storage.warehouse import DuckWarehouse

RISK = Actor("王芳", Role.RISK)
CONFIG = TrainConfig(bags=2, pairs=3, rounds=40, rivals=False, log=False, trials=5)
_PATIENCE_SECONDS = 240


class Told:
    """A progress that remembers what it was told, and may stop the search."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stages: list[tuple[str, int | None]] = []
        self.bests: list[float] = []
        self.stop_after = stop_after

    def stage(self, key: str, total: int | None = None) -> None:
        self.stages.append((key, total))

    def advance(self, n: int = 1) -> None:
        pass

    def note(self, key: str, **facts: Any) -> None:
        assert key == "train_search_best"
        self.bests.append(facts["best"])
        if len(self.bests) == self.stop_after:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    fill(opened)
    yield opened
    opened.close()


def without_times(search: Any) -> dict[str, Any]:
    assert search is not None
    trials = [{name: value for name, value in trial.items() if name != "seconds"} for trial in search["trials"]]
    return {**search, "trials": trials, "found_before": None}


def test_an_interrupted_search_keeps_its_trials_tells_how_many_and_gives_the_same_model_in_the_end(
    warehouse: DuckWarehouse, store: ModelRegistry, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'search.db'}"
    with pytest.raises(SearchInterrupted) as stopped:
        train(warehouse, store, CONFIG, RISK, Told(stop_after=3), studies=url)
    assert (stopped.value.trials, stopped.value.kept) == (3, True)
    assert store.fingerprints() == ()
    told = Told()
    resumed = train(warehouse, store, CONFIG, RISK, told, studies=url)
    whole = train(warehouse, store, CONFIG, RISK)
    assert resumed.fingerprint == whole.fingerprint
    assert resumed.search is not None
    assert resumed.search["found_before"] == 3
    assert without_times(resumed.search) == without_times(whole.search)
    assert ("train_search", 5) in told.stages
    assert told.bests == sorted(told.bests, reverse=True)
    assert len(told.bests) == 5


def test_what_becomes_of_the_loans_that_judge_changes_nothing_in_the_search(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    first = train(warehouse, store, CONFIG, RISK)
    other = DuckWarehouse.open(None)
    for table in ("application", "outcome"):
        with other.attached("rows_given", warehouse.query(f"select * from history.{table}")):
            other.execute(f"insert into history.{table} select * from rows_given")
    other.execute(
        "update history.outcome set defaulted = not defaulted from application a"
        f" where outcome.application_id = a.application_id and a.applied_on >= date '{first.split['test_from']}'"
        " and hash(a.application_id) % 3 = 0"
    )
    second = train(other, store, CONFIG, RISK)
    other.close()
    assert second.performance.auc != first.performance.auc
    assert without_times(second.search) == without_times(first.search)
    assert second.made_of == first.made_of


def test_every_trial_stands_in_the_report_and_the_choice_in_the_model(
    warehouse: DuckWarehouse, store: ModelRegistry
) -> None:
    report = train(warehouse, store, CONFIG, RISK)
    told = json.loads(json.dumps(report.as_json(), allow_nan=False))["search"]
    assert [trial["number"] for trial in told["trials"]] == [0, 1, 2, 3, 4]
    for trial in told["trials"]:
        assert set(trial) == {"number", "settings", "value", "state", "rounds", "pruned_at", "seconds"}
    held = store.load(report.fingerprint).provenance["search"]
    assert held["settings"] == told["settings"]
    assert (held["study"], held["trials"], held["usual_kept"]) == (told["study"], 5, told["usual_kept"])
    assert "seconds" not in json.dumps(held)


def test_folds_search_once_for_each_model_on_its_own_rows(warehouse: DuckWarehouse, store: ModelRegistry) -> None:
    report = train(warehouse, store, replace(CONFIG, split="folds", folds=2, trials=2), RISK)
    assert len(report.searches) == 3
    assert len({search["study"] for search in report.searches}) == 3
    assert {search["judged"]["kind"] for search in report.searches} == {"folds"}


def test_the_run_is_told_of_every_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = _home(tmp_path, monkeypatch)
    options = ["--bags", "2", "--pairs", "3", "--trials", "3", "--json"]
    assert run(["train", *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["run_id"]
    assert len(told["search"]["trials"]) == 3
    assert {f"{end}_{side}" for end in ("slope", "offset") for side in ("low", "high")} <= set(told["calibration"])
    assert told["leakage"]["alone"]["tested"] == 3
    assert {"kept", "dropped", "bags", "pairs", "seed", "prices", "rivals", "left_out", "scorecard"} <= set(told)
    assert (home / "mlruns" / "search.db").is_file()
    models = ModelRegistry(home / "models", home / "mlruns")
    assert models.load(told["scorecard"]).kind == "scorecard"
    assert told["rivals"]["scorecard"]["fingerprint"] == told["scorecard"]
    # The same again: nothing is tried a second time, and people are told in their language.
    assert run(["--lang", "en", "train", *options[:-1]]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "3 trials" in shown
    assert told["fingerprint"][:12] in shown


def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("CERTLOAN_HOME", str(home))
    monkeypatch.setenv("CERTLOAN_OPERATOR", "王芳")
    (home / "data").mkdir(parents=True)
    opened = DuckWarehouse.open(home / "data" / "warehouse.duckdb")
    fill(opened)
    opened.close()
    return home


#: Says when two trials have ended, and lets the third last until somebody stops it. Where the tests run in the
#: background the signal is ignored, and a child inherits that.
_STOPPABLE = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from certloan.scoring.search import seek as module
real, done = module._one, [0]
def slow(trials, judge):
    if done[0] == 2:
        print("searching", flush=True)
        time.sleep(200)
    done[0] += 1
    return real(trials, judge)
module._one = slow
from certloan.cli.main import main
main()
"""


def test_whoever_stops_a_search_is_told_how_to_go_on_and_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = _home(tmp_path, monkeypatch)
    options = ["--lang", "en", "train", "--bags", "2", "--pairs", "3", "--trials", "4"]
    process = subprocess.Popen(
        [sys.executable, "-c", _STOPPABLE, *options],
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "searching\n" in iter(process.stdout.readline, "")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=_PATIENCE_SECONDS)
    assert process.returncode == 130, told
    assert "The search stopped after trial 2; those that ended are kept. Run the same command again" in " ".join(
        told.split()
    )
    assert "Traceback" not in told
    assert not (home / "models").exists()
    assert run([*options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["search"]["found_before"] == 2
