"""The service: who may make a world, where, and how small it may be."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certloan.contracts import CONTRACTS
from certloan.domain.people import Actor, Role
from certloan.errors import InputError, PermissionDeniedError
from certloan.i18n.catalog import sentence
from certloan.services.make_world import make_world
from certloan.world import economy
from certloan.world.draws import stream


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(enterprises=st.integers(50, 200), seed=st.integers(0, 2**31))
def test_every_small_world_can_be_drawn(enterprises: int, seed: int) -> None:
    drawn = economy.draw(enterprises, seed)
    assert drawn.tables["enterprise"].to_pandas()["uscc"].nunique() == enterprises
    assert set(drawn.tables) == set(CONTRACTS)


def test_a_stage_keeps_its_stream_whatever_others_draw() -> None:
    alone = stream(5, "credit").random(3).tolist()
    stream(5, "something new").random(1000)
    assert stream(5, "credit").random(3).tolist() == alone
    assert stream(5, "lists").random(3).tolist() != alone


@pytest.mark.parametrize(("enterprises", "seed", "code"), [(10, 1, "world-size"), (100, -1, "world-seed")])
def test_impossible_worlds_are_refused_before_anything_is_written(
    tmp_path: Path, actor: Actor, enterprises: int, seed: int, code: str
) -> None:
    with pytest.raises(InputError) as refused:
        make_world(enterprises, seed, tmp_path / "w", actor=actor)
    assert refused.value.code == code
    assert str(enterprises if code == "world-size" else seed) in sentence(refused.value)
    assert not (tmp_path / "w").exists()


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path, actor: Actor) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="world-folder-taken"):
        make_world(100, 1, tmp_path, actor=actor)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_world_replaces_the_world_before_it(tmp_path: Path, actor: Actor) -> None:
    first = make_world(100, 1, tmp_path / "w", actor=actor)
    second = make_world(60, 2, tmp_path / "w", actor=actor)
    assert first.enterprises == 100
    truth = pq.read_table(tmp_path / "w" / "truth.parquet")
    assert truth.num_rows == second.applications
    assert sorted(path.name for path in (tmp_path / "w").iterdir()) == [
        "delivery",
        "delivery-2",
        "mess.parquet",
        "planted.parquet",
        "truth.parquet",
    ]


def test_who_may_not_load_evidence_may_not_make_any(tmp_path: Path) -> None:
    with pytest.raises(PermissionDeniedError):
        make_world(100, 1, tmp_path / "w", actor=Actor("王", Role.ENTERPRISE))


def test_the_report_counts_what_was_written(tmp_path: Path, actor: Actor) -> None:
    report = make_world(100, 1, tmp_path / "w", actor=actor)
    told = report.as_json()
    assert told["enterprises"] == 100
    ledger = pq.read_table(tmp_path / "w" / "mess.parquet")
    assert sum(report.mess.values()) == ledger.num_rows
    assert set(report.files) == {
        f"{path.parent.name}/{path.name}"
        for path in (tmp_path / "w").rglob("*.*")
        if path.suffix in (".csv", ".xlsx", ".gz")
    }
