"""Who acts has one name, however it is typed, and a name that can be recorded."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certloan.bootstrap import House
from certloan.domain.people import Role, person, same_person
from certloan.errors import InputError, NotReadyError
from certloan.settings import Settings

NAMES = st.text(st.characters(whitelist_categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=12)


@given(NAMES, NAMES)
def test_blanks_and_case_make_nobody_another_person(first: str, last: str) -> None:
    told = person(f"{first} {last}")
    assert person(told) == told
    assert same_person(f"  {first}\t{last} ", told)
    assert same_person(told.lower(), told) or told.casefold() != told.lower().casefold()


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\x00b", "a\u200bb"])
def test_a_name_that_cannot_be_recorded_is_refused(name: str) -> None:
    with pytest.raises(InputError) as refused:
        person(name)
    assert refused.value.code == "operator-name"


def test_the_option_counts_before_the_environment_and_that_before_the_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "login")
    monkeypatch.delenv("CERTLOAN_OPERATOR", raising=False)
    assert House(Settings(home=tmp_path)).operator().name == "login"
    monkeypatch.setenv("CERTLOAN_OPERATOR", " 王 ")
    at = House(Settings(home=tmp_path))
    assert (at.operator().name, at.operator().role) == ("王", Role.RISK)
    assert at.operator("李").name == "李"


def test_a_machine_without_a_login_asks_for_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1000")

    monkeypatch.setattr(getpass, "getuser", nobody)
    monkeypatch.delenv("CERTLOAN_OPERATOR", raising=False)
    with pytest.raises(NotReadyError) as refused:
        House(Settings(home=tmp_path)).operator()
    assert refused.value.code == "no-operator"
