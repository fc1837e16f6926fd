"""Invoices of about a tenth of the firms: sales and purchases, seasons, void and red-letter ones."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from certloan.world import codes
from certloan.world import firms as firms_module
from certloan.world.calendar import CLOSES
from certloan.world.draws import (
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
    pick,
    stream,
    words,
)  # fmt: skip
from certloan.world.firms import Firms, whole
from certloan.world.planted import Planted

#: Share of firms whose invoices the bank may see.
COVERED = 0.10
_FROM, _MONTHS = (2017 - 1970) * 12 + 11, 103
#: Days before the first application from which invoices are seen.
_SEEN_BEFORE = 1110
_SALES_A_MONTH, _PURCHASES_A_MONTH = 2.2, 1.3
#: Business of each month against the year's mean: the spring festival is quiet, autumn busy.
_SEASON = (0.85, 0.6, 1.0, 1.0, 1.05, 1.05, 1.0, 1.0, 1.15, 1.1, 1.1, 1.1)
_VOID, _VOID_PER_STRENGTH = -3.1, -0.35
_RED = 0.02
_TAX_RATES = (0.13, 0.06, 0.03)
#: Share of trade with another firm of the world whose invoices are seen as well.
_KNOWN_PARTNER = 0.03
#: Share of covered firms, weak ones, that invoice each other in circles of three, and for how many months.
_IN_RINGS, RING = 0.07, 3
_RING_MONTHS = 9


def invoice_table(firms: Firms, uscc: Arrow, planted: Planted, seed: int) -> pa.Table:
    """Write the invoices, firm by firm in order of time, those of circles among them."""
    rng = stream(seed, "invoices")
    covered = np.flatnonzero(chance(rng, COVERED, len(firms)) & (firms.form == 0)).astype(np.int64)
    names = firms_module.names(firms)
    rows = pa.concat_tables(
        [_trade(rng, firms, uscc, names, covered), _rings(firms, uscc, names, covered, planted, seed)]
    )
    numbered = (firms.running(rows.num_rows, 80) - 1) * 7 % 99_999_989 + 10_000_000
    rows = rows.append_column("invoice_no", digits(numbered, 8))
    return rows.sort_by([("uscc", "ascending"), ("invoiced_on", "ascending"), ("invoice_no", "ascending")])


def _trade(rng: np.random.Generator, firms: Firms, uscc: Arrow, names: Arrow, covered: Ints) -> pa.Table:
    month = np.arange(_MONTHS, dtype=np.int64)
    first_days = (month + _FROM).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    cell_firm, cell_month = np.repeat(covered, _MONTHS), np.tile(month, len(covered))
    start = first_days[cell_month]
    busy = np.array(_SEASON)[(cell_month + _FROM) % 12]
    strength = firms.strength_on(cell_firm, start)
    open_now = (start > firms.registered[cell_firm]) & (start < np.minimum(firms.distress + 60, firms.ended)[cell_firm])
    open_now &= start >= firms.asks[cell_firm] - _SEEN_BEFORE
    scale = growth(0.25 * firms.size[cell_firm] + 0.1 * strength) * busy * open_now
    sales, _ = explode(rng.poisson(_SALES_A_MONTH * scale).astype(np.int64))
    bought, _ = explode(rng.poisson(_PURCHASES_A_MONTH * scale).astype(np.int64))
    cell = np.concatenate([sales, bought])
    buying = np.arange(len(cell)) >= len(sales)
    n = len(cell)
    firm = cell_firm[cell]
    when = np.minimum(start[cell] + between(rng, 0, 27, n), CLOSES)
    monthly = firms.revenue[firm] / 12 * growth(0.14 * strength[cell]) * np.where(buying, 0.7, 1.0)
    each = monthly / (np.where(buying, _PURCHASES_A_MONTH, _SALES_A_MONTH) * growth(0.25 * firms.size[firm]))
    net = whole(each * growth(0.7 * normal(rng, n) - 0.25), 1).clip(100, None)
    void = chance(rng, logistic(_VOID + _VOID_PER_STRENGTH * strength[cell]))
    red = ~void & chance(rng, _RED, n)
    net = np.where(red, -net, net)
    rate = np.array(_TAX_RATES)[pick(rng, (0.75, 0.15, 0.1), n)]
    partner = _counterparties(rng, firms, firm, buying)
    if len(covered):
        other = covered[between(rng, 0, len(covered) - 1, n)]
        known = chance(rng, _KNOWN_PARTNER, n) & (other != firm)
        partner = pc.if_else(pa.array(known), names.take(pa.array(other)), partner)
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "direction": words(("sale", "purchase"), buying.astype(np.int64)),
            "counterparty": partner,
            "invoiced_on": dates(when),
            "net": pa.array(net),
            "tax": pa.array(whole(net * rate, 1)),
            "status": words(("valid", "void", "red_letter"), np.where(void, 1, np.where(red, 2, 0))),
            "known_on": dates(when),
        }
    )


def _rings(firms: Firms, uscc: Arrow, names: Arrow, covered: Ints, planted: Planted, seed: int) -> pa.Table:
    """Let weak firms invoice each other in circles, month after month and nearly the same amount, before they ask."""
    rng = stream(seed, "invoice rings")
    weak = covered[
        np.argsort(firms.strength_on(covered, firms.asks[covered]) + normal(rng, len(covered)), kind="stable")
    ]
    weak = weak[firms.registered[weak] + 400 < firms.asks[weak]]
    rings = min(round(len(covered) * _IN_RINGS / RING), len(weak) // RING)
    chosen = weak[: rings * RING]
    # Those who ask at about the same time find each other.
    member = chosen[np.argsort(firms.asks[chosen], kind="stable")].reshape(rings, RING)
    # All of a ring bill in the months before the last of them to live could ask.
    ends = np.minimum(firms.asks[member], np.minimum(firms.ended, firms.distress)[member]).min(axis=1)
    monthly = (firms.revenue[member].min(axis=1) / 12 * 0.5).clip(3_000, None)
    ring, step, place = (part.ravel() for part in np.meshgrid(
        np.arange(rings), np.arange(_RING_MONTHS), np.arange(RING), indexing="ij"))  # fmt: skip
    seller, buyer = member[ring, place], member[ring, (place + 1) % RING]
    when = ends[ring] - 25 - 30 * step + 3 * place + between(rng, 0, 1, len(ring))
    amount = whole(monthly[ring] * (1 + 0.02 * normal(rng, len(ring))), 1)
    live = (when > firms.registered[seller] + 30) & (when > firms.registered[buyer] + 30) & (when >= _first_day())
    live &= when <= CLOSES
    seller, buyer, when, amount, ring = (part[live] for part in (seller, buyer, when, amount, ring))
    firm, other = np.concatenate([seller, buyer]), np.concatenate([buyer, seller])
    told = np.concatenate([when, when])
    for at in range(RING):
        some = np.flatnonzero(np.isin(np.arange(rings), ring)).astype(np.int64)
        key = joined("R", digits(firms.serial[member[some, 0]], 7))
        planted.add("invoice_ring", member[some, at], key, ends[some] - 25 - 30 * (_RING_MONTHS - 1))
    net = np.concatenate([amount, amount])
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "direction": words(("sale", "purchase"), (np.arange(len(firm)) >= len(seller)).astype(np.int64)),
            "counterparty": names.take(pa.array(other)),
            "invoiced_on": dates(told),
            "net": pa.array(net),
            "tax": pa.array(whole(net * _TAX_RATES[0], 1)),
            "status": words(("valid",), np.zeros(len(firm), dtype=np.int64)),
            "known_on": dates(told),
        }
    )


def _first_day() -> int:
    return int(np.int64(_FROM).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def _counterparties(rng: np.random.Generator, firms: Firms, firm: Ints, buying: Flags) -> Arrow:
    """Let each firm trade with a circle of its own, a few of them most of the time; weak firms have narrow circles."""
    circle = np.rint(growth(2.0 + 0.3 * firms.size[firm] + 0.25 * firms.strength_in(2022)[firm])).clip(2, 60)
    place = np.floor(circle * rng.random(len(firm)) ** 2).astype(np.int64)
    partner = (firms.serial[firm] * 131 + place * 17 + np.where(buying, 7919, 0)) % 6336
    return joined(codes.brands(partner), words(("贸易有限公司", "实业有限公司", "商行", "供应链有限公司"), partner % 4))
