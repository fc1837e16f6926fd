"""The challenger scores what the champion decides; nothing that is decided depends on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from certloan.bootstrap import House, house
from certloan.errors import InputError, NotReadyError
from certloan.report.decisions import content_digest
from certloan.scoring.bundle import Bundle
from certloan.services.build_features import OPEN_APPLICATIONS, build_matrix
from certloan.services.decide_loan import ScoringRun, decide
from certloan.services.keep_model import keep_model
from certloan.services.promote_model import challenge
from certloan.services.shadow_model import ShadowBook, pair_name
from certloan.services.shadow_report import ShadowReport, shadow_report


@pytest.fixture(scope="module")
def home(demo: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A demo of its own, with a challenger that is a little less sure of everything."""
    folder = tmp_path_factory.mktemp("shadow") / "home"
    shutil.copytree(demo.settings.home, folder)
    made = house(folder)
    champion = made.bundle()
    held = champion.calibrator
    other = replace(
        champion,
        calibrator=replace(held, slope=held.slope * 0.7, offset=held.offset - 0.2),
        provenance={**champion.provenance, "other": True},
    )
    keep_model(made.models(), other, made.operator("李"), made.journal())
    challenge(made.models(), other.fingerprint, made.operator("王"), made.journal())
    return made


def challenger(at: House) -> Bundle:
    name = at.models().challenger()
    assert name is not None
    return at.models().load(name)


def scored(at: House, shadow: ShadowBook | None) -> ScoringRun:
    with at.warehouse(read_only=True) as warehouse:
        return decide(
            warehouse,
            at.bundle(),
            at.policy(),
            at.officer,
            only_open=True,
            reasons=False,
            journal=at.journal(),
            shadow=shadow,
        )


@pytest.fixture(scope="module")
def run(home: House) -> ScoringRun:
    return scored(home, home.shadowing())


def report(at: House) -> ShadowReport:
    with at.warehouse(read_only=True) as warehouse:
        return shadow_report(at.models(), at.shadow, at.policy(), at.regulator, warehouse)


def files(at: House) -> list[Path]:
    return sorted((at.shadow / pair_name(at.bundle().fingerprint, challenger(at).fingerprint)).iterdir())


def test_decisions_are_the_same_with_and_without_a_challenger(home: House, run: ScoringRun) -> None:
    assert content_digest(run.decisions) == content_digest(scored(home, None).decisions)
    assert run.shadowed is not None
    assert (run.shadowed.challenger, run.shadowed.failed) == (challenger(home).fingerprint, None)
    assert run.shadowed.scored == run.scored > 0
    assert run.as_json()["shadow"] == run.shadowed.as_json()


def test_what_is_kept_is_what_each_model_says_and_what_moved_it(home: House, run: ScoringRun) -> None:
    rows = pq.read_table(files(home)[0])
    with home.warehouse(read_only=True) as warehouse:
        matrix = build_matrix(warehouse, OPEN_APPLICATIONS)
    assert rows["application_id"].to_pylist() == matrix["application_id"].to_pylist()
    sides = {"champion": home.bundle(), "challenger": challenger(home)}
    for side, bundle in sides.items():
        assert rows[f"{side}_score"].to_pylist() == bundle.score(matrix).score.tolist()
        np.testing.assert_allclose(rows[f"{side}_pd"].to_numpy(), bundle.score(matrix).pd)
    away = sides["challenger"].contributions(matrix) - sides["champion"].contributions(matrix)
    names = home.bundle().names
    for row, moved in enumerate(rows["moved"].to_pylist()[:20]):
        most = np.abs(away[row]).max()
        assert abs(moved[0]["points"]) == pytest.approx(most, abs=1e-3)
        for entry in moved:
            assert entry["points"] == pytest.approx(away[row, names.index(entry["feature"])], abs=1e-3)


def test_the_report_counts_each_application_once_however_often_it_was_scored(home: House, run: ScoringRun) -> None:
    first = report(home)
    scored(home, home.shadowing())
    again = report(home)
    assert (again.runs, again.shift.n) == (first.runs + 1, run.scored)
    assert again.shift == first.shift
    rows = pq.read_table(files(home)[0]).to_pandas()
    away = rows.challenger_points - rows.champion_points
    assert again.shift.mean == pytest.approx(away.mean())
    assert again.shift.quantiles["0.95"] == pytest.approx(np.quantile(away, 0.95))
    assert again.shift.rank_correlation == pytest.approx(1.0)
    changed = int((rows.champion_outcome != rows.challenger_outcome).sum())
    assert sum(entry["n"] for entry in again.outcomes.as_json()["moved"]) == changed
    farthest = [abs(mover.challenger - mover.champion) for mover in again.movers]
    assert farthest == sorted(farthest, reverse=True) or max(np.diff(farthest)) <= 1  # points round to scores
    assert again.psi.n_current == run.scored


def test_open_applications_have_no_outcome_and_nothing_is_said_of_their_ranking(home: House, run: ScoringRun) -> None:
    assert report(home).ranking is None


def test_only_loans_new_to_both_models_judge_their_ranking(home: House, run: ScoringRun) -> None:
    with home.warehouse(read_only=True) as warehouse:
        decide(
            warehouse,
            home.bundle(),
            home.policy(),
            home.officer,
            reasons=False,
            journal=home.journal(),
            shadow=home.shadowing(),
        )
    found = report(home).ranking
    metrics = home.bundle().provenance["metrics"]
    assert found is not None
    assert (found.n, found.defaults) == (metrics["n"], metrics["defaults"])
    assert found.champion.value == pytest.approx(found.other.value)
    assert found.difference.value == pytest.approx(0.0)


@contextmanager
def damaged(file: Path, content: bytes) -> Iterator[None]:
    before = file.read_bytes()
    file.write_bytes(content)
    try:
        yield
    finally:
        file.write_bytes(before)


def test_a_challenger_that_cannot_be_loaded_never_keeps_a_decision_from_being_made(
    home: House, run: ScoringRun
) -> None:
    kept = len(files(home))
    with damaged(home.settings.models / challenger(home).fingerprint / "tables.json", b"{}"):
        again = scored(home, home.shadowing())
    assert again.shadowed is not None
    assert (again.shadowed.scored, again.shadowed.failed) == (0, "bundle-unreadable")
    assert again.outcomes == run.outcomes
    assert len(files(home)) == kept


def test_a_disk_that_is_full_never_keeps_a_decision_from_being_made(home: House, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    again = scored(home, ShadowBook(home.models(), blocked))
    assert again.shadowed is not None
    assert again.shadowed.failed is not None
    assert again.shadowed.failed.startswith("io-")


def test_a_damaged_record_is_named(home: House, run: ScoringRun) -> None:
    with damaged(files(home)[0], b"PAR1"), pytest.raises(InputError) as refused:
        report(home)
    assert refused.value.code == "shadow-unreadable"


def test_without_a_challenger_the_report_says_what_to_do(demo: House) -> None:
    with pytest.raises(NotReadyError) as none:
        shadow_report(demo.models(), demo.shadow, demo.policy(), demo.regulator)
    assert none.value.code == "no-challenger"


def test_a_challenger_that_has_scored_nothing_is_told(home: House, tmp_path: Path) -> None:
    with pytest.raises(NotReadyError) as refused:
        shadow_report(home.models(), tmp_path, home.policy(), home.regulator)
    assert refused.value.code == "no-shadow"
