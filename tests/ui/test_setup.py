"""How the app is put together: who has pages, where it listens, what it says before there is anything to show."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.ui.test_pages import ROLES, as_role, in_language, said

from certloan.bootstrap import House
from certloan.domain.people import Role
from certloan.errors import InputError
from certloan.i18n import Lang, has
from certloan.services import decide_loan
from certloan.ui import navigation
from certloan.ui.words import word

UI = Path(navigation.__file__).parent


def test_the_app_listens_on_this_machine_only_and_sends_nothing_elsewhere() -> None:
    held = tomllib.loads((UI / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert held["server"]["address"] == "127.0.0.1"
    assert set(held["server"]["allowedHosts"]) == {"localhost", "127.0.0.1"}
    assert held["browser"]["gatherUsageStats"] is False
    assert held["client"]["showErrorDetails"] == "none"


def test_the_style_sheet_and_the_icon_ask_no_other_host() -> None:
    assert "url(" not in (UI / "style.css").read_text(encoding="utf-8")
    assert "://" not in (UI / "style.css").read_text(encoding="utf-8")
    assert (UI / "icon.png").read_bytes().startswith(b"\x89PNG")


def test_every_view_and_every_role_with_pages_has_its_name_in_both_languages() -> None:
    keys = [f"ui.page.{view.name}" for view in navigation.VIEWS] + [f"ui.role.{role}" for role in navigation.ROLES]
    assert [key for key in keys if not has(key)] == []
    assert set(navigation.ROLES) == {Role.OFFICER, Role.ENTERPRISE, Role.REGULATOR}


@pytest.mark.parametrize("role", ROLES)
def test_without_a_model_every_page_says_what_to_do(
    app: AppTest, workspace: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, role: Role
) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(workspace.warehouse_file, tmp_path / "data")
    monkeypatch.setenv("CERTLOAN_HOME", str(tmp_path))
    as_role(in_language(app, Lang.ZH), role)
    if role is Role.ENTERPRISE:
        next(button for button in app.button if button.label == word("preview.ask", Lang.ZH)).click().run()
    assert not app.exception
    assert "no-champion" in said(app)
    assert "certloan train" in said(app)


@pytest.mark.parametrize("lang", list(Lang))
def test_a_list_with_nothing_open_says_so(app: AppTest, monkeypatch: pytest.MonkeyPatch, lang: Lang) -> None:
    def nothing(*_: object, **__: object) -> None:
        raise InputError("nothing-to-score")

    monkeypatch.setattr(decide_loan, "decide", nothing)
    in_language(app, lang)
    assert word("queue.none_open", lang) in said(app)
    assert word("error.refused", lang) not in said(app)
