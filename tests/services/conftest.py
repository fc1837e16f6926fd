"""What the tests of training share: a warehouse with dated loans, and an empty store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.dated_loans import fill

from certloan.storage.registry import ModelRegistry
from certloan.storage.warehouse import DuckWarehouse


@pytest.fixture
def warehouse() -> Iterator[DuckWarehouse]:
    opened = DuckWarehouse.open(None)
    fill(opened)
    yield opened
    opened.close()


@pytest.fixture
def store(tmp_path: Path) -> ModelRegistry:
    return ModelRegistry(tmp_path / "models", tmp_path / "mlruns")
