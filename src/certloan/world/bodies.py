"""Certification bodies, the same for every firm: licences, what they are approved for, sanctions, audit teams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES
from certloan.world.draws import (
    NEVER,
    Arrow,
    Flags,
    Floats,
    Ints,
    add_months,
    between,
    chance,
    dates,
    digits,
    joined,
    logistic,
    on,
    pick,
    stream,
    texts,
    words,
)  # fmt: skip
from certloan.world.firms import Firms
from certloan.world.places import PLACES
from certloan.world.schemes import FIELDS

BODIES = 48
_LICENCE_YEARS, _PERIODS = 6, 5
_LAX_SHARE = 0.3
#: The last of the lax bodies have one team that sells certificates without an audit.
_CORRUPT = 3
#: About 4 % of bodies are punished a year (2023: 80 fined and 50 revoked of 1,261); lax ones far more often.
_SANCTIONED = {False: 0.02, True: 0.10}
#: Every world sees these many lax bodies lose their licence while loans are asked for.
_LOSE_LICENCE = 2
_WARNED, _FINED, _SUSPENDED, _REVOKED = range(4)
SANCTIONS = ("warned", "fined", "suspended", "revoked")
#: The articles of 认证认可条例 that such sanctions rest on.
_ARTICLES = ("62", "59", "59", "61")
#: Approved fields by body: all four, or two or three of them.
_APPROVALS = ((1, 1, 1, 1), (1, 1, 1, 0), (1, 0, 1, 0), (1, 1, 0, 1))
_TEAMS = 6
#: Certificates in a field for which the body was never approved.
_BEYOND_APPROVAL = 0.012


@dataclass(frozen=True)
class Register:
    """The bodies of the world, one entry each. It knows no firm, so that every shard of a world has the same."""

    number: Arrow
    name: Arrow
    lax: Flags
    corrupt: Flags
    approved: Flags  # (BODIES, FIELDS)
    revoked: Ints  # day on which the licence was taken away, or NEVER
    table: pa.Table

    def choose(self, rng: np.random.Generator, quality: Floats, field: Ints, lax_too: bool = True) -> Ints:
        """Let firms choose a body that is approved for what they want; weak quality seeks a lax one."""
        n = len(quality)
        seeks_lax = chance(rng, logistic(-1.45 - 0.75 * quality)) & lax_too
        share = 1.0 / (np.arange(BODIES) % 24 + 3)
        chosen = np.zeros(n, dtype=np.int64)
        for at in range(len(FIELDS)):
            approved = share * self.approved[:, at]
            strict, lax = pick(rng, approved * ~self.lax, n), pick(rng, approved * self.lax, n)
            chosen = np.where(field == at, np.where(seeks_lax, lax, strict), chosen)
        everything = np.asarray(self.approved.all(axis=1), dtype=np.float64)
        beyond = np.argmin(everything[None, :] + rng.random((n, BODIES)), axis=1)
        return np.where(chance(rng, _BEYOND_APPROVAL, n), beyond, chosen).astype(np.int64)

    def team(self, body: Ints, sold: Flags, firms: Firms, firm: Ints, rng: np.random.Generator) -> Arrow:
        """Name the audit team: one of the body's teams near the firm, or the one that sells."""
        city = np.array([int(place.code[:4]) for place in PLACES])[firms.place[firm]]
        near = joined(digits(city, 4), texts(between(rng, 1, _TEAMS, len(body))))
        return joined("SZ", digits(body, 2), pa.compute.if_else(pa.array(sold), "00009", near))


