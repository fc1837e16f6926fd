"""What inspectors found and what went wrong, out of latent quality and of whom inspectors choose to visit."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from certloan.world.calendar import CLOSES
from certloan.world.draws import (
    NEVER,
    Arrow,
    Ints,
    between,
    chance,
    dates,
    digits,
    growth,
    joined,
    logistic,
    normal,
    pick,
    stream,
    where,
    words,
    yearly_events,
)  # fmt: skip
from certloan.world.firms import Firms, whole
from certloan.world.industries import INDUSTRIES
from certloan.world.places import PLACES

_CHECKS = ("spot_check", "random", "special", "risk_monitoring")
_LEVELS = ("national", "province", "city", "county")
_VERDICTS = ("no_nonconformity", "nonconforming", "refused")

#: Batches a year of a mean firm; more for the large, and for those whom the supervisor holds for risky.
_BATCHES, _BATCHES_PER_SIZE, _BATCHES_PER_RISK = 0.70, 0.30, 0.30
#: Log odds that a batch fails: about 9 % overall, as in the national bulletins of 2020 and 2022.
_FAILS, _FAILS_PER_QUALITY = -2.72, -0.9
_REFUSES = 0.004
_OVERTURNED = 0.035
_SAFETY_SHARE = 0.45
_LATE_SHARE = 0.02  # made known half a year after the rest

_INCIDENTS = ("recall", "penalty", "complaint", "accident")
#: Chance a year at mean quality and size, and its change (log) with quality and with size.
_INCIDENT_RATES = {
    "recall": (0.006, -0.55, 0.35),
    "penalty": (0.022, -0.55, 0.1),
    "complaint": (0.05, -0.5, 0.3),
    "accident": (0.003, -0.7, 0.2),
}
_PENALTY_AFTER_FAILURE = 0.25
_INSPECTION_LAG, _INCIDENT_LAG = 45, 28


def tables(firms: Firms, uscc: Arrow, seed: int) -> tuple[pa.Table, pa.Table]:
    """Write ``inspection`` and ``incident``; a failed batch may bring a penalty."""
    inspections, failed_firm, failed_on = _inspections(firms, uscc, seed)
    return inspections, _incidents(firms, uscc, failed_firm, failed_on, seed)


def _inspections(firms: Firms, uscc: Arrow, seed: int) -> tuple[pa.Table, Ints, Ints]:
    rng = stream(seed, "inspections")
    supervisors_view = 0.5 * firms.quality + 0.85 * normal(rng, len(firms))
    rate = _BATCHES * growth(_BATCHES_PER_SIZE * firms.size - _BATCHES_PER_RISK * supervisors_view)
    made = ~(firms.industry_is("it") | firms.industry_is("building"))
    firm, when = yearly_events(rng, np.repeat((rate * np.where(made, 1.0, 0.2))[:, None], 8, axis=1), 2019)
    keep = (when > firms.registered[firm] + 60) & (when < firms.ended[firm]) & (when <= CLOSES)
    order = np.lexsort((firm[keep], when[keep]))
    firm, when = firm[keep][order], when[keep][order]
    n = len(firm)
    risk = np.array([entry.check_risk for entry in INDUSTRIES])[firms.industry[firm]]
    level = pick(rng, (0.06, 0.24, 0.34, 0.36), n)
    fails = chance(rng, logistic(_FAILS + _FAILS_PER_QUALITY * firms.quality[firm] + risk))
    refused = chance(rng, _REFUSES, n)
    verdict = np.where(refused, 2, fails.astype(np.int64))
    failed = verdict == 1
    late = chance(rng, _LATE_SHARE, n)
    known = when + np.where(late, _INSPECTION_LAG + between(rng, 90, 240, n), between(rng, 12, 60, n))
    rechecked = failed & chance(rng, 0.8, n)
    passed = chance(rng, logistic(1.6 + 0.6 * firms.quality[firm]))
    recheck_on = known + between(rng, 30, 120, n)
    overturned = failed & chance(rng, _OVERTURNED, n)
    first = {
        "uscc": uscc.take(pa.array(firm)),
        "inspection_no": joined("JC", digits(firms.running(n, 20), 8)),
        "kind": words(_CHECKS, pick(rng, (0.5, 0.3, 0.12, 0.08), n)),
        "level": words(_LEVELS, level),
        "product": words([entry.product for entry in INDUSTRIES], firms.industry[firm]),
        "batch_no": joined("PH", digits(when, 6), digits(between(rng, 1, 99, n), 2)),
        "inspected_on": dates(when),
        "verdict": words(_VERDICTS, verdict),
        "safety_item": where(verdict != 2, pa.array(failed & chance(rng, _SAFETY_SHARE, n))),
        "recheck": words((None,), np.zeros(n, dtype=np.int64)),
        "authority": _authority(firms, firm, level),
        "known_on": dates(known),
        "void_on": dates(np.where(overturned, known + between(rng, 15, 75, n), NEVER)),
    }
    table = pa.table(first)
    again = np.flatnonzero(rechecked & (recheck_on <= CLOSES) & ~overturned).astype(np.int64)
    second = table.take(pa.array(again))
    second = _replaced(second, "recheck", words(("failed", "passed"), passed[again].astype(np.int64)))
    second = _replaced(second, "known_on", dates(recheck_on[again]))
    return pa.concat_tables([table, second]), firm[failed & ~overturned], when[failed & ~overturned]


def _replaced(table: pa.Table, name: str, values: Arrow) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, values)


def _authority(firms: Firms, firm: Ints, level: Ints) -> Arrow:
    county = words([place.zh for place in PLACES], firms.place[firm])
    guangdong = np.array([place.code.startswith("44") for place in PLACES])[firms.place[firm]]
    province = words(("浙江省", "广东省"), guangdong.astype(np.int64))
    above = pa.compute.if_else(pa.array(level == 0), "国家", pa.compute.if_else(pa.array(level == 1), province, county))
    return joined(above, "市场监督管理部门")


def _incidents(firms: Firms, uscc: Arrow, failed_firm: Ints, failed_on: Ints, seed: int) -> pa.Table:
    rng = stream(seed, "incidents")
    punished = chance(rng, _PENALTY_AFTER_FAILURE, len(failed_firm))
    firm_parts = [failed_firm[punished]]
    day_parts = [failed_on[punished] + between(rng, 30, 150, int(punished.sum()))]
    kind_parts = [np.full(int(punished.sum()), 1, dtype=np.int64)]
    for kind, name in enumerate(_INCIDENTS):
        rate, per_quality, per_size = _INCIDENT_RATES[name]
        rates = rate * growth(per_quality * firms.quality + per_size * firms.size)
        firm, when = yearly_events(rng, np.repeat(rates[:, None], 8, axis=1), 2019)
        firm_parts.append(firm)
        day_parts.append(when)
        kind_parts.append(np.full(len(firm), kind, dtype=np.int64))
    firm, when, kinds = np.concatenate(firm_parts), np.concatenate(day_parts), np.concatenate(kind_parts)
    keep = (when > firms.registered[firm] + 60) & (when < firms.ended[firm]) & (when <= CLOSES)
    order = np.lexsort((kinds[keep], firm[keep], when[keep]))
    firm, when, kinds = firm[keep][order], when[keep][order], kinds[keep][order]
    return _incident_rows(rng, firms, uscc, firm, when, kinds)


def _incident_rows(
    rng: np.random.Generator, firms: Firms, uscc: Arrow, firm: Ints, when: Ints, kinds: Ints
) -> pa.Table:
    n = len(firm)
    severity = pick(rng, (0.55, 0.35, 0.1), n)
    severity = np.where(kinds == 3, np.maximum(severity, 1), severity)
    money = whole(
        np.array([30_000, 12_000, 1_500, 200_000])[kinds] * growth(0.8 * normal(rng, n) + 0.9 * severity), 100
    )
    known = when + np.where(chance(rng, _LATE_SHARE, n), 150, between(rng, 5, 40, n))
    # A repaired penalty may no longer be shared: three months at least if slight, a year and more if serious.
    repaired = (kinds == 1) & chance(rng, np.array([0.8, 0.6, 0.25])[severity], n)
    shown = np.array([95, 240, 500])[severity] + between(rng, 0, 200, n)
    ordered = np.where(kinds == 0, pick(rng, (0.35, 0.65), n), 2)
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "incident_no": joined("SJ", digits(firms.running(n, 20), 8)),
            "kind": words(_INCIDENTS, kinds),
            "occurred_on": dates(when),
            "ordered": words(("ordered", "voluntary", None), ordered),
            "amount": where(chance(rng, 0.9, n), pa.array(money)),
            "severity": words(("minor", "moderate", "serious"), severity),
            "known_on": dates(known),
            "void_on": dates(np.where(repaired, known + shown, NEVER)),
        }
    )
