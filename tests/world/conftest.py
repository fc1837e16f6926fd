"""One drawn economy and one written world, shared by the tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from certloan.domain.people import Actor, Role
from certloan.services.make_world import make_world
from certloan.world import economy
from certloan.world.economy import Economy

ENTERPRISES, SEED = 6000, 11
SMALL, SMALL_SEED = 300, 5


@pytest.fixture(scope="session")
def actor() -> Actor:
    return Actor("赵", Role.RISK)


@pytest.fixture(scope="session")
def drawn() -> Economy:
    """A world large enough for its laws to show."""
    return economy.draw(ENTERPRISES, SEED)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory, actor: Actor) -> Path:
    """A small world on disk, with the usual mess."""
    out = tmp_path_factory.mktemp("world") / "w"
    make_world(SMALL, SMALL_SEED, out, actor=actor)
    return out
