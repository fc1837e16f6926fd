"""The codes of invented firms are valid in form, and cannot be anybody's."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as standard

from certloan.world import codes
from certloan.world.economy import Economy
from certloan.world.industries import INDUSTRIES
from certloan.world.places import PLACES, ZHEJIANG_SHARE

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def _organisation_check(code: str) -> str:
    """GB 11714, written anew: letters count from 10, 10 is written X, 11 is written 0."""
    total = sum(int(letter, 36) * weight for letter, weight in zip(code[8:16], _WEIGHTS, strict=True))
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


@given(
    prefix=st.sampled_from([91, 92, 93]),
    place=st.sampled_from([int(place.code) for place in PLACES]),
    serial=st.integers(0, 31**6 - 1),
)
def test_every_code_passes_both_check_digits(prefix: int, place: int, serial: int) -> None:
    code = codes.uscc(np.array([prefix]), np.array([place]), np.array([serial]))[0].as_py()
    assert standard.is_valid(code)
    assert code[16] == _organisation_check(code)
    assert code[:8] == f"{prefix}{place}"
    assert code[8:10] == "XN"


def test_no_two_firms_share_a_code() -> None:
    serials = np.arange(200_000, dtype=np.int64)
    same = np.full(len(serials), 91), np.full(len(serials), 330521)
    assert len(set(codes.uscc(*same, serials).to_pylist())) == len(serials)


def test_codes_say_what_kind_of_owner_the_firm_has(drawn: Economy) -> None:
    rows = drawn.tables["enterprise"].select(["uscc", "ownership", "region_code"]).to_pylist()
    second = {"sole_trader": "2", "cooperative": "3"}
    for row in rows:
        assert row["uscc"][:2] == "9" + second.get(row["ownership"], "1")
        assert row["uscc"][2:8] == row["region_code"]


def test_places_and_industries_are_each_listed_once_and_shares_add_up() -> None:
    assert len({place.code for place in PLACES}) == len(PLACES) == 90 + 124
    assert abs(sum(place.weight for place in PLACES) - 1) < 1e-6
    assert abs(sum(p.weight for p in PLACES if p.code.startswith("33")) - ZHEJIANG_SHARE) < 1e-6
    assert len({entry.code for entry in INDUSTRIES}) == len(INDUSTRIES)
    assert all(len(entry.code) == 4 and entry.code.isdigit() for entry in INDUSTRIES)
