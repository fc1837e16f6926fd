"""``docs/training.md`` names every setting with its range, and every refusal that has a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from certloan.i18n import Lang, keys
from certloan.scoring.search.space import SPACE, Setting

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "training.md").read_text(encoding="utf-8")
ROWS = {row[0].strip(" `"): row[1].strip() for row in re.findall(r"^\| (`\w+`) \| ([^|]+) \|", TEXT, re.MULTILINE)}


@pytest.mark.parametrize("setting", SPACE, ids=lambda setting: setting.name)
def test_every_setting_stands_there_with_its_range(setting: Setting) -> None:
    ends = ", ".join(map(str, setting.steps)) if setting.steps else f"{setting.low:g} … {setting.high:g}"
    assert ROWS[setting.name] == ends
    for language in Lang:
        assert f"search.setting.{setting.name}" in keys(language)


def test_no_setting_stands_there_that_is_not_searched() -> None:
    assert set(ROWS) == {setting.name for setting in SPACE}


def test_every_refusal_named_there_has_a_sentence() -> None:
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \|", TEXT[TEXT.index("## What is refused") :], re.MULTILINE)
    codes = [code for row in rows for code in re.findall(r"`([a-z-]+)`", row)]
    assert len(codes) > 12
    assert [code for code in codes if f"error.{code}" not in keys(Lang.ZH)] == []
