"""``certloan serve`` answers on this machine, says when it cannot, and stops when asked."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from certloan.bootstrap import House
from certloan.cli.main import run

_PATIENCE_SECONDS = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(address: str, process: subprocess.Popen[str]) -> bytes:
    """Ask until the server stands."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return httpx2.get(address, timeout=_PATIENCE_SECONDS, trust_env=False).content
        except httpx2.TransportError:
            if time.monotonic() > deadline or process.poll() is not None:
                raise
            time.sleep(0.2)


def test_it_answers_on_loopback_and_stops_when_interrupted(demo: House) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", "from certloan.cli.main import main; main()", "serve", "--port", str(port)],
        env={**os.environ, "CERTLOAN_HOME": str(demo.settings.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        told = json.loads(answer(f"http://127.0.0.1:{port}/health", process))
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=_PATIENCE_SECONDS)
    assert told["champion"] == demo.models().champion()
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_a_port_in_use_is_a_sentence(
    demo: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(demo.settings.home))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run(["serve", "--port", str(taken.getsockname()[1])]) == 5
    assert "port-taken" in capsys.readouterr().err


def test_nothing_is_served_where_nothing_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path))
    assert run(["serve"]) == 5
    assert "no-warehouse" in capsys.readouterr().err
