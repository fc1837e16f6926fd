"""Whoever stops a command is told so, and finds the warehouse as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from certloan.cli.main import run
from certloan.storage.warehouse import DuckWarehouse

_PATIENCE_SECONDS = 120
_ROWS = 400_000
# Where the tests run in the background the signal is ignored, and a child inherits that.
_MAIN = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "import certloan.services.load_evidence, certloan.storage.warehouse; from certloan.cli.main import main; "
    "print('begun', flush=True); main()"
)


def delivery(folder: Path) -> Path:
    """Write a delivery that takes long enough to be stopped in the middle."""
    folder.mkdir()
    lines = (f"91330100MA27{n:06d},2023,B" for n in range(_ROWS))
    (folder / "tax_grade.csv").write_text("uscc,year,grade\n" + "\n".join(lines) + "\n")
    (folder / "delivery.toml").write_text("delivered_on = 2024-06-30\n")
    return folder


def test_an_ingest_that_is_stopped_says_so_and_leaves_the_warehouse_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "home" / "warehouse.duckdb"
    held = DuckWarehouse.open(path)
    held.execute("insert into history.tax_grade (uscc, year, grade) values ('A', 2024, 'A')")
    held.close()
    process = subprocess.Popen(
        [sys.executable, "-c", _MAIN, "--lang", "en", "ingest", str(delivery(tmp_path / "delivery"))],
        env={**os.environ, "CERTLOAN_HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=_PATIENCE_SECONDS)
    assert process.returncode == 130, told
    assert "Interrupted; the data are as they were before." in " ".join(told.split())
    assert "Traceback" not in told
    after = DuckWarehouse.open(path)
    assert after.rows("select uscc from tax_grade") == [{"uscc": "A"}]
    assert after.rows("select count(*) as n from history.delivery") == [{"n": 0}]
    after.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_file_without_a_schema_is_no_warehouse_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path))
    duckdb.connect(str(tmp_path / "warehouse.duckdb")).close()
    assert run(["--lang", language, "integrity"]) == 5
    assert "(no-warehouse)" in capsys.readouterr().err
