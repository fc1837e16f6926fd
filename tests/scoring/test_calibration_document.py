"""The examples of ``docs/calibration.md`` are run."""

from __future__ import annotations

import doctest
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "calibration.md"


def test_every_example_of_the_document_gives_what_it_shows() -> None:
    found = doctest.testfile(str(DOCUMENT), module_relative=False, encoding="utf-8")
    assert found.attempted >= 15
    assert found.failed == 0
