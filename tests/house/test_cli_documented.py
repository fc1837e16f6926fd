"""Every command can be found in the documents, and speaks both languages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.models import CommandInfo

from certloan.cli.console import Console
from certloan.cli.main import build, run
from certloan.cli.texts import Texts
from certloan.i18n import Lang

ROOT = Path(__file__).resolve().parents[2]


def commands() -> list[str]:
    texts = Texts(Lang.ZH)
    app = build(texts, Console(texts))
    named = [_name(command) for command in app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        named += [f"{group.name} {_name(command)}" for command in group.typer_instance.registered_commands]
    return named


def _name(command: CommandInfo) -> str:
    return str(command.name or getattr(command.callback, "__name__", ""))


def test_every_command_stands_in_the_document() -> None:
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    named = commands()
    assert len(named) > 5
    assert [name for name in named if f"`certloan {name}" not in text] == []


@pytest.mark.parametrize("name", commands())
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_command_explains_itself_in_both_languages(
    name: str, lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["--lang", lang, *name.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert "…" not in shown, "a text is cut off at 80 columns"
    options = [line for line in shown.splitlines() if "--" in line]
    assert options
    assert any("\u4e00" <= c <= "\u9fff" for c in shown) == (lang == "zh" or "认证贷" in shown)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_of_commands_cuts_no_sentence_off(
    lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    groups = {name.split()[0] for name in commands() if " " in name}
    for words in ([], *([group] for group in sorted(groups))):
        assert run(["--lang", lang, *words, "--help"]) == 0
        shown = capsys.readouterr().out
        assert [line for line in shown.splitlines() if "…" in line] == []


def test_help_imports_none_of_the_heavy_libraries() -> None:
    heavy = ["duckdb", "lightgbm", "mlflow", "streamlit", "pandas", "pyarrow", "numpy", "sqlglot", "altair", "pydantic"]
    code = (
        "import sys\nfrom certloan.cli.main import run\nassert run(['--help']) == 0\n"
        f"loaded = [name for name in {heavy!r} if name in sys.modules]\nsys.exit(', '.join(loaded) or None)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert ran.returncode == 0, ran.stderr


def test_a_wrong_option_is_a_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingest", "--no-such-option"]) == 2
    told = capsys.readouterr().err
    assert "命令用法有误" in told
    assert "Traceback" not in told


def test_an_argument_left_out_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 2
    assert "APPLICATION_ID" in capsys.readouterr().err.upper()


@pytest.mark.parametrize("arguments", [[], ["ledger"]])
def test_a_command_line_that_stops_short_shows_the_help_and_no_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert "verify" in shown.out or "ledger" in shown.out
    assert shown.err == ""
