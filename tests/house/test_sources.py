"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "src" / "certloan").rglob("*.py"))
LONGEST_FILE = 300
LONGEST_FUNCTION = 60


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_stays_within_its_budget(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, f"{node.name} is too long"


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_nothing_names_a_registry_or_a_path_of_one_machine() -> None:
    hosts = re.compile("|".join(("pythonhos" + "ted", "pypi" + r"\.org", "npm" + r"js\.org", "deb" + r"\.debian")))
    paths = re.compile(r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot)/")
    found = []
    for path in tracked():
        if path.stat().st_size > 2_000_000 or path.suffix in {".parquet", ".xlsx", ".gz", ".png", ".npz", ".svg"}:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [str(path.relative_to(ROOT)) for _ in [0] if hosts.search(text) or paths.search(text)]
    assert found == []


def test_nothing_is_pickled() -> None:
    users = [
        p
        for p in MODULES
        if re.search(
            r"^\s*(import|from)\s+(pickle|joblib|cloudpickle|dill|shelve|marshal)\b",
            p.read_text(encoding="utf-8"),
            re.M,
        )
    ]
    assert users == []


def test_the_lock_files_pin_every_package_with_hashes_and_name_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pinned = re.findall(r"^([a-z0-9][a-z0-9_.-]*)==\S+ \\\n\s+--hash=sha256:", text, re.M)
        assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.M))
        assert "://" not in text
        assert "--index" not in text


def test_every_dependency_has_its_reason_written_down() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    bare = [re.split(r"[<>=\[]", dependency)[0] for dependency in named]
    assert [name for name in bare if f"`{name}`" not in reasons] == []


def test_the_five_commands_stand_in_the_makefile_and_the_two_in_the_readmes() -> None:
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [t for t in ("demo", "test", "app", "bench", "check") if not re.search(rf"^{t}:", make, re.M)] == []
    for readme in ("README.md", "README.zh-CN.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert "make demo" in text
        assert "make test" in text
