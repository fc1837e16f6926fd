"""Invoices of about a tenth of the firms: sales and purchases, seasons, void and red-letter ones."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from certloan.world import codes
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

#: Share of firms whose invoices the bank may see.
COVERED = 0.10
_FROM, _MONTHS = (2020 - 1970) * 12, 78
_SALES_A_MONTH, _PURCHASES_A_MONTH = 2.2, 1.4
#: Business of each month against the year's mean: the spring festival is quiet, autumn busy.
_SEASON = (0.85, 0.6, 1.0, 1.0, 1.05, 1.05, 1.0, 1.0, 1.15, 1.1, 1.1, 1.1)
_VOID, _VOID_PER_STRENGTH = -3.1, -0.35
_RED = 0.02
_TAX_RATES = (0.13, 0.06, 0.03)


def invoice_table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write the invoices, firm by firm in order of time."""
    rng = stream(seed, "invoices")
    covered = np.flatnonzero(chance(rng, COVERED, len(firms)) & (firms.form == 0)).astype(np.int64)
    month = np.arange(_MONTHS, dtype=np.int64)
    first_days = (month + _FROM).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    cell_firm, cell_month = np.repeat(covered, _MONTHS), np.tile(month, len(covered))
    start = first_days[cell_month]
    busy = np.array(_SEASON)[cell_month % 12]
    strength = firms.strength_on(cell_firm, start)
    open_now = (start > firms.registered[cell_firm]) & (start < np.minimum(firms.distress + 60, firms.ended)[cell_firm])
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
    order = np.lexsort((buying, when, firm))
    table = pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "invoice_no": digits((firms.running(n, 80) - 1) * 7 % 99_999_989 + 10_000_000, 8),
            "direction": words(("sale", "purchase"), buying.astype(np.int64)),
            "counterparty": _counterparties(rng, firms, firm, buying),
            "invoiced_on": dates(when),
            "net": pa.array(net),
            "tax": pa.array(whole(net * rate, 1)),
            "status": words(("valid", "void", "red_letter"), np.where(void, 1, np.where(red, 2, 0))),
            "known_on": dates(when),
        }
    )
    return table.take(pa.array(order))


def _counterparties(rng: np.random.Generator, firms: Firms, firm: Ints, buying: Flags) -> Arrow:
    """Let each firm trade with a circle of its own, a few of them most of the time; weak firms have narrow circles."""
    circle = np.rint(growth(2.0 + 0.3 * firms.size[firm] + 0.25 * firms.strength[firm, 5])).clip(2, 60)
    place = np.floor(circle * rng.random(len(firm)) ** 2).astype(np.int64)
    partner = (firm * 131 + place * 17 + np.where(buying, 7919, 0)) % 6336
    return joined(codes.brands(partner), words(("贸易有限公司", "实业有限公司", "商行", "供应链有限公司"), partner % 4))
