"""Honours, standards and rights, and what softens a loss: mostly a mark of size, a little of quality."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES
from certloan.world.draws import (
    NEVER,
    Arrow,
    Ints,
    add_months,
    chance,
    dates,
    digits,
    growth,
    joined,
    logistic,
    normal,
    on,
    pick,
    stream,
    where,
    words,
    yearly_events,
)  # fmt: skip
from certloan.world.firms import SOLE_TRADER, Firms, whole

_LEVELS = ("national", "province", "city", "county")

#: Log odds of ever having the honour at mean size and quality, its change with size and quality, years it holds (0:
#: for good), and the shares of its levels. Firms with a regional quality brand turn over 730 million yuan on average.
_HONOURS = {
    "quality_award": (-4.6, 0.7, 0.9, 0, (0.02, 0.1, 0.28, 0.6)),
    "quality_brand": (-4.4, 1.0, 0.8, 3, (0.0, 1.0, 0.0, 0.0)),
    "little_giant": (-5.6, 1.1, 0.4, 3, (1.0, 0.0, 0.0, 0.0)),
    "specialised": (-3.0, 0.9, 0.35, 3, (0.0, 1.0, 0.0, 0.0)),
    "high_tech": (-2.2, 0.8, 0.2, 3, (1.0, 0.0, 0.0, 0.0)),
    "chief_quality_officer": (-3.0, 0.7, 0.8, 3, (0.0, 0.05, 0.35, 0.6)),
    "standard_award": (-6.0, 0.8, 0.7, 0, (0.05, 0.45, 0.4, 0.1)),
}

_RIGHTS = ("standard", "invention_patent", "utility_patent", "trademark")
#: A year's count at mean size and quality, and its change (log) with size and quality. Trademarks tell only of size.
_RIGHT_RATES = {
    "standard": (0.025, 0.8, 0.45),
    "invention_patent": (0.12, 0.7, 0.25),
    "utility_patent": (0.45, 0.6, 0.15),
    "trademark": (0.3, 0.35, 0.0),
}
_RIGHT_YEARS = {"standard": 0, "invention_patent": 17, "utility_patent": 9, "trademark": 10}
_STANDARD_LEVELS = ("international", "national", "industry", "province", "group")

_MITIGANTS = ("certification_insurance", "quality_deposit", "guarantee_fund", "safety_insurance")
_MITIGANT_RATES = (0.02, 0.015, 0.05, 0.03)


def honour_table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write the honours; about two thirds of those that expire are granted again."""
    rng = stream(seed, "honours")
    parts: list[tuple[Ints, ...]] = []
    company = firms.form != SOLE_TRADER
    for kind, (base, per_size, per_quality, years, shares) in enumerate(_HONOURS.values()):
        holds = chance(rng, logistic(base + per_size * firms.size + per_quality * firms.quality)) & company
        firm = np.flatnonzero(holds).astype(np.int64)
        first = np.maximum(firms.registered[firm] + 500, on(2016, 3, 1))
        granted = first + np.floor(np.maximum(CLOSES - first, 0) * rng.random(len(firm))).astype(np.int64)
        level = pick(rng, shares, len(firm))
        for _ in range(4 if years else 1):
            ends = add_months(granted, 12 * years) if years else np.full(len(firm), NEVER, dtype=np.int64)
            parts.append((firm, np.full(len(firm), kind, dtype=np.int64), level, granted, ends))
            again = chance(rng, 0.66, len(firm)) & (ends != NEVER)
            firm, level, granted = firm[again], level[again], ends[again]
    firm, kinds, level, granted, ends = (np.concatenate([part[i] for part in parts]) for i in range(5))
    keep = (granted <= CLOSES) & (granted < np.minimum(firms.ended, firms.distress)[firm])
    firm, kinds, level, granted, ends = firm[keep], kinds[keep], level[keep], granted[keep], ends[keep]
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "kind": words(tuple(_HONOURS), kinds),
            "level": words(_LEVELS, level),
            "granted_on": dates(granted),
            "valid_to": dates(ends),
            "known_on": dates(granted),
        }
    )


def innovation_table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write standards, patents and trademarks."""
    rng = stream(seed, "innovation")
    parts: list[tuple[Ints, ...]] = []
    for kind, name in enumerate(_RIGHTS):
        rate, per_size, per_quality = _RIGHT_RATES[name]
        rates = rate * growth(per_size * firms.size + per_quality * firms.quality) * (firms.form != SOLE_TRADER)
        firm, when = yearly_events(rng, np.repeat(rates[:, None], 10, axis=1), 2017)
        years = _RIGHT_YEARS[name]
        ends = add_months(when, 12 * years) if years else np.full(len(firm), NEVER, dtype=np.int64)
        parts.append((firm, when, np.full(len(firm), kind, dtype=np.int64), ends))
    firm, when, kinds, ends = (np.concatenate([part[i] for part in parts]) for i in range(4))
    keep = (when > firms.registered[firm]) & (when <= CLOSES) & (when < np.minimum(firms.ended, firms.distress)[firm])
    firm, when, kinds, ends = firm[keep], when[keep], kinds[keep], ends[keep]
    n = len(firm)
    standard = kinds == 0
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "number": joined(words(("BZ", "ZL1", "ZL2", "SB"), kinds), digits(firms.running(n, 20), 9)),
            "kind": words(_RIGHTS, kinds),
            "role": where(standard, words(("lead", "join"), pick(rng, (0.3, 0.7), n))),
            "level": where(standard, words(_STANDARD_LEVELS, pick(rng, (0.03, 0.17, 0.2, 0.2, 0.4), n))),
            "granted_on": dates(when),
            "ends_on": dates(ends),
            "known_on": dates(when),
        }
    )


def mitigant_table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write insurances, deposits and guarantees; the insured are a little larger, and no better or worse."""
    rng = stream(seed, "mitigants")
    parts: list[tuple[Ints, ...]] = []
    for kind, rate in enumerate(_MITIGANT_RATES):
        rates = np.repeat((rate * growth(0.4 * firms.size))[:, None], 8, axis=1)
        firm, when = yearly_events(rng, rates, 2019)
        parts.append((firm, when, np.full(len(firm), kind, dtype=np.int64)))
    firm, when, kinds = (np.concatenate([part[i] for part in parts]) for i in range(3))
    keep = (when > firms.registered[firm]) & (when <= CLOSES) & (when < np.minimum(firms.ended, firms.distress)[firm])
    firm, when, kinds = firm[keep], when[keep], kinds[keep]
    n = len(firm)
    months = np.array([12, 24, 36])[pick(rng, (0.7, 0.2, 0.1), n)]
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "mitigant_no": joined("ZX", digits(firms.running(n, 5), 8)),
            "kind": words(_MITIGANTS, kinds),
            "insured_amount": pa.array(whole(firms.revenue[firm] * 0.05 * growth(0.5 * normal(rng, n)), 10_000)),
            "starts_on": dates(when),
            "ends_on": dates(add_months(when, months)),
            "known_on": dates(when),
        }
    )
