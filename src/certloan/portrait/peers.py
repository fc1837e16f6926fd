"""Where a firm stands among its peers: those of its industry and size, or the nearest larger group that says enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from certloan.portrait.worth import Floats

#: Fewer peers than this say nothing about a standing.
LEAST = 30
#: The groups that are tried, the nearest first, by what their members share.
SCOPES: tuple[tuple[str, ...], ...] = (("industry", "size"), ("section", "size"), ("industry",), ("size",), ())


@dataclass(frozen=True)
class PeerGroup:
    """Who the peers are: what they share with the firm, and which rows they are."""

    shared: tuple[str, ...]
    members: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Give how many peers there are."""
        return int(self.members.sum())


def peer_group(own: Mapping[str, str | None], others: Mapping[str, Sequence[str | None]], n: int) -> PeerGroup | None:
    """Choose the nearest group with at least :data:`LEAST` members; None where not even everybody is enough.

    ``others`` gives industry, section and size of ``n`` other firms. What the firm itself does not tell is not shared.

    >>> peer_group({"industry": "24", "section": "C", "size": None},
    ...            {"industry": ["24"] * 40, "section": ["C"] * 40, "size": ["small"] * 40}, 40).shared
    ('industry',)
    """
    for shared in SCOPES:
        if any(own[key] is None for key in shared):
            continue
        members = np.ones(n, dtype=np.bool_)
        for key in shared:
            members &= np.array([told == own[key] for told in others[key]], dtype=np.bool_)
        if members.sum() >= LEAST:
            return PeerGroup(shared, members)
    return None


def standing(own: float, peers: Floats) -> float:
    """Give the share of peers below ``own`` in percent, those level with it counted as half.

    >>> standing(50.0, np.array([10.0, 50.0, 90.0, 90.0]))
    37.5
    """
    return float(np.mean((peers < own) + 0.5 * (peers == own)) * 100)
