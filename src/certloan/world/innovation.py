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
#: A commitment to quality costs nothing, and old names are old: they tell nothing.
_HONOURS = {
    "quality_award": (-4.6, 0.7, 0.9, 0, (0.02, 0.1, 0.28, 0.6)),
    "quality_award_nominee": (-4.8, 0.7, 0.7, 0, (0.05, 0.25, 0.4, 0.3)),
    "quality_brand": (-4.4, 1.0, 0.8, 3, (0.0, 1.0, 0.0, 0.0)),
    "quality_leader": (-7.0, 1.2, 0.7, 3, (0.3, 0.7, 0.0, 0.0)),
    "quality_benchmark": (-5.4, 0.8, 0.7, 3, (0.1, 0.4, 0.4, 0.1)),
    "excellence": (-4.4, 0.8, 0.6, 3, (0.0, 0.2, 0.4, 0.4)),
    "premium_brand": (-5.2, 0.9, 0.7, 3, (0.0, 1.0, 0.0, 0.0)),
    "time_honoured": (-5.6, 0.3, 0.0, 0, (0.2, 0.6, 0.2, 0.0)),
    "champion": (-6.6, 1.1, 0.5, 3, (0.5, 0.5, 0.0, 0.0)),
    "hidden_champion": (-5.4, 1.0, 0.5, 3, (0.0, 1.0, 0.0, 0.0)),
    "little_giant": (-5.6, 1.1, 0.4, 3, (1.0, 0.0, 0.0, 0.0)),
    "specialised": (-3.0, 0.9, 0.35, 3, (0.0, 1.0, 0.0, 0.0)),
    "high_tech": (-2.2, 0.8, 0.2, 3, (1.0, 0.0, 0.0, 0.0)),
    "tech_sme": (-1.9, 0.2, 0.2, 3, (0.0, 1.0, 0.0, 0.0)),
    "leading": (-7.0, 1.2, 0.2, 3, (0.1, 0.5, 0.4, 0.0)),
    "standard_innovator": (-6.2, 0.8, 0.6, 3, (0.5, 0.5, 0.0, 0.0)),
    "standard_award": (-6.0, 0.8, 0.7, 0, (0.05, 0.45, 0.4, 0.1)),
    "chief_quality_officer": (-3.0, 0.7, 0.8, 3, (0.0, 0.05, 0.35, 0.6)),
    "standards_director": (-4.8, 0.8, 0.5, 3, (0.0, 0.2, 0.5, 0.3)),
    "quality_engineer": (-3.4, 0.6, 0.7, 0, (0.05, 0.35, 0.4, 0.2)),
    "green_factory": (-5.2, 0.9, 0.3, 0, (0.2, 0.4, 0.4, 0.0)),
    "green_leader": (-6.6, 0.8, 0.5, 3, (0.0, 0.6, 0.4, 0.0)),
    "future_factory": (-7.2, 1.2, 0.3, 3, (0.0, 1.0, 0.0, 0.0)),
    "smart_quality": (-5.8, 0.8, 0.4, 3, (0.0, 0.4, 0.6, 0.0)),
    "first_set": (-5.8, 0.8, 0.3, 3, (0.1, 0.9, 0.0, 0.0)),
    "quality_commitment": (-3.2, 0.1, 0.0, 3, (0.0, 0.0, 0.3, 0.7)),
}

#: A year's count at mean size and quality, its change (log) with size and quality, the years a right lasts (0: for
#: good), and the first letters of its number. Marks and designs tell only of size.
_RIGHTS = {
    "standard": (0.025, 0.8, 0.45, 0, "BZ"),
    "invention_patent": (0.08, 0.7, 0.25, 17, "ZL1"),
    "utility_patent": (0.28, 0.6, 0.15, 9, "ZL2"),
    "trademark": (0.16, 0.35, 0.0, 10, "SB"),
    "design_patent": (0.06, 0.4, 0.0, 14, "ZL3"),
    "collective_mark": (0.004, 0.1, 0.0, 10, "JT"),
    "geographical_indication": (0.003, 0.1, 0.15, 0, "DL"),
    "standard_disclosure": (0.05, 0.3, 0.35, 5, "QB"),
    "data_right": (0.006, 0.5, 0.1, 3, "SJ"),
}
_STANDARD_LEVELS = ("international", "national", "industry", "province", "group")
#: Standards led rather than joined: log odds, and how size and quality raise them.
_LEADS, _LEADS_PER_SIZE, _LEADS_PER_QUALITY = -0.9, 0.3, 0.3
_RIGHTS_FROM, _RIGHTS_YEARS = 2012, 15

