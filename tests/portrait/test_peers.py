"""A firm is compared with its like, as near as there are enough of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from certloan.portrait.peers import LEAST, peer_group, standing

_OWN = {"industry": "24", "section": "C", "size": "small"}


def _others(industry: Sequence[str | None], size: Sequence[str | None]) -> dict[str, Sequence[str | None]]:
    return {"industry": industry, "section": ["C"] * len(industry), "size": size}


def test_peers_share_industry_and_size_where_there_are_enough() -> None:
    group = peer_group(_OWN, _others(["24"] * LEAST + ["13"] * 50, ["small"] * LEAST + ["small"] * 50), LEAST + 50)
    assert group is not None
    assert (group.shared, group.n) == (("industry", "size"), LEAST)


def test_too_few_of_an_industry_are_compared_with_their_section() -> None:
    n = LEAST - 1
    group = peer_group(_OWN, _others(["24"] * n + ["13"] * 50, ["small"] * (n + 50)), n + 50)
    assert group is not None
    assert (group.shared, group.n) == (("section", "size"), n + 50)


def test_a_size_that_is_not_told_is_not_shared() -> None:
    group = peer_group({**_OWN, "size": None}, _others(["24"] * 40, [None] * 40), 40)
    assert group is not None
    assert group.shared == ("industry",)


def test_where_there_are_too_few_firms_nobody_is_compared() -> None:
    assert peer_group(_OWN, _others(["24"] * 5, ["small"] * 5), 5) is None


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(0, 5), st.integers(0, 5))
def test_standing_rises_with_the_score_and_stays_within_a_hundred(peers: list[int], one: int, other: int) -> None:
    low, high = sorted((one, other))
    told = np.array(peers, dtype=np.float64)
    assert 0 <= standing(low, told) <= standing(high, told) <= 100
