"""``certloan app`` ends with all that it started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

import httpx2
import pytest

from certloan.bootstrap import House
from certloan.cli.commands import app as command
from certloan.cli.main import run

_PATIENCE_SECONDS = 120


def answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/_stcore/health", timeout=5, trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_whoever_ends_the_command_ends_the_server(demo: House, asked: signal.Signals) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    started = [sys.executable, "-c", "from certloan.cli.main import main; main()"]
    process = subprocess.Popen(
        [*started, "app", "--no-browser", "--port", str(port)],
        env={**os.environ, "CERTLOAN_HOME": str(demo.settings.home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not answers(port):
            assert process.poll() is None, "the app ended before it answered"
            assert time.monotonic() < deadline, "the app never answered"
            time.sleep(0.3)
        process.send_signal(asked)  # to this one process, as a supervisor does
        _, errors = process.communicate(timeout=_PATIENCE_SECONDS)
        assert process.returncode == 0
        assert "Traceback" not in errors
        assert not answers(port)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=_PATIENCE_SECONDS)


@pytest.mark.parametrize("browser", [True, False])
def test_nothing_is_asked_of_a_newcomer_and_nothing_is_sent(
    demo: House, monkeypatch: pytest.MonkeyPatch, browser: bool
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(demo.settings.home))
    started: list[str] = []

    def kept(line: Sequence[str]) -> int:
        started.extend(line)
        return 0

    monkeypatch.setattr(command, "_kept_running", kept)
    assert run(["app", "--browser" if browser else "--no-browser"]) == 0
    for flag in ("showEmailPrompt=false", f"headless={str(not browser).lower()}", "address=127.0.0.1"):
        assert f"--server.{flag}" in started
    assert "--browser.gatherUsageStats=false" in started
