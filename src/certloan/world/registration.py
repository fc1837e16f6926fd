"""What the registry says of a firm: its statements over time, its annual reports, the public lists it stands on."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from certloan.world import firms as firms_module
from certloan.world.calendar import CLOSES, OPENS, OPENS_IN
from certloan.world.draws import (
    NEVER,
    Arrow,
    Ints,
    between,
    chance,
    dates,
    growth,
    logistic,
    normal,
    on,
    pick,
    stream,
    where,
    words,
    yearly_events,
)  # fmt: skip
from certloan.world.firms import OWNERSHIPS, SOLE_TRADER, Firms, whole
from certloan.world.industries import INDUSTRIES
from certloan.world.places import PLACES

STATUSES = ("operating", "revoked", "deregistered", "moved")
RISK_CLASSES = ("A", "B", "C", "D")
LISTS = (
    "abnormal_operation", "serious_violation", "enforcement", "dishonest_debtor", "tax_arrears", "key_supervision",
    "quality_whitelist",
)  # fmt: skip
_REASONS = (
    "未按规定公示年度报告", "生产销售不合格产品", "未履行生效法律文书", "有能力履行而拒不履行", "欠缴税款", "连续抽查不合格", "质量信用良好",
)  # fmt: skip

_REPORTED_YEARS = tuple(range(OPENS_IN, 2026))
#: Supervisors class firms since 2022; a lender learns the class of those who allow it.
_CLASSED_FROM, _CLASS_TOLD = on(2022, 3, 1), 0.35
_REPORT_LAG = 181  # days from the end of the year to 30 June; log odds that a report comes later still
_LATE_REPORT = -3.0
#: Log odds that a firm does not publish its figures, and how much weakness adds: withheld is not missing at random.
_WITHHOLDS, _WITHHOLDS_PER_STRENGTH = -1.2, -0.55
_FORGETS = -3.1
_LISTED_FROM = 2015

#: Chance a year at mean strength and quality, and how strength and quality change it (log).
_LIST_RATES = {
    "abnormal_operation": (0.022, -0.45, -0.25),
    "serious_violation": (0.0012, -0.3, -0.9),
    "enforcement": (0.011, -0.85, -0.1),
    "dishonest_debtor": (0.0025, -1.0, 0.0),
    "tax_arrears": (0.007, -0.75, -0.1),
    "key_supervision": (0.006, -0.1, -0.9),
    "quality_whitelist": (0.010, 0.15, 0.9),
}
_REMOVED_SHARE = {
    "abnormal_operation": 0.8, "serious_violation": 0.1, "enforcement": 0.55, "dishonest_debtor": 0.3,
    "key_supervision": 0.6, "quality_whitelist": 0.15,
}  # fmt: skip


def enterprise_table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write the statements about each firm: the first at registration, a later one for every change of its status.

    A firm that ends has its first statement too, so that nothing is learnt from what is missing.
    """
    rng = stream(seed, "statements")
    n = len(firms)
    capital = whole(firms.revenue * 0.25 * growth(0.6 * normal(rng, n)), 10_000).clip(10_000, None)
    ended = np.flatnonzero(firms.ended <= CLOSES)
    struck = np.where(firms.distress[ended] != NEVER, pick(rng, (0.6, 0.4), len(ended)) + 1, 2)
    moved = np.flatnonzero((firms.ended == NEVER) & chance(rng, 0.006, n))
    moved_on = between(rng, np.maximum(firms.registered[moved] + 400, OPENS), CLOSES)
    raised = np.flatnonzero((firms.ended == NEVER) & chance(rng, logistic(-2.8 + 0.5 * firms.strength_in(2023))))
    raised = np.setdiff1d(raised, moved)
    raised_on = np.full(n, NEVER, dtype=np.int64)
    raised_on[raised] = between(rng, np.maximum(firms.registered[raised] + 300, OPENS), CLOSES)
    classed_on = between(rng, np.maximum(firms.asks - 400, _CLASSED_FROM), CLOSES + 0 * firms.asks)
    allows = chance(rng, _CLASS_TOLD, n) & (classed_on > firms.registered + 200) & (classed_on < firms.ended)
    classed_on = np.where(allows & (classed_on != raised_on), classed_on, NEVER)
    classed = np.flatnonzero(classed_on != NEVER)
    firm = np.concatenate([np.arange(n), ended, moved, raised, classed]).astype(np.int64)
    status = np.zeros(len(firm), dtype=np.int64)
    status[n : n + len(ended) + len(moved)] = np.concatenate([struck, np.full(len(moved), 3)])
    known = np.concatenate([firms.registered, firms.ended[ended], moved_on, raised_on[raised], classed_on[classed]])
    # Every statement says all that was true on its day.
    went = np.full(n, NEVER, dtype=np.int64)
    went[moved] = moved_on
    status = np.where((status == 0) & (went[firm] < known), 3, status)
    stated = np.where(raised_on[firm] <= known, whole(capital * 1.8, 10_000)[firm], capital[firm])
    risk = np.digitize(-firms.risk_view, [-0.6, 0.4, 1.2]).astype(np.int64)
    told = np.where(classed_on[firm] <= known, risk[firm], len(RISK_CLASSES))
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "name": firms_module.names(firms).take(pa.array(firm)),
            "registered_on": dates(firms.registered[firm]),
            "status": words(STATUSES, status),
            "region_code": words([place.code for place in PLACES], firms.place[firm]),
            "industry_code": words([entry.code for entry in INDUSTRIES], firms.industry[firm]),
            "ownership": words(OWNERSHIPS, firms.ownership[firm]),
            "registered_capital": pa.array(stated),
            "risk_class": words((*RISK_CLASSES, None), told),
            "known_on": dates(known),
        }
    )


