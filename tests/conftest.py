"""What many tests share: one small demo workspace, made once for all processes of a run, and one Spark session."""

from __future__ import annotations

import os
import shutil
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from certloan.bootstrap import House, house

# A shared machine may be slow: how long an example takes says nothing about whether it is right.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

#: Large enough for a model with some skill, small enough to be made in seconds.
DEMO_ENTERPRISES = 1600
_PATIENCE_SECONDS = 900


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A workspace in which the demo has run. Read it; copy it before changing anything."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return _made_once(shared / "demo-home")


def _made_once(home: Path) -> House:
    from certloan.services.run_demo import run_demo

    done, failed = home / "done", home / "failed"
    try:
        home.mkdir(parents=True)
    except FileExistsError:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not done.exists():
            if failed.exists():
                pytest.fail("the demo workspace could not be made; another test process says why")
            if time.monotonic() > deadline:
                raise TimeoutError("another test process did not finish the demo workspace") from None
            time.sleep(0.2)
        return house(home)
    made = house(home)
    try:
        run_demo(made, enterprises=DEMO_ENTERPRISES, seed=7)
    except BaseException:
        failed.touch()
        raise
    done.touch()
    return made


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Give a real local Spark session of one thread; skip where there is no Java or no pyspark."""
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("needs Java 17 or newer for a local Spark session (Debian: openjdk-17-jre-headless)")
    pytest.importorskip("pyspark", reason="needs pyspark: install the extra certloan[spark]")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

        session = (
            SparkSession.builder.master("local[1]")
            .appName("certloan-tests")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.driver.memory", "1g")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.log.level", "ERROR")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("OFF")
    yield session
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session.stop()
