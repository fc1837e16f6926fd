"""The language is documented as it is."""

from __future__ import annotations

import re
from pathlib import Path

from certloan.expressions.check import MAX_DEPTH
from certloan.expressions.functions import FUNCTIONS
from certloan.expressions.screen import MAX_LENGTH, MAX_NESTING

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")


def test_every_function_is_documented_and_no_other() -> None:
    table = TEXT.split("## Functions")[1].split("## Limits")[0]
    assert set(re.findall(r"`([a-z_]+)\(", table)) == set(FUNCTIONS)


def test_the_limits_are_those_of_the_code() -> None:
    limits = TEXT.split("## Limits")[1]
    assert f"{MAX_LENGTH:,} characters; {MAX_NESTING} open parentheses; chains of {MAX_DEPTH} links" in limits
