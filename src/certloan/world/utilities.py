"""Bills for electricity and social insurance, where the firm let the lender ask for them: arrears follow weakness."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES
from certloan.world.draws import Arrow, Ints, chance, dates, growth, logistic, normal, stream, words
from certloan.world.firms import Firms, along, whole

KINDS = ("electricity", "social_insurance", "water", "gas", "telecom", "housing_fund")
_LAG = 25
#: Shares of firms whose bills of a kind are told: from two years before the first application to half a year after it.
_TOLD = (0.18, 0.07, 0.012, 0.01, 0.01, 0.012)
_BEFORE, _MONTHS = 25, 31
#: A month's bill: for each head, or for each yuan of revenue, in a normal month.
_PER_HEAD = (0.0, 950.0, 18.0, 0.0, 45.0, 420.0)
_OF_REVENUE = (0.012, 0.0, 0.0, 0.004, 0.0, 0.0)
_MISSES, _MISSES_PER_STRENGTH, _PAYS = -3.9, -1.1, 0.6


def table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write ``utility_bill``: arrears add up month by month until they are paid."""
    rng = stream(seed, "utilities")
    told = chance(rng, np.repeat(np.array([_TOLD]), len(firms), axis=0))
    # Who let the lender ask for one bill mostly let it ask for the social insurance, too.
    told[:, 1] |= told[:, 0] & chance(rng, 0.25, len(firms))
    firm, kind = (part.astype(np.int64) for part in np.nonzero(told & (firms.form != 1)[:, None]))
    n = len(firm)
    asked = firms.asks[firm].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    usual = np.array(_PER_HEAD)[kind] * firms.employees[firm] + np.array(_OF_REVENUE)[kind] * firms.revenue[firm] / 12
    usual = usual * growth(0.3 * normal(rng, n))
    behind = np.zeros(n)
    rows: list[tuple[Ints, ...]] = []
    for step in range(_MONTHS):
        month = asked - _BEFORE + step
        first = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        last = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
        strength = along(firms.strength, firm, first)
        billed = whole(usual * growth(0.05 * strength + 0.12 * normal(rng, n)), 10).clip(20, None)
        broke = last > firms.distress[firm]
        misses = broke | chance(rng, logistic(_MISSES + _MISSES_PER_STRENGTH * strength))
        pays = ~broke & chance(rng, np.round(_PAYS + 0.12 * np.clip(strength, -2, 2), 6))
        behind = np.where(misses, behind + billed, np.where(pays, 0.0, behind))
        at = np.flatnonzero((last + _LAG <= CLOSES) & (first > firms.registered[firm]) & (last < firms.ended[firm]))
        rows.append((at.astype(np.int64), first[at], last[at], billed[at], np.rint(behind[at]).astype(np.int64)))
    at, first, last, billed, arrears = (np.concatenate([part[i] for part in rows]) for i in range(5))
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm[at])),
            "kind": words(KINDS, kind[at]),
            "month": dates(first),
            "billed": pa.array(billed),
            "arrears": pa.array(arrears),
            "known_on": dates(last + _LAG),
        }
    )
