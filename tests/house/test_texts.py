"""Every text stands in both languages, and every code that can reach a user has one."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from certloan.contracts import CONTRACTS
from certloan.i18n import Lang, keys, template

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "certloan"
ERRORS = {"InputError", "NotReadyError", "PermissionDeniedError", "CertLoanError"}


def placeholders(text: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name}


def calls() -> list[tuple[Path, ast.Call]]:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found.append((path, node))
    return found


def test_both_languages_hold_the_same_keys() -> None:
    assert keys(Lang.ZH) ^ keys(Lang.EN) == frozenset()


@pytest.mark.parametrize("key", sorted(keys(Lang.ZH) & keys(Lang.EN)))
def test_both_languages_fill_in_the_same_facts(key: str) -> None:
    assert placeholders(template(key, Lang.ZH)) == placeholders(template(key, Lang.EN))


def test_chinese_texts_are_chinese() -> None:
    without = [
        key
        for key in keys(Lang.ZH)
        if not re.search(r"[\u4e00-\u9fff]", template(key, Lang.ZH))
        and re.search(r"[A-Za-z]{4,}\s+[a-z]{3,}", template(key, Lang.ZH))
    ]
    assert without == []


def test_english_texts_hold_no_chinese_outside_names() -> None:
    with_chinese = [
        key
        for key in keys(Lang.EN)
        if len(re.findall(r"[\u4e00-\u9fff]", template(key, Lang.EN))) > 0.3 * len(template(key, Lang.EN))
    ]
    assert with_chinese == []


def test_every_error_raised_by_its_code_has_a_sentence_that_its_facts_fill() -> None:
    raised = 0
    for path, node in calls():
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in ERRORS or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        code = str(node.args[0].value)
        where = f"{path.relative_to(ROOT)}:{node.lineno} {code}"
        raised += 1
        assert f"error.{code}" in keys(Lang.ZH), f"{where} has no sentence"
        if any(keyword.arg is None for keyword in node.keywords):
            continue
        given = {keyword.arg for keyword in node.keywords}
        missing = placeholders(template(f"error.{code}", Lang.ZH)) - given
        assert not missing, f"{where} does not give {missing}"
    assert raised > 20


def test_every_rule_of_every_contract_has_a_text() -> None:
    rules = [rule.code for contract in CONTRACTS.values() for rule in contract.rules]
    assert rules
    assert [code for code in rules if f"problem.{code}" not in keys(Lang.ZH)] == []