def draw(seed: int) -> Register:
    """Draw the bodies, their licences and sanctions."""
    rng = stream(seed, "bodies", shared=True)
    place = np.arange(BODIES, dtype=np.int64)
    founded = 2002 + between(rng, 0, 3, BODIES)
    lax = place >= round(BODIES * (1 - _LAX_SHARE))
    number = joined("CNCA-R-", texts(founded), "-", texts(900 + place))
    brand = words(tuple("砺衡准信诚正方标质鉴证测允明谨恒"), place % 16)
    kind = words(("华", "中", "东", "南"), place // 16)
    name = joined(kind, brand, words(("样例认证有限公司", "样例标准认证中心"), place % 2))
    approved = np.array(_APPROVALS, dtype=bool)[np.where(lax, place % 2, place % len(_APPROVALS))]
    periods = _Periods(rng, founded, lax)
    return Register(
        number=number,
        name=name,
        lax=lax,
        corrupt=place >= BODIES - _CORRUPT,
        approved=approved,
        revoked=periods.revoked,
        table=_table(periods, number, name, approved),
    )


class _Periods:
    """The licence periods of all bodies and the sanction that fell into each, if one did."""

    def __init__(self, rng: np.random.Generator, founded: Ints, lax: Flags) -> None:
        self.body = np.repeat(np.arange(BODIES, dtype=np.int64), _PERIODS)
        start = np.array([on(int(year), 3, 15) for year in founded], dtype=np.int64)[self.body]
        self.start = add_months(start, 12 * _LICENCE_YEARS * np.tile(np.arange(_PERIODS), BODIES))
        self.end = add_months(self.start, 12 * _LICENCE_YEARS) - 1
        n = len(self.body)
        yearly = np.where(lax[self.body], _SANCTIONED[True], _SANCTIONED[False])
        happens = chance(rng, yearly * _LICENCE_YEARS)
        self.sanctioned = np.where(happens, self.start + between(rng, 200, 2000, n), NEVER)
        self.kind = pick(rng, (0.25, 0.5, 0.2, 0.05), n)
        # One of those who sell certificates is found out, and one that is merely lax.
        corrupt = BODIES - _CORRUPT
        lenient = between(rng, int(np.argmax(lax)), corrupt - 1, _LOSE_LICENCE - 1)
        loses = np.concatenate([between(rng, corrupt, BODIES - 1, 1), lenient])
        lost_on = np.full(BODIES, NEVER, dtype=np.int64)
        lost_on[loses] = between(rng, on(2021, 9, 1), on(2025, 3, 31), len(loses))
        lost = (lost_on[self.body] >= self.start) & (lost_on[self.body] <= self.end)
        self.sanctioned = np.where(lost, lost_on[self.body], self.sanctioned)
        self.kind = np.where(lost, _REVOKED, self.kind)
        self.sanctioned = np.where(self.sanctioned + 30 <= CLOSES, self.sanctioned, NEVER)
        taken = np.where(self.kind == _REVOKED, self.sanctioned, NEVER)
        self.revoked = np.full(BODIES, NEVER, dtype=np.int64)
        np.minimum.at(self.revoked, self.body, taken)
        limit = self.revoked[self.body]
        self.sanctioned = np.where(self.sanctioned <= limit, self.sanctioned, NEVER)
        self.live = (self.start <= CLOSES) & (self.start <= limit)


def _table(periods: _Periods, number: Arrow, name: Arrow, approved: Flags) -> pa.Table:
    """Write one row for each licence period, and a later statement of it where a sanction came."""
    first = np.flatnonzero(periods.live)
    rows = np.concatenate([first, first[periods.sanctioned[first] != NEVER]]).astype(np.int64)
    second = np.arange(len(rows)) >= len(first)
    told = np.where(second, periods.kind[rows], len(SANCTIONS))
    body, sanctioned = periods.body[rows], periods.sanctioned[rows]
    fields = pa.array(["、".join(word for word, yes in zip(FIELDS, row, strict=True) if yes) for row in approved])
    return pa.table(
        {
            "body_no": number.take(pa.array(body)),
            "name": name.take(pa.array(body)),
            "schemes": fields.take(pa.array(body)),
            "licensed_from": dates(periods.start[rows]),
            "licensed_to": dates(periods.end[rows]),
            "sanctioned_on": dates(np.where(second, sanctioned, NEVER)),
            "sanction": words((*SANCTIONS, None), told),
            "sanction_article": words((*(f"认证认可条例第{article}条" for article in _ARTICLES), None), told),
            "known_on": dates(np.where(second, sanctioned + 30, periods.start[rows])),
        }
    )
