"""Certification bodies: licences, sanctions, and which body a firm chooses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES
from certloan.world.draws import (
    NEVER,
    Arrow,
    Flags,
    Ints,
    add_months,
    between,
    chance,
    dates,
    joined,
    logistic,
    on,
    pick,
    stream,
    texts,
    words,
)  # fmt: skip
from certloan.world.firms import Firms
from certloan.world.participation import Chains

BODIES = 48
_LICENCE_YEARS = 6
_LAX_SHARE = 0.3
#: About 4 % of bodies are punished a year (2023: 80 fined and 50 revoked of 1,261); lax ones far more often.
_SANCTIONED = {False: 0.02, True: 0.10}


@dataclass(frozen=True)
class Bodies:
    """``chosen`` names the body of each audit chain."""

    number: Arrow
    lax: Flags
    chosen: Ints
    table: pa.Table


def draw(firms: Firms, chains: Chains, seed: int) -> Bodies:
    """Draw the bodies, their licences and sanctions, and let each chain choose one: weak quality seeks a lax body."""
    rng = stream(seed, "bodies", shared=True)
    place = np.arange(BODIES, dtype=np.int64)
    founded = 2003 + between(rng, 0, 13, BODIES)
    number = joined("CNCA-R-", texts(founded), "-", texts(900 + place))
    lax = np.arange(BODIES) >= round(BODIES * (1 - _LAX_SHARE))
    share = 1.0 / (np.arange(BODIES) % 24 + 3)
    wants_lax = chance(stream(seed, "body choice"), logistic(-1.45 - 0.75 * firms.quality[chains.firm]))
    choice = stream(seed, "body")
    strict_choice = pick(choice, share * ~lax, len(chains.firm))
    lax_choice = pick(choice, share * lax, len(chains.firm))
    return Bodies(number, lax, np.where(wants_lax, lax_choice, strict_choice), _table(rng, number, founded, lax))


def _table(rng: np.random.Generator, number: Arrow, founded: Ints, lax: Flags) -> pa.Table:
    """Write one row for each licence period, and a later statement of it where a sanction came."""
    periods = 4
    body = np.repeat(np.arange(BODIES, dtype=np.int64), periods)
    period = np.tile(np.arange(periods, dtype=np.int64), BODIES)
    start = np.array([on(int(year), 3, 15) for year in founded], dtype=np.int64)[body]
    licensed_from = add_months(start, 12 * _LICENCE_YEARS * period)
    licensed_to = add_months(licensed_from, 12 * _LICENCE_YEARS) - 1
    live = licensed_from <= CLOSES
    body, licensed_from, licensed_to = body[live], licensed_from[live], licensed_to[live]
    yearly = np.where(lax[body], _SANCTIONED[True], _SANCTIONED[False])
    punished = chance(rng, yearly * _LICENCE_YEARS)
    sanctioned = licensed_from + between(rng, 200, 2000, len(body))
    punished &= (sanctioned >= on(2019)) & (sanctioned + 30 <= CLOSES)
    rows = np.concatenate([np.arange(len(body)), np.flatnonzero(punished)]).astype(np.int64)
    second = np.arange(len(rows)) >= len(body)
    brand = words(tuple("砺衡准信诚正方标质鉴证测允明谨恒"), body[rows] % 16)
    kind = words(("华", "中", "东", "南"), body[rows] // 16)
    return pa.table(
        {
            "body_no": number.take(pa.array(body[rows])),
            "name": joined(kind, brand, words(("样例认证有限公司", "样例标准认证中心"), body[rows] % 2)),
            "schemes": words(("管理体系、产品、服务", "管理体系、服务", "管理体系、产品"), body[rows] % 3),
            "licensed_from": dates(licensed_from[rows]),
            "licensed_to": dates(licensed_to[rows]),
            "sanctioned_on": dates(np.where(second, sanctioned[rows], NEVER)),
            "sanction": words(
                ("warned", "fined", "suspended", "revoked", None),
                np.where(second, pick(rng, (0.2, 0.5, 0.2, 0.1), len(rows)), 4),
            ),
            "known_on": dates(np.where(second, sanctioned[rows] + 30, licensed_from[rows])),
        }
    )
