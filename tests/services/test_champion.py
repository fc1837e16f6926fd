"""The champion that a fresh clone carries can be rebuilt from nothing, and scores at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from certloan.bootstrap import house
from certloan.cli.commands.demo import ENTERPRISES, SEED
from certloan.storage.registry import ModelRegistry

ROOT = Path(__file__).resolve().parents[2]


def committed() -> ModelRegistry:
    return ModelRegistry(ROOT / "models", ROOT / "mlruns")


def test_the_committed_champion_is_whole_and_unaltered() -> None:
    store = committed()
    champion = store.champion()
    assert champion is not None
    bundle = store.load(champion)
    assert bundle.fingerprint == champion
    assert len(bundle.names) + len(bundle.provenance["dropped"]) > 60
    assert bundle.provenance["metrics"]["n"] > 1000


@pytest.mark.slow
def test_the_demo_rebuilds_the_committed_champion_to_the_last_byte(tmp_path: Path) -> None:
    from certloan.services.run_demo import run_demo

    made = house(tmp_path / "home")
    result = run_demo(made, enterprises=ENTERPRISES, seed=SEED)
    champion = committed().champion()
    assert champion is not None
    rebuilt, kept = made.settings.models / result.run.fingerprint, ROOT / "models" / champion
    for file in sorted(path.name for path in kept.iterdir() if path.name != "card.md"):
        assert (rebuilt / file).read_bytes() == (kept / file).read_bytes(), file
    assert result.run.fingerprint == champion
