"""One thing has one name, in the files as in the app and in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from certloan.domain.decision import Outcome
from certloan.i18n import Lang, text
from certloan.policy.policy import load_policy, versions


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_outcome_has_one_name_in_files_and_app(outcome: Outcome, lang: Lang) -> None:
    assert text(f"report.outcome.{outcome}", lang) == text(f"ui.outcome.{outcome}", lang)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_outcome_has_one_name_in_the_terminal_too(outcome: Outcome) -> None:
    assert text(f"report.outcome.{outcome}", Lang.ZH) == text(f"cli.score.{outcome}", Lang.ZH)


@pytest.mark.parametrize("outcome", [Outcome.REFER, Outcome.DECLINE])
def test_a_band_is_called_by_its_outcome(outcome: Outcome) -> None:
    assert text(f"report.outcome.{outcome}", Lang.ZH) in text(f"policy.score.{outcome}", Lang.ZH)


@pytest.mark.parametrize("column", ["gates", "gates_zh", "gates_en", "gates_without_facts", "gate_outcome"])
def test_hard_rules_have_one_name(column: str) -> None:
    assert "准入规则" in text(f"report.column.{column}", Lang.ZH)


VERSIONS = Path(__file__).resolve().parents[2] / "src/certloan/policy/versions"
GATES = sorted({gate.code for name in versions() for gate in load_policy(VERSIONS / name).gates})


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("code", GATES)
def test_every_gate_of_every_version_has_a_short_name_and_a_sentence(code: str, lang: Lang) -> None:
    assert 0 < len(text(f"ui.gate.{code}", lang)) < len(text(f"policy.gate.{code}", lang))