#: What softens a loss, by kind: a year's chance. None of it tells of the firm, but that a commercial guarantee is asked
#: of the weak, and that only who trusts its product insures its certificates.
_MITIGANTS = {
    "certification_insurance": (0.020, 0.0, 0.30),
    "quality_deposit": (0.015, 0.0, 0.0),
    "guarantee_fund": (0.05, 0.0, 0.0),
    "safety_insurance": (0.03, 0.0, 0.0),
    "commercial_guarantee": (0.05, -0.25, 0.0),
    "advance_compensation": (0.01, 0.0, 0.0),
    "quality_guarantee": (0.012, 0.0, 0.2),
}
_MITIGANTS_FROM, _MITIGANTS_YEARS = 2016, 11


def honour_table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write the honours; about two thirds of those that expire are granted again."""
    rng = stream(seed, "honours")
    parts: list[tuple[Ints, ...]] = []
    company = firms.form != SOLE_TRADER
    for kind, (base, per_size, per_quality, years, shares) in enumerate(_HONOURS.values()):
        holds = chance(rng, logistic(base + per_size * firms.size + per_quality * firms.quality)) & company
        firm = np.flatnonzero(holds).astype(np.int64)
        first = np.maximum(firms.registered[firm] + 500, on(2008, 3, 1))
        granted = first + np.floor(np.maximum(CLOSES - first, 0) * rng.random(len(firm))).astype(np.int64)
        level = pick(rng, shares, len(firm))
        for _ in range(6 if years else 1):
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
    """Write standards, patents, marks and the like."""
    rng = stream(seed, "innovation")
    parts: list[tuple[Ints, ...]] = []
    for kind, (rate, per_size, per_quality, years, _) in enumerate(_RIGHTS.values()):
        rates = rate * growth(per_size * firms.size + per_quality * firms.quality) * (firms.form != SOLE_TRADER)
        firm, when = yearly_events(rng, np.repeat(rates[:, None], _RIGHTS_YEARS, axis=1), _RIGHTS_FROM)
        ends = add_months(when, 12 * years) if years else np.full(len(firm), NEVER, dtype=np.int64)
        parts.append((firm, when, np.full(len(firm), kind, dtype=np.int64), ends))
    firm, when, kinds, ends = (np.concatenate([part[i] for part in parts]) for i in range(4))
    keep = (when > firms.registered[firm]) & (when <= CLOSES) & (when < np.minimum(firms.ended, firms.distress)[firm])
    firm, when, kinds, ends = firm[keep], when[keep], kinds[keep], ends[keep]
    n = len(firm)
    standard = kinds == 0
    leads = chance(
        rng, logistic(_LEADS + _LEADS_PER_SIZE * firms.size[firm] + _LEADS_PER_QUALITY * firms.quality[firm])
    )
    letters = tuple(entry[4] for entry in _RIGHTS.values())
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "number": joined(words(letters, kinds), digits(firms.running(n, 20), 9)),
            "kind": words(tuple(_RIGHTS), kinds),
            "role": where(standard, words(("join", "lead"), leads.astype(np.int64))),
            "level": where(standard, words(_STANDARD_LEVELS, pick(rng, (0.03, 0.17, 0.2, 0.2, 0.4), n))),
            "granted_on": dates(when),
            "ends_on": dates(ends),
            "known_on": dates(when),
        }
    )


def mitigant_table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write insurances, deposits and guarantees; the insured are a little larger."""
    rng = stream(seed, "mitigants")
    parts: list[tuple[Ints, ...]] = []
    for kind, (rate, per_strength, per_quality) in enumerate(_MITIGANTS.values()):
        pull = 0.4 * firms.size + per_strength * firms.strength_in(2021) + per_quality * firms.quality
        rates = np.repeat((rate * growth(pull))[:, None], _MITIGANTS_YEARS, axis=1)
        firm, when = yearly_events(rng, rates, _MITIGANTS_FROM)
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
            "kind": words(tuple(_MITIGANTS), kinds),
            "insured_amount": pa.array(whole(firms.revenue[firm] * 0.05 * growth(0.5 * normal(rng, n)), 10_000)),
            "starts_on": dates(when),
            "ends_on": dates(add_months(when, months)),
            "known_on": dates(when),
        }
    )
