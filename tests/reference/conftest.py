"""Overrides are the process's own: every test leaves the package's tables behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from certloan.reference.overrides import use_overrides


@pytest.fixture
def overrides(tmp_path: Path) -> Iterator[Path]:
    """A folder for a workspace's own tables."""
    folder = tmp_path / "reference"
    folder.mkdir()
    yield folder
    use_overrides(None)