def annual_report_table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write the yearly figures; weak firms withhold theirs more often, and some forget to report at all."""
    rng = stream(seed, "annual reports")
    years = np.array(_REPORTED_YEARS, dtype=np.int64)
    firm = np.repeat(np.arange(len(firms), dtype=np.int64), len(years))
    year = np.tile(years, len(firms))
    n = len(firm)
    strength = firms.strength_on(firm, np.array([on(y, 7, 1) for y in _REPORTED_YEARS])[year - years[0]])
    began = np.searchsorted([on(int(y)) for y in range(OPENS_IN, 2027)], firms.registered[firm]) + OPENS_IN - 1
    revenue = whole(firms.revenue[firm] * growth(0.06 * (year - 2022) + 0.16 * strength + 0.12 * normal(rng, n)), 100)
    assets = whole(revenue * growth(-0.1 + 0.35 * normal(rng, n)), 100)
    leverage = logistic(0.1 - 0.95 * strength + 0.28 * normal(rng, n))
    profit = whole(revenue * (0.035 + 0.04 * strength + 0.02 * normal(rng, n)), 100)
    tax = whole(np.maximum(revenue * (0.02 + 0.008 * normal(rng, n)), 0) + 0.2 * np.maximum(profit, 0), 100)
    people = np.rint(firms.employees[firm] * growth(0.05 * strength + 0.08 * normal(rng, n))).clip(1).astype(np.int64)
    shown = ~chance(rng, logistic(_WITHHOLDS + _WITHHOLDS_PER_STRENGTH * strength + 0.8 * (firms.form[firm] > 0)))
    hidden_assets = shown & ~chance(rng, 0.04, n)
    debts = whole(assets * leverage, 100)
    stands_surety = chance(rng, logistic(-1.6 - 0.3 * strength + 0.4 * firms.size[firm]))
    surety = whole(revenue * growth(-2.6 - 0.3 * strength + 0.7 * normal(rng, n)), 1000) * stands_surety
    tardy = chance(rng, logistic(_LATE_REPORT - 0.5 * strength))
    published = np.where(tardy, between(rng, 182, 420, n), between(rng, 20, _REPORT_LAG, n))
    table = pa.table(
        {
            "uscc": uscc.take(pa.array(firm)),
            "year": pa.array(year),
            "employees": where(chance(rng, 0.96, n), pa.array(people)),
            "revenue": where(shown, pa.array(revenue)),
            "assets": where(hidden_assets, pa.array(assets)),
            "liabilities": where(hidden_assets, pa.array(debts)),
            "profit": where(shown, pa.array(profit)),
            "tax_paid": where(shown, pa.array(tax)),
            "equity": where(hidden_assets, pa.array(assets - debts)),
            "guarantees": where(shown & chance(rng, 0.85, n), pa.array(surety)),
            "known_on": dates(np.array([on(y, 12, 31) for y in _REPORTED_YEARS])[year - years[0]] + published),
        }
    )
    reported = (year >= began) & ~chance(rng, logistic(_FORGETS - 0.5 * strength))
    year_end = np.array([on(y, 12, 31) for y in _REPORTED_YEARS])[year - years[0]]
    return table.filter(pa.array(reported & (year_end < firms.ended[firm]) & (year_end > firms.registered[firm])))


def list_entry_table(firms: Firms, uscc: Arrow, seed: int) -> pa.Table:
    """Write the entries as they became known: the listing, and later, as a second statement, the removal."""
    rng = stream(seed, "lists")
    firm, kind, listed = _listings(rng, firms)
    n = len(firm)
    share = np.array([_REMOVED_SHARE.get(name, 0.5) for name in LISTS])[kind]
    removed = np.where(chance(rng, share), listed + between(rng, 40, 700, n), NEVER)
    removed = np.where(removed <= np.minimum(CLOSES, firms.ended[firm]), removed, NEVER)
    # Credit repair: about half of the removals stop publication, so the entry may not be used from then on.
    void = np.where((removed != NEVER) & chance(rng, 0.5, n), removed, NEVER)
    again = np.flatnonzero(removed != NEVER)
    rows = np.concatenate([np.arange(n), again]).astype(np.int64)
    second = np.arange(len(rows)) >= n
    known = np.where(second, removed[rows], listed[rows] + between(rng, 0, 20, len(rows)))
    known = np.where(second, np.maximum(known, listed[rows] + 21), known)
    return pa.table(
        {
            "uscc": uscc.take(pa.array(firm[rows])),
            "list": words(LISTS, kind[rows]),
            "listed_on": dates(listed[rows]),
            "removed_on": dates(np.where(second, removed[rows], NEVER)),
            "reason": words(_REASONS, kind[rows]),
            "known_on": dates(known),
            "void_on": dates(np.where(second, void[rows], NEVER)),
        }
    )


def _listings(rng: np.random.Generator, firms: Firms) -> tuple[Ints, Ints, Ints]:
    """Draw listings of two origins: bad luck in proportion to weakness, and what follows when a firm cannot pay."""
    firm_parts: list[Ints] = []
    kind_parts: list[Ints] = []
    day_parts: list[Ints] = []
    for kind, name in enumerate(LISTS):
        rate, per_strength, per_quality = _LIST_RATES[name]
        rates = rate * growth(per_strength * firms.strength_since(_LISTED_FROM) + per_quality * firms.quality[:, None])
        firm, when = yearly_events(rng, rates, _LISTED_FROM)
        follows = _follows(rng, firms, name)
        firm_parts += [firm, np.flatnonzero(follows != NEVER).astype(np.int64)]
        day_parts += [when, follows[follows != NEVER]]
        kind_parts.append(np.full(len(firm_parts[-1]) + len(firm), kind, dtype=np.int64))
    firm, kinds, when = np.concatenate(firm_parts), np.concatenate(kind_parts), np.concatenate(day_parts)
    sole = firms.form[firm] == SOLE_TRADER
    keep = (when > firms.registered[firm]) & (when < firms.ended[firm]) & (when <= CLOSES)
    keep &= ~(sole & (kinds == 0) & chance(rng, 0.5, len(firm)))
    key = np.unique(np.stack([firm[keep], when[keep], kinds[keep]], axis=1), axis=0)
    return key[:, 0], key[:, 2], key[:, 1]


def _follows(rng: np.random.Generator, firms: Firms, name: str) -> Ints:
    chances: dict[str, tuple[float, int, int]] = {
        "enforcement": (0.6, 120, 400),
        "dishonest_debtor": (0.35, 250, 600),
        "tax_arrears": (0.25, 60, 400),
        "abnormal_operation": (0.3, 200, 700),
    }
    probability, low, high = chances.get(name, (0.0, 1, 1))
    happens = chance(rng, probability, len(firms)) & (firms.distress != NEVER)
    return np.where(happens, firms.distress + between(rng, low, high, len(firms)), NEVER).astype(np.int64)
