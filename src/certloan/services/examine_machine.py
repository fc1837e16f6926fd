"""Look at the machine: what CertLoan needs or can use, and whether it is there."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_NEWEST_TOO_OLD = (3, 10)
_ENOUGH_BYTES = 2 * 1024**3
_POSTGRES_PORT = 5432


@dataclass(frozen=True)
class Finding:
    """One thing looked for. ``state`` is ``ok``, ``optional`` (absent, and something else does without) or ``missing``."""

    what: str
    state: str
    found: str


def examine(home: Path) -> tuple[Finding, ...]:
    """Look at everything once; nothing is changed."""
    probes: tuple[Callable[[], Finding], ...] = (
        _python,
        lambda: _writable(home),
        lambda: _disk(home),
        _fonts,
        lambda: _program("java", ("java", "-version"), module="pyspark"),
        _browser,
        _database,
    )
    return tuple(probe() for probe in probes)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "ok" if sys.version_info[:2] > _NEWEST_TOO_OLD else "missing", version)


def _writable(home: Path) -> Finding:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=home):
            return Finding("home", "ok", str(home))
    except OSError as error:
        return Finding("home", "missing", f"{home}: {error.strerror}")


def _disk(home: Path) -> Finding:
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:
        return Finding("disk", "missing", f"{home}: {error.strerror}")
    return Finding("disk", "ok" if free > _ENOUGH_BYTES else "missing", f"{free / 1024**3:.1f} GB")


def _fonts() -> Finding:
    if shutil.which("fc-list") is None:
        system = "Windows" if os.name == "nt" else "macOS" if sys.platform == "darwin" else ""
        return Finding("fonts", "ok" if system else "optional", system or "–")
    families = _output(("fc-list", ":lang=zh-cn", "family")).splitlines()
    return Finding("fonts", "ok" if families else "optional", families[0] if families else "–")


def _program(what: str, command: tuple[str, ...], *, module: str) -> Finding:
    """Look for a program and the Python package that drives it."""
    if shutil.which(command[0]) is None:
        return Finding(what, "optional", "–")
    lines = _output(command).splitlines()
    version = lines[0] if lines else command[0]
    installed = importlib.util.find_spec(module) is not None
    return Finding(what, "ok" if installed else "optional", f"{version}; {module} {'✓' if installed else '✗'}")


def _browser() -> Finding:
    found = next((path for name in ("chromium", "google-chrome", "chrome") if (path := shutil.which(name))), None)
    return Finding("browser", "ok" if found else "optional", found or "–")


def _database() -> Finding:
    try:
        with socket.create_connection(("127.0.0.1", _POSTGRES_PORT), timeout=0.3):
            return Finding("postgres", "ok", f"127.0.0.1:{_POSTGRES_PORT}")
    except OSError:
        return Finding("postgres", "optional", "–")


def _output(command: tuple[str, ...]) -> str:
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return (run.stdout or run.stderr).strip()
