"""``promote``, ``models`` and ``shadow`` as people and programs meet them, in both languages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.services.validations import report_on

from certloan.bootstrap import House, house
from certloan.cli.main import run
from certloan.i18n import text
from certloan.scoring.bundle import Bundle
from certloan.services.keep_model import keep_model

MAKER, CHECKER = text("demo.maker"), text("demo.checker")
Told = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def home(demo: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("promoted") / "home"
    shutil.copytree(demo.settings.home, folder)
    return house(folder)


@pytest.fixture
def asked(home: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Run a command there with ``--json`` and give its exit code and its object."""
    monkeypatch.setenv("CERTLOAN_HOME", str(home.settings.home))

    def command(*words: str) -> tuple[int, Any]:
        code = run([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def another(home: House, name: str, **metrics: float) -> Bundle:
    """Keep a model that says what the champion says, with figures of its own; a third person has validated it."""
    champion = home.bundle()
    held = {**champion.provenance, "name": name, "metrics": {**champion.provenance["metrics"], **metrics}}
    bundle = replace(champion, provenance=held)
    keep_model(home.models(), bundle, home.operator("李"), home.journal())
    report_on(home.validation, bundle.fingerprint, home.operator("陈"), home.journal())
    return bundle


def test_the_trainer_herself_is_refused_with_exit_code_6_in_both_languages(
    home: House, asked: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    model, champion = another(home, "own").fingerprint, home.models().champion()
    words = ("promote", model[:12], "--reason", "mine", "--operator", "李")
    code, told = asked(*words)
    assert (code, told["error"]) == (6, "maker-is-checker")
    assert "不得由其上线" in told["message_zh"]
    assert "may not promote it" in told["message_en"]
    for lang, sentence in (("zh", "参与了模型"), ("en", "had a hand in making")):
        assert run(["--lang", lang, *words]) == 6
        assert sentence in capsys.readouterr().err
    assert home.models().champion() == champion


def test_the_environment_names_the_operator(home: House, asked: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    model = another(home, "environment").fingerprint
    monkeypatch.setenv("CERTLOAN_OPERATOR", "李")
    assert asked("promote", model, "--reason", "mine")[1]["error"] == "maker-is-checker"
    monkeypatch.setenv("CERTLOAN_OPERATOR", "x" * 65)
    assert asked("promote", model, "--reason", "mine")[1]["error"] == "operator-name"


def test_a_weak_model_is_refused_with_what_it_lacks(
    home: House, asked: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    model, champion = another(home, "weak", auc=0.55, auc_low=0.5, auc_high=0.6).fingerprint, home.models().champion()
    code, told = asked("promote", model, "--reason", "hope", "--operator", "王")
    assert (code, told["error"]) == (3, "gate-refused")
    assert "ranking" in told["message_zh"]
    code, told = asked("models", "gate", model)
    assert (code, told["passed"]) == (4, False)
    assert run(["--lang", "en", "models", "gate", model]) == 4
    assert "stops" in capsys.readouterr().out
    assert home.models().champion() == champion


def test_a_model_is_refused_until_somebody_else_has_validated_it_and_what_is_edited_is_found(
    home: House, asked: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    model = another(home, "looked at").fingerprint
    file = home.validation / model / "validation.json"
    file.write_text(file.read_text(encoding="utf-8").replace("0.75", "0.85"), encoding="utf-8")
    words = ("promote", model, "--reason", "hope", "--operator", "王")
    code, told = asked(*words)
    assert (code, told["error"]) == (3, "validation-edited")
    file.unlink()
    code, told = asked(*words)
    assert (code, told["error"]) == (3, "gate-refused")
    assert "independent-validation" in told["message_zh"]
    code, told = asked("validate", "--model", model, "--only", "stability", "--operator", "李")
    assert code == 0
    assert {"stability", "left_out"} <= set(told)
    code, told = asked("models", "gate", model)
    stops = {check["name"]: check["verdict"] for check in told["checks"] if check["blocks"]}
    assert (stops["independent-validation"], stops["level"]) == ("fails", "missing")
    assert "stability" not in stops
    assert run(["--lang", "en", "models", "gate", model]) == 4
    assert "not asked" in " ".join(capsys.readouterr().out.split())


def test_another_person_promotes_and_the_history_shows_it_all(
    home: House, asked: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    before, model = home.models().champion(), another(home, "good").fingerprint
    code, told = asked("promote", model, "--reason", "seen by 王", "--operator", "王")
    assert (code, told["before"], told["makers"]) == (0, before, ["李"])
    compared = {check["name"]: check["verdict"] for check in told["gate"]["checks"]}
    assert compared["against-champion"] == "passes"
    _, listed = asked("models", "list")
    assert (listed["champion"], listed["models"][0]["state"]) == (model, "champion")
    _, acts = asked("models", "history", model)
    assert [(act["kind"], act["actor"]) for act in acts["acts"]] == [
        ("model_trained", "李"),
        ("model_validated", "陈"),
        ("model_promoted", "王"),
    ]
    assert acts["acts"][-1]["reason"] == "seen by 王"
    _, shown = asked("models", "show", model)
    assert shown["fingerprint"] == model
    _, whole = asked("models", "history")
    promoted = [act for act in whole["acts"] if act["kind"] == "model_promoted"]
    assert (promoted[0]["actor"], promoted[0]["before"]) == (CHECKER, None)
    assert {act["actor"] for act in whole["acts"] if act["model"] == before and act["kind"] == "model_trained"} == {
        MAKER
    }
    for lang in ("zh", "en"):
        for words in (["models", "list"], ["models", "history"], ["models", "show", model]):
            assert run(["--lang", lang, *words]) == 0
            assert "李" in capsys.readouterr().out


def test_a_challenger_scores_along_and_its_report_is_shown(
    home: House, asked: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked("shadow", "report")[1]["error"] == "no-challenger"
    model = another(home, "beside").fingerprint
    assert asked("models", "challenge", model, "--operator", "王")[1]["challenger"] == model
    _, scored = asked("score")
    assert scored["shadow"]["scored"] == scored["scored"]
    _, told = asked("shadow", "report")
    assert (told["n"], told["shift"]["mean"], told["movers"]) == (scored["scored"], 0.0, [])
    for lang, word in (("zh", "秩相关"), ("en", "correlation")):
        assert run(["--lang", lang, "shadow", "report"]) == 0
        assert word in capsys.readouterr().out
    assert asked("models", "challenge", "--none", "--operator", "王")[1]["challenger"] is None
    assert asked("models", "challenge", model, "--none")[0] == 2


def test_the_card_is_written_with_the_audit_of_the_same_model_alone(
    home: House, asked: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    champion = home.models().champion()
    assert champion is not None
    code, audited = asked("audit")
    assert (code, audited["fingerprint"]) == (0, champion)
    (tmp_path / "audit.json").write_text(json.dumps(audited), encoding="utf-8")
    page = tmp_path / "card.html"
    words = ["models", "card", champion, "--audit", str(tmp_path / "audit.json")]
    assert run([*words, "--html", "--out", str(page)]) == 0
    written = page.read_text(encoding="utf-8")
    assert "通过率" in written
    for person in ("李", MAKER, CHECKER):
        assert person not in written.replace("seen by 王", "")
    capsys.readouterr()
    assert run(words) == 0
    assert capsys.readouterr().out.startswith("# 模型卡")
    (tmp_path / "audit.json").write_text(json.dumps({**audited, "fingerprint": "another"}), encoding="utf-8")
    assert run(words) == 3
    assert "audit-unreadable" in capsys.readouterr().err
