"""A small real workspace, made once: a world, its deliveries loaded, a model trained on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from certloan.bootstrap import House, house
from certloan.services.make_world import make_world
from certloan.services.train_model import TrainConfig, train

ENTRY = Path(__file__).resolve().parents[2] / "src" / "certloan" / "ui" / "entry.py"
#: Fewer firms than this default too seldom to train on.
ENTERPRISES, SEED = 900, 7


def furnished(home: Path) -> House:
    """Fill an empty folder: everything through the services, as a user would."""
    at = house(home)
    at.data.mkdir(parents=True)
    make_world(ENTERPRISES, SEED, at.data / "demo", actor=at.officer)
    for delivery in sorted((at.data / "demo").glob("delivery*")):
        at.ingest(delivery)
    config = TrainConfig(split="random", seed=SEED, bags=2, pairs=5, rounds=60, rivals=False, log=False)
    with at.warehouse(read_only=True) as warehouse:
        trained = train(warehouse, at.models(), config, at.risk)
    at.models().promote(trained.fingerprint)
    return at


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Give a workspace that nothing writes to after it was made."""
    return furnished(tmp_path_factory.mktemp("workspace") / "home")


@pytest.fixture
def app(workspace: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """Give the app on that workspace, not yet run; afterwards nothing of Streamlit's is left behind."""
    monkeypatch.setenv("CERTLOAN_HOME", str(workspace.settings.home))
    main = sys.modules["__main__"]
    yield AppTest.from_file(str(ENTRY), default_timeout=120)
    sys.modules["__main__"] = main
