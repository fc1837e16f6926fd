"""``docs/governance.md`` says what the code does: thresholds, tags, errors, commands."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from certloan.governance.asked import EVALUATION, standard
from certloan.governance.thresholds import versions
from certloan.i18n import has
from certloan.ledger.entry import Kind

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/governance.md").read_text(encoding="utf-8")
LEDGER = (ROOT / "docs/ledger.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """Give the cells of the table that stands under a heading."""
    part = re.split(r"^## ", TEXT.split(f"## {heading}\n")[1], maxsplit=1, flags=re.M)[0]
    found = [line.strip("|").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in found[1:]]


def test_the_table_of_the_gate_is_the_newest_version() -> None:
    newest = max(versions(), key=lambda version: version.effective_from)
    assert newest.effective_from <= dt.date(2026, 11, 20)
    assert f"Version {newest.id}," in TEXT
    assert rows("The gate") == [
        [
            f"`{check.name}`",
            ", ".join(f"`{fact}`" for fact in check.facts),
            check.expected,
            ", ".join(sorted(check.blocks)) or "never",
            check.told("en"),
            check.source,
        ]
        for check in newest.checks
    ]


def test_the_table_of_tags_is_the_standard_one_to_one() -> None:
    items = standard(EVALUATION).items
    assert rows("The record of a training") == [[item.en, item.zh, f"`{item.tag}`", item.evidence] for item in items]
    assert len({item.tag for item in items}) == len(items)


@pytest.mark.parametrize("code", [row[0] for row in rows("Putting a model in use")])
def test_every_refusal_that_is_named_has_a_sentence(code: str) -> None:
    for name in re.findall(r"`([a-z-]+)`", code):
        assert has(f"error.{name}")


def test_every_recorded_act_about_models_is_described() -> None:
    for kind in (
        Kind.MODEL_TRAINED,
        Kind.MODEL_VALIDATED,
        Kind.MODEL_CHALLENGED,
        Kind.MODEL_PROMOTED,
        Kind.PROMOTION_REFUSED,
    ):
        assert f"`{kind}`" in TEXT
        assert f"| `{kind}` |" in LEDGER
