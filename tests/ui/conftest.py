"""The app on the shared demo workspace."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from certloan.bootstrap import House

ENTRY = Path(__file__).resolve().parents[2] / "src" / "certloan" / "ui" / "entry.py"


@pytest.fixture(scope="session")
def workspace(demo: House) -> House:
    """Give the shared demo workspace, which nothing writes to after it was made."""
    return demo


@pytest.fixture
def app(workspace: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """Give the app on that workspace, not yet run; afterwards nothing of Streamlit's is left behind."""
    monkeypatch.setenv("CERTLOAN_HOME", str(workspace.settings.home))
    main = sys.modules["__main__"]
    st.cache_data.clear()
    yield AppTest.from_file(str(ENTRY), default_timeout=120)
    sys.modules["__main__"] = main
