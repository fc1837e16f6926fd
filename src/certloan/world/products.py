"""What firms make and since when: products, those of the compulsory catalogue among them, and sold without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES
from certloan.world.cycles import Cycles
from certloan.world.draws import (
    NEVER,
    Arrow,
    Flags,
    Ints,
    between,
    chance,
    dates,
    digits,
    explode,
    growth,
    joined,
    logistic,
    normal,
    replaced,
    stream,
    words,
)  # fmt: skip
from certloan.world.firms import SOLE_TRADER, Firms
from certloan.world.industries import INDUSTRIES
from certloan.world.participation import Chains
from certloan.world.planted import Planted
from certloan.world.schemes import position

_MAKERS = ("industry", "food", "agriculture")
_LAG = 30
#: Of firms whose compulsory certificate lapsed, those that stop making the product; the rest goes on without.
_STOPS = 0.92
_CODED, _CODED_PER_QUALITY = -0.6, 0.5
_VARIANTS = ("", "（二型）", "（定制）", "（出口型）", "（节能型）")


@dataclass(frozen=True)
class Lines:
    """For every firm: when it took up its main product, gave it up, and sold it without the certificate it needs."""

    makes: Flags
    since: Ints
    until: Ints  # day, or NEVER
    bare_from: Ints  # day, or NEVER
    bare_to: Ints


def draw(firms: Firms, chains: Chains, cycles: Cycles, seed: int) -> Lines:
    """Let holders of a compulsory certificate begin with the product when they get it; others begin without."""
    rng = stream(seed, "product lines")
    n = len(firms)
    listed = np.array([bool(entry.ccc) for entry in INDUSTRIES])[firms.industry]
    makes = np.isin(np.array([entry.group for entry in INDUSTRIES])[firms.industry], _MAKERS)
    prints = np.zeros(len(chains.firm), dtype=bool)
    prints[chains.member_chain[chains.member_scheme == position("CCC")]] = True
    covered = np.flatnonzero(prints[cycles.chain])
    owner = chains.firm[cycles.chain[covered]]
    begins = np.full(n, NEVER, dtype=np.int64)
    np.minimum.at(begins, owner, cycles.issued[covered])
    ends = np.full(n, -1, dtype=np.int64)
    np.maximum.at(ends, owner, np.minimum(cycles.expires, cycles.stopped)[covered])
    bought = np.zeros(n, dtype=bool)
    bought[chains.firm[prints & chains.bought]] = True
    own = firms.registered + between(rng, 40, 400, n)
    holds = listed & (begins != NEVER)
    since = np.where(holds & ~bought, begins + 5, own)
    lapsed = holds & (ends < CLOSES)
    stops = lapsed & ~bought & chance(rng, _STOPS, n)
    without = listed & makes & ~holds
    bare_from = np.where(without | bought, since, np.where(lapsed, ends, NEVER))
    bare_to = np.where(bought, begins, np.where(stops, ends + 90, NEVER))
    return Lines(
        makes=makes,
        since=since,
        until=np.where(stops, ends + 90, NEVER),
        bare_from=np.where(makes & listed, bare_from, NEVER).astype(np.int64),
        bare_to=bare_to.astype(np.int64),
    )


def table(firms: Firms, uscc: Arrow, lines: Lines, same_quality: Flags, seed: int) -> pa.Table:
    """Write the products, the main one first; a later statement tells that one was given up.

    ``same_quality`` marks the firms that hold or declare 三同.
    """
    rng = stream(seed, "products")
    extra = rng.poisson(growth(-1.0 + 0.35 * firms.size)).clip(0, 4)
    owns = lines.makes & (chance(rng, 0.97, len(firms)) & (firms.form != SOLE_TRADER) | chance(rng, 0.5, len(firms)))
    firm, number = explode(np.where(owns, 1 + extra, 0).astype(np.int64))
    n = len(firm)
    since = lines.since[firm] + np.where(number == 0, 0, between(rng, 100, 2500, n))
    listed = np.array([bool(entry.ccc) for entry in INDUSTRIES])[firms.industry[firm]]
    catalogue = listed & ((number == 0) | chance(rng, 0.5, n))
    traced = catalogue | firms.industry_is("food")[firm]
    coded = np.round(logistic(_CODED + _CODED_PER_QUALITY * firms.quality[firm] + normal(rng, n)), 2)
    share = np.round(np.where(number == 0, 0.6 + 0.4 / (1 + extra[firm]), 0.3 / np.maximum(extra[firm], 1)), 2)
    category = [entry.ccc or None for entry in INDUSTRIES]
    plain = len(category)
    rows = pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "product_no": joined("CP", digits(firms.running(n, 4), 8)),
            "name": joined(
                words([entry.product for entry in INDUSTRIES], firms.industry[firm]), words(_VARIANTS, number)
            ),
            "product_category": words((*category, None), np.where(catalogue, firms.industry[firm], plain)),
            "since": dates(since),
            "until": dates(np.full(n, NEVER, dtype=np.int64)),
            "output_share": pa.array(share),
            "coded_share": pa.array(coded, mask=~(traced & chance(rng, 0.8, n))),
            "same_quality": pa.array(same_quality[firm] & (number == 0), mask=~chance(rng, 0.6, n)),
            "known_on": dates(since + _LAG),
        }
    )
    alive = since < np.minimum(np.minimum(firms.ended, firms.distress)[firm], CLOSES)
    until = np.where(alive & catalogue, lines.until[firm], NEVER)
    ended = np.flatnonzero((until > since) & (until + _LAG <= CLOSES) & (until < firms.ended[firm])).astype(np.int64)
    later = replaced(
        rows.take(pa.array(ended)),
        until=dates(until[ended]),
        known_on=dates(np.maximum(until, since + 1)[ended] + _LAG),
    )
    return pa.concat_tables([rows.filter(pa.array(alive)), later])


def plant(lines: Lines, firms: Firms, planted: Planted) -> None:
    """Note the firms that sell a product of the compulsory catalogue without its certificate."""
    began = lines.bare_from < np.minimum(firms.ended, CLOSES)
    firm = np.flatnonzero(began).astype(np.int64)
    category = words([entry.ccc or None for entry in INDUSTRIES], firms.industry[firm])
    planted.add("sold_without_ccc", firm, category, lines.bare_from[firm])
